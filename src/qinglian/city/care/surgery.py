"""Operations of stays: one a billed operation, with its anaesthesia and its implants."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from qinglian.city import arrow as a
from qinglian.city.care.net_lines import NetLines, ward_end
from qinglian.city.clinic import row_ids
from qinglian.city.draws import Bools, Ints, Purpose, stream
from qinglian.city.his_columns import MonthData, Tables
from qinglian.city.lines import MATERIAL, SERVICE, Lines
from qinglian.city.services import materials, service_index, services
from qinglian.city.ward import END


@dataclass(frozen=True)
class Operation:
    """What an operation is called in the front page of a record, and the diagnosis it needs."""

    icd9cm3: str
    name: str
    incision: str
    approach: str
    indications: tuple[str, ...]
    indication: tuple[str, str]


#: By key of the charge item. `indications` are main diagnoses that justify the operation alone;
#: with any other main diagnosis the stay carries `indication` as well.
OPERATIONS = {
    "surgery_fracture": Operation(
        "79.36",
        "胫骨骨折切开复位内固定术",
        "I",
        "四肢",
        ("S72.000", "S82.200"),
        ("S82.200", "胫骨骨折"),
    ),
    "surgery_tendon": Operation(
        "83.64",
        "肌腱缝合术",
        "I",
        "四肢",
        ("S72.000", "S82.200"),
        ("S82.200", "胫骨骨折"),
    ),
    "surgery_bone_graft": Operation(
        "77.79",
        "髂骨取骨术",
        "I",
        "髂骨",
        ("S72.000", "S82.200"),
        ("S82.200", "胫骨骨折"),
    ),
    "surgery_caesarean": Operation(
        "74.1x01",
        "子宫下段横切口剖宫产术",
        "II",
        "经腹",
        (),
        ("O82.000", "经选择性剖宫产术的分娩"),
    ),
}
_KEYS = tuple(OPERATIONS)
#: Services that belong to the operation of their stay.
_IN_THEATRE = ("anaesthesia", "temp_monitor", "depth_monitor", "pressure_monitor", "theatre_pack")


@dataclass
class Surgeries:
    """One row an operation; `stay` is the row of its stay, `operation` a place in OPERATIONS.

    `of_line` holds the identifier of the operation behind each fee line, 0 without one.
    """

    surgery_id: Ints
    stay: Ints
    operation: Ints
    surgeon: Ints
    start_time: Ints
    end_time: Ints
    anaesthesia_start: Ints
    anaesthesia_end: Ints
    cancelled: Bools
    of_line: Ints


def surgeries_of(data: MonthData, net: NetLines, seed: int) -> Surgeries:
    """The operations that were billed in the month's stays; a reversed one was cancelled."""
    rng = stream(seed, Purpose.SURGERY, data.hospital.number, data.month.serial)
    lines, stays, index = data.bills.lines, data.stays, service_index()
    service = lines.inpatient & (lines.kind == SERVICE)
    operation = np.full(len(services()), -1)
    operation[[index[key] for key in _KEYS]] = np.arange(len(_KEYS))
    billed = service & (operation[np.where(service, lines.item, 0)] >= 0)
    rows = np.flatnonzero(billed & net.gross)
    stay = lines.encounter[rows]
    begin, end = stays.adm_time[stay] + 1200, ward_end(stays.dscg_time, END)[stay]
    minutes = rng.integers(45, 150, len(rows))
    finish = np.minimum(np.maximum(lines.time[rows], begin + minutes * 60), end)
    start = np.maximum(finish - minutes * 60, stays.adm_time[stay])
    surgery_id = row_ids(data.hospital, data.month, len(rows))
    start, finish = _one_session(stay, lines.time[rows], start, finish)
    of_stay = np.zeros(len(stays.adm_id), dtype=np.int64)
    # Of several operations the first one of the stay: its implants and its anaesthesia.
    of_stay[stay[::-1]] = surgery_id[::-1]
    implant = np.array([m.is_high_value for m in materials()])
    material = lines.inpatient & (lines.kind == MATERIAL)
    implanted = material & implant[np.where(material, lines.item, 0)]
    given = service & (lines.item == index["anaesthesia"])
    linked = implanted | (service & np.isin(lines.item, [index[key] for key in _IN_THEATRE]))
    of_line = np.where(linked, of_stay[np.where(linked, lines.encounter, 0)], 0)
    of_line[rows] = surgery_id
    _link_anaesthesia(lines, np.flatnonzero(given), rows, surgery_id, of_line)
    return Surgeries(
        surgery_id=surgery_id,
        stay=stay,
        operation=operation[lines.item[rows]],
        surgeon=lines.doctor[rows],
        start_time=start,
        end_time=finish,
        anaesthesia_start=np.maximum(start - 1200, stays.adm_time[stay]),
        anaesthesia_end=np.minimum(finish + 900, end),
        cancelled=net.undone[rows],
        of_line=of_line,
    )


