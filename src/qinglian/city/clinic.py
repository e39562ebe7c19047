"""Outpatient and emergency visits of one hospital and month, with diagnoses and prescriptions."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from qinglian.city.calendar import DAY, HISTORY_END, Month, season, second_number
from qinglian.city.doctors import Staff
from qinglian.city.draws import (
    Bools,
    Floats,
    Ints,
    Purpose,
    ranks_within,
    stochastic_round,
    stream,
)
from qinglian.city.drugs import drug_index, drugs, second_strength
from qinglian.city.organisations import Department, Hospital
from qinglian.city.people import Patients, insurance_type
from qinglian.city.return_visits import (
    PlantedReturns,
    PlantedVisits,
    plant_frequent,
    plant_repeated,
    plant_returns,
    waived,
)
from qinglian.city.schemes import (
    CostFactor,
    FrequentVisits,
    GroupCost,
    KeyProduct,
    KeyShare,
    ManyDrugs,
    RepeatedSupply,
    Scheme,
    Schemes,
)

RX_KINDS = ("outpatient", "emergency", "pediatric", "herb", "long_term")
#: Why a prescription is for longer than the law's usual limit.
LONG_REASONS = (None, "慢性病长期处方", "行动不便，病情稳定", "外出探亲，提前取药")
VALID, CANCELLED, RETURNED = 0, 1, 2
MAX_DRUGS = 5
_HEAVY_SHARE = 0.5
_END = second_number(HISTORY_END + timedelta(days=1)) - 1
_HERBS = tuple(i for i, drug in enumerate(drugs()) if drug.drug_class == "herb_piece")
_SOLVENTS = tuple(drug_index("氯化钠", "葡萄糖"))
_SPECIALTY = tuple(drug_index("奥希替尼", "阿比特龙", "吉非替尼"))
#: Injections that are usual in outpatient departments, and the part of prescriptions with one.
_INJECTIONS = {
    practice: drug_index(name)[0]
    for practice, name in {
        "respiratory": "地塞米松",
        "cardiology": "依诺肝素",
        "gastroenterology": "山莨菪碱",
        "general": "地塞米松",
        "paediatrics": "地塞米松",
        "obgyn": "地塞米松",
    }.items()
}
_INJECTED = 0.09
_GOLDEN = 0.6180339887
_CHRONIC = ("I10", "I25", "E11", "E78", "I50", "I48")
#: Antibacterials come after other drugs in a doctor's choice, so that the hospitals keep within the
#: national targets without schemes.
_RELUCTANCE = 0.3
_NEVER = 9.0
_ANTIBACTERIAL = np.array([drug.is_systemic_antibacterial for drug in drugs()])
_CLASS = np.array([drug.atc for drug in drugs()])
#: Two of these go together by guideline.
_COMBINED_CLASS = "B01AC"
#: Part of the chronic patients whose visit ends with a long-term prescription too.
_PROGRAMME = 0.6
_LEFT_TO_SCHEMES = 12
#: Visits of a patient to a department in a month; one near its ends counts for all.
_TURNS = 2
_EDGE_DAYS, _LAST_DAYS = 6, 23
_DRUGS_PER_RX = np.cumsum([0.20, 0.35, 0.28, 0.14, 0.03])
_LEVEL_COST = (1.20, 1.0, 0.85)


@dataclass
class Visits:
    """Registrations; one row a visit. Times in seconds since 1970, `diagnosis` within practice.

    A `waived` visit is covered by an earlier registration and charged none. A `programme` visit
    ends with a long-term prescription too; its patient comes once in four months.
    """

    visit_id: Ints
    patient: Ints
    department: Ints
    doctor: Ints
    register_time: Ints
    visit_time: Ints
    emergency: Bools
    chronic: Bools
    cancelled: Bools
    first_visit: Bools
    insured: Bools
    diagnosis: Ints
    second_diagnosis: Ints
    waived: Bools
    programme: Bools


@dataclass
class Prescriptions:
    """One row a prescription; `visit` is the row of its visit, `reason` that of `LONG_REASONS`."""

    rx_id: Ints
    visit: Ints
    kind: Ints
    time: Ints
    status: Ints
    days: Ints
    long_term: Bools
    reason: Ints
    herb_doses: Ints


@dataclass
class RxItems:
    """One row a prescription line; quantities in hundredths, prices in ten-thousandths CNY."""

    item_id: Ints
    rx: Ints
    drug: Ints
    qty: Ints
    in_min_unit: Bools
    unit_price: Ints


@dataclass
class Clinic:
    """What the outpatient departments of a hospital did in one month."""

    visits: Visits
    prescriptions: Prescriptions
    items: RxItems
    returns: list[PlantedReturns]
    frequent: list[PlantedVisits]

    def planted_visits(self) -> Ints:
        """Rows of the visits whose patients schemes chose."""
        returned = [row for part in self.returns for row in (part.first, part.second)]
        parts = [*returned, *(part.rows for part in self.frequent)]
        return np.concatenate([np.zeros(0, dtype=np.int64), *parts])


@dataclass
class _Plan:
    """The prescriptions before their lines are chosen."""

    practice: list[str]
    doctor: Ints
    visit: Ints
    kind: Ints
    drug_count: Ints
    cost: Floats
    herb_cost: Floats
    key: Bools
    key_packs: Floats
    status: Ints


def row_ids(hospital: Hospital, month: Month, count: int, start: int = 0) -> Ints:
    """Identifiers of a hospital's rows of one month: hospital, yymm and a running number."""
    first = (hospital.number * 10_000 + month.stamp) * 10_000_000 + 1 + start
    return np.arange(first, first + count, dtype=np.int64)


