"""How the coders of a hospital describe a stay: main and other diagnoses, and operations.

Front page and settlement list are written from the same codes.
"""

from dataclasses import dataclass

import numpy as np

from qinglian.city.billing import FINAL
from qinglian.city.draws import Ints, Purpose, offsets_within, stream
from qinglian.city.his_columns import MonthData, stay_diagnoses
from qinglian.city.lines import SERVICE
from qinglian.city.services import service_index

#: Other diagnoses by population, from harmless to grave: code, name, 1 where it is a complication.
_OTHERS = {
    "any": (
        ("I10.x00", "特发性高血压", 0),
        ("E78.500", "高脂血症", 0),
        ("K76.000", "脂肪肝", 0),
        ("E11.900", "2型糖尿病", 0),
        ("E87.600", "低钾血症", 1),
        ("D64.900", "贫血", 1),
    ),
    "child": (
        ("D50.900", "缺铁性贫血", 0),
        ("E55.900", "维生素D缺乏", 0),
        ("J35.100", "扁桃体肥大", 0),
        ("E86.x00", "脱水", 1),
    ),
    "woman": (
        ("N60.100", "乳腺囊性增生", 0),
        ("D25.900", "子宫平滑肌瘤", 0),
        ("N76.000", "急性阴道炎", 0),
        ("D64.900", "贫血", 1),
    ),
}
POPULATIONS = tuple(_OTHERS)
#: Diagnoses that only schemes list: a grave one, one of men, one by which no case is grouped.
_PLANTED_OTHERS = (
    ("J96.000", "急性呼吸衰竭", 1),
    ("N40.x00", "前列腺增生", 0),
    ("R69.x00", "原因不明的疾病", 0),
)
#: Main diagnoses that only schemes list: dearer ones, cheaper ones, the same in other words.
_PLANTED_MAINS = (
    ("I63.900", "脑梗死", 0),
    ("M17.900", "膝关节骨性关节炎", 0),
    ("N39.000", "泌尿道感染", 0),
    ("J06.900", "急性上呼吸道感染", 0),
    ("I11.900", "高血压性心脏病", 0),
    ("I10.x00x002", "高血压病", 0),
    ("J22.x00", "急性下呼吸道感染", 0),
    ("I67.900", "脑血管病", 0),
    ("I84.900", "痔", 0),
)
OTHER_DIAGNOSES = (
    *(entry for population in POPULATIONS for entry in _OTHERS[population]),
    *_PLANTED_OTHERS,
    *_PLANTED_MAINS,
)
_STARTS = np.cumsum([0, *(len(_OTHERS[population]) for population in POPULATIONS)])
_MOST_OTHERS = 3
#: Insurance edition of ICD-9-CM-3 by charge item.
OPERATIONS = {
    "surgery_fracture": ("79.3900", "骨折切开复位内固定术"),
    "surgery_caesarean": ("74.1x01", "子宫下段剖宫产术"),
    "surgery_gallbladder": ("51.2300", "腹腔镜胆囊切除术"),
    "surgery_tendon": ("83.6400", "肌腱缝合术"),
    "surgery_bone_graft": ("77.7900", "骨移植物切除术"),
}
#: Operations of lists: those that wards do, in their order, and what only schemes list.
LISTED_OPERATIONS = (
    *OPERATIONS.values(),
    ("44.1300", "胃镜检查"),
    ("17.4200", "腹腔镜机器人援助操作"),
)


@dataclass
class OtherDiagnoses:
    """One row a diagnosis beside the main one; `other` is a position in OTHER_DIAGNOSES."""

    stay: Ints
    seq: Ints
    other: Ints


@dataclass
class Operations:
    """One row an operation done and billed; `operation` is a position in LISTED_OPERATIONS."""

    stay: Ints
    operation: Ints
    begin: Ints
    end: Ints


def other_diagnoses_of(data: MonthData) -> OtherDiagnoses:
    """Up to three diagnoses of each stay that fit the department's patients, without repeats."""
    rng = stream(data.seed, Purpose.INPATIENT_CODING, data.hospital.number, data.month.serial)
    stays = len(data.stays.adm_id)
    kinds = [POPULATIONS.index(d.practice.population) for d in data.hospital.departments]
    population = np.array(kinds)[data.stays.department]
    sizes = np.diff(_STARTS)[population]
    count = np.searchsorted(np.cumsum([0.25, 0.35, 0.25]), rng.random(stays))
    # A walk from a random place in the list meets no entry twice.
    start = (rng.random(stays) ** 1.3 * sizes).astype(np.int64)
    stay = np.repeat(np.arange(stays), count)
    seq = offsets_within(count)
    other = _STARTS[population[stay]] + (start[stay] + seq) % sizes[stay]
    main = np.array(stay_diagnoses()[0])[data.stays.diagnosis[stay]]
    distinct = np.array([code for code, _, _ in OTHER_DIAGNOSES])[other] != main
    return OtherDiagnoses(stay[distinct], seq[distinct] + 1, other[distinct])


def operations_of(data: MonthData) -> Operations:
    """The first operation of each stay that was not reversed; it ends when it is billed."""
    lines = data.bills.lines
    items = np.array([service_index()[key] for key in OPERATIONS])
    rows = np.flatnonzero(lines.inpatient & (lines.kind == SERVICE) & np.isin(lines.item, items))
    operation = np.argmax(lines.item[rows][:, None] == items, axis=1)
    # A stay in which one operation was cancelled may have had another.
    billed = lines.encounter[rows] * len(items) + operation
    net = np.bincount(billed, weights=lines.qty[rows])
    done = (net[billed] > 0) & (lines.original[rows] == 0)
    rows, operation = rows[done], operation[done]
    stay, first = np.unique(lines.encounter[rows], return_index=True)
    minutes = 50 + data.stays.adm_id[stay] * 7919 % 90
    end = lines.time[rows[first]] - 900
    return Operations(stay, operation[first], end - minutes * 60, end)


def settled_stays(data: MonthData) -> tuple[Ints, Ints]:
    """Insured stays that are settled, and the rows of their final settlements."""
    st = data.bills.settlements
    rows = np.flatnonzero(st.inpatient & (st.kind == FINAL) & data.claims.insured)
    return st.encounter[rows], rows
