"""Schemes that change or add prescriptions after the month's ordinary ones are made."""

import numpy as np

from qinglian.city.calendar import DAY, Month, second_number
from qinglian.city.class_shifts import prescribe, prescribe_class
from qinglian.city.clinic import (
    LONG_REASONS,
    MAX_DRUGS,
    RX_KINDS,
    VALID,
    Clinic,
    Prescriptions,
    RxItems,
    one_of_class,
    row_ids,
)
from qinglian.city.doctors import Staff
from qinglian.city.draws import Bools, Floats, Ints, Purpose, stream
from qinglian.city.drugs import Drug, drug_index, drugs, second_strength
from qinglian.city.organisations import Department, Hospital
from qinglian.city.people import Patients
from qinglian.city.schemes import (
    EssentialShare,
    HospitalAntibacterials,
    LongSupply,
    NonSelected,
    OneDrug,
    ProductFocus,
    RepeatedSupply,
    Scheme,
    Schemes,
    SplitSheets,
    VisitRate,
)
from qinglian.city.ward import END

#: Days that the law allows without a reason, by kind of prescription.
USUAL_DAYS, EMERGENCY_DAYS = 7, 3
_ORDINARY = (0, 1, 2)
_WITH_LONG_TERM = (*_ORDINARY, RX_KINDS.index("long_term"))
#: What a scheme prescribes to raise a rate.
_PRESCRIBED = {"antibacterial": "头孢克肟", "injection": "地塞米松"}
_GOLDEN = 0.6180339887


def plant_prescribing(
    hospital: Hospital,
    staff: Staff,
    patients: Patients,
    clinic: Clinic,
    month: Month,
    seed: int,
    schemes: Schemes,
) -> None:
    """Change the month's prescriptions in place as the hospital's schemes ask."""
    rng = stream(seed, Purpose.PRESCRIBING_SCHEMES, hospital.number, month.serial)
    prescribe_class(hospital, staff, clinic, month, seed, schemes)
    _plant_rates(hospital, staff, clinic, month, schemes)
    for scheme, action in schemes.of(LongSupply, hospital.number, month):
        rows = ordinary_rows(hospital, staff, clinic, action.practice, action.doctor)
        rows = rng.permutation(of_anyone(clinic, rows))
        chosen = _lengthen(clinic, month, rows, scheme, action)
        _come_once(hospital, patients, clinic, month, action.practice, chosen)
    for scheme, drug in schemes.of(OneDrug, hospital.number, month):
        rows = ordinary_rows(hospital, staff, clinic, drug.practice, drug.doctor)
        _replace_one(clinic, month, rng.permutation(rows)[: drug.per_month], scheme, drug)
    for scheme, other in schemes.of(NonSelected, hospital.number, month):
        dept = hospital.department_of(other.practice)
        number = staff.number(dept.index, other.doctor)
        rows = _rows_of_doctor(clinic, number, _WITH_LONG_TERM)
        _replace_selected(clinic, month, rows, scheme, other)
    for scheme, focus in schemes.of(ProductFocus, hospital.number, month):
        _focus(hospital, staff, clinic, month, scheme, focus)
    for scheme, split in schemes.of(SplitSheets, hospital.number, month):
        rows = ordinary_rows(hospital, staff, clinic, split.practice, split.doctor)
        rows = rng.permutation(of_anyone(clinic, rows))
        chosen = _split(hospital, clinic, month, rows, scheme, split)
        _come_once(hospital, patients, clinic, month, split.practice, chosen)
    for part in clinic.frequent:
        if isinstance(part.scheme.action, RepeatedSupply):
            _repeat(clinic, month, part.rows, part.scheme, part.scheme.action)


def _plant_rates(
    hospital: Hospital, staff: Staff, clinic: Clinic, month: Month, schemes: Schemes
) -> None:
    """Shares of visits and of lines: drugs are replaced evenly over the month."""
    for scheme, whole in schemes.of(HospitalAntibacterials, hospital.number, month):
        for number in range(staff.doctors):
            rows = _rows_of_doctor(clinic, number)
            _raise_rate(clinic, month, rows, scheme, "antibacterial", whole.share)
    for scheme, rate in schemes.of(VisitRate, hospital.number, month):
        rows = ordinary_rows(hospital, staff, clinic, rate.practice, rate.doctor)
        _raise_rate(clinic, month, rows, scheme, rate.measure, rate.share)
    for scheme, essential in schemes.of(EssentialShare, hospital.number, month):
        rows = ordinary_rows(hospital, staff, clinic, essential.practice, essential.doctor)
        dept = hospital.department_of(essential.practice)
        _replace_essential(clinic, month, rows, dept, scheme, essential.share)


