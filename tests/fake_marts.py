"""A small fictional city in the marts: 12 hospitals, 12 months, 8 indicators, 60 leads.

The numbers are drawn with a fixed seed, so that a screenshot or a count stays the same.
"""

import hashlib
import random
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import fake_billing
import fake_cross_checks
import fake_lead_detail
import fake_names
import fake_organisation
import fake_prescribing
import fake_procurement
import fake_providers
import fake_quality
import psycopg
from psycopg import sql

from qinglian.warehouse.server import Server

MONTHS = [date(2025, month, 1) for month in range(1, 13)]
LEADS = 60


@dataclass(frozen=True)
class Hospital:
    """One organisation of the fictional city."""

    org_code: str
    name: str
    level: str
    kind: str
    district_code: str
    district: str
    weight: int


HOSPITALS = [
    Hospital(f"H5001030{n:04d}", *rest)
    for n, rest in enumerate(
        [
            ("清川市第一人民医院", "三级", "综合医院", "500103", "中城区", 9),
            ("清川市第二人民医院", "三级", "综合医院", "500104", "江北区", 7),
            ("清川市肿瘤医院", "三级", "专科医院", "500103", "中城区", 6),
            ("清川市妇幼保健院", "二级", "妇幼保健院", "500105", "西山区", 3),
            ("清川市中医医院", "二级", "中医医院", "500104", "江北区", 4),
            ("清川市第三人民医院", "二级", "综合医院", "500105", "西山区", 4),
            ("清川市第四人民医院", "二级", "综合医院", "500106", "南溪县", 3),
            ("江北区人民医院", "二级", "综合医院", "500104", "江北区", 3),
            ("南溪县人民医院", "二级", "综合医院", "500106", "南溪县", 2),
            ("石桥镇中心卫生院", "一级", "乡镇卫生院", "500106", "南溪县", 1),
            ("白沙镇卫生院", "一级", "乡镇卫生院", "500105", "西山区", 1),
            ("柳河镇卫生院", "一级", "乡镇卫生院", "500106", "南溪县", 0),
        ],
        start=1,
    )
]
FAMILIES = {
    "prescribing": "处方",
    "billing": "收费",
    "procurement": "采购",
    "cross_system": "跨系统",
}


@dataclass(frozen=True)
class Indicator:
    """One indicator, and how a lead of it reads."""

    indicator_id: str
    family: str
    name: str
    name_en: str
    kind: str
    focus_area: str
    topic: str
    subject_type: str
    subject_zh: str
    table: str
    table_zh: str
    formula: str
    sentence: str
    basis: str
    caution: str