def clinic_month(
    hospital: Hospital,
    staff: Staff,
    patients: Patients,
    month: Month,
    seed: int,
    schemes: Schemes,
) -> Clinic:
    """Visits and prescriptions of one month."""
    rng = stream(seed, Purpose.CLINIC, hospital.number, month.serial)
    visits, returns, frequent = _visits_with_returns(hospital, staff, patients, month, rng, schemes)
    earlier = month.shift(-1)
    past_rng = stream(seed, Purpose.CLINIC, hospital.number, earlier.serial)
    before, _, _ = _visits_with_returns(hospital, staff, patients, earlier, past_rng, schemes)
    visits.waived = waived(hospital, visits, before, _charged_again(returns))
    planted = {int(row): part for part in frequent for row in part.rows.tolist()}
    plan = _plan(hospital, staff, visits, month, rng, schemes, np.array(sorted(planted), dtype=int))
    special = _special_lines(hospital, staff, visits, plan, month, schemes, rng)
    special += _repeated_lines(plan, frequent)
    items = _items(hospital, month, plan, visits, special, rng, schemes)
    prescriptions = _prescriptions(hospital, month, visits, plan, rng)
    for _, action in schemes.of(GroupCost, hospital.number, month):
        if action.days:
            mine = _rows_of(hospital, plan, action.practice, action.doctor)
            prescriptions.days[mine[_of_group(plan.kind[mine], action.group)]] = action.days
    _shorten_frequent(prescriptions, frequent)
    return Clinic(visits, prescriptions, items, returns, frequent)


def _visits_with_returns(
    hospital: Hospital,
    staff: Staff,
    patients: Patients,
    month: Month,
    rng: np.random.Generator,
    schemes: Schemes,
) -> tuple[Visits, list[PlantedReturns], list[PlantedVisits]]:
    """The visits as far as they follow from their own month alone."""
    visits = _visits(hospital, staff, patients, month, rng)
    frequent = plant_frequent(hospital, patients, visits, month, schemes)
    taken = np.concatenate([np.zeros(0, dtype=np.int64), *(part.rows for part in frequent)])
    frequent += plant_repeated(hospital, patients, visits, month, schemes, taken)
    planted = np.concatenate([taken, *(part.rows for part in frequent)])
    returns = plant_returns(hospital, visits, month, schemes, planted)
    visits.waived = waived(hospital, visits, None, _charged_again(returns))
    return visits, returns, frequent


