"""Writer of yunqi_his: English snake case, `updt_time` on every table, status codes, red ids."""

import numpy as np
import pyarrow as pa

from qinglian.city import arrow as a
from qinglian.city import care
from qinglian.city.billing import REFUND
from qinglian.city.calendar import DAY, Month, day_number
from qinglian.city.care.devices import udi_di
from qinglian.city.clinic import LONG_REASONS, VALID
from qinglian.city.doctors import Staff
from qinglian.city.draws import Ints
from qinglian.city.drugs import drugs
from qinglian.city.his_columns import (
    MonthData,
    Tables,
    charge_types,
    department_rows,
    dept_codes,
    exec_dept,
    flat,
    item_names,
    line_dept,
    local_code,
    local_codes,
    mdtrt,
    national_codes,
    practice_diagnoses,
    refund_approvers,
    refund_reasons,
    staff_rows,
    stay_diagnoses,
    unit_column,
)
from qinglian.city.lines import DRUG, SERVICE
from qinglian.city.organisations import Hospital
from qinglian.city.people import Patients, birth_days, identity_numbers, insurance_type, is_male
from qinglian.city.refunds import REASONS
from qinglian.city.services import PRICE_CHANGE, materials, services
from qinglian.city.suppliers import manufacturers
from qinglian.city.ward import END

#: WS/T 218 classes of institution that stand for the organisation types.
TYPE_CODES = {
    "general": "A100",
    "tcm": "A210",
    "oncology": "A512",
    "maternity": "G100",
    "primary": "B100",
}
CURSOR_COLUMNS = {
    "outpt_profile": "updt_time",
    "outpt_register": "updt_time",
    "outpt_visit": "updt_time",
    "outpt_diagnose": "updt_time",
    "outpt_prescribe": "updt_time",
    "outpt_prescribe_detail": "updt_time",
    "inpt_visit": "updt_time",
    "outpt_cost": "updt_time",
    "inpt_cost": "updt_time",
    "outpt_settle": "updt_time",
    "inpt_settle": "updt_time",
    "inpt_diagnose": "updt_time",
    "inpt_advice": "updt_time",
    "inpt_advice_exec": "updt_time",
    "phar_out_distribute_detail": "updt_time",
    "phar_in_distribute_detail": "updt_time",
    "oper_info_record": "updt_time",
    "medic_result": "updt_time",
    "inpt_nurse_day": "updt_time",
    "phar_comment": "updt_time",
    "sys_access_log": "crte_time",
}
_RX_KIND_CODES = ["1", "2", "3", "4", "5"]
_RX_STATUS = ["1", "9", "8"]


def reference_tables(
    hospital: Hospital, staff: Staff, patients: Patients, first: Month, prices: Ints
) -> Tables:
    """Master data of the hospital; `prices` are the current charge prices of services."""
    stamp = day_number(first.first) * DAY
    return {
        "base_hospital": _hospital(hospital, stamp),
        "base_dept": _departments(hospital, stamp),
        "sys_user": _users(hospital, staff, stamp),
        "base_drug": _drugs(stamp),
        "base_material": _materials(stamp),
        "base_item": _items(prices, stamp),
        "outpt_profile": _patients(patients, staff, stamp),
    }


def month_tables(data: MonthData) -> Tables:
    """Business rows of one month."""
    return {
        **_visit_tables(data),
        **_rx_tables(data),
        "inpt_visit": _inpt_visit(data),
        "outpt_cost": _costs(data, inpatient=False),
        "inpt_cost": _costs(data, inpatient=True),
        "outpt_settle": _settles(data, inpatient=False),
        "inpt_settle": _settles(data, inpatient=True),
        **care.yunqi_tables(data),
    }


def _stamped(columns: dict[str, pa.Array], stamp: int) -> pa.Table:
    count = len(next(iter(columns.values())))
    times = a.moments(np.full(count, stamp))
    return pa.table({**columns, "crte_time": times, "updt_time": times})


