"""Calls to patients a week after discharge: what they say confirms stay and operation."""

from datetime import datetime, timedelta

import numpy as np

from qinglian.city.calendar import DAY
from qinglian.city.draws import Bools
from qinglian.city.his_columns import MonthData
from qinglian.city.lines import SERVICE
from qinglian.city.office import Office, Row, Rows, updated, yes
from qinglian.city.schemes import DeniedStay, Schemes
from qinglian.city.services import services
from qinglian.city.ward import END

_NOTES = ("家属接听", "伤口恢复良好", "询问复诊时间", "希望加快出院结算")
_SATISFACTION = (0.01, 0.02, 0.09, 0.38, 0.50)
_SURGERY = "06"


_RELATIVE = _NOTES[0]


def follow_ups(office: Office, data: MonthData, schemes: Schemes) -> Rows:
    """A call for nearly every stay that began in the month and has ended a week ago."""
    stays, rng = data.stays, office.rng
    count = len(stays.adm_id)
    called = stays.dscg_time // DAY * DAY + rng.integers(7, 11, count) * DAY
    called += rng.integers(9 * 60, 17 * 60, count) * 60
    due = (stays.dscg_time > 0) & (called <= END) & (rng.random(count) < 0.97)
    reached = rng.random(count) < 0.89
    satisfaction = rng.choice(5, count, p=_SATISFACTION) + 1
    operated = _operated(data)
    rows = []
    for stay in np.flatnonzero(due).tolist():
        row: Row = {
            "call_no": f"HF{stays.adm_id[stay]}",
            "adm_no": str(stays.adm_id[stay]),
            "call_time": _moment(int(called[stay])),
            "is_reached": yes(bool(reached[stay])),
        }
        if reached[stay]:
            row |= _answers(office, bool(operated[stay]), int(satisfaction[stay]))
        row["updt_time"] = updated(row["call_time"])
        rows.append(row)
    _deny(data, rows, operated, schemes)
    return {"discharge_call": rows}


def _deny(data: MonthData, rows: list[Row], operated: Bools, schemes: Schemes) -> None:
    """Answers that schemes put into the mouths of patients who were reached."""
    stays = data.stays
    place = {str(number): row for row, number in enumerate(stays.adm_id.tolist())}
    taken: set[int] = set()
    for scheme, action in schemes.of(DeniedStay, data.hospital.number, data.month):
        department = data.hospital.department_of(action.practice).index
        for row in list(rows):
            stay = place[row["adm_no"]]
            fits = row["is_reached"] == "1" and stays.insured[stay] and stay not in taken
            fits &= stays.department[stay] == department
            fits &= action.pattern in ("stay", "relative", "second_call") or (
                bool(operated[stay]) == (action.pattern == "surgery")
            )
            if fits:
                taken.add(stay)
                rows += _denied(row, action.pattern)
                scheme.subject_id = stays.mdtrt_id(stay)
                scheme.reported = data.month
                cents = _cents(data, stay, action.pattern) if scheme.case == "true" else 0
                scheme.record(data.month, "sv_followup", [row["call_no"]], cents)
                break


def _denied(row: Row, pattern: str) -> list[Row]:
    """Change the answers of a call; returns a second call where there is one."""
    again = dict(row)
    column = "operation_ok" if "surgery" in pattern else "stay_ok"
    row |= {"stay_ok": row["stay_ok"] or "1", "remark": None, column: "0"}
    if pattern == "relative":
        row["remark"] = _RELATIVE
    if pattern != "second_call":
        return []
    later = row["call_time"] + timedelta(hours=5)
    again |= {
        "call_no": row["call_no"] + "B",
        "call_time": later,
        "stay_ok": "1",
        "updt_time": updated(later),
    }
    return [again]


def _cents(data: MonthData, stay: int, pattern: str) -> int:
    """What the stay, or its operations, cost net of reversals."""
    lines = data.bills.lines
    mine = lines.inpatient & (lines.encounter == stay)
    if pattern == "surgery":
        surgery = np.array([service.category == _SURGERY for service in services()])
        service = lines.kind == SERVICE
        mine &= service & surgery[np.where(service, lines.item, 0)]
    return int(lines.amount[mine].sum())


def _answers(office: Office, operated: bool, satisfaction: int) -> Row:
    unhappy = satisfaction <= 2
    return {
        # A relative who picks up the telephone does not always know.
        "stay_ok": yes(True if office.happens(0.995) else None),
        "operation_ok": yes(True if operated else None),
        "buy_outside": yes(office.happens(0.012)),
        "gift_asked": yes(office.happens(0.001)),
        "fee_dispute": yes(office.happens(0.3 if unhappy else 0.015)),
        "score": satisfaction,
        "remark": office.one(_NOTES) if office.happens(0.1) else None,
    }


def _operated(data: MonthData) -> Bools:
    """Which stays were billed an operation."""
    surgery = np.array([service.category == _SURGERY for service in services()])
    lines = data.bills.lines
    rows = np.flatnonzero(lines.inpatient & (lines.kind == SERVICE))
    found = np.zeros(len(data.stays.adm_id), dtype=bool)
    found[lines.encounter[rows[surgery[lines.item[rows]]]]] = True
    return found


def _moment(seconds: int) -> datetime:
    moment: datetime = np.datetime64(seconds, "s").astype(datetime)
    return moment