def _charged_again(returns: list[PlantedReturns]) -> Ints:
    return np.concatenate([np.zeros(0, dtype=np.int64), *(part.second for part in returns)])


def _visits(
    hospital: Hospital, staff: Staff, patients: Patients, month: Month, rng: np.random.Generator
) -> Visits:
    doctor = np.concatenate(
        [
            np.full(_visit_count(hospital.departments[staff.department[d]], month, rng), d)
            for d in range(staff.doctors)
        ]
    )
    department = staff.department[doctor]
    patient = np.empty(len(doctor), dtype=np.int64)
    diagnosis = np.empty(len(doctor), dtype=np.int64)
    emergency = np.zeros(len(doctor), dtype=bool)
    for dept in hospital.departments:
        rows = np.flatnonzero(department == dept.index)
        patient[rows] = rng.choice(
            patients.regular(dept.practice.population, month.serial), len(rows)
        )
        diagnosis[rows] = (rng.random(len(rows)) ** 1.6 * len(dept.practice.diagnoses)).astype(int)
        emergency[rows] = dept.practice.rx_kind == "emergency"
    day = rng.choice(month.day_count, len(doctor), p=month.day_weights())
    day[emergency] = rng.integers(0, month.day_count, int(emergency.sum()))
    for dept in hospital.departments:
        rows = np.flatnonzero(department == dept.index)
        patient[rows] = _once_a_day(
            patient[rows], day[rows], patients.regular(dept.practice.population, month.serial)
        )
    hour = np.clip(rng.normal(10.6, 2.4, len(doctor)), 7.6, 17.4)
    hour[emergency] = rng.uniform(0, 23.4, int(emergency.sum()))
    register = second_number(month.first) + day * DAY + (hour * 3600).astype(np.int64)
    order = np.argsort(register, kind="stable")
    register = register[order]
    patient, doctor, diagnosis = patient[order], doctor[order], diagnosis[order]
    cancelled = rng.random(len(order)) < 0.01
    chronic_dx = _is_chronic(hospital, staff.department[doctor], diagnosis)
    chronic = chronic_dx & (rng.random(len(order)) < 0.35)
    programme = _programme(patients.occasional("any", month.serial), patient, chronic & ~cancelled)
    has_insurance = insurance_type(patients.person[patient]) > 0
    second = np.where(
        rng.random(len(order)) < 0.3,
        (diagnosis + 1) % _diagnosis_counts(hospital)[staff.department[doctor]],
        -1,
    )
    return Visits(
        visit_id=row_ids(hospital, month, len(order)),
        patient=patient,
        department=staff.department[doctor],
        doctor=doctor,
        register_time=register,
        visit_time=np.minimum(register + rng.integers(300, 3600, len(order)), _END),
        emergency=emergency[order],
        chronic=chronic,
        cancelled=cancelled,
        first_visit=rng.random(len(order)) < 0.4,
        insured=has_insurance & (rng.random(len(order)) < 0.84) & ~cancelled,
        diagnosis=diagnosis,
        second_diagnosis=second,
        waived=np.zeros(len(order), dtype=bool),
        programme=programme,
    )


def _programme(occasional: Ints, patient: Ints, chronic: Bools) -> Bools:
    """Visits with a long-term prescription; in place, their patients become occasional ones.

    Who has drugs for weeks does not come again before they are used up.
    """
    candidates = np.flatnonzero(chronic)
    chosen = candidates[np.arange(len(candidates)) * _GOLDEN % 1.0 < _PROGRAMME]
    chosen = chosen[: max(0, len(occasional) - _LEFT_TO_SCHEMES)]
    patient[chosen] = occasional[: len(chosen)]
    programme = np.zeros(len(patient), dtype=bool)
    programme[chosen] = True
    return programme