def _hospital(h: Hospital, stamp: int) -> pa.Table:
    return _stamped(
        {
            "hosp_code": a.texts([h.org_code]),
            "hosp_name": a.texts([h.name]),
            "hosp_level_code": a.texts([h.level]),
            "hosp_type_code": a.texts([TYPE_CODES[h.org_type]]),
            "area_code": a.texts([h.district]),
            "group_code": a.texts([h.group_code]),
            "bed_num": a.integers(np.array([h.beds])),
            "is_public": a.texts(["1"]),
        },
        stamp,
    )


def _departments(h: Hospital, stamp: int) -> pa.Table:
    kinds = {"clinical": "1", "medtech": "2", "ward": "3", "pharmacy": "4", "admin": "5"}
    rows = department_rows(h)
    code, name, std, kind, parent = zip(*rows, strict=True)
    return _stamped(
        {
            "code": a.texts(code),
            "name": a.texts(name),
            "nation_code": a.texts(std),
            "insure_code": a.texts(std),
            "type_code": a.texts([kinds[k] for k in kind]),
            "up_code": a.texts(parent),
            "is_valid": a.texts(["1"] * len(rows)),
        },
        stamp,
    )


def _users(h: Hospital, s: Staff, stamp: int) -> pa.Table:
    rows = staff_rows(h, s)
    doctor = np.array([row.is_doctor for row in rows])
    title = np.array([row.title for row in rows])
    return _stamped(
        {
            "code": a.texts([row.code for row in rows]),
            "name": a.texts([row.name for row in rows]),
            "cert_no": a.texts([row.id_number for row in rows]),
            "practice_certificate_no": a.texts([row.national_code for row in rows]),
            "dept_code": a.texts([row.dept_code for row in rows]),
            "duties_code": a.labels("", title + 1),
            "antibacterial_code": a.labels("", np.where(doctor, np.minimum(title + 1, 3), 0)),
            "is_narcotic": a.texts(np.where(doctor, "1", "0").tolist()),
            "pres_begin_date": a.days(np.full(len(rows), 15_000), ~doctor),
            "pres_end_date": a.days(
                np.zeros(len(rows), dtype=np.int64), np.ones(len(rows), dtype=bool)
            ),
            "status_code": a.texts(["1"] * len(rows)),
        },
        stamp,
    )


def _flag(values: list[bool]) -> pa.Array:
    return a.texts(["1" if value else "0" for value in values])


def _drugs(stamp: int) -> pa.Table:
    rows = drugs()
    makers = manufacturers()
    codes = {"western": "1", "patent_tcm": "2", "herb_piece": "3"}
    price = np.array([d.price for d in rows])
    return _stamped(
        {
            "code": a.texts([local_code("yunqi_his", DRUG, i) for i in range(len(rows))]),
            "nation_code": a.texts([d.national_code for d in rows]),
            "usual_name": a.texts([d.generic_name for d in rows]),
            "good_name": a.texts([None] * len(rows)),
            "type_code": a.texts([codes[d.drug_class] for d in rows]),
            "prep_name": a.texts([d.dosage_form for d in rows]),
            "is_injection": _flag([d.dosage_form.startswith("注射") for d in rows]),
            "spec": a.texts([d.spec for d in rows]),
            "dosage": a.decimals(np.array([round(d.strength * 10**6) for d in rows]), 16, 6),
            "dosage_unit_name": a.texts([d.strength_unit for d in rows]),
            "unit_name": a.texts([d.pack_unit for d in rows]),
            "split_unit_name": a.texts([d.min_unit for d in rows]),
            "split_ratio": a.decimals(np.array([d.pack_ratio * 10**4 for d in rows]), 12, 4),
            "ddd": a.decimals(
                np.array([round((d.ddd or 0) * 10**6) for d in rows]),
                16,
                6,
                np.array([d.ddd is None for d in rows]),
            ),
            "ddd_unit_name": a.texts([d.strength_unit if d.ddd else None for d in rows]),
            "atc_code": a.texts([d.atc if d.drug_class == "western" else None for d in rows]),
            "antibacterial_code": a.texts(
                [str(d.antibac_class) if d.antibac_class else None for d in rows]
            ),
            "is_basic": _flag([d.has("E") for d in rows]),
            "is_monitor": _flag([d.is_key_monitored for d in rows]),
            "is_vbp": _flag([d.is_vbp_selected for d in rows]),
            "vbp_batch": a.texts(
                ["GJ09" if d.has("V") else "GJ11" if d.has("W") else None for d in rows]
            ),
            "is_nego": _flag([d.has("N") for d in rows]),
            "is_solvent": _flag([d.has("S") for d in rows]),
            "prod_name": a.texts([makers[d.manufacturer].name for d in rows]),
            "prod_uscc": a.texts([makers[d.manufacturer].uscc for d in rows]),
            "approval_no": a.texts(
                [
                    f"国药准字{'Z' if d.drug_class != 'western' else 'H'}20{d.number:06d}"
                    for d in rows
                ]
            ),
            "last_buy_price": a.price(price),
            "price": a.price(price),
        },
        stamp,
    )


