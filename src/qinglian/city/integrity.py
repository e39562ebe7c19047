"""Files on staff: yearly commitments and declarations, key posts with their rotation limits."""

from datetime import date, datetime, timedelta

import numpy as np

from qinglian.city.calendar import HISTORY_END
from qinglian.city.codes import uscc
from qinglian.city.office import Office, Row, Rows, midnight, number_of_year
from qinglian.city.people import identity_numbers

#: Relatives' numbers as residents: beyond those of patients, owners and representatives.
_RELATIVES = 97_000_000
#: Companies of relatives that sell nothing to hospitals.
_OTHER_COMPANIES = 6_000
_COMMITMENT, _RELATIVE, _SHARES, _PART_TIME, _MAJOR = "1", "2", "3", "4", "5"
_DETAILS = {
    _RELATIVE: ("配偶经营文具店", "子女在物流公司任职并持股", "兄弟经营餐饮"),
    _SHARES: ("持有非医药行业公司少量股份",),
    _PART_TIME: ("在医学院兼职授课", "受邀担任学会委员"),
    _MAJOR: ("购置房产", "子女出国留学", "因私出国（境）"),
}
_ROTATION_MONTHS = 36


def declarations(office: Office) -> Rows:
    """A commitment of each staff member in January, and what some declare over the year."""
    rows: list[Row] = []
    for position, code in enumerate(office.staff.codes):
        signed = date(2025, 1, 6) + timedelta(days=int(office.rng.integers(0, 12)))
        rows.append(_declaration(office, len(rows), code, signed, _COMMITMENT))
        if office.happens(0.25):
            kind = office.one((_RELATIVE, _SHARES, _PART_TIME, _MAJOR, _MAJOR))
            day = date(2025, 1, 20) + timedelta(days=int(office.rng.integers(0, 330)))
            row = _declaration(office, len(rows), code, day, kind)
            if kind == _RELATIVE:
                person = np.array([_RELATIVES + office.hospital.number * 1000 + position * 10 + 5])
                row["relative_id_card"] = str(identity_numbers(person)[0])
            if kind in (_RELATIVE, _SHARES):
                serial = _OTHER_COMPANIES + office.hospital.number * 100 + position
                row["company_uscc"] = uscc(500104, serial)
            row["content"] = office.one(_DETAILS[kind])
            rows.append(row)
    return {"declaration": rows}


def _declaration(office: Office, position: int, staff_code: str, day: date, kind: str) -> Row:
    return {
        "declare_no": number_of_year("SB", office, position),
        "staff_code": staff_code,
        "declare_date": day,
        "kind_code": kind,
        "updt_time": midnight(day) + timedelta(hours=17),
    }


def posts(office: Office) -> Rows:
    """Who buys, approves, dispenses and collects, since when; each took over from another."""
    staff = office.staff
    pharmacists = [staff.codes[i] for i in staff.pharmacists]
    cashiers = [staff.codes[i] for i in staff.cashiers]
    held = [
        *((code, "CG", True) for code in office.buyers),
        (office.approver, "SP", True),
        (pharmacists[1], "YS", True),
        (pharmacists[0], "KG", True),
        *((code, "YF", True) for code in pharmacists),
        *((code, "SF", False) for code in cashiers),
        (pharmacists[0], "TF", True),
    ]
    rows: list[Row] = []
    for code, post, is_key in held:
        months = int(office.rng.integers(3, _ROTATION_MONTHS - 2))
        begin = HISTORY_END - timedelta(days=months * 30)
        rows.append(_post(code, post, is_key, begin, None))
    # The other pharmacist looked after the goods until the present keeper took over.
    keeper = next(row for row in rows if row["post_code"] == "KG")
    end = keeper["begin_date"] - timedelta(days=1)
    rows.append(_post(pharmacists[1], "KG", True, end - timedelta(days=700), end))
    return {"post_record": rows}


def _post(code: str, post: str, is_key: bool, begin: date, end: date | None) -> Row:
    written: datetime = midnight(end or begin) + timedelta(hours=9)
    return {
        "staff_code": code,
        "post_code": post,
        "is_key": "1" if is_key else "0",
        "begin_date": begin,
        "end_date": end,
        "rotate_months": _ROTATION_MONTHS if is_key else None,
        "updt_time": written,
    }
