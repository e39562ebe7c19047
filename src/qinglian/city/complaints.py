"""Complaints, gifts handed in, donations, and the veto events that verified complaints led to."""

from datetime import datetime

from qinglian.city.calendar import Month
from qinglian.city.his_columns import MonthData
from qinglian.city.office import Office, Row, Rows, midnight, number, updated, yes
from qinglian.city.suppliers import distributors
from qinglian.city.visitors import lines_of

_CHANNELS = {"01": 0.44, "02": 0.25, "03": 0.05, "04": 0.10, "05": 0.11, "06": 0.03, "07": 0.02}
FEE, PRESCRIBING, GIFT, ATTITUDE = "01", "02", "03", "04"
PROCUREMENT, QUALITY, SUGGESTION, OTHER = "05", "06", "07", "99"
_TOPICS = {
    FEE: 0.24,
    PRESCRIBING: 0.10,
    GIFT: 0.03,
    ATTITUDE: 0.22,
    PROCUREMENT: 0.02,
    QUALITY: 0.13,
    SUGGESTION: 0.18,
    OTHER: 0.08,
}
_TEXTS = {
    FEE: ("费用清单看不明白，希望解释", "觉得检查费偏高", "同一项目好像收了两次，请核对"),
    PRESCRIBING: ("开的药太多，吃不完", "能否少开一些药", "每次都开同一种辅助用药"),
    GIFT: ("听说有人送红包，希望调查", "病友说术前要表示一下"),
    ATTITUDE: ("窗口态度不好", "医生解释太少，很不耐烦", "护士叫号时语气生硬"),
    PROCUREMENT: ("某设备经常坏，怀疑采购有问题", "耗材换了牌子，质量变差"),
    QUALITY: ("等了很久才做上检查", "术后恢复不理想，希望说明"),
    SUGGESTION: ("建议增加自助机", "建议在门诊设置咨询台", "希望公示常用项目价格"),
    OTHER: ("停车困难", "厕所需要维修"),
}
ORGANISATION, DEPARTMENT, STAFF = "1", "2", "3"
RECEIVED, HANDLING, CLOSED, REJECTED = "10", "20", "30", "90"
_GIFT_NOTES = ("术后患者家属塞入，当面推辞未果", "夹在病历中，次日发现", "节日期间寄到科室")
#: Days from receipt to the end of a complaint.
_FEWEST_DAYS, _MOST_DAYS = 3, 25


def complaints(office: Office, data: MonthData) -> Rows:
    """Complaints of a month, each as it stands when history ends, and resulting veto events."""
    found: Rows = {"complaint": [], "veto_event": []}
    for position in range(office.count(8.0, 5.0, 2.0)):
        row = _complaint(office, data, number("TS", office, data.month, position))
        found["complaint"].append(row)
        if _is_veto(office, row):
            found["veto_event"].append(_veto(office, row))
    return found


def _complaint(office: Office, data: MonthData, complaint_no: str) -> Row:
    topic = office.weighted(_TOPICS)
    received = office.moment_on(office.day_in(data.month), 7, 21)
    finished = office.later(received, _FEWEST_DAYS, _MOST_DAYS)
    anonymous = office.happens(0.35)
    rejected = anonymous and office.happens(0.08)
    target_type, target = _target(office, topic)
    judged = finished is not None and not rejected and topic != SUGGESTION
    return {
        "complaint_no": complaint_no,
        "channel_code": office.weighted(_CHANNELS),
        "topic_code": topic,
        "target_type": target_type,
        "target_code": target,
        "receive_time": received,
        "anonymous": yes(anonymous),
        "encounter_no": None if anonymous or topic == SUGGESTION else _encounter(office, data),
        "content": office.one(_TEXTS[topic]),
        "state_code": _state(office, finished, rejected),
        "is_true": yes(office.happens(0.22)) if judged else None,
        "finish_time": finished,
        "updt_time": updated(received, finished),
    }


def _state(office: Office, finished: datetime | None, rejected: bool) -> str:
    if finished is None:
        return HANDLING if office.happens(0.7) else RECEIVED
    return REJECTED if rejected else CLOSED


def _target(office: Office, topic: str) -> tuple[str, str]:
    if topic in (SUGGESTION, OTHER, PROCUREMENT):
        return ORGANISATION, office.hospital.org_code
    department = office.department()
    if office.happens(0.3):
        return STAFF, office.doctor_of(department)
    return DEPARTMENT, department.code


def _encounter(office: Office, data: MonthData) -> str | None:
    """A stay or a visit of the month; some complainants do not say which."""
    if office.happens(0.3):
        return None
    ids = data.stays.adm_id if office.happens(0.4) else data.clinic.visits.visit_id
    return str(office.one(ids.tolist())) if len(ids) else None


def _is_veto(office: Office, row: Row) -> bool:
    """A gift that was found true always is one, another fault of a person rarely."""
    if row["is_true"] != "1" or row["target_type"] != STAFF:
        return False
    return row["topic_code"] == GIFT or (row["topic_code"] == ATTITUDE and office.happens(0.1))


def _veto(office: Office, row: Row) -> Row:
    finished = row["finish_time"]
    return {
        "event_no": row["complaint_no"].replace("TS", "FJ"),
        "object_type": "2",
        "object_code": row["target_code"],
        "occur_date": row["receive_time"].date(),
        "kind_code": "01" if row["topic_code"] == GIFT else "02",
        "confirmer": office.officer(),
        "confirm_time": finished,
        "evidence_no": row["complaint_no"],
        "appeal_code": "0",
        "updt_time": updated(finished),
    }


def gifts(office: Office, month: Month) -> Rows:
    """What staff handed in; most is given back within days."""
    rows = []
    for position in range(office.count(0.9, 0.5, 0.1)):
        handed_in = office.moment_on(office.day_in(month))
        returned = office.later(handed_in, 1, 6) if office.happens(0.8) else None
        rows.append(
            {
                "gift_no": number("LJ", office, month, position),
                "staff_code": office.doctor_of(office.department()),
                "giver_code": "1" if office.happens(0.88) else "2",
                "amount": office.yuan(200, 2000, 100) if office.happens(0.9) else None,
                "hand_in_time": handed_in,
                "return_time": returned,
                "remark": office.one(_GIFT_NOTES),
                "updt_time": updated(handed_in, returned),
            }
        )
    return {"gift": rows}


def donations(office: Office, month: Month) -> Rows:
    """Donations, half of them by suppliers of the hospital."""
    rows = []
    for position in range(office.count(0.3, 0.15, 0.02)):
        day = office.day_in(month)
        supplier = office.one(list(lines_of(office.hospital)))
        kind = office.weighted({"1": 0.25, "2": 0.25, "4": 0.2, "5": 0.2, "9": 0.1})
        rows.append(
            {
                "donation_no": number("JZ", office, month, position),
                "supplier_code": distributors()[supplier].code if office.happens(0.5) else None,
                "donate_date": day,
                "amount": office.yuan(5_000, 120_000, 1_000),
                "kind_code": kind,
                "dept_code": office.department().code,
                "approver": office.approver,
                "updt_time": updated(midnight(day)),
            }
        )
    return {"donation": rows}


def verified(rows: list[Row], department: str) -> list[str]:
    """Numbers of complaints about a department that were found true."""
    return [
        row["complaint_no"]
        for row in rows
        if row["is_true"] == "1" and row["target_code"] == department
    ]