def _materials(stamp: int) -> pa.Table:
    rows = materials()
    makers = manufacturers()
    price = np.array([m.price for m in rows])
    return _stamped(
        {
            "code": a.texts([local_code("yunqi_his", 1, i) for i in range(len(rows))]),
            "nation_code": a.texts([m.national_code for m in rows]),
            "name": a.texts([m.name for m in rows]),
            "udi_di": a.texts([udi_di(m) for m in rows]),
            "reg_cert_no": a.texts([f"国械注准2020314{m.number:04d}" for m in rows]),
            "is_high": _flag([m.is_high_value for m in rows]),
            "is_reagent": _flag([m.is_reagent for m in rows]),
            "is_charge": _flag([m.is_billable for m in rows]),
            "is_vbp": _flag([m.is_vbp_selected for m in rows]),
            "prod_name": a.texts([makers[m.manufacturer].name for m in rows]),
            "prod_uscc": a.texts([makers[m.manufacturer].uscc for m in rows]),
            "unit_name": a.texts([m.pack_unit for m in rows]),
            "split_unit_name": a.texts([m.min_unit for m in rows]),
            "split_ratio": a.decimals(np.array([m.pack_ratio * 10**4 for m in rows]), 12, 4),
            "last_buy_price": a.price(price),
            "price": a.price(np.array([m.min_price for m in rows])),
        },
        stamp,
    )


def _items(prices: Ints, stamp: int) -> pa.Table:
    rows = services()
    return _stamped(
        {
            "code": a.texts([local_code("yunqi_his", SERVICE, i) for i in range(len(rows))]),
            "nation_code": a.texts([s.national_code if s.limits else None for s in rows]),
            "name": a.texts([s.name for s in rows]),
            "type_code": a.texts([s.category for s in rows]),
            "unit_name": a.texts([s.unit for s in rows]),
            "one_price": a.price(prices),
            "intension": a.texts([None] * len(rows)),
            "except_content": a.texts([None] * len(rows)),
            "remark": a.texts([price_note(s.key) for s in rows]),
            "is_auto": _flag([s.key in AUTO_BILLED for s in rows]),
            "valid_date": a.days(
                np.array([day_number(PRICE_CHANGE) if s.changed else 20_089 for s in rows])
            ),
        },
        stamp,
    )


AUTO_BILLED = ("bed_triple", "nursing_2", "ward_visit")


def price_note(key: str) -> str | None:
    """Pricing remarks of charge items."""
    notes = {
        "child_injection": "6周岁及以下儿童加收20%",
        "bed_special": "特需服务，市场调节价",
        "reg_special": "特需服务，市场调节价",
        "ct_add": "每增加一个部位",
    }
    return notes.get(key)


def _patients(p: Patients, s: Staff, stamp: int) -> pa.Table:
    number = insurance_type(p.person)
    return _stamped(
        {
            "id": a.integers(p.ids()),
            "cert_no": a.texts(identity_numbers(p.person)),
            "gender_code": a.words(["2", "1"], is_male(p.person).astype(np.int64)),
            "birthday": a.days(birth_days(p.person)),
            "insure_no": a.labels("5001", p.person, number == 0),
            "is_staff": a.words(["0", "1"], np.isin(p.person, s.person).astype(np.int64)),
        },
        stamp,
    )


def _updated(times: Ints) -> pa.Array:
    return a.moments(np.minimum(times, END))


