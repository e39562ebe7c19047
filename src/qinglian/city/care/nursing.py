"""Nursing days of stays: vital signs and records, one row for each day that has a bed."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from qinglian.city import arrow as a
from qinglian.city.calendar import DAY
from qinglian.city.draws import Bools, Ints, Purpose, offsets_within, stream
from qinglian.city.his_columns import MonthData, Tables, dept_codes
from qinglian.city.ward import END

_FREQUENT_DAYS = 3
_WITHOUT_VITALS = 0.004


@dataclass
class NursingDays:
    """One row a stay and day: the day of admission counts, that of discharge does not."""

    stay: Ints
    day: Ints
    vitals: Ints
    records: Ints
    on_leave: Bools


def nursing_days_of(data: MonthData, seed: int) -> NursingDays:
    """Vital signs four to six times on the first days, once to three times later.

    On a few single days none were noted; the nursing record is missing only where a scheme left
    the bed empty.
    """
    rng = stream(seed, Purpose.NURSING, data.hospital.number, data.month.serial)
    days = data.stays.days
    stay = np.repeat(np.arange(len(days)), days)
    number = offsets_within(days)
    count = len(stay)
    vitals = np.where(number < _FREQUENT_DAYS, rng.integers(4, 7, count), rng.integers(1, 4, count))
    # Every third day at most, so that no two days running are without.
    missed = (number % 3 == 2) & (rng.random(count) < 3 * _WITHOUT_VITALS)
    day = data.stays.adm_time[stay] // DAY + number
    empty, on_leave = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
    for planted in data.bills.empty:
        empty |= planted.of(stay, day)
        on_leave |= planted.of(stay, day) & planted.on_leave
    return NursingDays(
        stay=stay,
        day=day,
        vitals=np.where(missed | empty, 0, vitals),
        records=np.where(empty, 0, rng.integers(1, 4, count)),
        on_leave=on_leave,
    )


def yunqi_tables(data: MonthData) -> Tables:
    """inpt_nurse_day."""
    n, c = data.care.nursing, _columns(data)
    return {
        "inpt_nurse_day": pa.table(
            {
                "visit_id": c["adm_id"],
                "record_date": a.days(n.day),
                "bed_name": c["bed"],
                "ward_code": c["ward"],
                "vital_num": a.smallints(n.vitals),
                "record_num": a.smallints(n.records),
                "is_leave": a.words(["0", "1"], n.on_leave.astype(np.int64)),
                "is_icu": a.constant("0", len(n.stay)),
                "updt_time": a.moments(np.minimum((n.day + 1) * DAY + 1800, END)),
            }
        )
    }


def kangtai_tables(data: MonthData) -> Tables:
    """bq_hlrj."""
    n, c = data.care.nursing, _columns(data)
    return {
        "bq_hlrj": pa.table(
            {
                "zyh": c["adm_id"],
                "hlrq": a.days(n.day),
                "brch": c["bed"],
                "bqdm": c["ward"],
                "tzcs": a.labels("", n.vitals),
                "jlcs": a.labels("", n.records),
                "qjbz": a.words(["N", "Y"], n.on_leave.astype(np.int64)),
                "zzjh": a.constant("N", len(n.stay)),
            }
        )
    }


def _columns(data: MonthData) -> dict[str, pa.Array]:
    """What both products hold alike."""
    stays, stay = data.stays, data.care.nursing.stay
    wards = len(data.hospital.departments)
    return {
        "adm_id": a.integers(stays.adm_id[stay]),
        "bed": a.labels("", stays.adm_id[stay] % 60 + 1),
        "ward": a.words(dept_codes(data), stays.department[stay] + wards),
    }
