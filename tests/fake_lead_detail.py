"""What is said of each lead, its neighbours and its files, for the small fictional city."""

import hashlib
from collections import Counter
from datetime import date, datetime
from itertools import permutations
from typing import Any

#: Section -> the things that are told in it, and the column of the listing that tells each.
TOLD = {
    "what": {
        "说明": "explanation_zh",
        "指标": "indicator_name_zh",
        "机构": "org_name",
        "对象": "subject_label",
        "线索全号": "lead_id",
    },
    "why": {"判定方式": "kind_zh", "指标值": "value", "预期值（同组中位数或参照值）": "expected"},
    "basis": {"依据": "legal_basis", "可能的合理情形": "false_positives_zh"},
}
_ENGLISH = {
    "说明": "Explanation (in Chinese)",
    "指标": "Indicator",
    "机构": "Hospital",
    "对象": "Subject",
    "线索全号": "Full lead number",
    "判定方式": "Method",
    "指标值": "Value of the indicator",
    "预期值（同组中位数或参照值）": "Expected (median or reference)",
    "依据": "Basis (in Chinese)",
    "可能的合理情形": "Innocent explanations (in Chinese)",
    "最小样本量": "Minimum number of cases",
}


def details(leads: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row for each thing that is said of each lead, and one threshold."""
    return [row for lead in leads for row in _of_lead(lead)]


def _of_lead(lead: dict[str, Any]) -> list[dict[str, Any]]:
    said = [(s, item, lead[c]) for s, items in TOLD.items() for item, c in items.items()]
    said.append(("threshold", "最小样本量", "30 行；适用范围 全部；尚无人对照原文核对"))
    return [
        {
            "lead_id": lead["lead_id"],
            "org_code": lead["org_code"],
            "section": section,
            "item_no": number,
            "item_zh": item,
            "content_zh": f"{content:.4f}" if isinstance(content, float) else content,
            "item_en": _ENGLISH[item],
            "content_en": f"{content:.4f}" if isinstance(content, float) else content,
            "is_active": lead["is_active"],
        }
        for number, (section, item, content) in enumerate(said, start=1)
    ]


def neighbours(leads: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All leads of one indicator at one hospital are each other's, by one row; others have none."""
    return [
        {
            "lead_id": one["lead_id"],
            "other_lead_id": other["lead_id"],
            "org_code": one["org_code"],
            "is_same_subject": False,
            "is_same_doctor": False,
            "shared_rows": 1,
            "shared_encounters": 1,
        }
        for one, other in permutations([lead for lead in leads if lead["is_active"]], 2)
        if (one["org_code"], one["indicator_id"]) == (other["org_code"], other["indicator_id"])
    ]


def batches(evidence: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows behind each lead, counted by the batch that brought them."""
    names = ("lead_id", "org_code", "source_table", "source_table_zh", "batch_id")
    counts = Counter(tuple(row[name] for name in names) for row in evidence)
    return [
        dict(zip(names, key, strict=True))
        | {
            "evidence_rows": rows,
            "source_id": "his_01",
            "as_of": date(2025, 12, 31),
            "extracted_at": datetime(2026, 1, 1, 2, 30),
            "extracted": 900,
            "loaded": 900,
            "file_path": f"his_01/{key[2]}/{key[4]:012d}.parquet",
            "file_sha256": hashlib.sha256(str(key[4]).encode()).hexdigest(),
        }
        for key, rows in counts.items()
    ]
