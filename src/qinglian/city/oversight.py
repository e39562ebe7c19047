"""What the inspection office does: interviews, talks, notices, self-checks, tasks, scores."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from qinglian.city.calendar import Month
from qinglian.city.complaints import verified
from qinglian.city.office import (
    END_OF_HISTORY,
    Office,
    Row,
    Rows,
    day_of,
    known,
    midnight,
    number,
    number_of_year,
    updated,
)
from qinglian.city.suppliers import distributors
from qinglian.city.visitors import lines_of

SUPPLIER, DEPARTMENT, STAFF, PATIENT = "1", "2", "3", "4"
_CAMPAIGN = "2025年医药领域腐败问题集中整治"
_TOPICS = {
    SUPPLIER: ("供应商集体廉洁约谈", "配送及时与廉洁承诺"),
    DEPARTMENT: ("科室合理用药提醒", "科室廉洁风险排查"),
    STAFF: ("廉洁从业提醒",),
    PATIENT: ("清廉查房：是否有大处方、乱检查",),
}
_RESULTS = {
    SUPPLIER: ("已签订廉洁承诺书", "承诺不在诊疗场所拜访医务人员"),
    DEPARTMENT: ("已制定整改措施", "加强处方点评"),
    STAFF: ("表示遵守廉洁从业准则",),
    PATIENT: ("未反映问题", "建议讲清检查必要性"),
}
_REPLIES = ("经核对属治疗需要", "已核实为录入错误并更正", "属科室季节性病种变化")
#: Matters that the register keeps without amounts, by the indicator that names them.
_MATTERS = (None, None, "RX13", "BL17", "XS13")
_SCORE_ITEMS = ("合理用药", "规范收费", "服务质量", "廉洁自律", "患者评价")
_FULL_POINTS = Decimal(20)
_SCHEME = "QL-2025-1"


def interviews(office: Office, month: Month) -> Rows:
    """Interviews of a month with suppliers, departments, staff and, on ward rounds, patients."""
    kinds = [SUPPLIER] * office.count(1.2, 0.8, 0.2)
    kinds += [DEPARTMENT] * office.count(0.6, 0.4, 0.2) + [STAFF] * office.count(0.5, 0.3, 0.1)
    kinds += [PATIENT] * office.count(1.5, 1.0, 0.3)
    rows = []
    for position, kind in enumerate(kinds):
        day = office.day_in(month)
        rows.append(
            {
                "interview_no": number("YT", office, month, position),
                "object_type": kind,
                "object_code": _party(office, kind),
                "interview_date": day,
                "topic": office.one(_TOPICS[kind]),
                "result": office.one(_RESULTS[kind]) if office.happens(0.97) else None,
                "updt_time": updated(midnight(day) + timedelta(hours=16)),
            }
        )
    return {"interview": rows}


def _party(office: Office, kind: str) -> str | None:
    """Patients on ward rounds are asked without their names."""
    if kind == SUPPLIER:
        return distributors()[office.one(list(lines_of(office.hospital)))].code
    if kind == PATIENT:
        return None
    department = office.department()
    return department.code if kind == DEPARTMENT else office.doctor_of(department)


def talks(office: Office, month: Month) -> Rows:
    """Talks of a month; before the long holidays there are more."""
    before_holiday = month.month in (1, 4, 9)
    rows = []
    for position in range(office.count(4.0, 2.5, 1.0) + 2 * before_holiday):
        day = office.day_in(month)
        kind = office.weighted({"1": 0.72, "2": 0.08, "4": 0.16, "5": 0.04})
        rows.append(
            {
                "talk_no": number("TX", office, month, position),
                "staff_code": office.doctor_of(office.department()),
                "talk_date": day,
                "kind_code": "3" if before_holiday and office.happens(0.5) else kind,
                "level_code": office.weighted({"1": 0.1, "2": 0.25, "3": 0.25, "4": 0.4}),
                "updt_time": updated(midnight(day) + timedelta(hours=17)),
            }
        )
    return {"talk": rows}


def notices(office: Office, month: Month, planted: frozenset[str] = frozenset()) -> Rows:
    """Notices of a month with one or two matters each, as they stand when history ends.

    No matter names one of the `planted` indicators: it would recur by chance, and nobody know it.
    """
    found: Rows = {"notice": [], "rectify_item": []}
    for position in range(office.count(0.9, 0.6, 0.25)):
        issued = office.moment_on(office.day_in(month))
        signed = office.later(issued, 0, 3)
        doc_id = number("WS", office, month, position)
        department = office.department().code
        found["notice"].append(
            {
                "doc_id": doc_id,
                "doc_kind": office.weighted({"1": 0.75, "2": 0.05, "3": 0.2}),
                "doc_no": f"清监〔{month.year}〕{doc_id[2:]}号",
                "clue_no": number("XS", office, month, position),
                "dept_code": department,
                "issue_date": issued.date(),
                "sign_date": day_of(signed),
                "due_date": issued.date() + timedelta(days=30),
                "updt_time": updated(issued, signed),
            }
        )
        found["rectify_item"] += [
            _matter(office, f"{doc_id}-{item + 1}", doc_id, department, issued, planted)
            for item in range(int(office.rng.integers(1, 3)))
        ]
    return found


def _matter(
    office: Office,
    item_id: str,
    doc_id: str,
    department: str,
    issued: datetime,
    planted: frozenset[str],
) -> Row:
    submitted = office.later(issued, 10, 30)
    reviewed = office.later(submitted, 2, 10) if submitted else None
    closed = office.later(reviewed, 0, 5) if reviewed and office.happens(0.92) else None
    returned = reviewed is not None and closed is None and office.happens(0.5)
    indicator = office.one(_MATTERS)
    steps = ((closed, "40"), (reviewed, "90" if returned else "30"), (submitted, "20"))
    return {
        "item_id": item_id,
        "doc_id": doc_id,
        "indicator_code": None if indicator in planted else indicator,
        "object_type": DEPARTMENT,
        "object_code": department,
        "state_code": next((state for moment, state in steps if moment), "10"),
        "submit_date": day_of(submitted),
        "review_date": day_of(reviewed),
        "close_date": day_of(closed),
        "refund_amount": office.yuan(100, 3_000, 10) if closed and office.happens(0.2) else None,
        "reviewer": office.officer() if reviewed else None,
        "updt_time": updated(issued, submitted, reviewed, closed),
    }


def self_checks(office: Office, month: Month) -> Rows:
    """Clues that departments were asked to explain."""
    rows = []
    for position in range(office.count(1.2, 0.8, 0.3)):
        asked = office.moment_on(office.day_in(month))
        replied = office.later(asked, 3, 14)
        judged = office.later(replied, 1, 7) if replied else None
        rows.append(
            {
                "check_no": number("ZC", office, month, position),
                "clue_no": number("XZ", office, month, position),
                "dept_code": office.department().code,
                "due_date": asked.date() + timedelta(days=15),
                "reply": office.one(_REPLIES) if replied else None,
                "accepted": ("1" if office.happens(0.8) else "0") if judged else None,
                "reviewer": office.officer() if judged else None,
                "updt_time": updated(asked, replied, judged),
            }
        )
    return {"self_check": rows}


def tasks(office: Office) -> Rows:
    """The year's campaign, each action with a department and a person in charge."""
    rows = []
    for position in range((18, 18, 8)[office.hospital.level_rank]):
        due = date(2025, 3, 31) + timedelta(days=int(office.rng.integers(0, 270)))
        done = known(midnight(due) + timedelta(days=int(office.rng.integers(-25, 9)), hours=15))
        department = office.department()
        rows.append(
            {
                "task_no": number_of_year("RW", office, position),
                "campaign": _CAMPAIGN,
                "dept_code": department.code,
                "owner": office.head_of(department),
                "due_date": due,
                "done_date": day_of(done),
                "state_code": "2" if done else "1",
                "updt_time": updated(midnight(date(2025, 3, 1)), done),
            }
        )
    return {"task": rows}


