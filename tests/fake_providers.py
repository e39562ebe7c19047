"""The ranking of an insurer's providers for the small fictional city in the marts."""

import random
from datetime import date
from decimal import Decimal
from typing import Any

COHORT = "yb"
#: Concepts with their measure, of which the last has no cases anywhere.
CONCEPTS = [
    ("admission", "住院倾向", "admission_share", "结算中住院的比例"),
    ("claim_cost", "单次费用", "claim_amount", "单次金额（几何均值）"),
    ("overlap", "时间冲突", "overlap_share", "本人正住在另一机构时的结算"),
]
_NAMED = ("concept_id", "concept_zh", "measure_id", "measure_zh")


def scores(draw: random.Random, hospitals: list[Any]) -> list[dict[str, Any]]:
    """One row a hospital; the last one has too few claims, the one before it too few peers."""
    places = list(range(1, len(hospitals) - 1))
    draw.shuffle(places)
    reasons = [None] * len(places) + ["no_peers", "below_volume"]
    places += [len(hospitals) - 1, len(hospitals)]
    return [
        _score(hospital, number, place, reason)
        for number, (hospital, place, reason) in enumerate(
            zip(hospitals, places, reasons, strict=True), start=1
        )
    ]


def _score(hospital: Any, number: int, place: int, reason: str | None) -> dict[str, Any]:
    ranked = reason is None
    deviating = ranked and place <= 3
    fund = Decimal(9_000_000 - 700_000 * number)
    return {
        "cohort": COHORT,
        "org_code": hospital.org_code,
        "org_name": hospital.name,
        "peer_group": hospital.level,
        "peer_group_zh": hospital.level,
        "peer_n": 10 if ranked else None,
        "period_start": date(2025, 1, 1),
        "period_end": date(2025, 12, 1),
        "claims": 12 if reason == "below_volume" else 5000 - 300 * number,
        "persons": 12 if reason == "below_volume" else 3000 - 200 * number,
        "stays": 2 if reason == "below_volume" else 600 - 40 * number,
        "amount": fund * 2,
        "fund_amount": fund,
        "concepts_computed": 2 if ranked else 0,
        "concepts_deviating": 1 if deviating else 0,
        "score": round(Decimal(4) / place, 4) if ranked else Decimal(0),
        "score_rank": place,
        "probability": Decimal("0.9") if deviating else Decimal("0.5"),
        "priority_amount": fund * (Decimal("0.9") if deviating else Decimal("0.5")),
        "priority_rank": number,
        "state": "ranked" if ranked else "not_computable",
        "reason": reason,
        "reasons_zh": "01. 住院倾向 0.61（预期 0.34，z=3.2）" if deviating else None,
        "reasons_en": "01. Admission 0.61 (expected 0.34, z=3.2)" if deviating else None,
    }


def concepts(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What each of these scores is made of; a concept without cases adds nothing."""
    return [
        _concept(row, number, concept)
        for row in rows
        for number, concept in enumerate(CONCEPTS, start=1)
    ]


def _concept(row: dict[str, Any], number: int, concept: tuple[str, ...]) -> dict[str, Any]:
    empty = number == len(CONCEPTS)
    computed = row["state"] == "ranked" and not empty
    return {
        "cohort": row["cohort"],
        "org_code": row["org_code"],
        **dict(zip(_NAMED, concept, strict=True)),
        "basis": "同诊断、同年龄",
        "peer_group": row["peer_group"],
        "peer_group_zh": row["peer_group_zh"],
        "peer_n": row["peer_n"] if computed else None,
        "n": 0 if empty else row["claims"],
        "value": Decimal("0.61") if computed else None,
        "expected": Decimal("0.34") if computed else None,
        "z": Decimal("1.2") * number if computed else None,
        "p_value": Decimal("0.05") / number if computed else None,
        "contribution": row["score"] / number if computed else None,
        "state": "computed" if computed else "not_computable",
        "reason": None if computed else row["reason"] or "no_cases",
    }
