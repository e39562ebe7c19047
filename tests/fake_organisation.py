"""What one hospital's page shows, for the small fictional city."""

from datetime import date
from typing import Any

LIGHTS = {"red": "红", "yellow": "黄", "green": "绿", "grey": "灰"}
#: The departments, doctors and suppliers of every hospital: type, id, label.
ENTITIES = [
    ("department", "0301", "心血管内科"),
    ("doctor", "D0412", "心血管内科 医师 D0412"),
    ("doctor", "D0413", "心血管内科 医师 D0413"),
    ("supplier", "91500000MA0000001X", "恒信医疗器械有限公司"),
]


def entities(leads: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each active lead concerns its hospital and one of each kind; the second doctor has none."""
    rows = []
    for lead in (lead for lead in leads if lead["is_active"]):
        concerned = [("hospital", lead["org_code"]), *((k, i) for k, i, _ in ENTITIES)]
        rows += [
            {
                "lead_id": lead["lead_id"],
                "org_code": lead["org_code"],
                "entity_type": kind,
                "entity_id": entity,
                "period_month": lead["period_month"],
            }
            for kind, entity in concerned
            if entity != "D0413" or lead["light"] == "red"
        ]
    return rows


def scores(hospitals: list[Any]) -> list[dict[str, Any]]:
    """A score of each department, doctor and supplier at each hospital."""
    return [
        {
            "entity_type": "supplier_hospital" if kind == "supplier" else kind,
            "org_code": hospital.org_code,
            "org_name": hospital.name,
            "entity_id": entity,
            "entity_label": label,
            "peer_n": 12,
            "concepts_computed": 6,
            "concepts_possible": 12,
            "concepts_deviating": 1,
            "score": 2 - number / 2,
            "score_rank": 1 + number,
            "peer_rank": 1 + number,
            "peer_percentile": 1,
            "amount": 250_000,
            "amount_rank": 3,
            "lead_count": 2,
            "red_count": 1,
            "risk_gross": 30_000,
            "risk_rank": 2,
            "state": "ranked",
            "reason": None,
            "reasons_zh": "01. 用药费用（RX03）2.0",
            "reasons_en": "01. Cost of drugs (RX03) 2.0",
            "tells_of_procurement": kind == "supplier",
        }
        for hospital in hospitals
        for number, (kind, entity, label) in enumerate(ENTITIES)
    ]


def named(hospitals: list[Any], months: list[date]) -> list[dict[str, Any]]:
    """The departments, doctors and suppliers of each hospital month by month, for their names."""
    return [
        {
            "org_code": hospital.org_code,
            "org_name": hospital.name,
            "entity_type": kind,
            "entity_id": entity,
            "entity_label": label,
            "period_month": month,
            "light": "green",
            "light_zh": "绿",
            "lead_count": 0,
            "red_count": 0,
            "indicator_ids": None,
            "risk_gross": 0,
            "risk_fund": 0,
            "coverage_ratio": 0.98,
        }
        for hospital in hospitals
        for month in months
        for kind, entity, label in ENTITIES
    ]


def family_months(
    leads: list[dict[str, Any]], hospitals: list[Any], months: list[date], families: dict[str, str]
) -> list[dict[str, Any]]:
    """A light of each hospital, family and month; without leads the first hospital is grey."""
    rows = []
    for hospital in hospitals:
        for family, family_zh in families.items():
            for month in months:
                own = [
                    lead
                    for lead in leads
                    if lead["is_active"]
                    and (lead["org_code"], lead["family"], lead["period_month"])
                    == (hospital.org_code, family, month)
                ]
                red = sum(lead["light"] == "red" for lead in own)
                quiet = "grey" if hospital is hospitals[0] else "green"
                light = "red" if red else "yellow" if own else quiet
                rows.append(
                    {
                        "org_code": hospital.org_code,
                        "org_name": hospital.name,
                        "org_level_zh": hospital.level,
                        "district_name": hospital.district,
                        "family": family,
                        "family_zh": family_zh,
                        "period_month": month,
                        "light": light,
                        "light_zh": LIGHTS[light],
                        "lead_count": len(own),
                        "red_count": red,
                        "risk_gross": sum(lead["risk_gross"] for lead in own),
                        "risk_fund": sum(lead["risk_fund"] for lead in own),
                        "coverage_ratio": 0.5 if light == "grey" else 0.98,
                    }
                )
    return rows


def comparisons(hospitals: list[Any]) -> list[dict[str, Any]]:
    """Two measures of each hospital; the quality of none can be computed."""
    return [
        {
            "org_code": hospital.org_code,
            "org_name": hospital.name,
            "peer_group": "all",
            "measure_no": number,
            "measure": measure,
            "measure_zh": measure_zh,
            "unit_zh": unit,
            "value": value,
            "peer_median": value and value - 1,
            "peer_n": 11,
            "place": value and 1,
            "reason_zh": None if value else "数据不足，算不出",
            "of_all_families": measure == "score",
        }
        for hospital in hospitals
        for number, (measure, measure_zh, unit, value) in enumerate(
            [("score", "得分", "分", 2), ("quality", "数据质量检查通过率", "%", None)], start=1
        )
    ]