def scores(office: Office, month: Month, complaints: list[Row]) -> Rows:
    """Scores of departments at the end of a quarter; what is taken off rests on a complaint."""
    rows: list[Row] = []
    if month.month % 3:
        return {"score_line": rows}
    period = f"{month.year}Q{month.month // 3}"
    for department in office.hospital.departments:
        reasons = verified(complaints, department.code)
        for item, _ in enumerate(_SCORE_ITEMS):
            rows.append(_score(office, month, len(rows), department.code, period, item, None))
        rows += [
            _score(office, month, len(rows) + place, department.code, period, 4, reason)
            for place, reason in enumerate(reasons)
        ]
    return {"score_line": rows}


def _score(
    office: Office,
    month: Month,
    position: int,
    department: str,
    period: str,
    item: int,
    reason: str | None,
) -> Row:
    points = _FULL_POINTS - Decimal(int(office.rng.integers(0, 9))) / 4
    return {
        "line_no": number("KP", office, month, position),
        "object_type": "1",
        "object_code": department,
        "period": period,
        "scheme": _SCHEME,
        "item_code": f"K{item + 1:02d}",
        "points": Decimal(-1) if reason else points,
        "source_no": reason,
        "updt_time": updated(midnight(month.last) + timedelta(hours=16)),
    }


def activities(office: Office, month: Month, rows: Rows) -> Rows:
    """Counters that the office reports for a month; what the register holds, it counts from it."""
    hospital, rng = office.hospital, office.rng
    interviewed = sum(row["object_type"] == SUPPLIER for row in rows["interview"])
    signed = len(office.staff.codes) if month.month == 1 else int(rng.integers(0, 3))
    metrics = {
        "rules": int(rng.integers(0, 3)),
        "home_visits": int(rng.integers(0, 4)),
        "commitments": signed,
        "talks": len(rows["talk"]),
        "supplier_interviews": interviewed,
        "trainings": int(rng.integers(1, 4)),
        "ward_rounds": int(rng.integers(1, 3 + 2 * (2 - hospital.level_rank))),
        "spot_checks": int(rng.integers(0, 4)),
    }
    reported = min(midnight(month.next.first) + timedelta(days=2, hours=10), END_OF_HISTORY)
    return {
        "activity_report": [
            {
                "report_month": month.first,
                "metric_code": metric,
                "amount": Decimal(value),
                "updt_time": reported,
            }
            for metric, value in metrics.items()
        ]
    }
