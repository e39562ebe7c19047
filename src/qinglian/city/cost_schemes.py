"""Schemes that make a department's patients cost more than such patients cost elsewhere."""

import numpy as np

from qinglian.city.arrow import line_amount
from qinglian.city.calendar import Month
from qinglian.city.drugs import drugs
from qinglian.city.lines import DRUG, MATERIAL, Lines
from qinglian.city.organisations import Hospital
from qinglian.city.schemes import CostGroup, Schemes
from qinglian.city.services import materials

_KINDS = {"drug": DRUG, "consumable": MATERIAL}


def plant_costs(hospital: Hospital, lines: Lines, month: Month, schemes: Schemes) -> None:
    """Multiply the quantities of a group of charges in the stays of one department."""
    for scheme, action in schemes.of(CostGroup, hospital.number, month):
        dept = hospital.department_of(action.practice)
        kind = _KINDS[action.group]
        rows = np.flatnonzero(
            lines.inpatient & (lines.department == dept.index) & (lines.kind == kind)
        )
        if action.stays:
            rows = rows[
                np.isin(lines.encounter[rows], np.unique(lines.encounter[rows])[-action.stays :])
            ]
        more = np.round(lines.qty[rows] * (action.factor - 1) / 100).astype(np.int64) * 100
        lines.qty[rows] += more
        packs = [drug.price for drug in drugs()]
        price = np.array(packs if kind == DRUG else [m.min_price for m in materials()])
        cents = int(line_amount(more, price[lines.item[rows]]).sum())
        scheme.record(month, "his_fee", (), cents if scheme.case == "true" else 0)