def pack_days() -> Floats:
    """Days that one smallest pack of each drug lasts at one unit a dose."""
    return np.array([drug.pack_ratio / drug.freq_per_day for drug in drugs()])


def used_by_pack() -> Bools:
    """Drugs whose form does not tell how many days a pack lasts."""
    forms = ("吸入", "阴道", "混悬液")
    return np.array([any(form in drug.dosage_form for form in forms) for drug in drugs()])


def ordinary_rows(
    hospital: Hospital, staff: Staff, clinic: Clinic, practice: str, ordinal: int
) -> Ints:
    """Valid outpatient, emergency and paediatric prescriptions of one doctor."""
    dept = hospital.department_of(practice)
    return _rows_of_doctor(clinic, staff.number(dept.index, ordinal))


def _rows_of_doctor(clinic: Clinic, number: int, kinds: tuple[int, ...] = _ORDINARY) -> Ints:
    """Valid prescriptions of one doctor."""
    rx = clinic.prescriptions
    own = (clinic.visits.doctor[rx.visit] == number) & np.isin(rx.kind, kinds)
    return np.flatnonzero(own & (rx.status == VALID) & ~np.isin(rx.visit, _repeated(clinic)))


def _repeated(clinic: Clinic) -> Ints:
    """Visits whose prescriptions belong to a scheme of repeated supply."""
    parts = [p.rows for p in clinic.frequent if isinstance(p.scheme.action, RepeatedSupply)]
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts])


def of_anyone(clinic: Clinic, rows: Ints) -> Ints:
    """Prescriptions of patients whom no scheme chose and who are in no long-term programme."""
    visit = clinic.prescriptions.visit[rows]
    return rows[~clinic.visits.programme[visit] & ~np.isin(visit, clinic.planted_visits())]


def _raise_rate(
    clinic: Clinic, month: Month, rows: Ints, scheme: Scheme, measure: str, share: float
) -> None:
    """Replace one drug that is not key-monitored on as many prescriptions as `share` lacks."""
    items, has = clinic.items, _raised_drugs(measure)
    plain = np.array([not (d.is_key_monitored or d.drug_class == "herb_piece") for d in drugs()])
    without = np.setdiff1d(rows, items.rx[has[items.drug]])
    free = np.flatnonzero(np.isin(items.rx, without) & plain[items.drug])
    lines = free[np.unique(items.rx[free], return_index=True)[1]]
    wanted = max(0, round(share * len(rows)) - (len(rows) - len(without)))
    chosen = lines[even_order(len(lines))[:wanted]]
    cents = prescribe(clinic, chosen, drug_index(_PRESCRIBED[measure])[0])
    scheme.record(month, "his_rx_item", items.item_id[chosen][:20], cents)


def _raised_drugs(measure: str) -> Bools:
    """Drugs that count for the rate."""
    if measure == "antibacterial":
        return np.array([drug.is_systemic_antibacterial for drug in drugs()])
    return np.array([drug.is_counted_injection for drug in drugs()])


def _replace_essential(
    clinic: Clinic, month: Month, rows: Ints, dept: Department, scheme: Scheme, share: float
) -> None:
    """Replace essential medicines by the department's others until `share` is left."""
    catalogue, items = drugs(), clinic.items
    essential = np.array([drug.has("E") for drug in catalogue])[items.drug]
    others = [
        drug
        for drug in dept.practice.drugs
        if not (catalogue[drug].has("E") or catalogue[drug].is_systemic_antibacterial)
    ]
    mine = np.flatnonzero(np.isin(items.rx, rows))
    lines = mine[essential[mine]]
    wanted = max(0, len(lines) - round(share * len(mine)))
    chosen: list[int] = []
    cents = 0
    for line in lines[even_order(len(lines))].tolist():
        visit = clinic.prescriptions.visit
        beside = visit[items.rx] == visit[items.rx[line]]
        sheet = items.drug[beside].tolist()
        spare = one_of_class([*sheet, *others])[len(one_of_class(sheet)) :]
        if spare and len(chosen) < wanted:
            chosen.append(line)
            cents += prescribe(clinic, np.array([line]), spare[line % len(spare)])
    scheme.record(month, "his_rx_item", items.item_id[chosen][:20], cents)


def _replace_selected(
    clinic: Clinic, month: Month, rows: Ints, scheme: Scheme, action: NonSelected
) -> None:
    """Lines of the selected product become packs of the other, evenly over the month."""
    items = clinic.items
    lines = np.flatnonzero(
        np.isin(items.rx, rows) & (items.drug == drug_index(action.generic_name)[0])
    )
    chosen = lines[even_order(len(lines))[: round(action.share * len(lines))]]
    other = second_strength(action.generic_name)
    prescribe(clinic, chosen, other)
    dearer = drugs()[other].price - _price_of_ddds(action.generic_name, drugs()[other])
    excess = int((items.qty[chosen] * dearer / 10_000).sum())
    scheme.record(month, "his_rx_item", items.item_id[chosen][:20], excess)


