"""Writer of yb_bureau, the insurance bureau's back office with national table and field names."""

from datetime import timedelta

import numpy as np
import pyarrow as pa

from qinglian.city import arrow as a
from qinglian.city.billing import INTERIM, REFUND
from qinglian.city.calendar import DAY, Month, day_number
from qinglian.city.draws import Bools, Ints
from qinglian.city.drugs import drugs
from qinglian.city.grouping import group_table
from qinglian.city.his_columns import (
    MonthData,
    Tables,
    charge_types,
    dept_codes,
    flat,
    item_names,
    local_codes,
    national_codes,
    practice_diagnoses,
    stay_diagnoses,
)
from qinglian.city.insurance import insurance_level
from qinglian.city.inventory_uploads import upload_tables
from qinglian.city.organisations import CITY_AREA
from qinglian.city.people import birth_days, identity_numbers, insurance_type, is_male
from qinglian.city.reviews import deduction_table
from qinglian.city.schemes import Schemes
from qinglian.city.services import PRICE_CHANGE, services
from qinglian.city.settlement_lists import list_tables
from qinglian.city.ward import END

CURSOR_COLUMNS = {
    "setl_d": "updt_time",
    "fee_list_d": "updt_time",
    "mdtrt_d": "updt_time",
    "setl_list_diag_d": "updt_time",
    "setl_list_oprn_d": "updt_time",
    "drg_grp_rslt_d": "updt_time",
    "rvw_dedu_d": "updt_time",
    "stmt_totl_d": "updt_time",
    "prod_purc_d": "crte_time",
    "prod_sel_d": "crte_time",
}
LEVELS = ("02", "05", "08")
_MED_TYPES = ["11", "13", "140104", "21"]


def reference_tables() -> Tables:
    """Price limits of the city, by hospital level and period."""
    rows = []
    for service in services():
        if service.limits is None:
            continue
        for rank, level in enumerate(LEVELS):
            end = PRICE_CHANGE - timedelta(days=1) if service.changed else None
            rows.append(
                (service, level, service.limits[rank], 18_262, day_number(end) if end else -1)
            )
            if service.changed:
                rows.append((service, level, service.changed[rank], day_number(PRICE_CHANGE), -1))
    found, levels, limit, begin, until = (list(c) for c in zip(*rows, strict=True))
    return {
        "hilist_pric_lmt_b": pa.table(
            {
                "hilist_code": a.texts([s.national_code for s in found]),
                "insu_admdvs": a.constant(CITY_AREA, len(rows)),
                "hosp_lv": a.texts(levels),
                "pric_uplmt_amt": a.price(np.array(limit)),
                "chrgitm_lv": a.texts([s.level for s in found]),
                "selfpay_prop": a.decimals(
                    np.array([1000 if s.level == "02" else 0 for s in found]), 5, 4
                ),
                "begndate": a.days(np.array(begin)),
                "enddate": a.days(np.array(until), np.array(until) < 0),
                "vali_flag": a.constant("1", len(rows)),
            }
        )
    }


def month_tables(data: MonthData, schemes: Schemes) -> Tables:
    """Encounters, settlements and lines that one hospital uploaded in one month, and reviews."""
    return {
        "mdtrt_d": _encounters(data),
        "setl_d": _settlements(data),
        "fee_list_d": _lines(data),
        **list_tables(data),
        "drg_grp_rslt_d": group_table(data),
        "rvw_dedu_d": deduction_table(data),
        **upload_tables(data, schemes),
    }


def _updated(times: Ints) -> pa.Array:
    return a.moments(np.minimum(times, END))


def _person_columns(person: Ints) -> dict[str, pa.Array]:
    kind = insurance_type(person)
    return {
        "psn_no": a.labels("5001", person),
        "certno": a.texts(identity_numbers(person)),
        "insutype": a.labels("", kind),
        "psn_type": a.words(["15", "11"], (kind == 310).astype(np.int64)),
        "gend": a.words(["2", "1"], is_male(person).astype(np.int64)),
        "brdy": a.days(birth_days(person)),
    }


