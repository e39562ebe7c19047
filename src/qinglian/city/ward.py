"""Inpatient stays of one hospital that begin in one month."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache

import numpy as np

from qinglian.city.calendar import DAY, HISTORY_END, Month, second_number
from qinglian.city.clinic import row_ids
from qinglian.city.doctors import Staff
from qinglian.city.draws import Bools, Ints, Purpose, stream
from qinglian.city.organisations import Hospital
from qinglian.city.people import Patients, insurance_type, is_male
from qinglian.city.practices import practices
from qinglian.city.schemes import Readmission, Scheme, Schemes, TakenHome

#: Diagnoses that only wards use: planned courses of treatment and second diagnoses of schemes.
WARD_ONLY = (
    ("Z51.103", "恶性肿瘤术后化学治疗"),
    ("Z49.100", "体外透析"),
    ("Z51.000", "放射治疗疗程"),
    ("I63.900", "脑梗死"),
)
END = second_number(HISTORY_END + timedelta(days=1)) - 1
#: Beginnings of diagnoses that women do not have; they get the department's first one.
_OF_MEN = ("C61", "N40")
DISCHARGED, REFERRED, AGAINST_ADVICE = "1", "2", "4"


@cache
def all_diagnoses() -> tuple[tuple[str, str], ...]:
    """Every diagnosis of the city; stays hold the position in this list."""
    found = {pair: None for practice in practices().values() for pair in practice.diagnoses}
    return (*found, *(pair for pair in WARD_ONLY if pair not in found))


@dataclass
class Stays:
    """One row a stay. `dscg_time` is 0 while the patient is in the ward at the end of history.

    `workup` marks short stays for examinations, `short` holds those of schemes, `taken_home` the
    stays whose patients schemes give drugs to take home.
    """

    adm_id: Ints
    patient: Ints
    department: Ints
    doctor: Ints
    adm_time: Ints
    dscg_time: Ints
    diagnosis: Ints
    insured: Bools
    discharge_way: Ints
    referred_from: Ints
    interim: Bools
    workup: Ints
    short: list[tuple[Scheme, Ints]] = field(init=False, default_factory=list)
    taken_home: list[tuple[Scheme, TakenHome, int]] = field(init=False, default_factory=list)

    def mdtrt_id(self, row: int) -> str:
        """National encounter identifier of a stay."""
        return mdtrt_number(True, int(self.adm_id[row]))

    @property
    def days(self) -> Ints:
        """Days with ward charges, at least one."""
        end = np.where(self.dscg_time > 0, self.dscg_time, END)
        return np.maximum(1, end // DAY - self.adm_time // DAY)


@dataclass(frozen=True)
class PlannedStay:
    """One of the two stays of a readmission scheme."""

    scheme: Scheme
    action: Readmission
    is_second: bool
    begin: int
    end: int
    order: int


def planned_stays(hospital: Hospital, month: Month, schemes: Schemes) -> list[PlannedStay]:
    """Stays of schemes that begin in `month`; they come first among the month's stays."""
    found = []
    for order, (scheme, action) in enumerate(schemes.of(Readmission, hospital.number)):
        begin = second_number(scheme.first.first) + (action.day - 1) * DAY + 9 * 3600
        end = begin + action.first_days * DAY + 5 * 3600
        second = begin + (action.first_days + action.gap) * DAY
        stays = [PlannedStay(scheme, action, False, begin, end, order)]
        if not action.interim_settlement:
            last = second + action.second_days * DAY + 5 * 3600
            stays.append(PlannedStay(scheme, action, True, second, last, order))
        start, stop = second_number(month.first), second_number(month.next.first)
        found += [stay for stay in stays if start <= stay.begin < stop]
    return found


def ward_month(
    hospital: Hospital,
    staff: Staff,
    patients: Patients,
    month: Month,
    seed: int,
    schemes: Schemes,
) -> Stays:
    """Stays that begin in `month`; a patient is drawn at most once in four months."""
    rng = stream(seed, Purpose.WARD, hospital.number, month.serial)
    planned = planned_stays(hospital, month, schemes)
    turn = (month.serial + hospital.number) % 4
    queues = {
        population: patients.admitted_here(rng.permutation(pool[pool % 4 == turn]))
        for population in ("any", "child", "woman")
        for pool in [patients.drawable(population)]
    }
    used = dict.fromkeys(queues, 0)
    parts = [_planned(hospital, staff, patients, month, planned, schemes)]
    for dept in hospital.departments:
        population = dept.practice.population
        count = round(dept.monthly_stays * rng.uniform(0.94, 1.06))
        if count == 0:
            continue
        chosen = queues[population][used[population] : used[population] + count]
        used[population] += count
        parts.append(_drawn(hospital, staff, patients, month, dept.index, chosen, rng))
    joined = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return Stays(row_ids(hospital, month, len(joined[0])), *joined)


