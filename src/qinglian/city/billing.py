"""Fee lines of one hospital and month: what was done is priced, reversed and settled."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from qinglian.city.added_charges import added_charges, findings_of
from qinglian.city.arrow import line_amount
from qinglian.city.calendar import DAY, Month, second_number
from qinglian.city.clinic import RETURNED, VALID, Clinic, row_ids
from qinglian.city.cost_schemes import plant_costs
from qinglian.city.discharge_drugs import taken_home_charges
from qinglian.city.doctors import TITLES, Staff
from qinglian.city.draws import Bools, Ints, Purpose, offsets_within, stream
from qinglian.city.drugs import drugs
from qinglian.city.empty_stays import EmptyStay, empty_stays, record_empty, without_care
from qinglian.city.item_switches import switch_items, switched_findings
from qinglian.city.lines import DRUG, MATERIAL, SERVICE, Lines, join_lines, new_lines
from qinglian.city.organisations import Hospital
from qinglian.city.people import Patients, birth_days
from qinglian.city.purchases import LISTED_CHANGE, LISTED_CHANGE_FACTOR, listed_change_item
from qinglian.city.refunds import Refunding, plain_refunding, plant_refunds
from qinglian.city.repeated_scans import repeated_scan_charges
from qinglian.city.schemes import BilledPrice, FrequentVisits, Scheme, Schemes, Upload
from qinglian.city.scope_charges import scope_charges
from qinglian.city.second_operations import second_operations
from qinglian.city.services import PRICE_CHANGE, materials, service_index, services
from qinglian.city.short_stays import record_short, with_workups
from qinglian.city.ward import END, Stays, all_diagnoses, mdtrt_number, planned_stays
from qinglian.city.ward_schemes import plant_ward_drugs

FINAL, INTERIM, REFUND = 0, 1, 2
CHILD_YEARS = 7
#: Visits of thirty days that are too many, as the thresholds have it.
MAX_VISITS = 15
_REFUND_DAYS = 12
_STOCK_LASTS = timedelta(days=14)


@dataclass
class Settlements:
    """One row a settlement; amounts are found from the lines. `original` is a row or -1."""

    settle_id: Ints
    inpatient: Bools
    encounter: Ints
    time: Ints
    kind: Ints
    original: Ints
    total: Ints
    refunding: Refunding


@dataclass
class Bills:
    """Fee lines with their identifiers, settlements, and the encounters that schemes chose."""

    fee_id: Ints
    lines: Lines
    settle_row: Ints
    settlements: Settlements
    chosen: list[tuple[Scheme, Upload, int]]
    empty: list[EmptyStay]


def bills_of(
    hospital: Hospital,
    staff: Staff,
    patients: Patients,
    clinic: Clinic,
    stays: Stays,
    month: Month,
    seed: int,
    schemes: Schemes,
) -> Bills:
    """Price, reverse and settle everything that the month's encounters used."""
    rng = stream(seed, Purpose.BILLING, hospital.number, month.serial)
    lines = join_lines(
        [*_visit_lines(hospital, staff, clinic, rng), *_stay_lines(hospital, stays, rng)]
    )
    lines.time = np.minimum(lines.time, END)
    lines = with_workups(stays, _without_second_beds(hospital, lines, month, schemes))
    plant_costs(hospital, lines, month, schemes)
    switch_items(hospital, lines, month, seed, schemes)
    plant_ward_drugs(hospital, stays, lines, month, seed, schemes)
    prices = price_tables(hospital)[1]
    added = taken_home_charges(stays) + repeated_scan_charges(hospital, clinic)
    taken = {place for part in added for place in part.encounters}
    added += added_charges(hospital, clinic, stays, lines, prices, month, schemes, taken)
    taken |= {place for part in added for place in part.encounters}
    added += scope_charges(hospital, patients, clinic, stays, month, schemes, taken)
    further, operated = second_operations(hospital, stays, lines, month, seed, schemes, taken)
    added += operated
    empty = empty_stays(hospital, stays, month, schemes, taken)
    lines = join_lines(
        [without_care(join_lines([lines, further]), empty), *(part.lines for part in added)]
    )
    _set_prices(hospital, lines)
    planted = _set_planted_prices(hospital, patients, clinic, stays, lines, month, schemes, rng)
    lines.amount = line_amount(lines.qty, lines.unit_price)
    _set_uploaded(clinic, stays, lines)
    chosen = _choose_encounters(hospital, stays, clinic, lines, month, schemes)
    findings = findings_of(added, lines)
    findings += switched_findings(hospital, lines, prices, month, schemes)
    lines, planted = _split_lines(lines, planted, chosen)
    order = np.lexsort((lines.time, lines.encounter, lines.inpatient))
    lines = lines.take(order)
    planted = [(scheme, np.isin(order, rows).nonzero()[0]) for scheme, rows in planted]
    for finding in findings:
        finding.rows = np.isin(order, finding.rows).nonzero()[0]
    protected = {(a.inpatient, row) for _, a, row in chosen}
    protected |= taken | {(True, stay.stay) for stay in empty}
    protected |= {(False, row) for row in clinic.planted_visits().tolist()}
    lines, partial, full = _reverse(hospital, clinic, stays, lines, month, protected, rng)
    fee_id = row_ids(hospital, month, len(lines))
    reversed_rows = lines.original >= 0
    lines.original = np.where(reversed_rows, fee_id[lines.original], 0)
    for scheme, rows in planted:
        excess = _excess(hospital, lines, rows)
        scheme.record(month, "his_fee", fee_id[rows[excess > 0]], int(excess.sum()))
    for finding in findings:
        finding.scheme.record(month, "his_fee", fee_id[finding.rows], finding.cents)
    record_empty(empty, lines, fee_id, month)
    _record_returns(clinic, lines, fee_id, month)
    _record_frequent(clinic, lines, month)
    _return_prescriptions(clinic, full)
    record_short(stays, lines, month)
    _record_readmissions(hospital, stays, lines, month, schemes)
    settle_row, settlements = _settle(hospital, clinic, stays, lines, month, partial, full)
    plant_refunds(hospital, settlements, clinic.visits.insured, month, schemes)
    return Bills(fee_id, lines, settle_row, settlements, chosen, empty)