def _once_a_day(patient: Ints, day: Ints, pool: Ints) -> Ints:
    """The same patients, but who comes twice on one day gives way to the next of the pool.

    Two visits of one day and department are what schemes of split prescriptions look like; who
    comes a third time within a week may bring more drugs home than the days between use up. So
    nobody comes three times in a month, nor twice in its first or last days.
    """
    place = {number: position for position, number in enumerate(pool.tolist())}
    seen: set[tuple[int, int]] = set()
    left = dict.fromkeys(pool.tolist(), _TURNS)
    found = patient.copy()
    for row, on in enumerate(day.tolist()):
        cost = 1 if _EDGE_DAYS <= on < _LAST_DAYS else _TURNS
        tried = 0
        # A file too short for all visits lets patients come more often, but still once a day.
        while (int(found[row]), on) in seen or (left[int(found[row])] < cost and tried < len(pool)):
            found[row] = pool[(place[int(found[row])] + 1) % len(pool)]
            tried += 1
        seen.add((int(found[row]), on))
        left[int(found[row])] -= cost
    return found


def _visit_count(dept: Department, month: Month, rng: np.random.Generator) -> int:
    factor = max(0.97, season(month, dept.practice.winter_peak)) * rng.uniform(0.985, 1.03)
    return max(1, round(dept.monthly_visits * factor))


def _diagnosis_counts(hospital: Hospital) -> Ints:
    return np.array([len(d.practice.diagnoses) for d in hospital.departments])


def _is_chronic(hospital: Hospital, department: Ints, diagnosis: Ints) -> Bools:
    widest = int(_diagnosis_counts(hospital).max())
    table = np.zeros((len(hospital.departments), widest), dtype=bool)
    for dept in hospital.departments:
        for position, (code, _) in enumerate(dept.practice.diagnoses):
            table[dept.index, position] = code[:3] in _CHRONIC
    return table[department, diagnosis]


def _plan(
    hospital: Hospital,
    staff: Staff,
    visits: Visits,
    month: Month,
    rng: np.random.Generator,
    schemes: Schemes,
    planted: Ints,
) -> _Plan:
    seen = np.flatnonzero(~visits.cancelled)
    main = seen[(rng.random(len(seen)) < 0.97) | np.isin(seen, planted)]
    kinds = np.array([RX_KINDS.index(d.practice.rx_kind) for d in hospital.departments])
    is_tcm = np.array([d.practice.key == "tcm" for d in hospital.departments])
    department = visits.department
    herb = main[is_tcm[department[main]] & (rng.random(len(main)) < 0.4)]
    long_term = main[visits.programme[main]]
    visit = np.r_[main, herb, long_term]
    kind = np.r_[kinds[department[main]], np.full(len(herb), 3), np.full(len(long_term), 4)]
    doctor = visits.doctor[visit]
    level = _LEVEL_COST[hospital.level_rank]
    cost = level * np.exp(staff.cost_effect[doctor])
    cost[kind == RX_KINDS.index("long_term")] *= 2.5
    shares = np.array([d.practice.key_share for d in hospital.departments])[department[visit]]
    rate = shares * staff.key_effect[doctor]
    packs = np.full(len(visit), 1.7)
    count = 1 + np.searchsorted(_DRUGS_PER_RX, rng.random(len(visit)))
    for number, share in _key_shares(hospital, staff, month, schemes):
        mine = doctor == number
        rate[mine] = share.share
        packs[mine] = share.packs
        if share.share >= _HEAVY_SHARE:
            # Fewer other drugs make room, so that the doctor does not become costly as well.
            count[mine & (count > 2)] = 2
    for number, action in _cost_factors(hospital, staff, month, schemes):
        cost[doctor == number] *= action.factor
    herb_cost = np.ones(len(visit))
    for _, group in schemes.of(GroupCost, hospital.number, month):
        mine = _of_group(kind, group.group) & (
            doctor == _number(hospital, staff, group.practice, group.doctor)
        )
        cost[mine] *= group.factor
        herb_cost[mine] *= group.factor
    eligible = np.isin(kind, (0, 1, 2))
    rank = ranks_within(doctor * 2 + eligible)
    start = rng.random(staff.doctors)[doctor]
    key = eligible & (np.floor((rank + 1) * rate + start) > np.floor(rank * rate + start))
    count[kind == RX_KINDS.index("herb")] = 0
    return _Plan(
        practice=[d.practice.key for d in hospital.departments],
        doctor=doctor,
        visit=visit,
        kind=kind,
        drug_count=count,
        cost=cost,
        herb_cost=herb_cost,
        key=key,
        key_packs=packs,
        status=np.where(
            (rng.random(len(visit)) < 0.015) & ~np.isin(visit, planted), CANCELLED, VALID
        ),
    )


