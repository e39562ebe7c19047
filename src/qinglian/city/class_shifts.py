"""A class of which one generic is selected in mid-2025, and what doctors prescribe of it."""

from dataclasses import fields

import numpy as np

from qinglian.city.calendar import Month
from qinglian.city.clinic import Clinic
from qinglian.city.doctors import Staff
from qinglian.city.draws import Bools, Ints, Purpose, stream
from qinglian.city.drugs import drug_index, drugs
from qinglian.city.organisations import Hospital
from qinglian.city.schemes import ClassShift, Scheme, Schemes
from qinglian.city.stock_flows import Balances

PRACTICE, GENERIC, OTHERS = "gastroenterology", "伊托必利", ("莫沙必利", "多潘立酮")
#: The first month in which the selection holds.
SELECTED_FROM = Month(2025, 7)
#: Shares of the generic and of the first of the others, of honest doctors in every month.
_USUAL = (0.5, 0.25)


def prescribe_class(
    hospital: Hospital,
    staff: Staff,
    clinic: Clinic,
    month: Month,
    seed: int,
    schemes: Schemes,
) -> None:
    """Divide the lines of the class among its drugs, by the schemes of the doctors or as usual."""
    if all(dept.practice.key != PRACTICE for dept in hospital.departments):
        return
    rng = stream(seed, Purpose.CLASS_SHIFTS, hospital.number, month.serial)
    dept, visits = hospital.department_of(PRACTICE), clinic.visits
    for ordinal in range(int((staff.department[: staff.doctors] == dept.index).sum())):
        doctor = staff.number(dept.index, ordinal)
        lines = _lines(clinic, clinic.prescriptions.visit, visits.doctor == doctor)
        found = _of(schemes, hospital, month, ordinal)
        draw = rng.random(len(lines))
        generic, first = _USUAL if found is None else _shares(found[1], month)
        product = OTHERS[0] if found is None else found[1].product
        chosen = np.where(draw < generic, 0, np.where(draw < generic + first, 1, 2))
        rest = OTHERS[1] if product == OTHERS[0] else OTHERS[0]
        for place, name in enumerate((GENERIC, product, rest)):
            _prescribe(clinic, lines[chosen == place], name)
        if found is not None and month >= SELECTED_FROM:
            keys = clinic.items.item_id[lines[chosen == 1]]
            found[0].record(month, "his_rx_item", keys[:20])


def prescribe(clinic: Clinic, lines: Ints, product: int) -> int:
    """The lines become packs of the product, one where smallest units were; returns their cents."""
    items = clinic.items
    items.qty[lines] = np.where(items.in_min_unit[lines], 100, items.qty[lines])
    items.in_min_unit[lines] = False
    items.drug[lines] = product
    items.unit_price[lines] = drugs()[product].price
    return int((items.qty[lines] * items.unit_price[lines] // 10_000).sum())


def without_stock(hospital: Hospital, month: Month, schemes: Schemes) -> list[int]:
    """Drugs that a hospital has none of in a month: those of a shortage."""
    found = schemes.of(ClassShift, hospital.number, month)
    short = any(action.shortage for _, action in found) and month >= SELECTED_FROM
    return drug_index(GENERIC) if short else []


def left_out(balances: Balances, items: list[int]) -> Balances:
    """The balances without those of some drugs."""
    if not items:
        return balances
    kept = ~np.isin(balances.item, items)
    return Balances(*(getattr(balances, field.name)[kept] for field in fields(balances)))


def _of(
    schemes: Schemes, hospital: Hospital, month: Month, ordinal: int
) -> tuple[Scheme, ClassShift] | None:
    found = schemes.of(ClassShift, hospital.number, month)
    return next(((s, a) for s, a in found if a.doctor in (-1, ordinal)), None)


def _shares(action: ClassShift, month: Month) -> tuple[float, float]:
    """Shares of the generic and of the scheme's product in a month."""
    if month >= SELECTED_FROM:
        return action.generic, action.after
    return _USUAL[0], action.before


def _lines(clinic: Clinic, visit: Ints, own: Bools) -> Ints:
    """Lines of the class on the prescriptions of a doctor."""
    items = clinic.items
    of_class = np.isin(items.drug, drug_index(*OTHERS)) & ~np.isin(
        visit[items.rx], clinic.planted_visits()
    )
    return np.flatnonzero(of_class & own[visit[items.rx]])


def _prescribe(clinic: Clinic, lines: Ints, name: str) -> None:
    """The lines become packs of the drug, one where smallest units were."""
    changed = lines[clinic.items.drug[lines] != drug_index(name)[0]]
    prescribe(clinic, changed, drug_index(name)[0])