def _one_session(stay: Ints, billed_at: Ints, start: Ints, finish: Ints) -> tuple[Ints, Ints]:
    """Begin and end of operations; what a stay is billed at one moment is done in one session."""
    _, session = np.unique(np.c_[stay, billed_at], axis=0, return_inverse=True)
    session = session.ravel()
    first, last = np.full(len(stay), END), np.zeros(len(stay), dtype=np.int64)
    np.minimum.at(first, session, start)
    np.maximum.at(last, session, finish)
    return first[session], last[session]


def _link_anaesthesia(
    lines: Lines, given: Ints, rows: Ints, surgery_id: Ints, of_line: Ints
) -> None:
    """An anaesthesia billed at the moment of an operation belongs to that one."""
    places = zip(lines.encounter[rows].tolist(), lines.time[rows].tolist(), strict=True)
    first: dict[tuple[int, int], int] = {}
    for place, number in zip(places, surgery_id.tolist(), strict=True):
        first.setdefault(place, number)
    for row in given.tolist():
        place = int(lines.encounter[row]), int(lines.time[row])
        of_line[row] = first.get(place, int(of_line[row]))


def indication_of(data: MonthData, surgeries: Surgeries, main_codes: list[str]) -> Ints:
    """For each stay the place in OPERATIONS whose indication it must carry as well, or -1."""
    needed = np.full(len(data.stays.adm_id), -1)
    for place, key in enumerate(_KEYS):
        enough = np.isin(main_codes, OPERATIONS[key].indications)
        stay = surgeries.stay[(surgeries.operation == place) & ~surgeries.cancelled]
        needed[stay[~enough[data.stays.diagnosis[stay]]]] = place
    return needed


def yunqi_tables(data: MonthData) -> Tables:
    """oper_info_record."""
    s, c = data.care.surgeries, _columns(data)
    return {
        "oper_info_record": pa.table(
            {
                "id": c["surgery_id"],
                "visit_id": c["adm_id"],
                "rank": a.smallints(np.ones(len(s.stay), dtype=np.int64)),
                "is_main": a.constant("1", len(s.stay)),
                "oper_disease_icd9": c["icd9cm3"],
                "oper_name": c["name"],
                "notched_code": a.words(_incisions(), s.operation),
                "approach_name": c["approach"],
                "doctor_code": c["surgeon"],
                "ana_doctor_code": c["anaesthetist"],
                "ana_code": a.constant("01", len(s.stay)),
                "oper_start_time": c["start_time"],
                "oper_end_time": c["end_time"],
                "ana_start_time": c["anaesthesia_start"],
                "ana_end_time": c["anaesthesia_end"],
                "status_code": a.words(["3", "9"], s.cancelled.astype(np.int64)),
                "updt_time": a.moments(np.minimum(s.end_time + 3600, END)),
            }
        )
    }


def kangtai_tables(data: MonthData) -> Tables:
    """sm_ssap: operations as the theatre scheduled and closed them."""
    s, c = data.care.surgeries, _columns(data)
    classes = {"I": "1", "II": "2", "III": "3"}
    return {
        "sm_ssap": pa.table(
            {
                "sqdh": c["surgery_id"],
                "zyh": c["adm_id"],
                "ssxh": a.constant("1", len(s.stay)),
                "zssbz": a.constant("1", len(s.stay)),
                "ssdm": c["icd9cm3"],
                "ssmc": c["name"],
                "qklb": a.words([classes[i] for i in _incisions()], s.operation),
                "ssrl": c["approach"],
                "ssys": c["surgeon"],
                "mzys": c["anaesthetist"],
                "mzfs": a.constant("全身麻醉", len(s.stay)),
                "kssj": c["start_time"],
                "jssj": c["end_time"],
                "mzkssj": c["anaesthesia_start"],
                "mzjssj": c["anaesthesia_end"],
                "zfpb": a.words(["0", "1"], s.cancelled.astype(np.int64)),
            }
        )
    }


def _incisions() -> list[str]:
    return [operation.incision for operation in OPERATIONS.values()]


def _columns(data: MonthData) -> dict[str, pa.Array]:
    """What both products hold alike."""
    s = data.care.surgeries
    operations = list(OPERATIONS.values())
    return {
        "surgery_id": a.integers(s.surgery_id),
        "adm_id": a.integers(data.stays.adm_id[s.stay]),
        "icd9cm3": a.words([o.icd9cm3 for o in operations], s.operation),
        "name": a.words([o.name for o in operations], s.operation),
        "approach": a.words([o.approach for o in operations], s.operation),
        "surgeon": a.words(data.staff.codes, s.surgeon),
        "anaesthetist": a.constant(data.staff.technicians.anaesthetist, len(s.stay)),
        "start_time": a.moments(s.start_time),
        "end_time": a.moments(s.end_time),
        "anaesthesia_start": a.moments(s.anaesthesia_start),
        "anaesthesia_end": a.moments(s.anaesthesia_end),
    }
