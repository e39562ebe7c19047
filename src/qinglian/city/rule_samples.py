"""Sample files of the rule library: the columns of real rule sets, and no real rules.

Every row belongs to the rule set SAMPLE and says that it is one. Codes are those of the city's own
catalogues, so that an indicator that needs a rule set has something to work with.
"""

import csv
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path

from qinglian.city.calendar import HOLIDAYS_2025, WORKDAYS_FOR_HOLIDAYS_2025
from qinglian.city.care.diagnoses import diagnosis_list
from qinglian.city.care.surgery import OPERATIONS as RECORDED
from qinglian.city.complications import ITEM, SUPPORTS
from qinglian.city.drugs import drug_index, drugs
from qinglian.city.inpatient_coding import LISTED_OPERATIONS, OTHER_DIAGNOSES
from qinglian.city.inpatient_coding import OPERATIONS as LISTED_BY_ITEM
from qinglian.city.organisations import hospitals
from qinglian.city.services import material_index, materials, service_index, services

RULE_SET, VERSION = "SAMPLE", "1"
MARK = "样例，非官方规则"
_PRE_HOLIDAY_DAYS = 7
_NOTICE = f"""{MARK}

本目录由虚构城市生成，仅供演示：规则集名为 {RULE_SET}，内容是编造的，不代表任何官方清单。
These files belong to the synthetic city. Their rules are invented and no official list.
"""

# items that may not be billed together: the first stays payable, the second is not
_MUTEX = (
    ("nursing_1", "nursing_2", "day", "一级护理与二级护理不得同日收费"),
    ("reg_chief", "reg_associate", "encounter", "一次就诊只收一种诊察费"),
    ("reg_associate", "reg_attending", "encounter", "一次就诊只收一种诊察费"),
    ("reg_emergency", "reg_attending", "hours_6", "急诊诊察费含普通诊察费"),
    ("child_injection", "infusion", "day", "小儿静脉输液含静脉输液"),
    ("obs_us", "abd_us", "day", "产科超声含腹部超声"),
    ("anaesthesia", "injection", "hour_1", "全身麻醉含肌肉注射"),
)
# item, window, length in days, largest quantity, unit
_FREQUENCY = (
    ("bed_triple", "day", "", "1", "日"),
    ("nursing_2", "day", "", "1", "日"),
    ("ward_visit", "day", "", "1", "日"),
    ("oxygen", "hours_24", "", "24", "小时"),
    ("ecg_monitor", "hours_24", "", "24", "小时"),
    ("surgery_gallbladder", "encounter", "", "1", "次"),
    ("hba1c", "days_n", "30", "1", "次"),
)
# generic name, longest course in days, largest quantity in smallest units
_COURSE = (
    ("奥美拉唑", "56", ""),
    ("复方氨基酸", "7", ""),
    ("对乙酰氨基酚", "", "360"),
)
_DRUG_LIMITS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("奥希替尼", "indication", {"icd_pattern": "^C"}),
    ("阿比特龙", "indication", {"icd_pattern": "^C"}),
    ("人血白蛋白", "indication", {"icd_pattern": "^(K51|K7|E88|R60)"}),
    ("人血白蛋白", "org_level", {"org_level_min": "05"}),
    ("小儿豉翘清热", "age", {"age_min": "0", "age_max": "14"}),
    ("黄体酮", "sex", {"sex": "2"}),
    ("美罗培南", "org_level", {"org_level_min": "05"}),
    ("培美曲塞", "med_type", {"med_types": "140201|21|28"}),
    ("罗沙司他", "insutype", {"insutypes": "310|390"}),
    ("沙美特罗替卡松", "insutype", {"insutypes": "310"}),
    ("前列地尔", "text", {}),
)
_ITEM_LIMITS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("newborn_care", "age", {"age_min": "0", "age_max": "1"}),
    ("surgery_caesarean", "sex", {"sex": "2"}),
    ("haemodialysis", "dept", {"dept_pattern": r"^03\.06"}),
    ("tuina", "dept", {"dept_pattern": "^50"}),
    ("radiotherapy", "indication", {"icd_pattern": "^(C|Z51)"}),
)
_DISCOUNTS = (
    ("surgery_fracture", "not_highest", "0.5"),
    ("surgery_tendon", "not_highest", "0.5"),
    ("surgery_bone_graft", "not_highest", "0.5"),
    ("surgery_gallbladder", "not_highest", "0.5"),
    ("surgery_caesarean", "not_highest", "0.5"),
)
# what is billed, what was done
_SWAPS = (
    ("reg_chief", "reg_attending", "主任医师诊察费串换普通诊察费"),
    ("nursing_1", "nursing_2", "一级护理串换二级护理"),
    ("ct", "chest_xray", "CT 串换数字化摄影"),
    ("infusion_set_a", "infusion_set_b", "精密输液器串换普通输液器"),
    ("plate_b", "plate_a", "解剖型接骨板串换锁定接骨板"),
    ("screw_a", "screw_b", "锁定螺钉串换皮质骨螺钉"),
)
# package, components, what counts, fewest of them, window
_BUNDLES = (
    (
        "liver",
        ("alt", "ast", "tbil", "albumin"),
        "components",
        "4",
        "day",
        "四项同查按肝功能组合收费",
    ),
    (
        "lipids",
        ("cholesterol", "triglyceride", "hdl", "ldl"),
        "components",
        "3",
        "day",
        "同查三项以上按血脂组合收费",
    ),
    ("pump_day", ("pump_hour",), "units", "12", "day", "一日十二小时以上按日收费"),
    (
        "theatre_pack",
        ("temp_monitor", "depth_monitor", "pressure_monitor"),
        "components",
        "3",
        "surgery",
        "同次手术三项按术中监测组合收费",
    ),
)
# codes by which the city's invented scheme groups no case
_UNGROUPED = (
    ("diagnosis", "R69.x00", "原因不明的疾病"),
    ("diagnosis", "R52.900", "疼痛"),
    ("diagnosis", "Z76.500", "诈病"),
    ("operation", "89.7x00", "全身体格检查"),
    ("operation", "93.9900", "其他呼吸操作"),
)
# codes of lists that the mapping between editions lacks, and one of both that is written otherwise
_UNMAPPED = ("I67.900", "I84.900")
_GREY = ("J06.900", "J22.x00")
# number of the hospital, kind of change, first day, what changed
_CODING_CHANGES = (
    ("*", "payment_start", "2024-01-01", "DRG 付费启用"),
    (2, "coding_team", "2025-10-01", "病案编码室整体更换"),
)
_Rows = list[dict[str, str]]