INDICATORS = [
    Indicator(
        "RX01", "prescribing", "单张处方品种数超标", "More than 5 drugs on one prescription",
        "D", "6", "合理用药", "doctor", "医师", "his_rx", "处方",
        "西药或中成药处方，药品品种数大于 5 张数 ÷ 全部处方张数（溶媒不计）。",
        "{n} 张处方中 {hits} 张超过 5 种药品，同类科室中位数为 {expected:.1f} 张",
        "《处方管理办法》第六条", "多病共存的老年患者、急诊留观处方。",
    ),
    Indicator(
        "RX03", "prescribing", "大处方（金额离群）", "High-cost prescription outlier",
        "S", "4", "合理用药", "doctor", "医师", "his_rx", "处方",
        "处方金额高于同学科、同处方类型第 99 百分位的张数占比，经稳健 z 分数与 FDR 校正。",
        "大处方占比 {value:.1%}，同学科中位数 {expected:.1%}，连续 2 个月偏高",
        "《医疗机构药事管理规定》", "国谈药与长期处方已排除；专病门诊仍可能误报。",
    ),
    Indicator(
        "RX10", "prescribing", "重点监控药品占比与增速", "Key-monitored drug share and growth",
        "S", "2", "合理用药", "drug", "药品", "his_rx_item", "处方明细",
        "重点监控药品金额 ÷ 全部药品金额，以及与去年同期相比的增速。",
        "重点监控药品占比 {value:.1%}，同级医院中位数 {expected:.1%}",
        "《国家重点监控合理用药药品目录》", "收治结构变化、季节性疾病。",
    ),
    Indicator(
        "BL03", "billing", "超标准收费", "Above price limit",
        "D", "4", "物价收费", "charge_item", "收费项目", "his_fee", "费用明细",
        "收费单价高于当地医疗服务价格限价的明细行，差额 × 数量计入涉及金额。",
        "单价 {value:.2f} 元，高于限价 {threshold:.2f} 元，共 {hits} 行",
        "《医疗保障基金使用监督管理条例》第十五条", "特需服务、限价调整当日的行。",
    ),
    Indicator(
        "BL06", "billing", "分解住院", "Split admission",
        "D", "4", "合理诊疗", "encounter", "就诊", "yb_mdtrt_d", "医保就诊",
        "同一患者同院、同主要诊断出院后短期内再次住院，已排除计划性再入院。",
        "出院后 {hits} 日内以同一主要诊断再次入院",
        "《医疗保障基金使用监督管理条例》第十五条", "放化疗、透析等计划性再入院。",
    ),
    Indicator(
        "PR01", "procurement", "供应商集中度 HHI·CR-n", "Supplier concentration",
        "S", "2;5", "招采与廉洁", "category", "品类", "pr_order", "采购订单",
        "同一品类全年各供应商金额份额的平方和；关联企业合并计算。",
        "品类集中度 {value:.2f}，同级医院中位数 {expected:.2f}",
        "医药购销领域集中整治要求", "独家品种、集采指定配送。",
    ),
    Indicator(
        "PR10", "procurement", "采购价高于挂网/集采/区域价", "Price above listed or regional price",
        "D", "2;5", "招采与廉洁", "purchase_item", "采购品目", "pr_order", "采购订单",
        "采购单价高于挂网价、中选价或区域最低价的部分 × 数量。",
        "采购单价 {value:.2f} 元，高于挂网价 {threshold:.2f} 元，共 {hits} 行",
        "《关于印发推进药品集中带量采购的意见》", "应急采购、包装规格换算错误。",
    ),
    Indicator(
        "XS01", "cross_system", "HIS收费↔医保明细对账", "HIS charge vs insurance detail",
        "R", "4", "医保管理", "encounter", "就诊", "yb_fee_list_d", "医保费用明细",
        "同一次就诊 HIS 净费用与医保明细逐项相减，差额超过容差的项目。",
        "HIS 收费与医保明细相差 {value:.2f} 元，涉及 {hits} 行",
        "《医疗保障基金使用监督管理条例》第十四条", "跨月结算、退费在途。",
    ),
]  # fmt: skip
DEPARTMENTS = [
    "心血管内科",
    "骨科",
    "呼吸与危重症医学科",
    "肿瘤内科",
    "神经内科",
    "全科医学科",
    "药学部",
]
ITEMS = [
    ("XB05BAF001", "注射用脑蛋白水解物", "支", 86.5),
    ("001102000010000", "静脉输液", "组", 11.0),
    ("C0201010010001", "冠状动脉药物洗脱支架", "个", 798.0),
    ("XA02BCA008", "注射用艾司奥美拉唑钠", "支", 62.4),
    ("002503010010000", "血清肌钙蛋白Ⅰ测定", "项", 90.0),
    ("XJ01DDT004", "注射用头孢曲松钠", "支", 14.8),
]


def definitions() -> list[str]:
    """The marts' `create table` statements: those of each page lie beside its rows."""
    files = sorted(Path(__file__).parent.glob("fake_*.sql"))
    return [file.read_text("utf-8") for file in files]


def create_marts(server: Server) -> None:
    """Create the marts and fill them; what was there is replaced."""
    tables = _rows()
    with server.connect("transformer") as connection:
        for table in tables:
            connection.execute(
                sql.SQL("drop table if exists {} cascade").format(sql.Identifier(*_place(table)))
            )
        for ddl in definitions():
            connection.execute(ddl)
        for table, rows in tables.items():
            _insert(connection, table, rows)
        connection.execute("grant select on all tables in schema marts to qinglian_reader")
        connection.execute("grant select on marts.organisation to qinglian_names")
        connection.execute("grant select on all tables in schema names to qinglian_names")