def _visit_tables(data: MonthData) -> Tables:
    v, h = data.clinic.visits, data.hospital
    ids = a.integers(v.visit_id)
    patient = a.integers(data.patients.ids()[v.patient])
    kind = np.select([v.emergency, v.chronic], [1, 2], 0)
    register = pa.table(
        {
            "id": ids,
            "register_no": a.labels("GH", v.visit_id),
            "profile_id": patient,
            "register_time": a.moments(v.register_time),
            "dept_code": a.words(dept_codes(data), v.department),
            "doctor_code": a.words(data.staff.codes, v.doctor),
            "source_code": a.words(["11", "13", "14"], kind),
            "is_cancel": a.words(["0", "1"], v.cancelled.astype(np.int64)),
            "updt_time": _updated(v.register_time + 600),
        }
    )
    visit = pa.table(
        {
            "id": ids,
            "register_id": ids,
            "visit_time": a.moments(v.visit_time, v.cancelled),
            "is_first": a.words(["0", "1"], v.first_visit.astype(np.int64)),
            "pay_type_code": a.words(["07", "01"], v.insured.astype(np.int64)),
            "medical_regno": mdtrt(False, v.visit_id, ~v.insured),
            "updt_time": _updated(v.visit_time + 900),
        }
    )
    codes, names, starts = practice_diagnoses(data)
    seen = np.flatnonzero(~v.cancelled)
    more = np.flatnonzero(~v.cancelled & (v.second_diagnosis >= 0))
    rows = np.r_[seen, more]
    main = np.r_[np.ones(len(seen), dtype=np.int64), np.zeros(len(more), dtype=np.int64)]
    place = starts[v.department[rows]] + np.where(
        main == 1, v.diagnosis[rows], v.second_diagnosis[rows]
    )
    diagnose = pa.table(
        {
            "id": a.integers(
                np.arange(len(rows)) + 1 + (h.number * 10_000 + data.month.stamp) * 10**7
            ),
            "visit_id": a.integers(v.visit_id[rows]),
            "seq": a.smallints(2 - main),
            "is_main": a.words(["0", "1"], main),
            "disease_code": a.words(codes, place),
            "disease_name": a.words(names, place),
            "crte_time": a.moments(v.visit_time[rows]),
            "updt_time": _updated(v.visit_time[rows] + 900),
        }
    )
    return {"outpt_register": register, "outpt_visit": visit, "outpt_diagnose": diagnose}


def _rx_tables(data: MonthData) -> Tables:
    rx, items, v = data.clinic.prescriptions, data.clinic.items, data.clinic.visits
    cancelled = rx.status != VALID
    prescribe = pa.table(
        {
            "id": a.integers(rx.rx_id),
            "order_no": a.labels("CF", rx.rx_id),
            "visit_id": a.integers(v.visit_id[rx.visit]),
            "profile_id": a.integers(data.patients.ids()[v.patient[rx.visit]]),
            "prescribe_type_code": a.words(_RX_KIND_CODES, rx.kind),
            "doctor_code": a.words(data.staff.codes, v.doctor[rx.visit]),
            "dept_code": a.words(dept_codes(data), v.department[rx.visit]),
            "crte_time": a.moments(rx.time),
            "audit_code": a.words(
                [data.staff.codes[i] for i in data.staff.pharmacists], rx.rx_id % 2
            ),
            "dist_code": a.words(
                [data.staff.codes[i] for i in data.staff.pharmacists], (rx.rx_id + 1) % 2
            ),
            "valid_days": a.smallints(np.ones(len(rx.rx_id), dtype=np.int64)),
            "is_long": a.words(["0", "1"], rx.long_term.astype(np.int64)),
            "long_reason": a.words(LONG_REASONS, rx.reason),
            "status_code": a.words(_RX_STATUS, rx.status),
            "cancel_time": a.moments(np.minimum(rx.time + 3600, END), ~cancelled),
            "herb_num": a.smallints(rx.herb_doses, rx.herb_doses == 0),
            "updt_time": _updated(rx.time + np.where(cancelled, 3600, 600)),
        }
    )
    drug = drugs()
    strength = np.array([round(d.strength * 10**6) for d in drug])[items.drug]
    freq = np.array([d.freq_per_day for d in drug])[items.drug]
    kind = np.zeros(len(items.drug), dtype=np.int64)
    ratio = np.array([d.pack_ratio for d in drug])[items.drug]
    in_min = items.in_min_unit
    detail = pa.table(
        {
            "id": a.integers(items.item_id),
            "op_id": a.integers(rx.rx_id[items.rx]),
            "group_no": a.labels("", items.rx % 7 + 1),
            "item_code": a.words(local_codes("yunqi_his"), flat(kind, items.drug)),
            "dosage": a.decimals(strength, 16, 6),
            "dosage_unit": a.words([d.strength_unit for d in drug], items.drug),
            "rate_code": a.words(["qd", "bid", "tid"], freq - 1),
            "rate_num": a.smallints(freq),
            "usage_code": a.words(
                ["po", "iv"],
                np.array([d.dosage_form.startswith("注射") for d in drug]).astype(np.int64)[
                    items.drug
                ],
            ),
            "use_days": a.smallints(rx.days[items.rx]),
            "num": a.quantity(items.qty),
            "unit_name": unit_column(kind, items.drug, in_min),
            "split_num": a.quantity(items.qty * np.where(in_min, 1, ratio)),
            "price": a.price(items.unit_price),
            "total_price": a.money(a.line_amount(items.qty, items.unit_price)),
            "skin_result": a.words(
                [None, "阴性"],
                (np.array([d.atc[:5] == "J01CR" for d in drug]).astype(np.int64))[items.drug],
            ),
            "is_self": a.words(["0"], kind),
            "crte_time": a.moments(rx.time[items.rx]),
            "updt_time": _updated(rx.time[items.rx] + 600),
        }
    )
    return {"outpt_prescribe": prescribe, "outpt_prescribe_detail": detail}


