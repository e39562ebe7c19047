"""Reports of examinations and laboratory tests: one a fee line that was not taken back."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from qinglian.city import arrow as a
from qinglian.city.calendar import DAY
from qinglian.city.care.missing_reports import plant_reports
from qinglian.city.care.net_lines import NetLines, ward_end
from qinglian.city.clinic import row_ids
from qinglian.city.draws import Bools, Ints, Purpose, stream
from qinglian.city.his_columns import MonthData, Tables, flat, item_names, local_codes
from qinglian.city.lines import SERVICE
from qinglian.city.organisations import IMAGING, LABORATORY
from qinglian.city.schemes import Schemes, ShortStays
from qinglian.city.services import service_index, services
from qinglian.city.ward import END

EXAM, LAB = range(2)
_CULTURE_DAYS = 2


@dataclass
class Reports:
    """One row a report; `line` is the row of its fee line, `report_time` 0 while it is not out.

    `of_line` holds the identifier of the report behind each fee line, 0 without one, and
    `done_by_line` when its examination was carried out.
    """

    report_id: Ints
    line: Ints
    kind: Ints
    sample_time: Ints
    exec_time: Ints
    report_time: Ints
    of_line: Ints
    done_by_line: Ints

    @property
    def pending(self) -> Bools:
        waiting: Bools = self.report_time == 0
        return waiting


def reports_of(data: MonthData, net: NetLines, seed: int, schemes: Schemes) -> Reports:
    """Reports come within hours, cultures within days; what is due after the history is pending."""
    rng = stream(seed, Purpose.REPORTS, data.hospital.number, data.month.serial)
    lines = data.bills.lines
    category = np.array([{"03": EXAM, "04": LAB}.get(s.category, -1) for s in services()])
    kind = np.where(
        lines.kind == SERVICE, category[np.where(lines.kind == SERVICE, lines.item, 0)], -1
    )
    rows = np.flatnonzero(net.gross & lines.recorded & (kind >= 0) & (net.net > 0))
    kind = kind[rows]
    count = len(rows)
    inpatient = lines.inpatient[rows]
    stay = np.where(inpatient, lines.encounter[rows], 0)
    last = np.where(inpatient, ward_end(data.stays.dscg_time, END)[stay], END)
    sample = np.minimum(lines.time[rows] + rng.integers(180, 2400, count), last)
    done = np.minimum(sample + rng.integers(600, 5400, count), last)
    slow = lines.item[rows] == service_index()["culture"]
    hours = rng.gamma(2.0, np.where(kind == LAB, 2.2, 1.4))
    reported = done + 900 + (hours * 3600).astype(np.int64)
    reported += np.where(slow, _CULTURE_DAYS * DAY, 0)
    held_back = np.isin(stay, _without_reports(data)) & inpatient
    left_out = plant_reports(data, net, rows, reported, schemes)
    report_id = row_ids(data.hospital, data.month, count)
    of_line = np.zeros(len(lines), dtype=np.int64)
    of_line[rows] = np.where(left_out, 0, report_id)
    done_by_line = np.zeros(len(lines), dtype=np.int64)
    done_by_line[rows] = done
    kept = ~left_out
    return Reports(
        report_id=report_id[kept],
        line=rows[kept],
        kind=kind[kept],
        sample_time=np.where(kind == LAB, sample, 0)[kept],
        exec_time=done[kept],
        report_time=np.where((reported <= END) & ~held_back, reported, 0)[kept],
        of_line=of_line,
        done_by_line=done_by_line,
    )


def _without_reports(data: MonthData) -> Ints:
    """Stays of schemes whose reports never come."""
    parts = [
        rows
        for scheme, rows in data.stays.short
        if isinstance(scheme.action, ShortStays) and scheme.action.pattern == "outstanding"
    ]
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts])


def yunqi_tables(data: MonthData) -> Tables:
    """medic_result."""
    r, c = data.care.reports, _columns(data)
    inpatient = data.bills.lines.inpatient[r.line]
    return {
        "medic_result": pa.table(
            {
                "id": c["report_id"],
                "type_code": a.words(["1", "2"], r.kind),
                "is_inpt": a.words(["0", "1"], inpatient.astype(np.int64)),
                "visit_id": c["encounter_id"],
                "profile_id": c["patient_id"],
                "apply_no": a.labels("SQ", data.bills.fee_id[r.line]),
                "advice_id": c["order_id"],
                "item_code": a.words(local_codes("yunqi_his"), _items(data)),
                "item_name": c["item_name"],
                "collection_time": c["sample_time"],
                "exec_time": c["exec_time"],
                "report_time": c["report_time"],
                "exec_dept_code": c["exec_dept"],
                "report_code": c["reporter"],
                "device_no": c["device"],
                "status_code": a.words(["3", "1"], r.pending.astype(np.int64)),
                "crte_time": c["exec_time"],
                "updt_time": a.moments(np.maximum(r.exec_time, r.report_time)),
            }
        )
    }


def kangtai_tables(data: MonthData) -> Tables:
    """yj_bgd: reports name their encounter and item; fee lines do not name their report."""
    r, c = data.care.reports, _columns(data)
    inpatient = data.bills.lines.inpatient[r.line]
    return {
        "yj_bgd": pa.table(
            {
                "bgdh": c["report_id"],
                "bglb": a.words(["JC", "JY"], r.kind),
                "mzzy": a.words(["1", "2"], inpatient.astype(np.int64)),
                "jzlsh": c["encounter_id"],
                "brid": c["patient_id"],
                "sqdh": a.labels("", data.bills.fee_id[r.line]),
                "yzxh": c["order_id"],
                "xmdm": a.words(local_codes("kangtai_his"), _items(data)),
                "xmmc": c["item_name"],
                "cyrq": c["sample_time"],
                "jcrq": c["exec_time"],
                "bgrq": c["report_time"],
                "zxks": c["exec_dept"],
                "bgys": c["reporter"],
                "sbbh": c["device"],
                "bgzt": a.words(["已发布", "检查中"], r.pending.astype(np.int64)),
            }
        )
    }


def _items(data: MonthData) -> Ints:
    lines, rows = data.bills.lines, data.care.reports.line
    return flat(lines.kind[rows], lines.item_given[rows])


def _columns(data: MonthData) -> dict[str, pa.Array]:
    """What both products hold alike."""
    r, lines, staff = data.care.reports, data.bills.lines, data.staff.technicians
    row = r.line
    order = data.care.orders.order_of_line[row]
    return {
        "report_id": a.integers(r.report_id),
        "encounter_id": a.integers(data.encounter_ids(row)),
        "patient_id": a.integers(data.patient_ids(row)),
        "order_id": a.integers(order, order == 0),
        "item_name": a.words(item_names(), _items(data)),
        "sample_time": a.moments(r.sample_time, r.sample_time == 0),
        "exec_time": a.moments(r.exec_time),
        "report_time": a.moments(r.report_time, r.pending),
        "exec_dept": a.words([IMAGING[0], LABORATORY[0]], r.kind),
        "reporter": a.words([staff.imaging, staff.laboratory], r.kind, r.pending),
        "device": a.words(*_devices(lines.item_given[row], lines.encounter[row])),
    }


def _devices(item: Ints, encounter: Ints) -> tuple[list[str], Ints]:
    """Two devices for each charge item; encounters alternate between them."""
    names = [f"{s.key.upper()}-{number}" for s in services() for number in (1, 2)]
    return names, item * 2 + encounter % 2
