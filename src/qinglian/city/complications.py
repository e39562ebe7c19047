"""What supports a complication on a settlement list: the records that the sample rules ask for."""

import numpy as np

from qinglian.city.draws import Bools, Ints
from qinglian.city.drugs import drugs
from qinglian.city.his_columns import MonthData
from qinglian.city.lines import DRUG, SERVICE
from qinglian.city.services import service_index, services

DRUG_NAME, ITEM, REPORT = "drug", "item", "report"
#: By diagnosis: kind of record, and the beginning of a drug's generic name, the key of an item, or
#: part of a report's name. One of them is enough.
SUPPORTS = {
    "E87.600": ((DRUG_NAME, "氯化钾"), (REPORT, "电解质")),
    "D64.900": ((REPORT, "血细胞分析"), (DRUG_NAME, "多糖铁复合物")),
    "E86.x00": ((DRUG_NAME, "氯化钠"), (DRUG_NAME, "葡萄糖")),
    "J96.000": ((ITEM, "oxygen"),),
}
_REPORTED = ("03", "04")


def supported(data: MonthData, code: str) -> Bools:
    """Stays with a record that supports the diagnosis, whatever was taken back left out."""
    lines = data.bills.lines
    real = lines.inpatient & lines.recorded & ~lines.auto & (data.care.net.net > 0)
    found = np.zeros(len(data.stays.adm_id), dtype=bool)
    for kind, key in SUPPORTS[code]:
        line_kind, items = (
            (DRUG, _drugs(key)) if kind == DRUG_NAME else (SERVICE, _items(kind, key))
        )
        rows = real & (lines.kind == line_kind) & np.isin(lines.item, items)
        found[lines.encounter[rows]] = True
    return found


def _drugs(name: str) -> Ints:
    return np.flatnonzero([drug.generic_name.startswith(name) for drug in drugs()])


def _items(kind: str, key: str) -> Ints:
    if kind == ITEM:
        return np.array([service_index()[key]])
    return np.flatnonzero([key in s.name and s.category in _REPORTED for s in services()])