def write_rule_samples(folder: Path) -> dict[str, int]:
    """Write one CSV file a rule set into an empty folder; returns rows by table."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.csv"):
        old.unlink()
    (folder / "README.md").write_text(_NOTICE, "utf-8")
    tables = rule_samples()
    for table, rows in tables.items():
        with (folder / f"{table}_sample.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return {table: len(rows) for table, rows in tables.items()}


def rule_samples() -> Mapping[str, _Rows]:
    """The rows of each sample file by column, in the order of the file."""
    return {
        "ref_rule_version": _versioned(
            {
                "source_doc": f"{MARK}：清川市演示",
                "published_on": "2025-01-01",
                "loaded_at": "2025-01-01 00:00:00",
                "sha256": "",
            }
        ),
        "ref_mutex_pair": _versioned(
            *(
                {
                    "code_a": _item(first),
                    "code_b": _item(second),
                    "window_kind": window,
                    "source_text": f"{MARK}：{text}",
                }
                for first, second, window, text in _MUTEX
            )
        ),
        "ref_freq_limit": _versioned(
            *(
                {
                    "item_code": _item(key),
                    "window_kind": window,
                    "window_len": length,
                    "max_qty": most,
                    "unit": unit,
                }
                for key, window, length, most, unit in _FREQUENCY
            )
        ),
        "ref_course_limit": _versioned(
            *(
                {
                    "med_list_codg": _drug(name),
                    "generic_name": name,
                    "max_days": days,
                    "max_qty_min_unit": most,
                }
                for name, days, most in _COURSE
            )
        ),
        "ref_drug_limit": _limits("med_list_codg", _DRUG_COLUMNS, _DRUG_LIMITS, _drug),
        "ref_item_limit": _limits("item_code", _ITEM_COLUMNS, _ITEM_LIMITS, _item),
        "ref_surgery_discount": _versioned(
            *(
                {"grp": "SAMPLE-1", "item_code": _item(key), "rank_rule": rank, "discount": share}
                for key, rank, share in _DISCOUNTS
            )
        ),
        "ref_swap_pair": _versioned(
            *(
                {
                    "billed_code": _item(billed),
                    "true_code": _item(true),
                    "note": f"{MARK}：{text}",
                }
                for billed, true, text in _SWAPS
            )
        ),
        "ref_ungrouped_code": _versioned(
            *(
                {
                    "code_kind": kind,
                    "code": code,
                    "code_name": name,
                    "source_text": f"{MARK}：{name}不能入组",
                }
                for kind, code, name in _UNGROUPED
            )
        ),
        "ref_code_map": _versioned(
            *(
                {
                    "code_kind": kind,
                    "clinical_code": clinical,
                    "insurance_code": insurance,
                    "source_text": f"{MARK}：本市虚构编码对照",
                }
                for kind, clinical, insurance in _code_map()
            )
        ),
        "ref_complication_support": _versioned(
            *(
                {
                    "icd_prefix": code,
                    "grade": "CC",
                    "evidence_kind": kind,
                    "evidence_code": _item(key) if kind == ITEM else key,
                    "source_text": f"{MARK}：有其一即可佐证",
                }
                for code, supports in SUPPORTS.items()
                for kind, key in supports
            )
        ),
        "ref_coding_change": [
            {
                "org_code": place if isinstance(place, str) else _organisation(place),
                "change_kind": kind,
                "changed_on": day,
                "note": f"{MARK}：{note}",
            }
            for place, kind, day, note in _CODING_CHANGES
        ],
        "ref_charge_bundle": _versioned(
            *(
                {
                    "parent_code": _item(parent),
                    "component_code": _item(component),
                    "bundle_kind": kind,
                    "min_components": least,
                    "window_kind": window,
                    "valid_from": "",
                    "valid_to": "",
                    "source_text": f"{MARK}：{text}",
                }
                for parent, components, kind, least, window, text in _BUNDLES
                for component in components
            )
        ),
        "ref_holiday": _holidays(),
    }


_WHO = ("icd_pattern", "age_min", "age_max", "sex")
_DRUG_COLUMNS = (*_WHO, "org_level_min", "med_types", "insutypes")
_ITEM_COLUMNS = ("age_min", "age_max", "sex", "dept_pattern", "icd_pattern")


def _versioned(*rows: dict[str, str]) -> _Rows:
    return [{"rule_set": RULE_SET, "version": VERSION, **row} for row in rows]


def _limits(
    code_column: str,
    columns: tuple[str, ...],
    limits: Iterable[tuple[str, str, dict[str, str]]],
    code_of: Callable[[str], str],
) -> _Rows:
    return _versioned(
        *(
            {
                code_column: code_of(name),
                "limit_kind": kind,
                **{column: content.get(column, "") for column in columns},
                "note": f"{MARK}：{_LIMIT_NOTES[kind]}",
            }
            for name, kind, content in limits
        )
    )


_LIMIT_NOTES = {
    "indication": "限所列诊断",
    "age": "限所列年龄",
    "sex": "限女性",
    "org_level": "限所列等级以上机构",
    "med_type": "限所列医疗类别",
    "insutype": "限所列险种",
    "dept": "限所列科室",
    "text": "限经其他治疗无效的患者，须人工判断",
}


def _code_map() -> list[tuple[str, str, str]]:
    """Every code of the city in both editions, and one that the editions write otherwise.

    Codes in _UNMAPPED are left out: what the mapping lacks is no finding.
    """
    listed = [code for code, *_ in OTHER_DIAGNOSES]
    own = {code for code in (*diagnosis_list()[0], *listed) if code not in _UNMAPPED}
    operations = {
        (operation.icd9cm3, insurance)
        for key, (insurance, _) in LISTED_BY_ITEM.items()
        for operation in [RECORDED.get(key)]
        if operation
    } | {(code, code) for code, _ in LISTED_OPERATIONS}
    return [
        *(("diagnosis", code, code) for code in sorted(own)),
        ("diagnosis", *_GREY),
        *(("operation", *pair) for pair in sorted(operations)),
    ]


def _item(key: str) -> str:
    """National code of a charge item or a consumable."""
    if key in service_index():
        return services()[service_index()[key]].national_code
    return materials()[material_index()[key]].national_code


def _organisation(number: int) -> str:
    """Code of a hospital of the city by its number."""
    return hospitals(number, 1.0)[-1].org_code


def _drug(generic_name: str) -> str:
    return drugs()[drug_index(generic_name)[0]].national_code


def _holidays() -> _Rows:
    """Days off, working days in exchange, and the week before each holiday."""
    days_off = {day: name for name, days in HOLIDAYS_2025.items() for day in days}
    before = {
        min(days) - timedelta(days=back)
        for days in HOLIDAYS_2025.values()
        for back in range(1, _PRE_HOLIDAY_DAYS + 1)
    }
    return [
        _calendar_row(day, days_off.get(day), day in before)
        for day in sorted({*days_off, *before, *WORKDAYS_FOR_HOLIDAYS_2025})
    ]


def _calendar_row(day: date, name: str | None, before: bool) -> dict[str, str]:
    return {
        "calendar_date": day.isoformat(),
        "is_holiday": "true" if name else "false",
        "is_workday_swap": "true" if day in WORKDAYS_FOR_HOLIDAYS_2025 else "false",
        "holiday_name": f"{name}（样例）" if name else "",
        "pre_window": "true" if before and not name else "false",
    }