def _place(table: str) -> tuple[str, str]:
    """Schema and name of a mart; the one with names lies apart."""
    return ("names" if table == "lead_staff" else "marts"), table


def _insert(connection: psycopg.Connection, table: str, rows: list[dict[str, Any]]) -> None:
    columns = list(rows[0])
    statement = sql.SQL("insert into {} ({}) values ({})").format(
        sql.Identifier(*_place(table)),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join(map(sql.Placeholder, columns)),
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)


def _rows() -> dict[str, list[dict[str, Any]]]:
    draw = random.Random(20251231)  # noqa: S311 (no secret is drawn)
    leads = [_lead(draw, number) for number in range(LEADS)]
    evidence = [row for lead in leads for row in _evidence(draw, lead)]
    return {
        "organisation": [
            {
                "org_code": hospital.org_code,
                "org_name": hospital.name,
                "org_level_zh": hospital.level,
                "org_type_zh": hospital.kind,
                "district_code": hospital.district_code,
                "district_name": hospital.district,
            }
            for hospital in HOSPITALS
        ],
        "indicator": [_indicator(indicator) for indicator in INDICATORS],
        "lead_listing": leads,
        "lead_staff": fake_names.staff(leads, HOSPITALS),
        "lead_trend": [row for lead in leads for row in _trend(draw, lead)],
        "lead_evidence": evidence,
        "lead_detail": fake_lead_detail.details(leads),
        "lead_neighbour": fake_lead_detail.neighbours(leads),
        "lead_batch": fake_lead_detail.batches(evidence),
        "indicator_coverage": (coverage := _coverage(draw, leads)),
        "indicator_outcome": _outcomes(coverage),
        "entity_risk_month": _board(leads) + fake_organisation.named(HOSPITALS, MONTHS),
        "subject_score": _scores(draw)
        + fake_procurement.scores()
        + fake_organisation.scores(HOSPITALS),
        "lead_entity": fake_organisation.entities(leads),
        "organisation_family_month": fake_organisation.family_months(
            leads, HOSPITALS, MONTHS, FAMILIES
        ),
        "organisation_comparison": fake_organisation.comparisons(HOSPITALS),
        "network_edge": fake_procurement.edges(
            [lead for lead in leads if lead["family"] == "procurement"]
        ),
        "supplier_market": fake_procurement.markets(draw, HOSPITALS),
        "quality_scorecard": fake_quality.scores(draw, HOSPITALS, MONTHS),
        "quality_identity_month": fake_quality.identities(draw, HOSPITALS, MONTHS),
        "control_total_month": fake_quality.totals(draw, HOSPITALS, MONTHS),
        "quality_delivery_month": fake_quality.deliveries(draw, HOSPITALS, MONTHS),
        "rule_threshold": fake_quality.thresholds(INDICATORS),
        **fake_prescribing.marts(HOSPITALS, MONTHS),
        **fake_billing.marts(leads, evidence, HOSPITALS),
        "provider_score": (providers := fake_providers.scores(draw, HOSPITALS)),
        "provider_score_concept": fake_providers.concepts(providers),
        **fake_cross_checks.marts(leads, HOSPITALS, MONTHS),
        "landed_row_fate": fake_quality.fates(draw, HOSPITALS, MONTHS[-1]),
    }


def _indicator(indicator: Indicator) -> dict[str, Any]:
    return {
        "indicator_id": indicator.indicator_id,
        "rule_version": "1.0.0",
        "family": indicator.family,
        "name_zh": indicator.name,
        "name_en": indicator.name_en,
        "kind": indicator.kind,
        "grain": f"{indicator.subject_zh}·月",
        "focus_area": indicator.focus_area,
        "topic": indicator.topic,
        "formula_zh": indicator.formula,
        "formula_en": f"How {indicator.name_en} is computed.",
        "legal_basis": indicator.basis,
        "guards": "样本量不足时不计算；已知合理情形先排除。",
        "guards_en": "Not computed with too few cases; known innocent cases are left out.",
        "false_positives": indicator.caution,
        "required_columns": indicator.table,
        "author": "规则组",
        "reviewer": "复核组",
        "reviewed_on": date(2025, 11, 30),
    }


