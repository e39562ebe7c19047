"""Schemes that change or add prescriptions after the month's ordinary ones are made."""

import numpy as np

from qinglian.city.calendar import Month
from qinglian.city.clinic import (
    LONG_REASONS,
    MAX_DRUGS,
    RX_KINDS,
    VALID,
    Clinic,
    Prescriptions,
    RxItems,
    row_ids,
)
from qinglian.city.doctors import Staff
from qinglian.city.draws import Bools, Floats, Ints, Purpose, stream
from qinglian.city.drugs import drug_index, drugs
from qinglian.city.organisations import Department, Hospital
from qinglian.city.schemes import (
    LongSupply,
    OneDrug,
    ProductFocus,
    Scheme,
    Schemes,
    SplitSheets,
)
from qinglian.city.ward import END

#: Days that the law allows without a reason, by kind of prescription.
USUAL_DAYS, EMERGENCY_DAYS = 7, 3
_ORDINARY = (0, 1, 2)


def plant_prescribing(
    hospital: Hospital, staff: Staff, clinic: Clinic, month: Month, seed: int, schemes: Schemes
) -> None:
    """Change the month's prescriptions in place as the hospital's schemes ask."""
    rng = stream(seed, Purpose.PRESCRIBING_SCHEMES, hospital.number, month.serial)
    for scheme, action in schemes.of(LongSupply, hospital.number, month):
        rows = _ordinary_rows(hospital, staff, clinic, action.practice, action.doctor)
        _lengthen(clinic, month, rng.permutation(rows), scheme, action)
    for scheme, drug in schemes.of(OneDrug, hospital.number, month):
        rows = _ordinary_rows(hospital, staff, clinic, drug.practice, drug.doctor)
        _replace_one(clinic, month, rng.permutation(rows)[: drug.per_month], scheme, drug)
    for scheme, focus in schemes.of(ProductFocus, hospital.number, month):
        _focus(hospital, staff, clinic, month, scheme, focus)
    for scheme, split in schemes.of(SplitSheets, hospital.number, month):
        rows = _ordinary_rows(hospital, staff, clinic, split.practice, split.doctor)
        _split(hospital, clinic, month, rng.permutation(rows), scheme, split)


def pack_days() -> Floats:
    """Days that one smallest pack of each drug lasts at one unit a dose."""
    return np.array([drug.pack_ratio / drug.freq_per_day for drug in drugs()])


def used_by_pack() -> Bools:
    """Drugs whose form does not tell how many days a pack lasts."""
    forms = ("吸入", "阴道", "混悬液")
    return np.array([any(form in drug.dosage_form for form in forms) for drug in drugs()])


def _ordinary_rows(
    hospital: Hospital, staff: Staff, clinic: Clinic, practice: str, ordinal: int
) -> Ints:
    """Valid outpatient, emergency and paediatric prescriptions of one doctor."""
    dept = next(d for d in hospital.departments if d.practice.key == practice)
    rx = clinic.prescriptions
    return np.flatnonzero(
        (clinic.visits.doctor[rx.visit] == staff.number(dept.index, ordinal))
        & np.isin(rx.kind, _ORDINARY)
        & (rx.status == VALID)
    )


def _lengthen(
    clinic: Clinic, month: Month, candidates: Ints, scheme: Scheme, action: LongSupply
) -> None:
    """Write `days` on some prescriptions; where it is an excess, the lines are its evidence."""
    rx, items = clinic.prescriptions, clinic.items
    emergency = rx.kind[items.rx] == RX_KINDS.index("emergency")
    limit = np.where(emergency, EMERGENCY_DAYS, USUAL_DAYS)
    packs = pack_days()[items.drug]
    solvent = np.array([drug.has("S") for drug in drugs()])[items.drug]
    over = (action.days - limit >= packs) & ~used_by_pack()[items.drug] & ~solvent
    has_excess = np.zeros(len(rx.rx_id), dtype=bool)
    has_excess[items.rx[over]] = True
    if action.days > USUAL_DAYS or scheme.case == "true":
        candidates = candidates[has_excess[candidates] == (action.pattern != "smallest_pack")]
    chosen = candidates[: action.per_month]
    rx.days[chosen] = action.days
    if action.pattern in ("written_reason", "long_term"):
        rx.reason[chosen] = LONG_REASONS.index(
            "慢性病长期处方" if action.pattern == "long_term" else "行动不便，病情稳定"
        )
    rx.long_term[chosen] |= action.pattern == "long_term"
    lines = np.flatnonzero(np.isin(items.rx, chosen) & (over | (scheme.case != "true")))
    cents = items.qty[lines] * items.unit_price[lines] // 10_000
    excess = int((cents * (1 - limit[lines] / action.days)).sum()) if scheme.case == "true" else 0
    scheme.record(month, "his_rx_item", items.item_id[lines], excess)