def _price_of_ddds(generic_name: str, other: Drug) -> float:
    """What the DDDs in a pack of `other` cost as the first product of the generic name."""
    selected = drugs()[drug_index(generic_name)[0]]
    if not selected.ddd or not other.ddd:
        raise ValueError(f"{generic_name}: no DDD to compare products by")
    ddds = selected.strength * selected.pack_ratio / selected.ddd
    other_ddds = other.strength * other.pack_ratio / other.ddd
    return selected.price * other_ddds / ddds


def even_order(count: int) -> Ints:
    """An order of rows of which each beginning is spread evenly over all."""
    return np.argsort(np.arange(count) * _GOLDEN % 1.0, kind="stable")


def _lengthen(
    clinic: Clinic, month: Month, candidates: Ints, scheme: Scheme, action: LongSupply
) -> Ints:
    """Write `days` on some prescriptions; where it is an excess, the lines are its evidence.

    Returns the rows of the prescriptions.
    """
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
    return chosen


def _come_once(
    hospital: Hospital, patients: Patients, clinic: Clinic, month: Month, practice: str, rows: Ints
) -> None:
    """The prescriptions go to patients who do not come again before the drugs are used up."""
    dept = hospital.department_of(practice)
    visits = clinic.visits
    free = np.setdiff1d(patients.occasional(dept.practice.population, month.serial), visits.patient)
    own = np.unique(clinic.prescriptions.visit[rows])[: len(free)]
    visits.patient[own] = free[: len(own)]


def _repeat(
    clinic: Clinic, month: Month, visits: Ints, scheme: Scheme, action: RepeatedSupply
) -> None:
    """The sheets of a patient who comes again: for how long, why, and what they hold too much."""
    rx, items = clinic.prescriptions, clinic.items
    rows = np.flatnonzero(np.isin(rx.visit, visits) & np.isin(rx.kind, _ORDINARY))
    rx.days[rows] = action.supply
    rx.long_term[rows] = action.pattern == "long_term"
    reasons = {"long_term": "慢性病长期处方", "travel": "外出探亲，提前取药"}
    rx.reason[rows] = LONG_REASONS.index(reasons.get(action.pattern))
    start = second_number(month.first)
    own = {int(day) for day in (rx.time[rows] - start) // DAY}
    beyond = _beyond_limit(own, set(action.elsewhere), action.supply, action.limit)
    excess = 0
    for row in rows.tolist():
        lines = np.flatnonzero(items.rx == row)
        cents = items.qty[lines] * items.unit_price[lines] // 10_000
        if action.pattern == "same_class":
            excess += int(cents.sum() - cents.max())
        else:
            part = beyond.get(int(rx.time[row] - start) // DAY, 0) / action.supply
            excess += int(cents.sum() * part)
        scheme.record(month, "his_rx_item", items.item_id[lines])
    scheme.record(month, "his_rx_item", (), excess if scheme.case == "true" else 0)


def _beyond_limit(own: set[int], elsewhere: set[int], supply: int, limit: int) -> dict[int, int]:
    """For each own day the days of supply that go beyond what may be on hand."""
    found: dict[int, int] = {}
    end = 0
    for day in sorted(own | elsewhere):
        if day in own:
            found[day] = min(supply, max(0, end - day - limit))
        end = max(end, day) + supply
    return found


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
    rows = ordinary_rows(hospital, staff, clinic, action.practice, action.doctor)
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
) -> Ints:
    """Write second sheets beside some of the candidates; their amount is what was split off.

    Returns the rows of the first sheets.
    """
    dept = hospital.department_of(action.practice)
    written: list[int] = []
    for row in candidates.tolist():
        own = clinic.items.drug[clinic.items.rx == row]
        second = _second_sheet(dept, own, action.pattern)
        if second and len(written) < action.per_month:
            written.append(row)
            amounts = [_amount(clinic, row), _append_sheet(hospital, clinic, month, row, second)]
            ids = clinic.prescriptions.rx_id[[row, -1]]
            scheme.record(month, "his_rx", ids, min(amounts))
    return np.array(written, dtype=np.int64)


def _second_sheet(dept: Department, own: Ints, pattern: str) -> list[int]:
    """Drugs of the second sheet, none where the first does not suit the pattern."""
    catalogue = drugs()
    special = [drug for drug in own.tolist() if catalogue[drug].drug_class == "herb_piece"]
    names = {catalogue[drug].generic_name for drug in own.tolist()}
    others = [d for d in dept.practice.drugs if catalogue[d].generic_name not in names]
    others = one_of_class([*own.tolist(), *others])[len(one_of_class(own.tolist())) :]
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