def _drawn(
    hospital: Hospital,
    staff: Staff,
    patients: Patients,
    month: Month,
    department: int,
    chosen: Ints,
    rng: np.random.Generator,
) -> tuple[np.ndarray, ...]:
    dept = hospital.departments[department]
    count = len(chosen)
    days = np.clip(rng.gamma(4.0, dept.practice.mean_stay_days / 4.0, count).round(), 1, 24)
    begin = (
        second_number(month.first)
        + rng.integers(0, month.day_count, count) * DAY
        + rng.integers(7 * 3600, 20 * 3600, count)
    )
    end = (
        begin // DAY * DAY + days.astype(np.int64) * DAY + rng.integers(9 * 3600, 16 * 3600, count)
    )
    places = [all_diagnoses().index(pair) for pair in dept.practice.diagnoses]
    picked = (rng.random(count) ** 1.5 * len(places)).astype(int)
    of_men = np.array([code.startswith(_OF_MEN) for code, _ in dept.practice.diagnoses])
    picked[of_men[picked] & ~is_male(patients.person[chosen])] = 0
    first_doctor = staff.number(department, 0)
    way = np.where(rng.random(count) < 0.02, int(REFERRED), int(DISCHARGED))
    return (
        chosen,
        np.full(count, department),
        first_doctor + rng.integers(0, dept.doctors, count),
        begin,
        np.where(end > END, 0, end),
        np.array(places)[picked],
        (insurance_type(patients.person[chosen]) > 0) & (rng.random(count) < 0.97),
        way,
        np.zeros(count, dtype=np.int64),
        np.zeros(count, dtype=bool),
        np.zeros(count, dtype=np.int64),
    )


def _planned(
    hospital: Hospital,
    staff: Staff,
    patients: Patients,
    month: Month,
    planned: list[PlannedStay],
    schemes: Schemes,
) -> tuple[np.ndarray, ...]:
    ids = row_ids(hospital, month, len(planned))
    reserved = patients.planted()
    # Women from the end of the list, so that nobody is taken twice.
    women = reserved[~is_male(patients.person[reserved])][::-1]
    rows = []
    for stay, adm_id in zip(planned, ids.tolist(), strict=True):
        action = stay.action
        dept = hospital.department_of(action.practice)
        diagnosis = action.second_diagnosis if stay.is_second else action.first_diagnosis
        pair = dept.practice.diagnoses[diagnosis] if isinstance(diagnosis, int) else diagnosis
        way = DISCHARGED if stay.is_second else action.first_discharge_way
        first_id = _first_id(hospital, stay, month, schemes) if stay.is_second else 0
        rows.append(
            (
                int((women if dept.practice.population == "woman" else reserved)[stay.order]),
                dept.index,
                staff.number(dept.index, 0),
                stay.begin,
                stay.end,
                all_diagnoses().index(pair),
                True,
                int(way),
                first_id if action.referral else 0,
                action.interim_settlement,
                0,
            )
        )
        _record(stay, month, adm_id, first_id)
    columns = list(zip(*rows, strict=True)) or [()] * 11
    kinds = [np.int64] * 6 + [np.bool_] + [np.int64] * 2 + [np.bool_, np.int64]
    return tuple(np.array(c, dtype=k) for c, k in zip(columns, kinds, strict=True))


def _first_id(hospital: Hospital, stay: PlannedStay, month: Month, schemes: Schemes) -> int:
    first_month = stay.scheme.first
    siblings = planned_stays(hospital, first_month, schemes)
    position = next(
        i for i, other in enumerate(siblings) if other.scheme is stay.scheme and not other.is_second
    )
    return int(row_ids(hospital, first_month, position + 1)[-1])


def mdtrt_number(inpatient: bool, encounter_id: int) -> str:
    """National encounter identifier of a visit or a stay."""
    return f"5001{2 if inpatient else 1}{encounter_id}"


def _record(stay: PlannedStay, month: Month, adm_id: int, first_id: int) -> None:
    scheme = stay.scheme
    if stay.action.interim_settlement or stay.is_second:
        scheme.subject_id = mdtrt_number(True, adm_id)
        keys = [scheme.subject_id]
        if first_id:
            keys.append(mdtrt_number(True, first_id))
        scheme.reported = month
        scheme.record(month, "yb_mdtrt_d", keys)
