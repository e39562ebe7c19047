"""Reconciliation, stock and chains of supply for the small fictional city in the marts."""

import random
from datetime import date
from typing import Any

STEPS = [
    (1, "采购：配送企业到生产企业", "恒信医药有限公司", "南岭制药有限公司", 9000),
    (2, "处方：生产企业到药品", "南岭制药有限公司", "奥美拉唑", 5000),
    (3, "处方：药品到科室", "奥美拉唑", "消化内科门诊", 4000),
    (3, "处方：药品到科室", "奥美拉唑", "其他科室", 1000),
    (4, "处方：科室到医师", "消化内科门诊", "消化内科门诊 医师 D0412", 3000),
    (4, "处方：科室到医师", "消化内科门诊", "消化内科门诊其他医师", 1000),
]
ITEMS = [("drug", "X1", "注射用头孢曲松钠", 14.8), ("material", "M1", "解剖型接骨板", 1920.0)]


def marts(
    leads: list[dict[str, Any]], hospitals: list[Any], months: list[date]
) -> dict[str, list[dict[str, Any]]]:
    """The rows of each mart by its name, drawn with a seed of their own."""
    draw = random.Random(6)  # noqa: S311 (no secret is drawn)
    return {
        "reconciliation_month": [
            _reconciled(draw, hospital, month) for hospital in hospitals for month in months
        ],
        "stock_billed_month": [
            _stock(draw, hospital, month, item)
            for hospital in hospitals
            for month in months
            for item in ITEMS
        ],
        "supply_chain_edge": _chains(leads),
    }


def _of(hospital: Any, month: date) -> dict[str, Any]:
    return {
        "org_code": hospital.org_code,
        "org_name": hospital.name,
        "org_level_zh": hospital.level,
        "district_name": hospital.district,
        "period_month": month,
    }


def _reconciled(draw: random.Random, hospital: Any, month: date) -> dict[str, Any]:
    """A month of one hospital; the smallest one's insurance lines of June are missing."""
    paired, only_his = draw.randint(3000, 9000), draw.randint(0, 4)
    missing = hospital.weight == 0 and month.month == 6
    if missing:
        paired, only_his = 0, paired
    return _of(hospital, month) | {
        "his_lines": paired + only_his,
        "insurance_lines": paired,
        "paired_lines": paired,
        "his_amount": (paired + only_his) * 40,
        "insurance_amount": paired * 40,
        "lines_a": 0,
        "amount_a": 0,
        "lines_b": only_his,
        "amount_b": only_his * 40,
        "lines_c": 1,
        "amount_c": 12.5,
        "lines_d": 0,
        "amount_d": 0,
        "match_share": None if missing else paired / (paired + only_his),
    }


def _stock(
    draw: random.Random, hospital: Any, month: date, item: tuple[str, str, str, float]
) -> dict[str, Any]:
    """What was used and billed of an item; in May the stores of all hospitals were not counted."""
    kind, code, label, price = item
    known = month.month != 5
    used = draw.randint(40, 400)
    gap = draw.choice([0, 0, 0, 25, -30])
    outcome, outcome_zh = ("fired", "触发") if known and gap else ("clear", "正常")
    return _of(hospital, month) | {
        "item_kind": kind,
        "item_code": code,
        "item_label": label,
        "used_qty": used if known else None,
        "billed_qty": used + gap if known else None,
        "gap": gap if known else None,
        "gap_amount": round(gap * price, 2) if known else None,
        "outcome": outcome if known else "not_computable",
        "outcome_zh": outcome_zh if known else "无法计算",
    }


def _chains(leads: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same chain behind each lead across systems; the second lead's quarter has no orders."""
    rows = []
    for place, lead in enumerate(lead for lead in leads if lead["family"] == "cross_system"):
        steps = STEPS[1:] if place == 1 else STEPS
        rows += [
            {
                "lead_id": lead["lead_id"],
                "org_code": lead["org_code"],
                "edge_no": number,
                "stage": stage,
                "stage_zh": stage_zh,
                "source_label": source,
                "target_label": target,
                "line_count": 3,
                "amount": amount,
            }
            for number, (stage, stage_zh, source, target, amount) in enumerate(steps, start=1)
        ]
    return rows