def _of_group(kind: Ints, group: str) -> Bools:
    """Prescriptions of the group that a scheme names."""
    of_group: Bools = kind == RX_KINDS.index("outpatient" if group == "oncology" else group)
    return of_group


def _number(hospital: Hospital, staff: Staff, practice: str, ordinal: int) -> int:
    dept = hospital.department_of(practice)
    return staff.number(dept.index, ordinal)


def _key_shares(
    hospital: Hospital, staff: Staff, month: Month, schemes: Schemes
) -> list[tuple[int, KeyShare]]:
    return [
        (_number(hospital, staff, action.practice, action.doctor), action)
        for _, action in schemes.of(KeyShare, hospital.number, month)
    ]


def _cost_factors(
    hospital: Hospital, staff: Staff, month: Month, schemes: Schemes
) -> list[tuple[int, CostFactor]]:
    return [
        (_number(hospital, staff, action.practice, action.doctor), action)
        for _, action in schemes.of(CostFactor, hospital.number, month)
    ]


def _special_lines(
    hospital: Hospital,
    staff: Staff,
    visits: Visits,
    plan: _Plan,
    month: Month,
    schemes: Schemes,
    rng: np.random.Generator,
) -> list[tuple[int, list[int], Scheme]]:
    """Prescriptions whose drugs are chosen by a scheme: row, drugs, scheme."""
    found: list[tuple[int, list[int], Scheme]] = []
    for scheme, action in schemes.of(ManyDrugs, hospital.number, month):
        number = _number(hospital, staff, action.practice, action.doctor)
        dept = hospital.departments[staff.department[number]]
        mine = np.flatnonzero(
            (plan.doctor == number)
            & np.isin(plan.kind, (0, 1, 2))
            & (plan.status == VALID)
            & ~plan.key
            & ~visits.programme[plan.visit]
        )
        for row in np.sort(rng.permutation(mine)[: action.per_month]).tolist():
            found.append((row, _drugs_of_pattern(action.pattern, dept, rng), scheme))
            if action.pattern == "cancelled":
                plan.status[row] = CANCELLED
            plan.drug_count[row] = 0
            # Small quantities: many drugs shall not make the doctor costly as well.
            plan.cost[row] = 0.5
    return found


def _repeated_lines(
    plan: _Plan, planted: list[PlantedVisits]
) -> list[tuple[int, list[int], Scheme]]:
    """The sheets of patients whom a scheme gives the same drugs again: row, drugs, scheme."""
    found: list[tuple[int, list[int], Scheme]] = []
    for part in planted:
        action = part.scheme.action
        if isinstance(action, RepeatedSupply):
            rows = np.flatnonzero(np.isin(plan.visit, part.rows) & np.isin(plan.kind, (0, 1, 2)))
            for row in rows.tolist():
                drug = drug_index(*action.drugs)
                if action.pattern == "strength_change" and plan.visit[row] == part.rows[-1]:
                    drug = [second_strength(action.drugs[0])]
                found.append((row, drug, part.scheme))
                plan.drug_count[row] = 0
                plan.cost[row] = 0.5
    return found