def _lead(draw: random.Random, number: int) -> dict[str, Any]:
    indicator = INDICATORS[number % len(INDICATORS)]
    hospital = draw.choices(HOSPITALS, [h.weight for h in HOSPITALS])[0]
    month = draw.choice(MONTHS)
    red = indicator.kind != "S" and draw.random() < 0.55
    gross = round(draw.lognormvariate(9.6 if red else 8.4, 0.8), 2)
    hits = draw.randint(2, 7)
    expected = draw.uniform(0.02, 0.09)
    numbers = {
        "n": draw.randint(120, 900),
        "hits": hits,
        "value": draw.uniform(0.12, 0.4) if indicator.kind == "S" else draw.uniform(20, 900),
        "expected": expected if indicator.kind == "S" else draw.uniform(0, 3),
        "threshold": draw.uniform(10, 400),
    }
    # As far below the expected share as 0, and above it by 30 %: an outlying share lies beyond.
    limits = (0, 1.3 * numbers["expected"]) if indicator.kind == "S" else (None, None)
    department = draw.choice(DEPARTMENTS)
    label = {
        "doctor": f"{department} 医师 {draw.choice(fake_names.CODES)}",
        "drug": draw.choice(ITEMS)[1],
        "charge_item": draw.choice(ITEMS)[1],
        "purchase_item": draw.choice(ITEMS)[1],
        "encounter": f"住院 {draw.randint(10**7, 10**8 - 1)}",
        "category": draw.choice(["心血管介入耗材·配送", "检验试剂·生产企业", "抗菌药物·配送"]),
    }[indicator.subject_type]
    key = f"{indicator.indicator_id}|{hospital.org_code}|{number}|{month}"
    lead_id = hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()
    first_seen = month + timedelta(days=45)
    return {
        "lead_id": lead_id,
        "light": "red" if red else "yellow",
        "light_zh": "红" if red else "黄",
        "indicator_id": indicator.indicator_id,
        "indicator_name_zh": indicator.name,
        "indicator_name_en": indicator.name_en,
        "family": indicator.family,
        "family_zh": FAMILIES[indicator.family],
        "focus_area": indicator.focus_area,
        "org_code": hospital.org_code,
        "org_name": hospital.name,
        "org_level_zh": hospital.level,
        "org_type_zh": hospital.kind,
        "district_code": hospital.district_code,
        "district_name": hospital.district,
        "dept_code": "0301",
        "dept_name": department,
        "subject_type": indicator.subject_type,
        "subject_type_zh": indicator.subject_zh,
        "subject_id": f"S{number:04d}",
        "subject_label": label,
        "subject_label_en": label.replace(" 医师 ", " doctor ").replace("住院 ", "Visit "),
        "period_start": month,
        "period_end": month.replace(day=monthrange(month.year, month.month)[1]),
        "period_month": month,
        "value": numbers["value"],
        "threshold": None if indicator.kind == "S" else numbers["threshold"],
        "expected": numbers["expected"],
        "limit_lower": limits[0],
        "limit_upper": limits[1],
        "deviation": draw.uniform(3.5, 9) if indicator.kind == "S" else None,
        "peer_group": f"{hospital.level}·{department}",
        "peer_n": draw.randint(8, 40),
        "n": numbers["n"],
        "q_value": draw.uniform(0.0001, 0.04) if indicator.kind == "S" else None,
        "percentile": draw.uniform(0.9, 1),
        "risk_gross": gross,
        "risk_fund": 0 if indicator.family == "procurement" else round(gross * 0.62, 2),
        "kind": indicator.kind,
        "kind_zh": {"D": "规则", "S": "统计", "R": "对账"}[indicator.kind],
        "state": "疑点" if red else "线索",
        "explanation_zh": f"{label}：{indicator.sentence.format(**numbers)}。",
        "legal_basis": indicator.basis,
        "false_positives_zh": indicator.caution,
        "evidence_rows": hits,
        # The last lead was seen once and no longer: the page must leave it out.
        "is_active": number != LEADS - 1,
        "first_seen_at": first_seen,
        "last_seen_at": first_seen + timedelta(days=draw.randint(0, 40)),
    }