def _focus(
    hospital: Hospital,
    staff: Staff,
    clinic: Clinic,
    month: Month,
    scheme: Scheme,
    action: ProductFocus,
) -> None:
    """Replace other drugs of the product's class, evenly over the month, by the product."""
    items = clinic.items
    product = drug_index(action.generic_name)[0]
    of_class = np.array([drug.atc == drugs()[product].atc for drug in drugs()])
    rows = _ordinary_rows(hospital, staff, clinic, action.practice, action.doctor)
    lines = np.flatnonzero(np.isin(items.rx, rows) & of_class[items.drug])
    places = np.arange(len(lines)) * 0.6180339887 % 1.0
    chosen = lines[places < action.share]
    items.drug[chosen] = product
    items.unit_price[chosen] = drugs()[product].price
    cents = items.qty[chosen] * items.unit_price[chosen] // 10_000
    scheme.record(month, "his_rx_item", items.item_id[chosen][:20], int(cents.sum()))


def _split(
    hospital: Hospital,
    clinic: Clinic,
    month: Month,
    candidates: Ints,
    scheme: Scheme,
    action: SplitSheets,
) -> None:
    """Write second sheets beside some of the candidates; their amount is what was split off."""
    dept = next(d for d in hospital.departments if d.practice.key == action.practice)
    written = 0
    for row in candidates.tolist():
        own = clinic.items.drug[clinic.items.rx == row]
        second = _second_sheet(dept, own, action.pattern)
        if second and written < action.per_month:
            written += 1
            amounts = [_amount(clinic, row), _append_sheet(hospital, clinic, month, row, second)]
            ids = clinic.prescriptions.rx_id[[row, -1]]
            scheme.record(month, "his_rx", ids, min(amounts))


def _second_sheet(dept: Department, own: Ints, pattern: str) -> list[int]:
    """Drugs of the second sheet, none where the first does not suit the pattern."""
    catalogue = drugs()
    special = [drug for drug in own.tolist() if catalogue[drug].drug_class == "herb_piece"]
    names = {catalogue[drug].generic_name for drug in own.tolist()}
    others = [d for d in dept.practice.drugs if catalogue[d].generic_name not in names]
    lasting = pack_days()
    by_pack = used_by_pack()
    short = [d for d in own.tolist() if lasting[d] <= USUAL_DAYS and not by_pack[d]]
    long = [d for d in own.tolist() if lasting[d] > USUAL_DAYS and not by_pack[d]]
    if special or len(own) > MAX_DRUGS or len(names) < 2:
        return []
    match pattern:
        case "drugs":
            return others[: 7 - len(names)]
        case "five_drugs":
            return others[: MAX_DRUGS - len(names)]
        case "same_drug":
            return short[:1]
        case "smallest_pack":
            return long[:1]
        case "herbs":
            herbs = [i for i, drug in enumerate(catalogue) if drug.drug_class == "herb_piece"]
            return herbs[:5]
    raise ValueError(f"unknown pattern of a second sheet: {pattern}")


def _append_sheet(
    hospital: Hospital, clinic: Clinic, month: Month, row: int, second: list[int]
) -> int:
    """A valid prescription of the same visit and kind, one pack a line; returns its cents."""
    rx, items = clinic.prescriptions, clinic.items
    catalogue = drugs()
    drug = np.array(second, dtype=np.int64)
    herb = np.array([catalogue[d].drug_class == "herb_piece" for d in second])
    sheet = Prescriptions(**{name: getattr(rx, name)[[row]] for name in vars(rx)})
    sheet.rx_id = row_ids(hospital, month, 1, start=len(rx.rx_id))
    sheet.time = np.minimum(sheet.time + 600, END)
    lines = RxItems(
        item_id=row_ids(hospital, month, len(drug), start=len(items.item_id)),
        rx=np.full(len(drug), len(rx.rx_id)),
        drug=drug,
        qty=np.where(herb, 7_000, 100),
        in_min_unit=np.zeros(len(drug), dtype=bool),
        unit_price=np.array([catalogue[d].price for d in second]),
    )
    for name in vars(rx):
        setattr(rx, name, np.concatenate([getattr(rx, name), getattr(sheet, name)]))
    for name in vars(items):
        setattr(items, name, np.concatenate([getattr(items, name), getattr(lines, name)]))
    return _amount(clinic, len(rx.rx_id) - 1)


def _amount(clinic: Clinic, row: int) -> int:
    items = clinic.items
    mine = items.rx == row
    return int((items.qty[mine] * items.unit_price[mine] // 10_000).sum())


def _replace_one(clinic: Clinic, month: Month, rows: Ints, scheme: Scheme, action: OneDrug) -> None:
    """The first line of each prescription becomes one pack of the drug."""
    items = clinic.items
    product = drug_index(action.generic_name)[0]
    lines = np.array([np.flatnonzero(items.rx == row)[0] for row in rows.tolist()], dtype=np.int64)
    items.drug[lines] = product
    items.qty[lines] = 100
    items.in_min_unit[lines] = False
    items.unit_price[lines] = drugs()[product].price
    cents = items.qty[lines] * items.unit_price[lines] // 10_000
    scheme.record(month, "his_rx_item", items.item_id[lines], int(cents.sum()))