def _visit_lines(
    hospital: Hospital, staff: Staff, clinic: Clinic, rng: np.random.Generator
) -> list[Lines]:
    visits, index = clinic.visits, service_index()
    seen = np.flatnonzero(~visits.cancelled)
    by_title = {"resident": "reg_attending"} | {t: f"reg_{t}" for t in TITLES[1:]}
    register = np.array([index[by_title[TITLES[t]]] for t in staff.title])[visits.doctor[seen]]
    register[visits.emergency[seen]] = index["reg_emergency"]
    special = hospital.positions_of("special_need")
    register[np.isin(visits.department[seen], special)] = index["reg_special"]
    charged = ~visits.waived[seen]
    paying = seen[charged]
    return [
        new_lines(
            False,
            paying,
            visits.register_time[paying],
            SERVICE,
            register[charged],
            np.full(len(paying), 100),
            visits.department[paying],
            visits.doctor[paying],
        ),
        _exam_lines(hospital, clinic, seen, rng),
        _drug_lines(clinic),
    ]


def _exam_lines(hospital: Hospital, clinic: Clinic, seen: Ints, rng: np.random.Generator) -> Lines:
    visits = clinic.visits
    row_parts, item_parts = [], []
    for dept in hospital.departments:
        rows = seen[visits.department[seen] == dept.index]
        exams = np.array(dept.practice.exams)
        order = rng.random((len(rows), len(exams))).argsort(axis=1)
        count = np.searchsorted(np.cumsum([0.5, 0.3, 0.2]), rng.random(len(rows)))
        taken = np.arange(len(exams)) < count[:, None]
        row_parts.append(np.repeat(rows, taken.sum(axis=1)))
        item_parts.append(exams[order[taken]])
    rows = np.concatenate(row_parts)
    time = visits.visit_time[rows] + rng.integers(600, 7200, len(rows))
    return new_lines(
        False,
        rows,
        time,
        SERVICE,
        np.concatenate(item_parts),
        np.full(len(rows), 100),
        visits.department[rows],
        visits.doctor[rows],
    )


def _drug_lines(clinic: Clinic) -> Lines:
    items, rx, visits = clinic.items, clinic.prescriptions, clinic.visits
    valid = np.flatnonzero(rx.status[items.rx] == VALID)
    visit = rx.visit[items.rx[valid]]
    lines = new_lines(
        False,
        visit,
        rx.time[items.rx[valid]] + 300,
        DRUG,
        items.drug[valid],
        items.qty[valid],
        visits.department[visit],
        visits.doctor[visit],
    )
    lines.in_min_unit = items.in_min_unit[valid]
    lines.rx_item = items.item_id[valid]
    return lines


