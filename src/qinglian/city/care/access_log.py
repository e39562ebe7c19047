"""Log of queries against the hospital's own database: ordinary traffic of known accounts."""

import hashlib
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from qinglian.city import arrow as a
from qinglian.city.calendar import DAY, second_number
from qinglian.city.clinic import row_ids
from qinglian.city.draws import Bools, Ints, Purpose, stream
from qinglian.city.his_columns import MonthData, Tables
from qinglian.city.interests import planted_queries
from qinglian.city.schemes import Schemes


@dataclass(frozen=True)
class Statement:
    """A kind of query: who runs it, how many rows it returns, whether the result is exported.

    `who` is pharmacist, cashier, nurse, doctor or job; jobs run at night without a person.
    """

    who: str
    app: str
    object_name: str
    text: str
    most_rows: int
    exported: bool
    touches_doctor: bool
    touches_drug_qty: bool


#: Reviewing prescriptions is the pharmacy's duty: it sees doctor and quantity of a few
#: prescriptions. No statement sums quantities by doctor.
STATEMENTS = (
    Statement(
        "doctor",
        "门诊医生站",
        "outpatient_visit",
        "select visit by patient",
        20,
        False,
        True,
        False,
    ),
    Statement(
        "nurse", "护士站", "inpatient_order", "select orders by ward", 120, False, True, False
    ),
    Statement(
        "pharmacist", "药房管理", "drug_stock", "select stock by drug", 300, False, False, True
    ),
    Statement(
        "pharmacist", "处方点评", "prescription", "select sample for review", 150, False, True, True
    ),
    Statement(
        "cashier", "收费", "settlement", "select settlements of shift", 200, True, False, False
    ),
    Statement("job", "夜间任务", "fee_detail", "upload fee lines", 9000, False, True, True),
    Statement("job", "夜间任务", "drug_stock", "close stock of day", 900, False, False, True),
)
#: What schemes ask for, in the order of `DoctorQuantities.statement`.
SCHEME_STATEMENTS = (
    Statement("cashier", "数据查询", "prescription", "sum drugs by doctor", 5000, True, True, True),
    Statement(
        "pharmacist", "处方点评", "prescription", "select sample for review", 150, True, True, True
    ),
    Statement(
        "pharmacist", "处方点评", "prescription", "select sample for review", 150, False, True, True
    ),
    Statement(
        "pharmacist", "药品统计", "prescription", "report of the month", 3000, False, True, True
    ),
)
_ALL_STATEMENTS = (*STATEMENTS, *SCHEME_STATEMENTS)
_SHARES = np.cumsum([0.3, 0.26, 0.14, 0.06, 0.12, 0.06, 0.06])
_ROWS_A_MONTH = 48
_JOB = "svc_his"


@dataclass
class AccessLog:
    """One row a query; `person` is a place in the staff's codes, -1 for a job."""

    log_id: Ints
    time: Ints
    statement: Ints
    person: Ints
    address: Ints
    rows: Ints


def access_log_of(data: MonthData, seed: int, schemes: Schemes) -> AccessLog:
    """Queries of a month in the order of time, those of schemes last."""
    rng = stream(seed, Purpose.ACCESS, data.hospital.number, data.month.serial)
    statement = np.minimum(np.searchsorted(_SHARES, rng.random(_ROWS_A_MONTH)), len(STATEMENTS) - 1)
    job = np.array([s.who == "job" for s in STATEMENTS])[statement]
    second = np.where(
        job, rng.integers(3600, 4 * 3600, _ROWS_A_MONTH), rng.integers(28800, 63000, _ROWS_A_MONTH)
    )
    day = rng.integers(0, data.month.day_count, _ROWS_A_MONTH)
    time = second_number(data.month.first) + day * DAY + second
    person = _persons(data, statement, rng)
    order = np.argsort(time, kind="stable")
    most = np.array([s.most_rows for s in STATEMENTS])[statement]
    planted = planted_queries(data.hospital, data.staff, data.month, schemes, len(STATEMENTS))
    people = np.concatenate([person[order], planted.person])
    rows = (1 + rng.random(_ROWS_A_MONTH) * most).astype(np.int64)[order]
    return AccessLog(
        log_id=row_ids(data.hospital, data.month, len(people)),
        time=np.concatenate([time[order], planted.time]),
        statement=np.concatenate([statement[order], planted.statement]),
        person=people,
        address=np.where(people < 0, 5, 20 + people % 200),
        rows=np.concatenate([rows, planted.rows]),
    )


