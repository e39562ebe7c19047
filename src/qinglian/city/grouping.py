"""Groups into which the bureau puts settled stays, with invented weights and one city rate."""

import numpy as np
import pyarrow as pa

from qinglian.city import arrow as a
from qinglian.city.calendar import DAY
from qinglian.city.draws import Bools, Ints
from qinglian.city.his_columns import MonthData, stay_diagnoses
from qinglian.city.inpatient_coding import OTHER_DIAGNOSES, Operations, settled_stays
from qinglian.city.ward import END

#: Yuan of weight 1 at a tertiary hospital, and what the levels get of it in hundredths.
CITY_RATE = 3_400
_LEVEL_PERCENT = (100, 95, 80)
#: Beginning of the main diagnosis -> adjacent group, name, weight in hundredths; longest first.
_BY_DIAGNOSIS = (
    ("Z51.0", "RC1", "放射治疗", 110),
    ("Z51", "RE1", "恶性增生性疾患的化学治疗", 96),
    ("Z49", "LL1", "肾透析", 78),
    ("J44", "ET1", "慢性气道阻塞病", 56),
    ("J45", "ET2", "哮喘及喘息性支气管炎", 50),
    ("J06", "DT1", "上呼吸道感染", 30),
    ("J", "ES2", "呼吸系统感染", 48),
    ("I50", "FR1", "心力衰竭", 104),
    ("I48", "FU2", "心律失常", 96),
    ("I25", "FR4", "冠状动脉粥样硬化", 98),
    ("I63", "BR2", "脑缺血性疾患", 102),
    ("I", "FV2", "高血压", 84),
    ("K5", "GU1", "炎症性与功能性肠病", 48),
    ("K", "GZ1", "其他消化系统疾患", 46),
    ("S", "IS2", "骨折", 92),
    ("M", "IU2", "颈腰背疾患", 88),
    ("N0", "LS1", "肾炎及肾病", 80),
    ("N1", "LR1", "肾功能不全", 82),
    ("N39", "LU1", "泌尿道感染", 62),
    ("N", "NZ1", "女性生殖系统疾患", 42),
    ("C", "RU1", "恶性增生性疾患", 100),
    ("O8", "OR1", "阴道分娩", 50),
    ("O", "OZ1", "与妊娠有关的其他疾患", 44),
    ("D", "NS1", "女性生殖系统良性肿瘤", 46),
    ("A", "GS1", "胃肠炎", 30),
    ("E", "KS1", "糖尿病及代谢疾患", 36),
    ("", "XS1", "其他影响健康的因素", 34),
)
#: Adjacent group, name and weight of the operations in their order.
_BY_OPERATION = (
    ("IF1", "四肢骨固定手术", 158),
    ("OB1", "剖宫产术", 72),
    ("HC2", "胆囊切除术", 120),
)
#: Severity: suffix of the group, its name, weight in hundredths of the adjacent group's.
_SEVERITY = (("5", "不伴合并症", 96), ("3", "伴合并症", 118))
#: Above this multiple of the standard the excess is paid as well, below that share only the fees.
_HIGH, _LOW = 3, 0.4
_UNGROUPED_EVERY = 97
_NOT_GROUPED = ("病案首页未上传", "主要诊断不能入组")


def group_table(data: MonthData) -> pa.Table:
    """Results of grouping of the month's settled stays, some days after their settlement."""
    stays, settlements = settled_stays(data)
    st = data.bills.settlements
    count = len(stays)
    listed_as = data.coding.main_as_other
    place = adjacent_of(data, data.coding.operations, listed_as)[stays]
    severe = data.coding.severe[stays]
    adjacent = _adjacent_groups()
    standard = standard_of(data, place, severe)
    fees = data.claims.split.total[settlements]
    number = st.settle_id[settlements]
    no_home_page, no_group = is_ungrouped(number), data.coding.ungrouped[stays]
    missing = no_home_page | no_group
    codes = [code + suffix for code, *_ in adjacent for suffix, *_ in _SEVERITY]
    names = [f"{name}，{grade}" for _, name, _ in adjacent for _, grade, _ in _SEVERITY]
    group = np.where(missing, len(codes), place * len(_SEVERITY) + severe)
    graded = st.time[settlements] + 6 * DAY
    return pa.table(
        {
            "fixmedins_code": a.constant(data.hospital.org_code, count),
            "setl_id": a.labels("", number),
            "drg_codg": a.words([*codes, "0000"], group),
            "drg_name": a.words([*names, None], group),
            "drg_wt": a.decimals(_weights(place, severe), 10, 4, missing),
            "std_fee": a.money(standard, missing),
            "pay_amt": a.money(np.where(missing, fees, paid_of(fees, standard))),
            "no_grp_rea": a.words(
                [None, *_NOT_GROUPED], np.select([no_home_page, no_group], [1, 2], 0)
            ),
            "updt_time": a.moments(np.minimum(graded, END)),
        }
    )


def is_ungrouped(settle_id: Ints) -> Bools:
    """Settlements whose front page never reached the bureau."""
    ungrouped: Bools = settle_id % _UNGROUPED_EVERY == 0
    return ungrouped


def adjacent_of(data: MonthData, done: Operations, listed_as: Ints | None = None) -> Ints:
    """Adjacent group of every stay: by its operation, or else by its main diagnosis.

    `listed_as` holds the place in OTHER_DIAGNOSES of a main diagnosis that is not its own, or -1.
    """
    codes = stay_diagnoses()[0]
    of_code = [
        next(i for i, (start, *_) in enumerate(_BY_DIAGNOSIS) if code.startswith(start))
        for code in (*codes, *(code for code, *_ in OTHER_DIAGNOSES))
    ]
    main = data.stays.diagnosis
    if listed_as is not None:
        main = np.where(listed_as >= 0, len(codes) + listed_as, main)
    place: Ints = np.array(of_code)[main] + len(_BY_OPERATION)
    grouping = done.operation < len(_BY_OPERATION)
    place[done.stay[grouping]] = done.operation[grouping]
    return place


def standard_of(data: MonthData, place: Ints, severe: Ints) -> Ints:
    """Standard amounts in cents of adjacent groups and severities at the hospital's level."""
    rate = CITY_RATE * _LEVEL_PERCENT[data.hospital.level_rank]
    return _weights(place, severe) * rate // 10_000


def paid_of(fees: Ints, standard: Ints) -> Ints:
    """What the bureau pays in cents: the standard but for cases far above or below it."""
    return np.where(
        fees > standard * _HIGH,
        standard + fees - standard * _HIGH,
        np.where(fees < standard * _LOW, fees, standard),
    )


def _adjacent_groups() -> list[tuple[str, str, int]]:
    return [*_BY_OPERATION, *((code, name, weight) for _, code, name, weight in _BY_DIAGNOSIS)]


def _weights(place: Ints, severe: Ints) -> Ints:
    """Weights in ten-thousandths."""
    adjacent = np.array([weight for *_, weight in _adjacent_groups()])
    weights: Ints = adjacent[place] * np.array([weight for *_, weight in _SEVERITY])[severe]
    return weights