def _shorten_frequent(rx: Prescriptions, planted: list[PlantedVisits]) -> None:
    """Who comes every day takes drugs for a day home."""
    for part in planted:
        if isinstance(part.scheme.action, FrequentVisits):
            rx.days[np.isin(rx.visit, part.rows)] = 1


def one_of_class(chosen: list[int]) -> list[int]:
    """The drugs without those whose pharmacological class stands before them in the list."""
    classes = [drugs()[drug].atc for drug in chosen]
    return [
        drug
        for place, drug in enumerate(chosen)
        if drugs()[drug].drug_class != "western" or classes[place] not in classes[:place]
    ]


def _second_of_class(own: Ints, visit: Ints) -> Bools:
    """For each visit the drugs of a practice that have to give way to one of the same class."""
    barred = np.zeros((len(visit), len(own)), dtype=bool)
    western = np.array([drugs()[drug].drug_class == "western" for drug in own])
    for name in np.unique(_CLASS[own[western]]):
        members = np.flatnonzero(western & (_CLASS[own] == name))
        if len(members) > 1 and name != _COMBINED_CLASS:
            barred[:, members] = (np.arange(len(members)) - visit[:, None]) % len(members) > 0
    return barred


def _drugs_of_pattern(pattern: str, dept: Department, rng: np.random.Generator) -> list[int]:
    own: list[int] = rng.permutation(np.array(dept.practice.drugs)).tolist()
    own.sort(key=lambda drug: bool(_ANTIBACTERIAL[drug]))
    own = one_of_class(own)
    match pattern:
        case "over" | "cancelled":
            return [*own[: int(rng.integers(6, min(8, len(own)) + 1))]]
        case "exactly_five":
            return own[:5]
        case "with_herbs":
            return [*own[:4], *rng.permutation(np.array(_HERBS))[:3].tolist()]
        case "with_solvents":
            return own[:5] + list(_SOLVENTS)
        case "two_strengths":
            twice = drug_index("氨氯地平")[0]
            rest = [drug for drug in own if drug != twice]
            return [*rest[:4], twice, second_strength("氨氯地平")]
    raise ValueError(f"unknown pattern of prescription lines: {pattern}")


