"""Networks of bidders and shares of the market for the small fictional city in the marts."""

import random
from itertools import pairwise
from typing import Any

COMPANIES = ["恒信医疗器械有限公司", "瑞康医药有限公司", "博济商贸有限公司", "安泰科技有限公司"]
CATEGORIES = [("C0201", "心血管介入耗材"), ("C0705", "检验试剂"), ("XJ01", "抗菌药物")]
SIDES = {"distributor": "配送企业", "manufacturer": "生产企业"}
#: Their names, and whom the market is about where that is not the hospital.
MARKET_KINDS = {
    "category": ("采购品类", None),
    "item": ("品种", None),
    "department": ("下单科室", "药学部"),
    "user": ("使用科室", "心内科"),
    "decision_maker": ("审批人", "8001"),
}


def edges(leads: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Three companies that bid for two lots, the first two at one address, behind each lead."""
    found: list[dict[str, Any]] = []
    for lead in leads:
        rows = [
            _edge(company, f"{lead['org_name']}采购项目 {lot} 包", "lot", "标包", bid)
            for lot in (1, 2)
            for company, bid in zip(COMPANIES, (lot == 1, lot == 2, False), strict=False)
        ]
        rows += [
            _edge(one, other, "company", "企业", None) for one, other in pairwise(COMPANIES[:2])
        ]
        found += [
            {"lead_id": lead["lead_id"], "org_code": lead["org_code"], "edge_no": number} | row
            for number, row in enumerate(rows, start=1)
        ]
    return found


def _edge(
    source: str, target: str, kind: str, kind_zh: str, is_winner: bool | None
) -> dict[str, Any]:
    names = {None: ("address", "同一地址"), True: ("winning_bid", "中标"), False: ("bid", "投标")}
    return {
        "source_id": source,
        "source_label": source,
        "source_kind": "company",
        "source_kind_zh": "企业",
        "target_id": target,
        "target_label": target,
        "target_kind": kind,
        "target_kind_zh": kind_zh,
        "edge_kind": names[is_winner][0],
        "edge_kind_zh": names[is_winner][1],
        "weight": 2 if is_winner else 1,
        "evidence_zh": "1 个标包" if is_winner is None else "报价 120,000.00 元",
    }


def markets(draw: random.Random, hospitals: list[Any]) -> list[dict[str, Any]]:
    """How each hospital's categories are shared, and one item, department and approver of each."""
    return [
        _market(draw, hospital, len(hospitals) - 1, category, kind, side)
        for hospital in hospitals
        for category in CATEGORIES
        for kind in MARKET_KINDS
        for side in SIDES
    ]


def _market(
    draw: random.Random,
    hospital: Any,
    others: int,
    category: tuple[str, str],
    kind: str,
    side: str,
) -> dict[str, Any]:
    """A third has no other hospital to compare with; departments and approvers never have."""
    code, label = category
    kind_zh, member = MARKET_KINDS[kind]
    hhi, alone = draw.uniform(1800, 9000), draw.random() < 1 / 3
    inside = member is not None
    alone_zh = "采购相同品类或品种的其他机构太少" if alone and not inside else None
    return {
        "org_code": hospital.org_code,
        "org_name": hospital.name,
        "district_name": hospital.district,
        "org_level_zh": hospital.level,
        "market_kind": kind,
        "market_kind_zh": kind_zh,
        "market_code": f"{code}|{member}" if inside else code,
        "market_label": label if kind == "item" else f"{code} {label}",
        "category_code": code,
        "category_label": f"{code} {label}",
        "member_label": member,
        "order_year": 2025,
        "company_level": side,
        "company_level_zh": SIDES[side],
        "orders": draw.randint(12, 100),
        "order_lines": draw.randint(100, 400),
        "amount": round(draw.uniform(1e5, 5e6), 2),
        "known_share": 1,
        "companies": draw.randint(2, 6),
        "regional_companies": None if inside else draw.randint(6, 9),
        "top_company_name": draw.choice(COMPANIES),
        "top_exclusive_share": 0,
        "cr1": round((hhi / 10000) ** 0.5, 6),
        "cr3": 0.95,
        "cr4": 1,
        "hhi": round(hhi, 4),
        "effective_companies": round(10000 / hhi, 4),
        "cr1_lines": round((hhi / 10000) ** 0.5 * 0.9, 6),
        "hhi_lines": round(hhi * 0.9, 4),
        "hhi_adjusted": round(hhi * 0.95, 4),
        "effective_adjusted": round(10000 / hhi / 0.95, 4),
        "other_orgs": 0 if alone or inside else others,
        "regional_hhi": None if alone or inside else round(draw.uniform(2000, 5000), 4),
        "regional_cr1": None if alone or inside else 0.5,
        "regional_top_share": None if alone or inside else 0.2,
        "hospital_hhi": 4000 if inside else None,
        "hospital_cr1": 0.5 if inside else None,
        "trend_basis": None if alone else "half_year",
        "trend_zh": "没有更早的时期" if alone else "下半年与上半年比",
        "hhi_change": None if alone else round(draw.uniform(-900, 900), 4),
        "top_share_change": None if alone else round(draw.uniform(-0.3, 0.3), 6),
        "reason": "no_peer_group" if alone_zh else None,
        "reason_zh": alone_zh,
    }


def scores() -> list[dict[str, Any]]:
    """A supplier in the whole city and at one hospital; one without enough evaluated periods."""
    return [
        _score("supplier", "*", "全市", 1.5),
        _score("supplier_hospital", "H50010300001", "", None),
    ]


def _score(kind: str, org_code: str, org_name: str, score: float | None) -> dict[str, Any]:
    ranked = score is not None
    return {
        "entity_type": kind,
        "org_code": org_code,
        "org_name": org_name or "清川市第一人民医院",
        "entity_id": "91500000MA0000001X",
        "entity_label": COMPANIES[0],
        "peer_n": 4,
        "concepts_computed": 5 if ranked else 1,
        "concepts_possible": 6,
        "concepts_deviating": 1 if ranked else 0,
        "score": score,
        "score_rank": 1 if ranked else None,
        "peer_rank": 1 if ranked else None,
        "peer_percentile": 1 if ranked else None,
        "amount": 3_000_000,
        "amount_rank": 2,
        "lead_count": 3,
        "red_count": 0,
        "risk_gross": 120_000,
        "risk_rank": 1,
        "state": "ranked" if ranked else "not_computable",
        "reason": None if ranked else "below_volume",
        "reasons_zh": "01. 低竞争（PR05）1.5" if ranked else None,
        "reasons_en": "01. Lack of competition (PR05) 1.5" if ranked else None,
        "tells_of_procurement": True,
    }
