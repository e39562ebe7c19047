"""Items behind leads and costs of departments for the small fictional city in the marts."""

import random
from datetime import date
from itertools import groupby
from typing import Any

MEASURES = [("mean_amount", "均次费用", 6000.0), ("drug_share", "药费占比", 0.3)]
SUBJECTS = [("department", "0301", "骨科"), ("hospital", "", "全院")]
_OF_LEAD = (
    *("lead_id", "org_code", "org_name", "org_level_zh", "district_name", "family"),
    *("indicator_id", "indicator_name_zh", "light_zh", "period_month", "dept_code", "dept_name"),
)
_SUMMED = ("amount", "risk_gross", "risk_fund")


def marts(
    leads: list[dict[str, Any]], evidence: list[dict[str, Any]], hospitals: list[Any]
) -> dict[str, list[dict[str, Any]]]:
    """The rows of each mart by its name; leads that no longer fire have no items."""
    active = {lead["lead_id"]: lead for lead in leads if lead["is_active"]}
    return {
        "lead_item": _items(active, evidence),
        "billing_cost_quarter": _costs(random.Random(5), hospitals),  # noqa: S311 (no secret)
    }


def _items(
    leads: dict[str, dict[str, Any]], evidence: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    rows = [row for row in evidence if row["lead_id"] in leads]
    rows.sort(key=lambda row: (row["lead_id"], row["item_code"], row["item_name"]))
    items = []
    for (lead_id, code, name), found in groupby(
        rows, key=lambda row: (row["lead_id"], row["item_code"], row["item_name"])
    ):
        lines = list(found)
        sums = {column: sum(line[column] for line in lines) for column in _SUMMED}
        items.append(
            {column: leads[lead_id][column] for column in _OF_LEAD}
            | {"item_code": code, "item_label": name, "evidence_rows": len(lines)}
            | sums
        )
    return items


def _costs(draw: random.Random, hospitals: list[Any]) -> list[dict[str, Any]]:
    """A department and the whole of each hospital; hospitals have no peers and so no limits."""
    rows = []
    for hospital in hospitals:
        for kind, code, name in SUBJECTS:
            for month in (1, 4, 7, 10):
                for measure, measure_zh, expected in MEASURES:
                    has_peers = kind == "department"
                    rows.append(
                        {
                            "org_code": hospital.org_code,
                            "org_name": hospital.name,
                            "org_level_zh": hospital.level,
                            "district_name": hospital.district,
                            "subject_type": kind,
                            "subject_id": code or hospital.org_code,
                            "dept_name": name,
                            "setting": "inpatient",
                            "setting_zh": "住院",
                            "period_month": date(2025, month, 1),
                            "measure": measure,
                            "measure_zh": measure_zh,
                            "n": draw.randint(60, 400),
                            "value": expected * draw.uniform(0.8, 1.7),
                            "expected": expected,
                            "limit_lower": expected * 0.6 if has_peers else None,
                            "limit_upper": expected * 1.5 if has_peers else None,
                            "peer_n": 9 if has_peers else None,
                        }
                    )
    return rows