def _trend(draw: random.Random, lead: dict[str, Any]) -> list[dict[str, Any]]:
    months = [date(2025, number, 1) for number in range(1, lead["period_start"].month + 1)]
    return [
        {
            "lead_id": lead["lead_id"],
            "org_code": lead["org_code"],
            "period_start": month,
            "period_end": month.replace(day=monthrange(month.year, month.month)[1]),
            "outcome": (outcome := "fired" if month == lead["period_start"] else "clear"),
            "outcome_zh": {"fired": "触发", "clear": "正常"}[outcome],
            "value": lead["value"] if outcome == "fired" else None,
            "expected": lead["expected"],
            "limit_lower": lead["limit_lower"],
            "limit_upper": lead["limit_upper"],
            "n": lead["n"],
            "compared": lead["peer_n"],
            "percentile": draw.uniform(0, 1),
            "is_lead_period": outcome == "fired",
        }
        for month in months
    ]


def _evidence(draw: random.Random, lead: dict[str, Any]) -> list[dict[str, Any]]:
    indicator = next(i for i in INDICATORS if i.indicator_id == lead["indicator_id"])
    rows = []
    count = lead["evidence_rows"]
    for number in range(1, count + 1):
        code, name, unit, price = draw.choice(ITEMS)
        qty = draw.randint(1, 30)
        day = lead["period_start"] + timedelta(days=draw.randint(0, 26))
        rows.append(
            {
                "lead_id": lead["lead_id"],
                "evidence_no": number,
                "org_code": lead["org_code"],
                "source_table": indicator.table,
                "source_table_zh": indicator.table_zh,
                "row_key": f"{indicator.indicator_id}{lead['lead_id'][:6].upper()}{number:03d}",
                "event_time": datetime(day.year, day.month, day.day, draw.randint(8, 17), 30),
                "encounter_id": f"Z{draw.randint(10**7, 10**8 - 1)}",
                "dept_code": lead["dept_code"],
                "doctor_code": "D0412",
                "item_code": code,
                "item_name": name,
                "qty": qty,
                "unit": unit,
                "unit_price": price,
                "amount": round(qty * price, 2),
                "indicator_value": round(price * 0.8, 4),
                "risk_gross": round(lead["risk_gross"] / count, 2),
                "risk_fund": round(lead["risk_fund"] / count, 2),
                "note_zh": draw.choice(
                    ["高于限价", "医保明细无对应行", "超过 5 种药品", "同日重复"]
                ),
                "batch_id": draw.randint(100, 180),
            }
        )
    return rows


_REASONS_ZH = {"below_volume": "处方过少", "missing_drug_class": "缺少药品分类"}


def _coverage(draw: random.Random, leads: list[dict[str, Any]]) -> list[dict[str, Any]]:
    fired: dict[tuple[str, str, date], int] = {}
    for lead in leads:
        key = (lead["indicator_id"], lead["org_code"], lead["period_month"])
        fired[key] = fired.get(key, 0) + 1
    rows = []
    for indicator in INDICATORS:
        for hospital in HOSPITALS:
            for month in MONTHS:
                if indicator.subject_type == "category" and month.month != 1:
                    continue
                absent = _absent_table(indicator, hospital, month)
                subjects = 0 if absent else draw.randint(8, 60)
                hits = fired.get((indicator.indicator_id, hospital.org_code, month), 0)
                unknown = 0 if absent else draw.choice([0, 0, 0, 1])
                few = indicator.indicator_id == "RX03" and hospital.level == "一级"
                if few and not absent:
                    unknown = subjects
                known = max(subjects - unknown, hits)
                reason = "below_volume" if few else "missing_drug_class" if unknown else None
                rows.append(
                    {
                        "indicator_id": indicator.indicator_id,
                        "org_code": hospital.org_code,
                        "first_month": month,
                        "last_month": month,
                        "months": 1,
                        "evaluated": known + unknown,
                        "fired": hits,
                        "clear": known - hits,
                        "guarded": 0,
                        "not_computable": unknown,
                        "reason": f"missing_table:{absent}" if absent else reason,
                        "reason_zh": f"缺少数据表：{absent}" if absent else _REASONS_ZH.get(reason),
                        "coverage_ratio": _ratio(absent, few, known, unknown),
                    }
                )
    return rows