def _encounters(data: MonthData) -> pa.Table:
    v, s = data.clinic.visits, data.stays
    out, inp = np.flatnonzero(v.insured), np.flatnonzero(s.insured)
    person = data.patients.person[np.r_[v.patient[out], s.patient[inp]]]
    count = len(person)
    inpatient = np.arange(count) >= len(out)
    visit_codes, visit_names, starts = practice_diagnoses(data)
    stay_codes, stay_names = stay_diagnoses()
    diagnosis = np.r_[
        starts[v.department[out]] + v.diagnosis[out], len(visit_codes) + s.diagnosis[inp]
    ]
    begin: Ints = np.r_[v.register_time[out], s.adm_time[inp]]
    end: Ints = np.r_[v.visit_time[out], s.dscg_time[inp]]
    open_: Bools = end == 0
    stay_days: Ints = end // DAY - begin // DAY
    latest: Ints = np.where(open_, begin, end)
    kind = np.where(inpatient, 3, np.r_[_clinic_types(v.emergency[out], v.chronic[out]), inp * 0])
    department = np.r_[v.department[out], s.department[inp] + len(data.hospital.departments)]
    names = [d.practice.name for d in data.hospital.departments] * 2
    referred = np.r_[np.zeros(len(out), dtype=np.int64), s.referred_from[inp]]
    number = np.r_[v.visit_id[out], s.adm_id[inp]]
    way = np.r_[np.zeros(len(out), dtype=np.int64), s.discharge_way[inp]]
    doctor = np.r_[v.doctor[out], s.doctor[inp]]
    return pa.table(
        {
            "mdtrt_id": _mdtrt(inpatient, number),
            "medins_setl_id": a.labels("JS", number),
            **_person_columns(person),
            "fixmedins_code": a.constant(data.hospital.org_code, count),
            "hosp_lv": a.constant(data.hospital.level, count),
            "begntime": a.moments(begin),
            "endtime": a.moments(end, open_),
            "med_type": a.words(_MED_TYPES, kind),
            "rloc_type": a.words([None, "1"], (referred > 0).astype(np.int64)),
            "ipt_otp_no": a.labels("", number),
            "medrcdno": a.labels("BA", number, ~inpatient),
            "chfpdr_code": a.words(data.staff.national_codes, doctor),
            "adm_dept_codg": a.words(dept_codes(data), department),
            "adm_dept_name": a.words(names, department),
            "adm_bed": a.labels("", number % 60 + 1, ~inpatient),
            "dscg_dept_codg": a.words(dept_codes(data), department, open_ | ~inpatient),
            "dscg_maindiag_code": a.words(visit_codes + stay_codes, diagnosis, open_),
            "dscg_maindiag_name": a.words(visit_names + stay_names, diagnosis, open_),
            "dscg_way": a.labels("", way, open_ | ~inpatient),
            "inhosp_stas": a.words(["0", "1"], open_.astype(np.int64)),
            "ipt_days": a.decimals(
                np.asarray(np.where(inpatient & ~open_, stay_days * 10, 0)), 6, 1, ~inpatient
            ),
            "refl_old_mdtrt_id": a.labels("50012", referred, referred == 0),
            "vali_flag": a.constant("1", count),
            "updt_time": _updated(latest + 7200),
        }
    )


def _clinic_types(emergency: Bools, chronic: Bools) -> Ints:
    """Position in _MED_TYPES of outpatient encounters."""
    return np.where(emergency, 1, np.where(chronic, 2, 0))


def _mdtrt(inpatient: Bools, number: Ints) -> pa.Array:
    """The digits of `5001`, 1 or 2, and the encounter's own number put one after the other."""
    width = np.floor(np.log10(np.maximum(number, 1))).astype(np.int64) + 1
    return a.labels("", (50010 + np.where(inpatient, 2, 1)) * 10**width + number)


