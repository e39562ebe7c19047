"""What the settlement lists of a month say of its stays, and what the grouper makes of it."""

from dataclasses import dataclass

import numpy as np

from qinglian.city.coding_schemes import plant_coding
from qinglian.city.complications import SUPPORTS, supported
from qinglian.city.draws import Bools, Ints
from qinglian.city.grouping import adjacent_of, standard_of
from qinglian.city.his_columns import MonthData
from qinglian.city.inpatient_coding import (
    OTHER_DIAGNOSES,
    Operations,
    OtherDiagnoses,
    operations_of,
    other_diagnoses_of,
    settled_stays,
)
from qinglian.city.schemes import Schemes

#: Coders note a complication only of stays that cost so much of the higher group's standard.
_LEAST_COST = 0.6


@dataclass
class Coding:
    """Diagnoses and operations of the lists; by stay its severity, whether it cannot be grouped,
    and the place in OTHER_DIAGNOSES of a main diagnosis that is not its own, -1 without.
    """

    others: OtherDiagnoses
    operations: Operations
    severe: Ints
    ungrouped: Bools
    main_as_other: Ints


def coding_of(data: MonthData, schemes: Schemes) -> Coding:
    """Lists of honest coders, changed by the schemes of the hospital."""
    done = operations_of(data)
    others = _borne_out(data, other_diagnoses_of(data), done)
    count = len(data.stays.adm_id)
    severe = np.zeros(count, dtype=np.int64)
    grades = np.array([grade for *_, grade in OTHER_DIAGNOSES])
    np.maximum.at(severe, others.stay, grades[others.other])
    coding = Coding(
        others, done, severe, np.zeros(count, dtype=bool), np.full(count, -1, dtype=np.int64)
    )
    plant_coding(data, coding, schemes)
    return coding


def _borne_out(data: MonthData, others: OtherDiagnoses, done: Operations) -> OtherDiagnoses:
    """Complications only where records support them and the stay cost what they cost."""
    stays, settlements = settled_stays(data)
    fees = np.zeros(len(data.stays.adm_id), dtype=np.int64)
    fees[stays] = data.claims.split.total[settlements]
    standard = standard_of(data, adjacent_of(data, done), np.ones(len(fees), dtype=np.int64))
    costly = fees >= _LEAST_COST * standard
    kept = np.ones(len(others.stay), dtype=bool)
    for code in SUPPORTS:
        places = [i for i, (other, *_) in enumerate(OTHER_DIAGNOSES) if other == code]
        rows = np.flatnonzero(np.isin(others.other, places))
        kept[rows] = (supported(data, code) & costly)[others.stay[rows]]
    return OtherDiagnoses(others.stay[kept], others.seq[kept], others.other[kept])