def _outcomes(coverage: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The cells of the coverage that were evaluated; statistical indicators are tested."""
    tested = {i.indicator_id for i in INDICATORS if i.kind == "S"}
    counts = ("evaluated", "fired", "clear", "guarded", "not_computable")
    return [
        {name: cell[name] for name in ("indicator_id", "org_code", *counts)}
        | {
            "period_month": cell["first_month"],
            "tested": cell["evaluated"] if cell["indicator_id"] in tested else 0,
            "expected_by_chance": (
                Decimal("0.01") * cell["fired"] if cell["indicator_id"] in tested else None
            ),
        }
        for cell in coverage
        if cell["evaluated"]
    ]


def _absent_table(indicator: Indicator, hospital: Hospital, month: date) -> str | None:
    """One hospital sends nothing at all, another stopped in October."""
    stopped = hospital.name == "南溪县人民医院" and month.month >= 10
    return indicator.table if stopped or hospital.name == "柳河镇卫生院" else None


def _ratio(absent: str | None, few: bool, known: int, unknown: int) -> float:
    """Too small a volume lowers nothing; a missing table lowers all."""
    if absent:
        return 0.0
    return 1.0 if few else round(known / (known + unknown), 4)


def _board(leads: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for hospital in HOSPITALS:
        for month in MONTHS:
            own = [
                lead
                for lead in leads
                if lead["org_code"] == hospital.org_code
                and lead["period_month"] == month
                and lead["is_active"]
            ]
            reds = sum(lead["light"] == "red" for lead in own)
            absent = _absent_table(INDICATORS[0], hospital, month)
            light = "red" if reds else "yellow" if own else "grey" if absent else "green"
            rows.append(
                {
                    "org_code": hospital.org_code,
                    "org_name": hospital.name,
                    "entity_type": "hospital",
                    "entity_id": hospital.org_code,
                    "entity_label": hospital.name,
                    "period_month": month,
                    "light": light,
                    "light_zh": {"red": "红", "yellow": "黄", "green": "绿", "grey": "灰"}[light],
                    "lead_count": len(own),
                    "red_count": reds,
                    "indicator_ids": ",".join(sorted({lead["indicator_id"] for lead in own})),
                    "risk_gross": sum(lead["risk_gross"] for lead in own),
                    "risk_fund": sum(lead["risk_fund"] for lead in own),
                    "coverage_ratio": 0.0 if absent else 0.98,
                }
            )
    return rows


def _scores(draw: random.Random) -> list[dict[str, Any]]:
    """One row for each hospital, by score; the last had too little data for one."""
    scores = sorted((draw.uniform(0, 5) for _ in HOSPITALS), reverse=True)
    places = draw.sample(range(1, len(HOSPITALS) + 1), len(HOSPITALS))
    rows = []
    for number, (hospital, score, place) in enumerate(
        zip(HOSPITALS, scores, places, strict=True), start=1
    ):
        ranked = number < len(HOSPITALS)
        rows.append(
            {
                "entity_type": "hospital",
                "org_code": hospital.org_code,
                "org_name": hospital.name,
                "entity_id": hospital.org_code,
                "entity_label": hospital.name,
                "peer_n": len(HOSPITALS) - 1,
                "concepts_computed": 12 if ranked else 2,
                "concepts_possible": 15,
                "concepts_deviating": 1 if ranked else 0,
                "score": round(score, 4) if ranked else None,
                "score_rank": number if ranked else None,
                "peer_rank": number if ranked else None,
                "peer_percentile": round(1 - number / len(HOSPITALS), 4) if ranked else None,
                "amount": round(place * 1_234_567.89, 2),
                "amount_rank": len(HOSPITALS) + 1 - place,
                "lead_count": place,
                "red_count": 0,
                "risk_gross": round(place * 987.65, 2),
                "risk_rank": len(HOSPITALS) + 1 - place,
                "state": "ranked" if ranked else "not_computable",
                "reason": None if ranked else "low_coverage",
                "reasons_zh": f"01. 用药费用（RX03）{score:.1f}" if ranked else None,
                "reasons_en": f"01. Cost of drugs (RX03) {score:.1f}" if ranked else None,
                "tells_of_procurement": number == 1,
            }
        )
    return rows