def _settlements(data: MonthData) -> pa.Table:
    st, split = data.bills.settlements, data.claims.split
    v, s = data.clinic.visits, data.stays
    rows = np.flatnonzero(data.claims.insured)
    inpatient, encounter = st.inpatient[rows], st.encounter[rows]
    patient = np.where(
        inpatient, s.patient[encounter * inpatient], v.patient[encounter * ~inpatient]
    )
    person = data.patients.person[patient]
    number = np.where(
        inpatient, s.adm_id[encounter * inpatient], v.visit_id[encounter * ~inpatient]
    )
    begin = np.where(
        inpatient, s.adm_time[encounter * inpatient], v.register_time[encounter * ~inpatient]
    )
    end = np.where(
        inpatient, s.dscg_time[encounter * inpatient], v.visit_time[encounter * ~inpatient]
    )
    end = np.minimum(end, st.time[rows])  # an interim settlement ends before the stay does
    emergency = v.emergency[encounter * ~inpatient]
    kind = np.where(inpatient, 3, _clinic_types(emergency, v.chronic[encounter * ~inpatient]))
    red = st.kind[rows] == REFUND
    count = len(rows)
    zero = a.money(np.zeros(count, dtype=np.int64))

    def cents(values: Ints) -> pa.Array:
        return a.money(values[rows])

    return pa.table(
        {
            "setl_id": a.labels("", st.settle_id[rows]),
            "init_setl_id": a.labels("", st.settle_id[st.original[rows]], ~red),
            "medins_setl_id": a.labels("JS", st.settle_id[rows]),
            "mdtrt_id": _mdtrt(inpatient, number),
            **_person_columns(person),
            "age": a.decimals((begin // DAY - birth_days(person)) * 10 // 365, 4, 1),
            "insu_admdvs": a.constant(CITY_AREA, count),
            "fixmedins_code": a.constant(data.hospital.org_code, count),
            "hosp_lv": a.constant(data.hospital.level, count),
            "begndate": a.days(begin // DAY),
            "enddate": a.days(end // DAY),
            "setl_time": a.moments(st.time[rows]),
            "med_type": a.words(_MED_TYPES, kind),
            "clr_type": a.words(["11", "21"], inpatient.astype(np.int64)),
            "psn_setlway": a.constant("1", count),
            "mdtrt_cert_type": a.words(["01", "02", "03"], person % 3),
            "medfee_sumamt": cents(split.total),
            "fulamt_ownpay_amt": cents(split.own_pay),
            "overlmt_selfpay": zero,
            "preselfpay_amt": cents(split.first_pay),
            "inscp_amt": cents(split.in_scope),
            "act_pay_dedc": cents(split.deductible),
            "hifp_pay": cents(split.pool),
            "cvlserv_pay": zero,
            "hifes_pay": zero,
            "hifmi_pay": zero,
            "hifob_pay": cents(split.large_sum),
            "hifdm_pay": zero,
            "maf_pay": zero,
            "othfund_pay": zero,
            "fund_pay_sumamt": cents(split.fund),
            "psn_pay": cents(split.personal),
            "acct_pay": cents(split.account),
            "cash_payamt": cents(split.cash),
            "ownpay_hosp_part": zero,
            "acct_mulaid_pay": zero,
            "refd_setl_flag": a.words(["0", "1"], red.astype(np.int64)),
            "mid_setl_flag": a.words(["0", "1"], (st.kind[rows] == INTERIM).astype(np.int64)),
            "setl_year": a.constant(str(data.month.year), count),
            "vali_flag": a.constant("1", count),
            "updt_time": _updated(st.time[rows] + 3600),
        }
    )


def _lines(data: MonthData) -> pa.Table:
    lines, claims = data.claims.lines, data.claims
    st = data.bills.settlements
    v, s = data.clinic.visits, data.stays
    inpatient, encounter = lines.inpatient, lines.encounter
    patient = np.where(
        inpatient, s.patient[encounter * inpatient], v.patient[encounter * ~inpatient]
    )
    number = np.where(
        inpatient, s.adm_id[encounter * inpatient], v.visit_id[encounter * ~inpatient]
    )
    emergency, chronic = v.emergency[encounter * ~inpatient], v.chronic[encounter * ~inpatient]
    kind = np.where(inpatient, 3, _clinic_types(emergency, chronic))
    item = flat(lines.kind, lines.item)
    level = insurance_level(lines.kind, lines.item)
    settled = lines.settle_row >= 0
    count = len(item)
    shift = np.where(inpatient, len(data.hospital.departments), 0)
    departments = [d.practice.name for d in data.hospital.departments] * 2
    limit = _limits(data, item, lines.time)
    vbp = np.zeros(len(item_names()), dtype=np.int64)
    nego = vbp.copy()
    vbp[: len(drugs())] = [d.is_vbp_selected for d in drugs()]
    nego[: len(drugs())] = [d.has("N") for d in drugs()]
    updated = (
        np.where(settled, np.maximum(st.time[lines.settle_row], lines.time), lines.time) + 3600
    )
    return pa.table(
        {
            "bkkp_sn": a.labels("", lines.serial),
            "init_feedetl_sn": a.labels("", lines.original, lines.original == 0),
            "mdtrt_id": _mdtrt(inpatient, number),
            "setl_id": a.labels("", st.settle_id[lines.settle_row], ~settled),
            "psn_no": a.labels("5001", data.patients.person[patient]),
            "fixmedins_code": a.constant(data.hospital.org_code, count),
            "fee_ocur_time": a.moments(lines.time),
            "med_type": a.words(_MED_TYPES, kind),
            "cnt": a.quantity(lines.qty),
            "pric": a.price(lines.unit_price),
            "det_item_fee_sumamt": a.money(lines.amount),
            "pric_uplmt_amt": a.price(limit, limit == 0),
            "selfpay_prop": a.decimals(
                np.select([(level == 3) | lines.self_paid, level == 2], [10_000, 1000], 0), 5, 4
            ),
            "fulamt_ownpay_amt": a.money(claims.own_pay),
            "overlmt_selfpay": a.money(np.zeros(count, dtype=np.int64)),
            "preselfpay_amt": a.money(claims.first_pay),
            "inscp_amt": a.money(lines.amount - claims.own_pay - claims.first_pay),
            "chrgitm_lv": a.words(["", "01", "02", "03"], level),
            "hilist_code": a.words(national_codes(), item),
            "hilist_name": a.words(item_names(), item),
            "medins_list_codg": a.words(local_codes(data.hospital.vendor), item),
            "med_chrgitm_type": a.words(charge_types(), item),
            "bilg_dept_codg": a.words(dept_codes(data), lines.department + shift),
            "bilg_dept_name": a.words(departments, lines.department + shift),
            "bilg_dr_code": a.words(data.staff.national_codes, lines.doctor),
            "hi_nego_drug_flag": a.words(["0", "1"], nego[item]),
            "prcu_drug_flag": a.words(["0", "1"], vbp[item]),
            "vali_flag": a.constant("1", count),
            "updt_time": _updated(updated),
        }
    )


def _limits(data: MonthData, item: Ints, time: Ints) -> Ints:
    """Price limit of each line at its time, 0 where the item has none."""
    rank = data.hospital.level_rank
    offset = len(item_names()) - len(services())
    before = np.zeros(len(item_names()), dtype=np.int64)
    after = before.copy()
    first = Month(2025, 1).first
    before[offset:] = [s.limit(rank, first) or 0 for s in services()]
    after[offset:] = [s.limit(rank, PRICE_CHANGE) or 0 for s in services()]
    late = time // DAY >= day_number(PRICE_CHANGE)
    return np.where(late, after[item], before[item])