def _inpt_visit(data: MonthData) -> pa.Table:
    s = data.stays
    open_ = s.dscg_time == 0
    wards = len(data.hospital.departments)
    codes, names = stay_diagnoses()
    return pa.table(
        {
            "id": a.integers(s.adm_id),
            "in_no": a.labels("ZY", s.adm_id),
            "profile_id": a.integers(data.patients.ids()[s.patient]),
            "in_count": a.smallints(np.where(s.referred_from > 0, 2, 1)),
            "in_time": a.moments(s.adm_time),
            "out_time": a.moments(s.dscg_time, open_),
            "in_dept_code": a.words(dept_codes(data), s.department + wards),
            "out_dept_code": a.words(dept_codes(data), s.department + wards, open_),
            "in_mode_code": a.words(["2", "3"], (s.referred_from > 0).astype(np.int64)),
            "out_mode_code": a.labels("", s.discharge_way, open_),
            "zz_doctor_code": a.words(data.staff.codes, s.doctor),
            "jz_doctor_code": a.words(data.staff.codes, s.doctor),
            "bed_name": a.labels("", s.adm_id % 60 + 1),
            "pay_type_code": a.words(["07", "01"], s.insured.astype(np.int64)),
            "medical_regno": mdtrt(True, s.adm_id, ~s.insured),
            "case_no": a.labels("BA", s.adm_id),
            "is_readmit_plan": a.words(
                ["0", "1"],
                np.array([c[:3] in ("Z51", "Z49") for c in codes]).astype(np.int64)[s.diagnosis],
            ),
            "out_disease_code": a.words(codes, s.diagnosis),
            "out_disease_name": a.words(names, s.diagnosis),
            "is_cancel": a.words(["0"], np.zeros(len(s.adm_id), dtype=np.int64)),
            "updt_time": _updated(np.where(open_, s.adm_time + 3600, s.dscg_time + 4500)),
        }
    )


