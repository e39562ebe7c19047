"""Short stays for examinations alone: a few in every ward, many where a scheme has them."""

import numpy as np

from qinglian.city.calendar import DAY, Month
from qinglian.city.draws import Ints, Purpose, stream
from qinglian.city.lines import SERVICE, Lines, join_lines, new_lines
from qinglian.city.organisations import Hospital
from qinglian.city.schemes import Schemes, ShortStays
from qinglian.city.services import service_index
from qinglian.city.ward import AGAINST_ADVICE, END, REFERRED, Stays, planned_stays

#: Part of every ward's stays that are for examinations alone, and how long these last at most.
_EVERYWHERE = 0.03
_LONGEST = 3
#: What the examinations of such a stay are, and what is given beside them.
_EXAMS = (
    *("ct", "echo", "abd_us", "liver", "lipids", "blood_count", "crp", "tumour_marker", "glucose"),
)
_CARE = ("infusion",)
#: Treatment that takes an eighth of such a bill.
_TREATMENT = ("acupuncture", 4)
EXAMS_ONLY, WITH_TREATMENT = 1, 2
_WAYS = {"transfer": int(REFERRED), "left": int(AGAINST_ADVICE)}


def shorten_stays(
    hospital: Hospital, stays: Stays, month: Month, seed: int, schemes: Schemes
) -> None:
    """Make some closed stays short ones, none of those that schemes of readmission hold."""
    rng = stream(seed, Purpose.SHORT_STAYS, hospital.number, month.serial)
    actions = schemes.of(ShortStays, hospital.number, month)
    fits = (stays.dscg_time > 0) & (stays.adm_time // DAY + _LONGEST + 2 <= END // DAY)
    fits[: len(planned_stays(hospital, month, schemes))] = False
    for dept in hospital.departments:
        rows = rng.permutation(np.flatnonzero(fits & (stays.department == dept.index)))
        days = rng.integers(1, _LONGEST + 1, len(rows))
        start = int(rng.binomial(len(rows), _EVERYWHERE))
        _shorten(stays, rows[:start], days[:start])
        for scheme, action in actions:
            if action.practice != dept.practice.key:
                continue
            chosen = rows[start : start + action.per_month]
            length = days[start : start + action.per_month]
            start += action.per_month
            longer = action.pattern == "four_days"
            _shorten(stays, chosen, np.full(len(chosen), _LONGEST + 1) if longer else length)
            if action.pattern == "treated":
                stays.workup[chosen] = WITH_TREATMENT
            if action.pattern in _WAYS:
                stays.discharge_way[chosen] = _WAYS[action.pattern]
            stays.short.append((scheme, chosen))


def _shorten(stays: Stays, rows: Ints, days: Ints) -> None:
    clock = stays.dscg_time[rows] % DAY
    stays.dscg_time[rows] = (stays.adm_time[rows] // DAY + days) * DAY + clock
    stays.workup[rows] = EXAMS_ONLY


def with_workups(stays: Stays, lines: Lines) -> Lines:
    """The lines with examinations in place of what else the short stays were given."""
    index = service_index()
    other = lines.inpatient & ~lines.auto & (stays.workup[lines.encounter * lines.inpatient] > 0)
    rows = np.flatnonzero(stays.workup > 0)
    treated = np.flatnonzero(stays.workup == WITH_TREATMENT)
    parts = [
        _given(stays, rows, index[key], 1, hour)
        for hour, key in enumerate((*_EXAMS, *_CARE), start=1)
    ]
    parts.append(_given(stays, treated, index[_TREATMENT[0]], _TREATMENT[1], 3))
    return join_lines([lines.take(np.flatnonzero(~other)), *parts])


def _given(stays: Stays, rows: Ints, item: int, qty: int, hour: int) -> Lines:
    return new_lines(
        True,
        rows,
        np.minimum(stays.adm_time[rows] + hour * 1200, stays.dscg_time[rows] - 600),
        SERVICE,
        np.full(len(rows), item),
        np.full(len(rows), qty * 100),
        stays.department[rows],
        stays.doctor[rows],
    )


def record_short(stays: Stays, lines: Lines, month: Month) -> None:
    """Note the short stays of schemes; what they cost is too much where the case is a true one."""
    for scheme, rows in stays.short:
        mine = lines.inpatient & np.isin(lines.encounter, rows)
        cents = int(lines.amount[mine].sum()) if scheme.case == "true" else 0
        scheme.record(month, "his_admission", stays.adm_id[rows], cents)