def _items(
    hospital: Hospital,
    month: Month,
    plan: _Plan,
    visits: Visits,
    special: list[tuple[int, list[int], Scheme]],
    rng: np.random.Generator,
    schemes: Schemes,
) -> RxItems:
    rx_parts, drug_parts, role_parts = [], [], []  # role: 0 general, 1 key, 2 solvent, 3 herb
    department = visits.department[plan.visit]
    for dept in hospital.departments:
        rows = np.flatnonzero((department == dept.index) & (plan.drug_count > 0))
        own = np.array(dept.practice.drugs)
        liking = rng.random((len(rows), len(own))) + _RELUCTANCE * _ANTIBACTERIAL[own]
        liking[_second_of_class(own, plan.visit[rows])] += _NEVER
        order = liking.argsort(axis=1)[:, :MAX_DRUGS]
        general = np.minimum(plan.drug_count[rows], len(own)) - plan.key[rows]
        general = np.maximum(general, np.where(plan.key[rows], 0, 1))
        taken = np.arange(order.shape[1]) < general[:, None]
        taken &= np.take_along_axis(liking, order, axis=1) < _NEVER
        general_drugs = own[order]
        if dept.practice.key in _INJECTIONS:
            injected = _injected_rows(plan.doctor[rows]) & (general > 0)
            general_drugs[injected, general[injected] - 1] = _INJECTIONS[dept.practice.key]
        rx_parts.append(np.repeat(rows, taken.sum(axis=1)))
        drug_parts.append(general_drugs[taken])
        role_parts.append(np.zeros(int(taken.sum()), dtype=np.int64))
        key_rows = rows[plan.key[rows]]
        rx_parts.append(key_rows)
        drug_parts.append(_key_products(hospital, dept, month, len(key_rows), schemes))
        role_parts.append(np.ones(len(key_rows), dtype=np.int64))
        if dept.practice.rx_kind == "emergency":
            infused = rows[rng.random(len(rows)) < 0.4]
            rx_parts.append(infused)
            drug_parts.append(rng.choice(_SOLVENTS, len(infused)))
            role_parts.append(np.full(len(infused), 2))
        if dept.practice.key == "oncology" and hospital.org_type == "general":
            costly = rows[(rng.random(len(rows)) < 0.55) & (plan.drug_count[rows] < MAX_DRUGS)]
            rx_parts.append(costly)
            drug_parts.append(rng.choice(_SPECIALTY, len(costly)))
            role_parts.append(np.full(len(costly), 2))
    herb_rows = np.flatnonzero(plan.kind == RX_KINDS.index("herb"))
    order = rng.random((len(herb_rows), len(_HERBS))).argsort(axis=1)[:, :10]
    rx_parts.append(np.repeat(herb_rows, order.shape[1]))
    drug_parts.append(np.array(_HERBS)[order].ravel())
    role_parts.append(np.full(order.size, 3))
    for row, chosen, _ in special:
        rx_parts.append(np.full(len(chosen), row))
        drug_parts.append(np.array(chosen))
        role_parts.append(
            np.where(np.isin(chosen, _HERBS), 3, np.where(np.isin(chosen, _SOLVENTS), 2, 0))
        )
    rx = np.concatenate(rx_parts)
    order = np.argsort(rx, kind="stable")
    _set_product_packs(hospital, plan, rx, np.concatenate(drug_parts), schemes)
    items = _priced(
        hospital,
        month,
        plan,
        rx[order],
        np.concatenate(drug_parts)[order],
        np.concatenate(role_parts)[order],
        rng,
    )
    _report(hospital, month, plan, items, special, schemes)
    return items


def _injected_rows(doctor: Ints) -> Bools:
    """Rows with an injection, even within a doctor; doctors differ by two fifths of the mean."""
    rate = _INJECTED * (0.6 + 0.8 * (doctor * _GOLDEN % 1.0))
    injected: Bools = ranks_within(doctor) * _GOLDEN % 1.0 < rate
    return injected


def _key_products(
    hospital: Hospital, dept: Department, month: Month, count: int, schemes: Schemes
) -> Ints:
    """Key-monitored products in fixed proportions, so that their growth is not a matter of luck."""
    products = np.array(dept.practice.key_drugs)
    weights = np.ones(len(products)) / len(products)
    for scheme, action in schemes.of(KeyProduct, hospital.number):
        if action.practice != dept.practice.key:
            continue
        position = int(np.flatnonzero(products == drug_index(action.generic_name)[0])[0])
        elapsed = month.serial - scheme.first.serial
        share = action.base if elapsed < 0 else action.shares[min(elapsed, len(action.shares) - 1)]
        weights[:] = (1 - share) / max(1, len(products) - 1)
        weights[position] = share
    places = (np.arange(count) * _GOLDEN + 0.5) % 1.0
    chosen: Ints = products[np.searchsorted(np.cumsum(weights)[:-1], places, side="right")]
    return chosen


def _set_product_packs(
    hospital: Hospital, plan: _Plan, rx: Ints, drug: Ints, schemes: Schemes
) -> None:
    for _, action in schemes.of(KeyProduct, hospital.number):
        mine = rx[drug == drug_index(action.generic_name)[0]]
        plan.key_packs[mine] = np.maximum(plan.key_packs[mine], action.packs)


