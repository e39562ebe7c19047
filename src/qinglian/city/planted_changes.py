"""Planted cases of CH01: what the schemes of other indicators change in a doctor's measures.

Nothing is written for them: a scheme that begins after half a year of ordinary prescribing is
itself the change. One that begins in June leaves five months of baseline, of the six that CH01
asks for.
"""

from qinglian.city.cases import MEDIUM, NEAR, STRONG, TRUE, WEAK, Row
from qinglian.city.schemes import Background

#: Note: practice | number of the doctor in it | measure | what changes.
CHANGES: list[Row] = [
    (9, TRUE, STRONG, 7, 12, Background(), "cardiology|1|log_avg_amount|次均费用升至2.6倍"),
    (10, TRUE, STRONG, 7, 11, Background(), "general|0|log_avg_amount|次均费用升至2.7倍"),
    (8, TRUE, STRONG, 8, 12, Background(), "cardiology|2|key_share|重点监控药品占比骤升"),
    (8, TRUE, STRONG, 8, 12, Background(), "cardiology|2|essential_share|挤占基本药物"),
    (7, TRUE, MEDIUM, 8, 12, Background(), "tcm|1|log_avg_amount|次均费用升至2.3倍"),
    (3, TRUE, MEDIUM, 9, 12, Background(), "cardiology|1|essential_share|基药占比降二十个百分点"),
    (1, TRUE, WEAK, 9, 12, Background(), "respiratory|2|antibacterial_rate|加开特殊使用级"),
    (1, TRUE, WEAK, 9, 12, Background(), "respiratory|2|injection_rate|加开注射剂"),
    (3, TRUE, WEAK, 10, 12, Background(), "respiratory|2|antibacterial_rate|加开特殊使用级"),
    (3, TRUE, WEAK, 10, 12, Background(), "respiratory|2|injection_rate|加开注射剂"),
    (8, TRUE, WEAK, 6, 11, Background(), "respiratory|0|antibacterial_rate|基线仅五个月"),
    (11, TRUE, WEAK, 6, 11, Background(), "general|1|injection_rate|基线仅五个月"),
    (6, TRUE, WEAK, 6, 11, Background(), "obgyn|5|key_share|基线仅五个月"),
    (2, TRUE, WEAK, 6, 12, Background(), "cardiology|2|log_avg_amount|基线仅五个月"),
    (9, NEAR, None, 11, 11, Background(), "respiratory|0|antibacterial_rate|仅一个月"),
    (1, NEAR, None, 11, 11, Background(), "cardiology|0|essential_share|仅一个月"),
    (1, NEAR, None, 9, 12, Background(), "cardiology|2|antibacterial_rate|升高不足五个百分点"),
    (3, NEAR, None, 9, 12, Background(), "cardiology|2|antibacterial_rate|升高不足五个百分点"),
]
