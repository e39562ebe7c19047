"""Scores, identities, ledger and thresholds for the small fictional city in the marts."""

import random
from datetime import date, datetime, timedelta
from typing import Any

TABLES = {
    "his_fee": ("his", "医院信息系统", "费用明细"),
    "pr_order": ("procurement", "采购", "采购订单"),
    "yb_setl_d": ("insurance", "医保", "医保结算"),
}
DIMENSIONS = {"completeness": "完整性", "consistency": "一致性", "timeliness": "及时性"}
IDENTITIES = [
    ("DQ1", "结算总额等于明细之和", "reconciliation"),
    ("DQ2", "金额等于数量乘单价", "consistency"),
]
STAGES = ("landed", "quarantined", "present", "core", "set_aside", "lead")


def scores(draw: random.Random, hospitals: list[Any], months: list[date]) -> list[dict[str, Any]]:
    """One score for each hospital, table, month and dimension."""
    rows = []
    for hospital in hospitals:
        for table, (system, system_zh, table_zh) in TABLES.items():
            for month in months:
                for dimension, dimension_zh in DIMENSIONS.items():
                    checks, failed = draw.randint(2000, 9000), draw.randint(0, 40)
                    rows.append(
                        {
                            "org_code": hospital.org_code,
                            "org_name": hospital.name,
                            "system": system,
                            "system_zh": system_zh,
                            "table_name": table,
                            "table_zh": table_zh,
                            "period_month": month,
                            "dimension": dimension,
                            "dimension_zh": dimension_zh,
                            "check_count": 4,
                            "numerator": checks - failed,
                            "denominator": checks,
                            "not_evaluable": 0,
                            "reason": None,
                            "score": round((checks - failed) / checks, 6),
                            "weakest_check": "required_value",
                            "weakest_check_zh": "必填项不得为空",
                            "weakest_score": round((checks - failed) / checks, 6),
                        }
                    )
    return rows


def identities(
    draw: random.Random, hospitals: list[Any], months: list[date]
) -> list[dict[str, Any]]:
    """Verdicts on two identities; the last hospital sends nothing that could be judged."""
    rows = []
    for identity, name_zh, dimension in IDENTITIES:
        for hospital in hospitals:
            for month in months:
                judged = 0 if hospital is hospitals[-1] else draw.randint(500, 900)
                held = judged - draw.choice([0, 0, 0, 3]) if judged else 0
                holds = held == judged if judged else None
                rows.append(
                    {
                        "identity_id": identity,
                        "name_zh": name_zh,
                        "dimension": dimension,
                        "aspect": "rows",
                        "aspect_zh": "行",
                        "org_code": hospital.org_code,
                        "org_name": hospital.name,
                        "table_name": "yb_setl_d",
                        "table_zh": "医保结算",
                        "period_month": month,
                        "numerator": held,
                        "denominator": judged,
                        "not_evaluable": 0 if judged else 1,
                        "reason": None if judged else "missing_table",
                        "score": round(held / judged, 6) if judged else None,
                        "min_share": 1,
                        "holds": holds,
                        "example_key": "S000123" if holds is False else None,
                    }
                )
    return rows


def totals(draw: random.Random, hospitals: list[Any], months: list[date]) -> list[dict[str, Any]]:
    """Amounts at each stage of the way of a hospital's fee lines."""
    return [
        {
            "org_code": hospital.org_code,
            "org_name": hospital.name,
            "table_name": "his_fee",
            "table_zh": "费用明细",
            "period_month": month,
            "stage": stage,
            "row_count": draw.randint(10, 9000),
            "amount": round(draw.uniform(1e4, 9e5), 2),
        }
        for hospital in hospitals
        for month in months
        for stage in STAGES
    ]


def fates(draw: random.Random, hospitals: list[Any], checked_on: date) -> list[dict[str, Any]]:
    """What became of the rows of each hospital's fee lines between landing and core."""
    rows = []
    for hospital in hospitals:
        due, older, reversals = draw.randint(2000, 9000), draw.randint(0, 90), draw.randint(1, 50)
        counts = {
            "landed": ("落地（含各版本）", "Landed, all versions", due + older + reversals),
            "superseded": ("已被新版取代", "Superseded by a later version", older),
            "reversal": ("冲销行", "Reversal", reversals),
            "due_in_core": ("应入核心层", "Due in core", due),
            "in_core": ("核心层实有", "In core", due),
        }
        for fate, (fate_zh, fate_en, count) in counts.items():
            rows.append(
                {
                    "org_code": hospital.org_code,
                    "org_name": hospital.name,
                    "table_name": "his_fee",
                    "table_zh": "费用明细",
                    "fate": fate,
                    "fate_zh": fate_zh,
                    "fate_en": fate_en,
                    "row_count": count,
                    "key_number": 17 * count,
                    "reason_zh": None,
                    "reason_en": None,
                    "checked_on": checked_on,
                }
            )
    return rows


def deliveries(
    draw: random.Random, hospitals: list[Any], months: list[date]
) -> list[dict[str, Any]]:
    """What became of the rows of each hospital's fee lines, month by month."""
    rows = []
    for number, hospital in enumerate(hospitals, start=1):
        for month in months:
            loaded, held = draw.randint(2000, 9000), draw.randint(0, 30)
            at = datetime(month.year, month.month, 28, 2, 30)
            rows.append(
                {
                    "source_id": f"hospital_{number:02d}",
                    "org_code": hospital.org_code,
                    "system_zh": "医院信息系统",
                    "table_name": "his_fee",
                    "table_zh": "费用明细",
                    "run_month": month,
                    "batches": 30,
                    "rejected_batches": 0,
                    "waiting_batches": 0,
                    "extracted": loaded + held + 107,
                    "unchanged": 100,
                    "loaded": loaded,
                    "quarantined": held,
                    "duplicates": 7,
                    "vanished": 1,
                    "difference": 0,
                    "last_as_of": at.date(),
                    "last_loaded_at": at,
                    "latest_at": at - timedelta(hours=5),
                }
            )
    return rows


def thresholds(indicators: list[Any]) -> list[dict[str, Any]]:
    """One threshold an indicator; nobody has checked the first yet."""
    return [
        {
            "indicator_id": indicator.indicator_id,
            "rule_version": "1.0.0+3f9a01bc",
            "threshold_of": indicator.indicator_id,
            "param": "min_volume",
            "qualifier": "",
            "scope": "*",
            "value": 30,
            "unit": "行",
            "valid_from": date(2024, 1, 1),
            "valid_to": None,
            "legal_force": number > 0,
            "source": indicator.basis,
            "verified_by": "复核组" if number else None,
            "verified_on": date(2025, 11, 30) if number else None,
        }
        for number, indicator in enumerate(indicators)
    ]