def _priced(
    hospital: Hospital,
    month: Month,
    plan: _Plan,
    rx: Ints,
    drug: Ints,
    role: Ints,
    rng: np.random.Generator,
) -> RxItems:
    pack_price = np.array([d.price for d in drugs()])
    min_price = np.array([d.min_price for d in drugs()])
    ratio = np.array([d.pack_ratio for d in drugs()])
    base = rng.choice([1.3, 1.6, 2.4], len(rx))
    packs = np.where(role == 1, plan.key_packs[rx], base * plan.cost[rx])
    packs[role == 2] = 1.0
    qty = np.maximum(1, stochastic_round(packs, rng))
    in_min = (
        (role == 0) & (ratio[drug] >= 10) & (rng.random(len(rx)) < 0.04) & (plan.cost[rx] < 1.6)
    )
    qty = np.where(in_min, np.maximum(6, ratio[drug] // 2), qty)
    doses = 5 + rx % 3 * 2
    grams = rng.integers(6, 20, len(rx)) * plan.herb_cost[rx]
    qty = np.where(role == 3, np.rint(grams).astype(np.int64) * doses, qty)
    return RxItems(
        item_id=row_ids(hospital, month, len(rx)),
        rx=rx,
        drug=drug,
        qty=qty * 100,
        in_min_unit=in_min,
        unit_price=np.where(in_min, min_price[drug], pack_price[drug]),
    )


def _prescriptions(
    hospital: Hospital, month: Month, visits: Visits, plan: _Plan, rng: np.random.Generator
) -> Prescriptions:
    long_term = plan.kind == RX_KINDS.index("long_term")
    days = np.where(plan.kind == RX_KINDS.index("emergency"), 3, 7)
    days = np.where(long_term, rng.choice([28, 56, 84], len(days)), days)
    return Prescriptions(
        rx_id=row_ids(hospital, month, len(plan.visit)),
        visit=plan.visit,
        kind=plan.kind,
        time=np.minimum(
            visits.visit_time[plan.visit] + rng.integers(120, 1200, len(plan.visit)), _END
        ),
        status=plan.status,
        days=days,
        long_term=long_term,
        reason=long_term.astype(np.int64),
        herb_doses=np.where(
            plan.kind == RX_KINDS.index("herb"), 5 + np.arange(len(plan.visit)) % 3 * 2, 0
        ),
    )


def _report(
    hospital: Hospital,
    month: Month,
    plan: _Plan,
    items: RxItems,
    special: list[tuple[int, list[int], Scheme]],
    schemes: Schemes,
) -> None:
    """Tell the schemes which prescriptions and lines carry them."""
    rx_id = row_ids(hospital, month, len(plan.visit))
    for row, _, scheme in special:
        if isinstance(scheme.action, ManyDrugs):
            scheme.record(month, "his_rx", [rx_id[row]])
    for scheme, action in schemes.of(CostFactor, hospital.number, month):
        scheme.record(
            month, "his_rx", rx_id[_rows_of(hospital, plan, action.practice, action.doctor)][:20]
        )
    for scheme, group in schemes.of(GroupCost, hospital.number, month):
        mine = _rows_of(hospital, plan, group.practice, group.doctor)
        scheme.record(month, "his_rx", rx_id[mine[_of_group(plan.kind[mine], group.group)]][:20])
    for scheme, share in schemes.of(KeyShare, hospital.number, month):
        mine = _rows_of(hospital, plan, share.practice, share.doctor)
        lines = np.flatnonzero(np.isin(items.rx, mine) & _is_key(items.drug))
        scheme.record(month, "his_rx_item", items.item_id[lines][:20])
    for scheme, product in schemes.of(KeyProduct, hospital.number, month):
        lines = np.flatnonzero(items.drug == drug_index(product.generic_name)[0])
        scheme.record(month, "his_rx_item", items.item_id[lines][:20])


def _is_key(drug: Ints) -> Bools:
    table = np.array([d.is_key_monitored for d in drugs()])
    flagged: Bools = table[drug]
    return flagged


def _rows_of(hospital: Hospital, plan: _Plan, practice: str, ordinal: int) -> Ints:
    """Rows of the plan that belong to one doctor: doctors are numbered department by department."""
    position = plan.practice.index(practice)
    first = sum(d.doctors for d in hospital.departments[:position])
    return np.flatnonzero(plan.doctor == first + ordinal)