def _costs(data: MonthData, inpatient: bool) -> pa.Table:
    bills = data.bills
    rows = np.flatnonzero(bills.lines.inpatient == inpatient)
    lines = bills.lines.take(rows)
    fee_id, settle_row = bills.fee_id[rows], bills.settle_row[rows]
    v, s = data.clinic.visits, data.stays
    encounter_id = (s.adm_id if inpatient else v.visit_id)[lines.encounter]
    patient = (s.patient if inpatient else v.patient)[lines.encounter]
    item = flat(lines.kind, lines.item)
    open_ = settle_row < 0
    settle_id = bills.settlements.settle_id[settle_row]
    settled = bills.settlements.time[settle_row]
    updated = np.where(
        open_, lines.time + lines.post_delay, np.maximum(settled, lines.time + lines.post_delay)
    )
    reversal = lines.original > 0
    # A line learns the number of its report when the examination is carried out.
    updated = np.maximum(updated, data.care.reports.done_by_line[rows])
    links = care.fee_links(data, rows)
    columns = {
        "id": a.integers(fee_id),
        "old_cost_id": a.integers(lines.original, ~reversal),
        "visit_id": a.integers(encounter_id),
        "profile_id": a.integers(data.patients.ids()[patient]),
        "cost_time": a.moments(lines.time),
        "crte_time": a.moments(np.minimum(lines.time + lines.post_delay, END)),
        "item_kind_code": a.words(["1", "2", "3"], lines.kind),
        "item_code": a.words(local_codes("yunqi_his"), item),
        "item_name": a.words(item_names(), item),
        "nation_code": a.words(national_codes(), item),
        "fee_type_code": a.words(charge_types(), item),
        "num": a.quantity(lines.qty),
        "unit_name": unit_column(lines.kind, lines.item, lines.in_min_unit),
        "price": a.price(lines.unit_price),
        "total_price": a.money(lines.amount),
        "status_code": a.words(["0", "2"], reversal.astype(np.int64)),
        "dept_code": line_dept(lines, data),
        "doctor_code": a.words(data.staff.codes, lines.doctor),
        "exec_dept_code": exec_dept(lines, data),
        "crte_code": a.words([data.staff.codes[i] for i in data.staff.cashiers], fee_id % 2),
        "feedetl_sn": a.labels("", fee_id, ~lines.uploaded),
        "is_upload": a.words(["0", "1"], lines.uploaded.astype(np.int64)),
        "settle_id": a.integers(settle_id, open_),
        "result_id": links["report"],
        "updt_time": _updated(updated),
    }
    if inpatient:
        columns |= {
            "is_auto": a.words(["0", "1"], lines.auto.astype(np.int64)),
            "advice_id": links["order"],
            "advice_exec_id": links["execution"],
            "oper_id": links["surgery"],
            "udi_code": links["udi"],
            "batch_no": links["batch_no"],
        }
    else:
        columns["opd_id"] = a.integers(lines.rx_item, lines.rx_item == 0)
    return pa.table(columns)


def _settles(data: MonthData, inpatient: bool) -> pa.Table:
    bills = data.bills
    rows = np.flatnonzero(bills.settlements.inpatient == inpatient)
    st = bills.settlements
    kind, total = st.kind[rows], st.total[rows]
    insured = data.claims.insured[rows]
    by_insurance = insured & ~st.refunding.in_cash[rows]
    fund = np.where(by_insurance, data.claims.split.fund[rows], 0)
    account = np.where(by_insurance, data.claims.split.account[rows], 0)
    ids = (data.stays.adm_id if inpatient else data.clinic.visits.visit_id)[st.encounter[rows]]
    red = kind == REFUND
    return pa.table(
        {
            "id": a.integers(st.settle_id[rows]),
            "settle_no": a.labels("JS", st.settle_id[rows]),
            "visit_id": a.integers(ids),
            "red_id": a.integers(st.settle_id[st.original[rows]], ~red),
            "settle_time": a.moments(st.time[rows]),
            "settle_type_code": a.words(["1", "2", "3"], kind),
            "total_price": a.money(total),
            "mi_price": a.money(fund),
            "acct_pay": a.money(account),
            "self_price": a.money(total - fund - account),
            "hosp_price": a.money(np.zeros(len(rows), dtype=np.int64)),
            "source_pay_code": a.words(["1", "2", "3"], st.settle_id[rows] % 3),
            "crte_code": a.words(
                [data.staff.codes[i] for i in data.staff.cashiers], st.settle_id[rows] % 2
            ),
            "refund_reason": a.words([None, *REASONS], refund_reasons(data, rows)),
            "refund_audit_code": a.words(*refund_approvers(data, rows)),
            "insure_settle_id": a.labels("", st.settle_id[rows], ~insured),
            "updt_time": _updated(st.time[rows] + 60),
        }
    )