def _stay_lines(hospital: Hospital, stays: Stays, rng: np.random.Generator) -> list[Lines]:
    index, days = service_index(), stays.days
    rows = np.repeat(np.arange(len(days)), days)
    morning = (stays.adm_time[rows] // DAY + offsets_within(days)) * DAY + 6 * 3600
    morning = np.maximum(morning, stays.adm_time[rows])
    parts = [
        _stay_part(stays, rows, morning, SERVICE, np.full(len(rows), index[key]), 100, auto=True)
        for key in ("bed_triple", "nursing_2", "ward_visit")
    ]
    for dept in hospital.departments:
        mine = np.flatnonzero(stays.department == dept.index)
        practice = dept.practice
        plan = (
            (DRUG, practice.ward_drugs, 5, 10, (1, 2, 3)),
            (SERVICE, practice.ward_items, 5, 9, (1, 1, 2)),
            (MATERIAL, practice.ward_materials, 1, 4, (1, 2, 4)),
        )
        for kind, choice, least, most, quantities in plan:
            rows = np.repeat(mine, rng.integers(least, most, len(mine)))
            time = (
                stays.adm_time[rows]
                + 3600
                + (rng.random(len(rows)) * (days[rows] * DAY - 7200)).astype(np.int64)
            )
            qty = rng.choice(quantities, len(rows)) * 100
            item = _for_mothers(stays, rows, kind, rng.choice(np.array(choice), len(rows)))
            last = np.where(stays.dscg_time[rows] > 0, stays.dscg_time[rows] - 600, END)
            parts.append(_stay_part(stays, rows, np.minimum(time, last), kind, item, qty))
        if practice.operation is not None:
            rows = mine[rng.random(len(mine)) < 0.45]
            time = np.minimum(stays.adm_time[rows] + 20 * 3600, END)
            last = np.where(stays.dscg_time[rows] > 0, stays.dscg_time[rows] - 600, END)
            for done in (practice.operation, index["anaesthesia"]):
                full = np.full(len(rows), done)
                parts.append(_stay_part(stays, rows, np.minimum(time, last), SERVICE, full, 100))
        if practice.key == "nephrology":
            rows = np.repeat(mine, np.maximum(1, days[mine] // 2))
            time = (
                stays.adm_time[rows]
                + 4 * 3600
                + offsets_within(np.maximum(1, days[mine] // 2)) * 2 * DAY
            )
            last = np.where(stays.dscg_time[rows] > 0, stays.dscg_time[rows] - 600, END)
            full = np.full(len(rows), index["haemodialysis"])
            parts.append(_stay_part(stays, rows, np.minimum(time, last), SERVICE, full, 100))
    companion = np.flatnonzero((rng.random(len(days)) < 0.05) & (days > 2) & (stays.dscg_time > 0))
    parts.append(
        _stay_part(
            stays,
            companion,
            stays.adm_time[companion] + DAY,
            SERVICE,
            np.full(len(companion), index["companion"]),
            100,
        )
    )
    return parts


def _for_mothers(stays: Stays, rows: Ints, kind: int, item: Ints) -> Ints:
    """Only after a delivery is there a newborn to care for: others are given an infusion."""
    if kind != SERVICE:
        return item
    delivery = [place for place, (code, _) in enumerate(all_diagnoses()) if code.startswith("O80")]
    newborn = item == service_index()["newborn_care"]
    absent = newborn & ~np.isin(stays.diagnosis[rows], delivery)
    return np.where(absent, service_index()["infusion"], item)


def _without_second_beds(hospital: Hospital, lines: Lines, month: Month, schemes: Schemes) -> Lines:
    """The lines without bed, nursing and visit of days for which an overlapped stay pays them.

    Otherwise the days of two stays would exceed the limit of one bed a day as well.
    """
    twice = np.zeros(len(lines), dtype=bool)
    for row, stay in enumerate(planned_stays(hospital, month, schemes)):
        if stay.is_second:
            alone = (stay.begin // DAY + max(0, -stay.action.gap)) * DAY
            twice |= lines.inpatient & lines.auto & (lines.encounter == row) & (lines.time < alone)
    return lines.take(np.flatnonzero(~twice))


def _stay_part(
    stays: Stays, rows: Ints, time: Ints, kind: int, item: Ints, qty: Ints | int, auto: bool = False
) -> Lines:
    lines = new_lines(
        True,
        rows,
        time,
        kind,
        item,
        np.broadcast_to(qty, len(rows)).astype(np.int64),
        stays.department[rows],
        stays.doctor[rows],
        auto,
    )
    # Consumables are billed in the smallest unit, drugs of a ward in packs.
    lines.in_min_unit = np.full(len(rows), kind == MATERIAL)
    return lines


def charge_price(hospital: Hospital, item: int, day: date) -> int:
    """Charge price of a service on `day`: the limit, or five per cent below it, in whole jiao."""
    service = services()[item]
    limit = service.limit(hospital.level_rank, day)
    if limit is None:
        return service.market_price
    below = (item * 7 + hospital.number * 3) % 5 == 0
    return limit * 95 // 100 // 1000 * 1000 if below and limit > 50_000 else limit


def price_tables(hospital: Hospital) -> tuple[Ints, Ints]:
    """Charge prices of all services before and after the city's change of limits."""
    before, after = date(2025, 1, 1), PRICE_CHANGE
    return (
        np.array([charge_price(hospital, i, before) for i in range(len(services()))]),
        np.array([charge_price(hospital, i, after) for i in range(len(services()))]),
    )


def limits_at(hospital: Hospital, item: Ints, time: Ints) -> Ints:
    """Price limits of services at the time of service; a very large number where there is none."""
    rank, none = hospital.level_rank, 10**12
    before = np.array([s.limit(rank, date(2025, 1, 1)) or none for s in services()])
    after = np.array([s.limit(rank, PRICE_CHANGE) or none for s in services()])
    late = time >= second_number(PRICE_CHANGE)
    return np.where(late, after[item], before[item])


def _set_prices(hospital: Hospital, lines: Lines) -> None:
    before, after = price_tables(hospital)
    late = lines.time >= second_number(PRICE_CHANGE)
    service = lines.kind == SERVICE
    item = np.where(service, lines.item, 0)
    lines.unit_price[:] = np.where(late, after[item], before[item])
    for kind, goods in ((DRUG, drugs()), (MATERIAL, materials())):
        rows = lines.kind == kind
        packs = np.array([g.price for g in goods])[lines.item[rows]]
        units = np.array([g.min_price for g in goods])[lines.item[rows]]
        lines.unit_price[rows] = np.where(lines.in_min_unit[rows], units, packs)
    # A fallen purchase price is charged once the stock bought before is used.
    fallen = (lines.kind == DRUG) & (lines.item == listed_change_item())
    fallen &= lines.time >= second_number(LISTED_CHANGE + _STOCK_LASTS)
    lines.unit_price[fallen] = np.rint(lines.unit_price[fallen] * LISTED_CHANGE_FACTOR)
    lines.unit_price[:] = lines.unit_price * lines.price_share // 1000


def _set_planted_prices(
    hospital: Hospital,
    patients: Patients,
    clinic: Clinic,
    stays: Stays,
    lines: Lines,
    month: Month,
    schemes: Schemes,
    rng: np.random.Generator,
) -> list[tuple[Scheme, Ints]]:
    planted = []
    for scheme, action in schemes.of(BilledPrice, hospital.number, month):
        item = service_index()[action.item]
        rows = np.flatnonzero((lines.kind == SERVICE) & (lines.item == item))
        rows = rows[rng.random(len(rows)) < action.part]
        # A stay may begin in the scheme's last month and end after it.
        rows = rows[lines.time[rows] < second_number(scheme.last.next.first)]
        if action.children:
            person = np.where(
                lines.inpatient[rows],
                patients.person[stays.patient[lines.encounter[rows] * lines.inpatient[rows]]],
                patients.person[
                    clinic.visits.patient[lines.encounter[rows] * ~lines.inpatient[rows]]
                ],
            )
            age = lines.time[rows] // DAY - birth_days(person)
            rows = rows[age < CHILD_YEARS * 365]
        limit = limits_at(hospital, lines.item[rows], lines.time[rows])
        lines.unit_price[rows] = (
            np.round(limit * action.factor / 100).astype(np.int64) * 100 + action.plus
        )
        planted.append((scheme, rows))
    return planted


def _excess(hospital: Hospital, lines: Lines, rows: Ints) -> Ints:
    limit = limits_at(hospital, lines.item[rows], lines.time[rows])
    over = np.maximum(0, lines.unit_price[rows] - limit)
    over[over <= 50] = 0
    return line_amount(lines.qty[rows], over)


def _set_uploaded(clinic: Clinic, stays: Stays, lines: Lines) -> None:
    lines.uploaded = np.where(
        lines.inpatient,
        stays.insured[lines.encounter * lines.inpatient],
        clinic.visits.insured[lines.encounter * ~lines.inpatient],
    )
    # Late posting: some lines reach the ledger days after the service.
    late = (lines.time * 2654435761 >> 7) % 50 == 0
    lines.post_delay = np.where(late, (1 + lines.time % 9) * DAY, lines.time % 1200)


def _choose_encounters(
    hospital: Hospital, stays: Stays, clinic: Clinic, lines: Lines, month: Month, schemes: Schemes
) -> list[tuple[Scheme, Upload, int]]:
    """One insured, settled encounter for each upload scheme, none of them twice."""
    chosen: list[tuple[Scheme, Upload, int]] = []
    taken: set[tuple[bool, int]] = set()
    planted_stays = _stays_in_schemes(stays)
    for scheme, action in schemes.of(Upload, hospital.number, month):
        drug_lines = np.bincount(
            lines.encounter[(lines.inpatient == action.inpatient) & (lines.kind == DRUG)],
            minlength=max(len(clinic.visits.visit_id), len(stays.adm_id)),
        )
        if action.inpatient:
            candidates = np.flatnonzero(stays.insured & (stays.dscg_time > 0) & ~planted_stays)
        else:
            candidates = np.flatnonzero(
                clinic.visits.insured & (drug_lines[: len(clinic.visits.visit_id)] >= 2)
            )
        row = next(
            int(c)
            for c in candidates[len(candidates) // 3 :]
            if (action.inpatient, int(c)) not in taken
            and drug_lines[c] > 0
            and (
                action.kind != "merged" or _splittable(lines, action.inpatient, int(c)) is not None
            )
        )
        taken.add((action.inpatient, row))
        chosen.append((scheme, action, row))
        ids = stays.adm_id if action.inpatient else clinic.visits.visit_id
        scheme.subject_id = mdtrt_number(action.inpatient, int(ids[row]))
        scheme.reported = month
    return chosen


def _stays_in_schemes(stays: Stays) -> Bools:
    reserved_tail: Bools = stays.interim | (stays.referred_from > 0)
    return reserved_tail


def _splittable(lines: Lines, inpatient: bool, encounter: int) -> int | None:
    rows = np.flatnonzero(
        (lines.inpatient == inpatient)
        & (lines.encounter == encounter)
        & (lines.qty >= 200)
        & (lines.kind == DRUG)
        & (lines.unit_price % 100 == 0)
    )
    return int(rows[0]) if len(rows) else None


def _split_lines(
    lines: Lines, planted: list[tuple[Scheme, Ints]], chosen: list[tuple[Scheme, Upload, int]]
) -> tuple[Lines, list[tuple[Scheme, Ints]]]:
    """What HIS holds differently from the upload: two lines for one, or a line never uploaded."""
    extra = []
    for _, action, row in chosen:
        if action.kind == "merged":
            at = _splittable(lines, action.inpatient, row)
            if at is None:
                raise ValueError(f"no line to split in encounter row {row}")
            second = lines.take(np.array([at]))
            second.qty = second.qty - 100
            second.time = second.time + 1
            lines.qty[at] = 100
            for part in (second,):
                part.amount = line_amount(part.qty, part.unit_price)
            lines.amount[at] = line_amount(lines.qty[at : at + 1], lines.unit_price[at : at + 1])[0]
            extra.append(second)
        if action.kind == "self_pay":
            at = int(
                np.flatnonzero((lines.inpatient == action.inpatient) & (lines.encounter == row))[0]
            )
            own = lines.take(np.array([at]))
            own.item[:] = service_index()["companion"]
            own.kind[:] = SERVICE
            own.unit_price[:] = services()[service_index()["companion"]].market_price
            own.qty[:] = 300
            own.in_min_unit[:] = False
            own.auto[:] = False
            own.rx_item[:] = 0
            own.amount = line_amount(own.qty, own.unit_price)
            own.uploaded[:] = False
            extra.append(own)
    return (join_lines([lines, *extra]), planted) if extra else (lines, planted)


def _reverse(
    hospital: Hospital,
    clinic: Clinic,
    stays: Stays,
    lines: Lines,
    month: Month,
    protected: set[tuple[bool, int]],
    rng: np.random.Generator,
) -> tuple[Lines, Ints, Ints]:
    """Append reversal lines; `original` becomes the row of the line that is cancelled.

    Returns the lines, visits with a partial refund, visits with a full refund.
    """
    drug_lines = np.bincount(
        lines.encounter[~lines.inpatient & (lines.kind == DRUG)],
        minlength=len(clinic.visits.visit_id),
    )
    early = clinic.visits.visit_time < END - (_REFUND_DAYS + 1) * DAY
    safe = early & ~clinic.visits.cancelled
    safe[[row for inpatient, row in protected if not inpatient]] = False
    draw = rng.random(len(safe))
    partial = np.flatnonzero(safe & (drug_lines >= 2) & (drug_lines <= 4) & (draw < 0.012))
    full = np.flatnonzero(safe & (drug_lines <= 3) & (draw > 0.996))
    visit_rows = np.flatnonzero(~lines.inpatient)
    first_drug = visit_rows[
        np.isin(lines.encounter[visit_rows], partial) & (lines.kind[visit_rows] == DRUG)
    ]
    _, first = np.unique(lines.encounter[first_drug], return_index=True)
    whole = visit_rows[np.isin(lines.encounter[visit_rows], full)]
    late = {(a, r) for a, r in protected if a}
    stay_rows = np.flatnonzero(
        lines.inpatient
        & ~lines.auto
        & (rng.random(len(lines)) < 0.012)
        & (stays.dscg_time[lines.encounter * lines.inpatient] > 0)
        & ~np.isin(lines.encounter, [row for _, row in late])
    )
    rows = np.r_[first_drug[first], whole, stay_rows]
    cancels = lines.take(rows)
    part = cancels.inpatient & (cancels.qty >= 200) & (rng.random(len(rows)) < 0.4)
    cancels.qty = -np.where(part, 100, cancels.qty)
    cancels.amount = line_amount(cancels.qty, cancels.unit_price)
    delay = rng.integers(3600, _REFUND_DAYS * DAY, len(rows))
    # All lines of one refunded visit are cancelled at the same moment.
    same = (cancels.encounter * 7919) % (_REFUND_DAYS * DAY - 7200) + 7200
    visit_end = clinic.visits.visit_time[cancels.encounter * ~cancels.inpatient] + 8000
    stay_end = stays.dscg_time[cancels.encounter * cancels.inpatient]
    cancels.time = np.where(
        cancels.inpatient,
        np.minimum(cancels.time + delay % (20 * 3600), stay_end - 300),
        visit_end + same,
    )
    cancels.time = np.maximum(cancels.time, lines.time[rows] + 1)
    cancels.original = rows
    cancels.post_delay = cancels.post_delay % 1200
    return join_lines([lines, cancels]), partial, full


def _record_readmissions(
    hospital: Hospital, stays: Stays, lines: Lines, month: Month, schemes: Schemes
) -> None:
    """The amount of a split admission is what its second stay cost, of an overlap its part."""
    planned = planned_stays(hospital, month, schemes)
    inpatient = lines.inpatient
    totals = _sum(lines.encounter[inpatient], lines.amount[inpatient], len(stays.adm_id))
    for row, stay in enumerate(planned):
        if stay.is_second:
            overlap = max(0, -stay.action.gap)
            days = stay.action.second_days
            cents = int(totals[row]) * min(overlap, days) // days if overlap else int(totals[row])
            stay.scheme.record(month, "yb_mdtrt_d", [], cents)


def _record_returns(clinic: Clinic, lines: Lines, fee_id: Ints, month: Month) -> None:
    """The registrations charged a second time; only of true cases is the amount too much."""
    registrations = [i for i, s in enumerate(services()) if s.key.startswith("reg_")]
    fees = ~lines.inpatient & (lines.kind == SERVICE) & np.isin(lines.item, registrations)
    for part in clinic.returns:
        rows = np.flatnonzero(fees & np.isin(lines.encounter, part.second))
        excess = int(lines.amount[rows].sum()) if part.scheme.case == "true" else 0
        part.scheme.record(month, "his_fee", fee_id[rows], excess)


def _record_frequent(clinic: Clinic, lines: Lines, month: Month) -> None:
    """The visits of patients who come too often; the part of the bills beyond the limit."""
    for part in clinic.frequent:
        if not isinstance(part.scheme.action, FrequentVisits):
            continue
        mine = ~lines.inpatient & np.isin(lines.encounter, part.rows)
        excess = max(0, len(part.rows) - MAX_VISITS + 1)
        cents = int(lines.amount[mine].sum()) * excess // len(part.rows)
        ids = clinic.visits.visit_id[part.rows]
        part.scheme.record(month, "his_outp_visit", ids, cents if part.scheme.case == "true" else 0)


def _return_prescriptions(clinic: Clinic, full: Ints) -> None:
    rx = clinic.prescriptions
    rx.status[np.isin(rx.visit, full) & (rx.status == VALID)] = RETURNED


def _settle(
    hospital: Hospital,
    clinic: Clinic,
    stays: Stays,
    lines: Lines,
    month: Month,
    partial: Ints,
    full: Ints,
) -> tuple[Ints, Settlements]:
    """Settlements, and the row of the settlement of each line (-1 while the stay is open)."""
    visits = len(clinic.visits.visit_id)
    key = np.where(lines.inpatient, visits + lines.encounter, lines.encounter)
    size = visits + len(stays.adm_id)
    gross = lines.original == 0
    charged = _sum(key[gross], lines.amount[gross], size)
    net = _sum(key, lines.amount, size)
    has_lines = np.bincount(key, minlength=size) > 0
    closed = np.r_[np.ones(visits, dtype=bool), stays.dscg_time > 0] & has_lines
    last = np.zeros(size, dtype=np.int64)
    np.maximum.at(last, key[gross], lines.time[gross])
    back = np.zeros(size, dtype=np.int64)
    np.maximum.at(back, key[~gross], lines.time[~gross])
    last[visits:] = np.where(stays.dscg_time > 0, stays.dscg_time + 3600, 0)
    interim = np.flatnonzero(
        np.r_[np.zeros(visits, dtype=bool), stays.interim & (stays.dscg_time > 0)]
    )
    is_partial = np.zeros(size, dtype=bool)
    is_partial[partial] = True
    is_full = np.zeros(size, dtype=bool)
    is_full[full] = True
    red = closed & (is_partial | is_full)
    again = closed & is_partial
    plain = np.flatnonzero(closed)
    encounter = np.r_[plain, np.flatnonzero(red), np.flatnonzero(again), interim]
    kind = np.repeat(
        [FINAL, REFUND, FINAL, INTERIM], [len(plain), red.sum(), again.sum(), len(interim)]
    )
    row_of = np.full(size, -1)
    row_of[plain] = np.arange(len(plain))
    total = np.r_[
        np.where(red[plain], charged[plain], net[plain]),
        -charged[red],
        net[again],
        np.zeros(len(interim), dtype=np.int64),
    ]
    time = np.r_[last[plain] + 600, back[red] + 120, back[again] + 420, last[interim] - 4 * DAY]
    final_row = row_of.copy()
    final_row[again] = len(plain) + int(red.sum()) + np.arange(int(again.sum()))
    settle_row = final_row[key]
    for place, enc in enumerate(interim.tolist()):
        at = len(plain) + int(red.sum()) + int(again.sum()) + place
        mine = (key == enc) & (lines.time < time[at])
        settle_row[mine] = at
        total[at] = lines.amount[mine].sum()
        total[row_of[enc]] -= total[at]
    return settle_row, Settlements(
        settle_id=row_ids(hospital, month, len(encounter)),
        inpatient=encounter >= visits,
        encounter=np.where(encounter >= visits, encounter - visits, encounter),
        time=np.minimum(time, END),
        kind=kind,
        original=np.where(kind == REFUND, row_of[encounter], -1),
        total=total,
        refunding=plain_refunding(len(encounter)),
    )


def _sum(key: Ints, amount: Ints, size: int) -> Ints:
    """Sum of whole cents by key; a double holds them exactly below 90 million million yuan."""
    return np.bincount(key, weights=amount, minlength=size).astype(np.int64)
