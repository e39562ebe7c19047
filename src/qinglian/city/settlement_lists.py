"""Writer of settlement lists: diagnoses and operations of settled inpatient encounters."""

import numpy as np
import pyarrow as pa

from qinglian.city import arrow as a
from qinglian.city.calendar import DAY
from qinglian.city.draws import Ints
from qinglian.city.his_columns import MonthData, Tables, stay_diagnoses
from qinglian.city.inpatient_coding import LISTED_OPERATIONS, OTHER_DIAGNOSES, settled_stays
from qinglian.city.ward import END

_ANAESTHESIA_MINUTES = 25


def list_tables(data: MonthData) -> Tables:
    """The bureau's diagnoses and operations of the month's settled stays."""
    stays, settlements = settled_stays(data)
    settlement = np.full(len(data.stays.adm_id), -1)
    settlement[stays] = settlements
    return {
        "setl_list_diag_d": _diagnoses(data, stays, settlement),
        "setl_list_oprn_d": _operations(data, settlement),
    }


def diagnosis_number(settle_id: Ints, seq: Ints) -> Ints:
    """Numbers of listed diagnoses; `seq` is 0 for the main one and below ten."""
    return settle_id * 10 + seq


def _common(data: MonthData, stay: Ints, settlement: Ints) -> dict[str, pa.Array]:
    st = data.bills.settlements
    rows = settlement[stay]
    # The hospital sends the list some days after the settlement.
    sent = st.time[rows] + (1 + st.settle_id[rows] % 5) * DAY
    return {
        "fixmedins_code": a.constant(data.hospital.org_code, len(stay)),
        "setl_id": a.labels("", st.settle_id[rows]),
        "mdtrt_id": a.labels("50012", data.stays.adm_id[stay]),
        "setl_list_sn": a.labels("QD", st.settle_id[rows]),
        "vali_flag": a.constant("1", len(stay)),
        "updt_time": a.moments(np.minimum(sent, END)),
    }


def _diagnoses(data: MonthData, stays: Ints, settlement: Ints) -> pa.Table:
    others, replaced = data.coding.others, data.coding.main_as_other
    kept = settlement[others.stay] >= 0
    stay = np.r_[stays, others.stay[kept]]
    seq = np.r_[stays * 0, others.seq[kept]]
    codes, names = stay_diagnoses()
    main = np.where(replaced >= 0, len(codes) + replaced, data.stays.diagnosis)[stays]
    diagnosis = np.r_[main, len(codes) + others.other[kept]]
    order = np.lexsort((seq, stay))
    stay, seq, diagnosis = stay[order], seq[order], diagnosis[order]
    number = diagnosis_number(data.bills.settlements.settle_id[settlement[stay]], seq)
    return pa.table(
        {
            "setl_list_diag_id": a.labels("ZD", number),
            **_common(data, stay, settlement),
            "diag_type": a.constant("1", len(stay)),
            "maindiag_flag": a.words(["1", "0"], np.minimum(seq, 1)),
            "diag_code": a.words([*codes, *(code for code, _, _ in OTHER_DIAGNOSES)], diagnosis),
            "diag_name": a.words([*names, *(name for _, name, _ in OTHER_DIAGNOSES)], diagnosis),
            "adm_cond_type": a.words(["1", "2", "4"], np.where(seq == 0, 0, number % 7 // 3)),
        }
    )


def _operations(data: MonthData, settlement: Ints) -> pa.Table:
    done = data.coding.operations
    rows = np.flatnonzero(settlement[done.stay] >= 0)
    stay, begin, end = done.stay[rows], done.begin[rows], done.end[rows]
    number = data.bills.settlements.settle_id[settlement[stay]]
    return pa.table(
        {
            "setl_list_oprn_id": a.labels("SS", number),
            **_common(data, stay, settlement),
            "main_oprn_flag": a.constant("1", len(rows)),
            "oprn_oprt_code": a.words([c for c, _ in LISTED_OPERATIONS], done.operation[rows]),
            "oprn_oprt_name": a.words([n for _, n in LISTED_OPERATIONS], done.operation[rows]),
            "oprn_oprt_date": a.days(begin // DAY),
            "anst_way": a.constant("01", len(rows)),
            "oper_dr_code": a.words(data.staff.national_codes, data.stays.doctor[stay]),
            "anst_begntime": a.moments(begin - _ANAESTHESIA_MINUTES * 60),
            "anst_endtime": a.moments(end + 600),
            "oprn_oprt_begntime": a.moments(begin),
            "oprn_oprt_endtime": a.moments(end),
        }
    )