def _persons(data: MonthData, statement: Ints, rng: np.random.Generator) -> Ints:
    staff = data.staff
    choices = {
        "doctor": np.arange(staff.doctors),
        "nurse": np.array(staff.nurses),
        "pharmacist": np.array(staff.pharmacists),
        "cashier": np.array(staff.cashiers),
        "job": np.array([-1]),
    }
    draw = rng.random(len(statement))
    found = [
        choices[STATEMENTS[s].who][int(part * len(choices[STATEMENTS[s].who]))]
        for s, part in zip(statement.tolist(), draw.tolist(), strict=True)
    ]
    return np.array(found, dtype=np.int64)


def yunqi_tables(data: MonthData) -> Tables:
    """sys_access_log."""
    log, c = data.care.access_log, _columns(data)
    return {
        "sys_access_log": pa.table(
            {
                "id": c["log_id"],
                "crte_time": c["time"],
                "account": c["account"],
                "user_code": c["staff"],
                "client_ip": c["client_ip"],
                "app_name": c["app"],
                "object_name": c["object_name"],
                "sql_sha256": c["statement_hash"],
                "row_num": c["rows"],
                "is_export": _flags(log, "exported", "0", "1"),
                "is_doctor": _flags(log, "touches_doctor", "0", "1"),
                "is_drug_num": _flags(log, "touches_drug_qty", "0", "1"),
            }
        )
    }


def kangtai_tables(data: MonthData) -> Tables:
    """gy_czrz; row counts are text."""
    log, c = data.care.access_log, _columns(data)
    return {
        "gy_czrz": pa.table(
            {
                "rzxh": c["log_id"],
                "czsj": c["time"],
                "zh": c["account"],
                "ygdm": c["staff"],
                "khdip": c["client_ip"],
                "cxmc": c["app"],
                "dxmc": c["object_name"],
                "yjzy": c["statement_hash"],
                "fhhs": a.labels("", log.rows),
                "dcbz": _flags(log, "exported", "N", "Y"),
                "ysbz": _flags(log, "touches_doctor", "N", "Y"),
                "ylbz": _flags(log, "touches_drug_qty", "N", "Y"),
            }
        )
    }


def _flags(log: AccessLog, name: str, no: str, yes: str) -> pa.Array:
    return a.words([yes if getattr(s, name) else no for s in _ALL_STATEMENTS], log.statement)


def _columns(data: MonthData) -> dict[str, pa.Array]:
    """What both products hold alike."""
    log, codes = data.care.access_log, data.staff.codes
    job: Bools = log.person < 0
    network = f"10.{data.hospital.number}.8."
    return {
        "log_id": a.integers(log.log_id),
        "time": a.moments(log.time),
        "account": a.words(
            [*(code.lower() for code in codes), _JOB], log.person % (len(codes) + 1)
        ),
        "staff": a.words(codes, np.where(job, 0, log.person), job),
        "client_ip": a.labels(network, log.address),
        "app": a.words([s.app for s in _ALL_STATEMENTS], log.statement),
        "object_name": a.words([s.object_name for s in _ALL_STATEMENTS], log.statement),
        "statement_hash": a.words(
            [hashlib.sha256(s.text.encode()).hexdigest() for s in _ALL_STATEMENTS], log.statement
        ),
        "rows": a.integers(log.rows),
    }
