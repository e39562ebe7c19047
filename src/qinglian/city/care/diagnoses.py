"""Diagnoses of stays: on admission, at discharge, and what an operation needs to be justified."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from qinglian.city import arrow as a
from qinglian.city.care.surgery import OPERATIONS, Surgeries, indication_of
from qinglian.city.clinic import row_ids
from qinglian.city.draws import Bools, Ints, Purpose, stream
from qinglian.city.his_columns import MonthData, Tables, stay_diagnoses
from qinglian.city.ward import END, all_diagnoses

ADMISSION, DISCHARGE = range(2)
_SECOND_SHARE = 0.5


@dataclass
class StayDiagnoses:
    """One row a diagnosis; `stay` is the row of its stay, `code` a place in `diagnosis_list`."""

    diag_id: Ints
    stay: Ints
    stage: Ints
    main: Bools
    seq: Ints
    code: Ints
    present: Ints


def diagnosis_list() -> tuple[list[str], list[str]]:
    """Codes and names: those of stays, then those that operations add."""
    codes, names = stay_diagnoses()
    extra = [operation.indication for operation in OPERATIONS.values()]
    return [*codes, *(code for code, _ in extra)], [*names, *(name for _, name in extra)]


def diagnoses_of(data: MonthData, surgeries: Surgeries, seed: int) -> StayDiagnoses:
    """The main diagnosis twice, half of the stays with another of their department at discharge.

    An operation that the main diagnosis does not justify brings its own diagnosis instead. Patients
    still in the ward have no diagnosis at discharge.
    """
    rng = stream(seed, Purpose.DIAGNOSES, data.hospital.number, data.month.serial)
    stays = data.stays
    all_stays = np.arange(len(stays.adm_id))
    gone = np.flatnonzero(stays.dscg_time > 0)
    needed = indication_of(data, surgeries, stay_diagnoses()[0])[gone]
    operated = gone[needed >= 0]
    second, chosen = _second_diagnoses(data, gone[needed < 0], rng)
    stay = np.r_[all_stays, gone, operated, second]
    place = np.arange(len(stay))
    main = place < len(all_stays) + len(gone)
    return StayDiagnoses(
        diag_id=row_ids(data.hospital, data.month, len(stay)),
        stay=stay,
        stage=np.where(place < len(all_stays), ADMISSION, DISCHARGE),
        main=main,
        seq=np.where(main, 1, 2),
        code=np.r_[
            stays.diagnosis,
            stays.diagnosis[gone],
            len(all_diagnoses()) + needed[needed >= 0],
            chosen,
        ],
        # What was there on admission: the main diagnosis always, others mostly.
        present=np.where(main, 0, np.searchsorted([0.93, 0.98], rng.random(len(stay)))),
    )


def _second_diagnoses(
    data: MonthData, candidates: Ints, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Stays with a second diagnosis, and its place in the list: another of the department's."""
    places = {pair: place for place, pair in enumerate(all_diagnoses())}
    own = [[places[pair] for pair in d.practice.diagnoses] for d in data.hospital.departments]
    rows = candidates[rng.random(len(candidates)) < _SECOND_SHARE]
    draw = rng.random(len(rows))
    stays = data.stays
    chosen = []
    for row, part in zip(rows.tolist(), draw.tolist(), strict=True):
        others = [p for p in own[stays.department[row]] if p != stays.diagnosis[row]]
        chosen.append(others[int(part * len(others))])
    return rows, np.array(chosen, dtype=np.int64)


def yunqi_tables(data: MonthData) -> Tables:
    """inpt_diagnose."""
    d = data.care.diagnoses
    codes, names = diagnosis_list()
    return {
        "inpt_diagnose": pa.table(
            {
                "id": a.integers(d.diag_id),
                "visit_id": a.integers(data.stays.adm_id[d.stay]),
                "type_code": a.words(["201", "204"], d.stage),
                "is_main": a.words(["0", "1"], d.main.astype(np.int64)),
                "seq": a.smallints(d.seq),
                "disease_code": a.words(codes, d.code),
                "disease_name": a.words(names, d.code),
                "in_situation_code": a.words(["1", "2", "4"], d.present),
                "is_mris": a.words(["0", "1"], (d.stage == DISCHARGE).astype(np.int64)),
                "updt_time": a.moments(np.minimum(_written(data), END)),
            }
        )
    }


def kangtai_tables(data: MonthData) -> Tables:
    """zy_zyzd."""
    d = data.care.diagnoses
    codes, names = diagnosis_list()
    return {
        "zy_zyzd": pa.table(
            {
                "zdxh": a.integers(d.diag_id),
                "zyh": a.integers(data.stays.adm_id[d.stay]),
                "zdlb": a.words(["1", "2"], d.stage),
                "zzbz": a.words(["0", "1"], d.main.astype(np.int64)),
                "plxh": a.labels("", d.seq),
                "icd10": a.words(codes, d.code),
                "zdmc": a.words(names, d.code),
                "rybq": a.words(["有", "临床未确定", "无"], d.present),
                "syzd": a.words(["N", "Y"], (d.stage == DISCHARGE).astype(np.int64)),
            }
        )
    }


def _written(data: MonthData) -> Ints:
    d, stays = data.care.diagnoses, data.stays
    return np.where(
        d.stage == ADMISSION, stays.adm_time[d.stay] + 7200, stays.dscg_time[d.stay] + 4500
    )
