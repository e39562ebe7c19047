"""Schemes that change what wards use, before it is priced and billed."""

from datetime import timedelta
from typing import Protocol

import numpy as np

from qinglian.city.calendar import Month, second_number
from qinglian.city.draws import Bools, Ints, Purpose, stream
from qinglian.city.drugs import drug_index, drugs
from qinglian.city.lines import DRUG, SERVICE
from qinglian.city.organisations import Hospital
from qinglian.city.schemes import Scheme, Schemes, WardAntibacterials, WardCultures, WardUse
from qinglian.city.services import service_index, services
from qinglian.city.ward import Stays

_PRODUCT, _RESTRICTED = "头孢呋辛", "头孢哌酮舒巴坦"
_PACKS = 9
#: Seconds from admission to the specimen.
_LATER = 300
_LABORATORY = "04"


class WardLines(Protocol):
    """The columns of the fee lines that are read and changed here."""

    inpatient: Bools
    encounter: Ints
    kind: Ints
    item: Ints
    qty: Ints
    time: Ints
    auto: Bools


def plant_ward_drugs(
    hospital: Hospital, stays: Stays, lines: WardLines, month: Month, seed: int, schemes: Schemes
) -> None:
    """Replace drugs and tests of the wards as the hospital's schemes ask, in place."""
    rng = stream(seed, Purpose.WARD_SCHEMES, hospital.number, month.serial)
    for scheme, action in schemes.of(WardAntibacterials, hospital.number, month):
        _raise_density(stays, lines, month, rng, scheme, action.density)
    for scheme, use in schemes.of(WardUse, hospital.number):
        for mine in _discharged(stays, scheme):
            _give(lines, mine, _with_drug(lines, _systemic()), use.share, _PRODUCT, rng)
            scheme.record(month, "his_admission", ())
    for scheme, cultures in schemes.of(WardCultures, hospital.number):
        for mine in _discharged(stays, scheme):
            restricted = _with_drug(lines, _of_class(2))
            _give(lines, mine, restricted, cultures.share, _RESTRICTED, rng)
            given = np.intersect1d(mine, _with_drug(lines, _of_class(2)))
            _culture(stays, lines, given, cultures.cultured)
            scheme.record(month, "his_admission", ())


def _raise_density(
    stays: Stays,
    lines: WardLines,
    month: Month,
    rng: np.random.Generator,
    scheme: Scheme,
    density: float,
) -> None:
    """An antibacterial replaces other drugs until the planted density is reached.

    Stays that have one anyway come first: more of it, not more patients with it.
    """
    per_pack = _ddds_of_packs()
    rows = rng.permutation(np.flatnonzero(lines.inpatient & (lines.kind == DRUG)))
    used = per_pack[lines.item[rows]] * lines.qty[rows] / 100
    others = rows[used == 0]
    has_one = np.isin(lines.encounter[others], lines.encounter[rows[used > 0]])
    others = others[np.lexsort((lines.encounter[others], ~has_one))]
    product = drug_index(_PRODUCT)[0]
    wanted = density / 100 * int(stays.days.sum()) - float(used.sum())
    chosen = others[: max(0, round(wanted / (per_pack[product] * _PACKS)))]
    lines.item[chosen] = product
    lines.qty[chosen] = _PACKS * 100
    scheme.record(month, "his_dispense", ())


def _discharged(stays: Stays, scheme: Scheme) -> list[Ints]:
    """The stays that ended in each month of the scheme."""
    found = []
    month = scheme.first
    while month <= scheme.last:
        begin = second_number(month.first)
        end = second_number(month.last + timedelta(days=1))
        found.append(np.flatnonzero((stays.dscg_time >= begin) & (stays.dscg_time < end)))
        month = month.next
    return [rows for rows in found if len(rows)]


def _give(
    lines: WardLines, mine: Ints, has: Ints, share: float, product: str, rng: np.random.Generator
) -> None:
    """One drug becomes a pack of `product` in as many of the stays as `share` lacks.

    A restricted drug goes to those first who have another antibacterial.
    """
    lacking = np.setdiff1d(mine, has)
    lacking = rng.permutation(lacking)
    second = np.isin(lacking, _with_drug(lines, _systemic()))
    lacking = lacking[np.argsort(~second, kind="stable")]
    chosen = lacking[: max(0, round(share * len(mine)) - (len(mine) - len(lacking)))]
    plain = lines.inpatient & (lines.kind == DRUG) & ~_systemic()[_drug(lines)]
    rows = np.flatnonzero(plain & np.isin(lines.encounter, chosen))
    rows = rows[np.unique(lines.encounter[rows], return_index=True)[1]]
    lines.item[rows] = drug_index(product)[0]
    lines.qty[rows] = 100


def _culture(stays: Stays, lines: WardLines, given: Ints, share: float) -> None:
    """A specimen is cultured at admission in `share` of the stays, in the others never."""
    index = service_index()
    laboratory = np.array([service.category == _LABORATORY for service in services()])
    tests = lines.inpatient & (lines.kind == SERVICE) & ~lines.auto
    tests &= laboratory[np.where(lines.kind == SERVICE, lines.item, 0)]
    cultures = tests & (lines.item == index["culture"])
    lines.item[cultures & np.isin(lines.encounter, given)] = index["blood_count"]
    rows = np.flatnonzero(tests & np.isin(lines.encounter, given))
    rows = rows[np.unique(lines.encounter[rows], return_index=True)[1]]
    rows = rows[: round(share * len(given))]
    lines.item[rows] = index["culture"]
    lines.time[rows] = stays.adm_time[lines.encounter[rows]] + _LATER


def _drug(lines: WardLines) -> Ints:
    """Drugs of the lines, any one where a line is of no drug."""
    return np.where(lines.kind == DRUG, lines.item, 0)


def _with_drug(lines: WardLines, wanted: Bools) -> Ints:
    """Stays with a line of one of the drugs."""
    rows = lines.inpatient & (lines.kind == DRUG) & wanted[_drug(lines)]
    return np.unique(lines.encounter[rows])


def _systemic() -> Bools:
    return np.array([drug.is_systemic_antibacterial for drug in drugs()])


def _of_class(number: int) -> Bools:
    return np.array([drug.antibac_class == number for drug in drugs()])


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
