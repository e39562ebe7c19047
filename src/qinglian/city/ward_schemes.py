"""Schemes that change what wards use, before it is priced and billed."""

from typing import Protocol

import numpy as np

from qinglian.city.calendar import Month
from qinglian.city.draws import Bools, Ints, Purpose, stream
from qinglian.city.drugs import drug_index, drugs
from qinglian.city.organisations import Hospital
from qinglian.city.schemes import Schemes, WardAntibacterials
from qinglian.city.ward import Stays

_PRODUCT = "头孢哌酮舒巴坦"
_PACKS = 3
_DRUG = 0


class WardLines(Protocol):
    """The columns of the fee lines that are read and changed here."""

    inpatient: Bools
    kind: Ints
    item: Ints
    qty: Ints


def plant_ward_drugs(
    hospital: Hospital, stays: Stays, lines: WardLines, month: Month, seed: int, schemes: Schemes
) -> None:
    """Replace drugs of the wards by an antibacterial until the planted density is reached."""
    rng = stream(seed, Purpose.WARD_SCHEMES, hospital.number, month.serial)
    for scheme, action in schemes.of(WardAntibacterials, hospital.number, month):
        per_pack = _ddds_of_packs()
        rows = rng.permutation(np.flatnonzero(lines.inpatient & (lines.kind == _DRUG)))
        used = per_pack[lines.item[rows]] * lines.qty[rows] / 100
        others = rows[used == 0]
        product = drug_index(_PRODUCT)[0]
        wanted = action.density / 100 * int(stays.days.sum()) - float(used.sum())
        chosen = others[: max(0, round(wanted / (per_pack[product] * _PACKS)))]
        lines.item[chosen] = product
        lines.qty[chosen] = _PACKS * 100
        scheme.record(month, "his_dispense", ())


def _ddds_of_packs() -> np.ndarray:
    """DDDs in one pack of each systemic antibacterial, 0 for other drugs."""
    return np.array(
        [
            drug.strength * drug.pack_ratio / drug.ddd
            if drug.antibac_class and drug.ddd and drug.atc.startswith("J01")
            else 0.0
            for drug in drugs()
        ]
    )
