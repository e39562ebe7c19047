"""Matters to be rectified that were closed, about the subjects of other schemes."""

from datetime import date, datetime, timedelta

from qinglian.city.his_columns import MonthData
from qinglian.city.office import PURCHASING, Row, Rows, midnight, updated
from qinglian.city.schemes import ClosedMatter, Scheme, Schemes

#: How the register names what a matter is about, by the type of a scheme's subject.
_OBJECTS = {"doctor": "3", "charge_item": "5", "purchase_item": "1"}
#: Days before the closing: notice, report of the department, review.
_ISSUED, _SUBMITTED, _REVIEWED = 45, 14, 3
_TERM = timedelta(days=30)


def closed_matters(data: MonthData, schemes: Schemes) -> Rows:
    """Notices and their matters that schemes close in a month."""
    found: Rows = {"notice": [], "rectify_item": []}
    for scheme, action in schemes.of(ClosedMatter, data.hospital.number, data.month):
        about = next(other for other in schemes.all if other.scheme_id == action.of)
        notice, matter = _written(data, scheme, action, about)
        found["notice"].append(notice)
        found["rectify_item"].append(matter)
        scheme.subject_id = matter["item_id"]
        scheme.record(data.month, "sv_rectification", [matter["item_id"]])
        scheme.record(data.month, "sv_notice", [notice["doc_id"]])
    return found


def _written(
    data: MonthData, scheme: Scheme, action: ClosedMatter, about: Scheme
) -> tuple[Row, Row]:
    """The notice and its only matter."""
    serial = int(scheme.scheme_id.rpartition("-")[2])
    doc_id = f"WS{data.hospital.number:02d}{data.month.stamp}{900 + serial}"
    issued = _moment(action.on, _ISSUED)
    notice = {
        "doc_id": doc_id,
        "doc_kind": "1",
        "doc_no": f"清监〔{issued.year}〕{doc_id[2:]}号",
        "clue_no": f"XS{doc_id[2:]}",
        "dept_code": _recipient(data, about),
        "issue_date": issued.date(),
        "sign_date": issued.date(),
        "due_date": issued.date() + _TERM,
        "updt_time": updated(issued),
    }
    matter = {
        "item_id": f"{doc_id}-1",
        "doc_id": doc_id,
        "indicator_code": action.indicator or about.indicator_id,
        "object_type": _OBJECTS[about.subject_type],
        "object_code": _object(about),
        "state_code": "40",
        "submit_date": _moment(action.on, _SUBMITTED).date(),
        "review_date": _moment(action.on, _REVIEWED).date(),
        "close_date": action.on,
        "reviewer": "JJ001",
        "updt_time": updated(_moment(action.on, 0)),
    }
    return notice, matter


def _object(about: Scheme) -> str:
    """Whoever or whatever the scheme is about; of a purchase it is the supplier."""
    parts = about.subject_id.split("|")
    return parts[1] if about.subject_type == "purchase_item" else parts[0]


def _recipient(data: MonthData, about: Scheme) -> str:
    practice = getattr(about.action, "practice", None)
    found = [d.code for d in data.hospital.departments if d.practice.key == practice]
    return found[0] if found else PURCHASING


def _moment(closed: date, days_before: int) -> datetime:
    """Ten in the morning, some days before the closing."""
    return midnight(closed - timedelta(days=days_before)) + timedelta(hours=10)
