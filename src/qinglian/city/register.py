"""Writer of supervision_register: the inspection office's register of all hospitals."""

import pyarrow as pa

from qinglian.city.cases import TRUE
from qinglian.city.complaints import complaints, donations, gifts
from qinglian.city.doctors import Staff
from qinglian.city.draws import Purpose
from qinglian.city.duties import long_posts
from qinglian.city.followups import follow_ups
from qinglian.city.his_columns import MonthData, Tables
from qinglian.city.integrity import declarations, posts
from qinglian.city.interests import declared_roles
from qinglian.city.office import Office, Rows
from qinglian.city.organisations import Hospital
from qinglian.city.oversight import (
    activities,
    interviews,
    notices,
    scores,
    self_checks,
    talks,
    tasks,
)
from qinglian.city.rectifications import closed_matters
from qinglian.city.rep_visits import scheme_visits
from qinglian.city.schemes import Schemes
from qinglian.city.visitors import representatives, visits
from qinglian.city.winners_donations import winners_donations

#: Tables that are read by the time of their last change.
CURSOR_COLUMNS = {
    "visit_log": "updt_time",
    "discharge_call": "updt_time",
    "score_line": "updt_time",
    "activity_report": "updt_time",
}
_TYPES = {
    "text": pa.string(),
    "date": pa.date32(),
    "time": pa.timestamp("us"),
    "money": pa.decimal128(18, 2),
    "count": pa.int32(),
}
# table: columns after hospital_code; text where no type is named
_LAYOUT = """
medical_rep: rep_no id_card rep_name supplier_code holder filing_no valid_until=date
medical_rep_product: rep_no national_code
visit_log: visit_no rep_no supplier_code begin_time=time end_time=time place appointed approver \
reason dept_code recorder
visit_log_staff: visit_no staff_code
visit_log_product: visit_no national_code
interview: interview_no object_type object_code interview_date=date topic result
complaint: complaint_no channel_code topic_code target_type target_code receive_time=time \
anonymous encounter_no content state_code is_true finish_time=time
gift: gift_no staff_code giver_code amount=money hand_in_time=time return_time=time remark
donation: donation_no supplier_code donate_date=date amount=money kind_code dept_code approver
declaration: declare_no staff_code declare_date=date kind_code relative_id_card company_uscc content
post_record: staff_code post_code is_key begin_date=date end_date=date rotate_months=count
notice: doc_id doc_kind doc_no clue_no dept_code issue_date=date sign_date=date due_date=date
rectify_item: item_id doc_id indicator_code object_type object_code state_code submit_date=date \
review_date=date close_date=date refund_amount=money reviewer
discharge_call: call_no adm_no call_time=time is_reached stay_ok operation_ok buy_outside \
gift_asked fee_dispute score=count remark
score_line: line_no object_type object_code period scheme item_code points=money source_no
veto_event: event_no object_type object_code occur_date=date kind_code confirmer \
confirm_time=time evidence_no appeal_code
task: task_no campaign dept_code owner due_date=date done_date=date state_code
talk: talk_no staff_code talk_date=date kind_code level_code
self_check: check_no clue_no dept_code due_date=date reply accepted reviewer
activity_report: report_month=date metric_code amount=money
"""
#: Lists that belong to a row have no time of their own.
_LISTS = ("medical_rep_product", "visit_log_staff", "visit_log_product")


def hospital_rows(hospital: Hospital, staff: Staff, seed: int) -> Rows:
    """What the register holds of a hospital whatever the month."""

    def desk(purpose: Purpose) -> Office:
        return Office.open(hospital, staff, seed, purpose, None)

    integrity = desk(Purpose.INTEGRITY)
    return {
        **representatives(desk(Purpose.VISITORS)),
        **declarations(integrity),
        **posts(integrity),
        **tasks(desk(Purpose.OVERSIGHT)),
    }


def month_rows(data: MonthData, seed: int, schemes: Schemes) -> Rows:
    """What happened at a hospital in a month, as the register has it when history ends."""
    month = data.month

    def desk(purpose: Purpose) -> Office:
        return Office.open(data.hospital, data.staff, seed, purpose, month)

    complaint_desk, oversight = desk(Purpose.COMPLAINTS), desk(Purpose.OVERSIGHT)
    rows = {
        **visits(desk(Purpose.VISITORS), month),
        **complaints(complaint_desk, data),
        **gifts(complaint_desk, month),
        **donations(complaint_desk, month),
        **follow_ups(desk(Purpose.FOLLOW_UPS), data, schemes),
        **interviews(oversight, month),
        **talks(oversight, month),
        **notices(oversight, month, planted_indicators(data.hospital, schemes)),
        **self_checks(oversight, month),
    }
    rows |= scores(oversight, month, rows["complaint"])
    return rows | activities(oversight, month, rows)


def declared_rows(hospital: Hospital, staff: Staff, schemes: Schemes) -> Rows:
    """What schemes add to the register whatever the month."""
    return declared_roles(hospital, staff, schemes) | long_posts(hospital, staff, schemes)


def scheme_rows(data: MonthData, schemes: Schemes) -> Rows:
    """What schemes add to the register in a month."""
    visited = scheme_visits(data.hospital, data.staff, data.month, schemes)
    return visited | closed_matters(data, schemes) | winners_donations(data, schemes)


def planted_indicators(hospital: Hospital, schemes: Schemes) -> frozenset[str]:
    """Indicators of which the hospital has a true case, whoever it is about."""
    return frozenset(
        scheme.indicator_id
        for scheme in schemes.all
        if scheme.hospital == hospital.number and scheme.case == TRUE
    )


def tables(hospital: Hospital, parts: list[Rows]) -> Tables:
    """Rows of a hospital in the tables of the register; a table without rows is there as well."""
    return {name: _table(hospital, name, schema, parts) for name, schema in schemas().items()}


def _table(hospital: Hospital, name: str, schema: pa.Schema, parts: list[Rows]) -> pa.Table:
    rows = [row for part in parts for row in part.get(name, ())]
    unknown = {column for row in rows for column in row} - set(schema.names)
    if unknown:
        raise ValueError(f"{name} has no columns {sorted(unknown)}")
    return pa.Table.from_pylist(
        [{"hospital_code": hospital.org_code, **row} for row in rows], schema
    )


def schemas() -> dict[str, pa.Schema]:
    """The register's tables by name."""
    found = {}
    for line in _LAYOUT.strip().splitlines():
        name, _, columns = line.partition(":")
        fields = [pa.field("hospital_code", pa.string())]
        for column in columns.split():
            title, _, kind = column.partition("=")
            fields.append(pa.field(title, _TYPES[kind or "text"]))
        if name not in _LISTS:
            fields.append(pa.field("updt_time", _TYPES["time"]))
        found[name] = pa.schema(fields)
    return found
