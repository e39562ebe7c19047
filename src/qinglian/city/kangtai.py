"""Writer of kangtai_his: pinyin abbreviations, business dates only, codes, numbers as text."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qinglian.city import arrow as a
from qinglian.city import care
from qinglian.city.billing import REFUND
from qinglian.city.calendar import day_number
from qinglian.city.care.devices import udi_di
from qinglian.city.clinic import CANCELLED, LONG_REASONS, RETURNED, VALID
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
from qinglian.city.lines import DRUG, MATERIAL, SERVICE
from qinglian.city.organisations import Hospital
from qinglian.city.people import Patients, birth_days, identity_numbers, insurance_type, is_male
from qinglian.city.refunds import REASONS
from qinglian.city.services import PRICE_CHANGE, materials, services
from qinglian.city.suppliers import manufacturers
from qinglian.city.ward import END
from qinglian.city.yunqi import AUTO_BILLED, price_note

LEVEL_CODES = {"02": "32", "05": "22", "08": "12"}
TYPE_CODES = {"general": "1", "tcm": "2", "oncology": "3", "maternity": "4", "primary": "5"}
CURSOR_COLUMNS = {
    "ms_ghmx": "ghsj",
    "ms_brzd": "zdsj",
    "ms_cf01": "kfrq",
    "ms_cf02": "cfsb",
    "zy_brry": "ryrq",
    "ms_fymx": "fyrq",
    "zy_fymx": "fyrq",
    "ms_mzxx": "sfrq",
    "zy_zyjs": "jsrq",
    "zy_zyzd": "zyh",
    "zy_bqyz": "kssj",
    "yf_mzfymx": "fyrq",
    "yf_zyfymx": "fyrq",
    "sm_ssap": "kssj",
    "yj_bgd": "jcrq",
    "bq_hlrj": "hlrq",
    "gy_czrz": "czsj",
    "yf_cfdp": "dprq",
}
_TITLE_CODES = ["231", "233", "234", "235"]


def reference_tables(hospital: Hospital, staff: Staff, patients: Patients, prices: Ints) -> Tables:
    """Master data of the hospital; `prices` are the current charge prices of services."""
    return {
        "gy_jgxx": _hospital(hospital),
        "gy_ksdm": _departments(hospital),
        "gy_ygdm": _users(hospital, staff),
        "yk_typk": _drugs(),
        "wz_clzd": _materials(),
        "gy_ylsf": _items(prices),
        "ms_brda": _patients(patients, staff),
    }


def month_tables(data: MonthData) -> Tables:
    """Business rows of one month."""
    return {
        **_visit_tables(data),
        **_rx_tables(data),
        "zy_brry": _stays(data),
        "ms_fymx": _fees(data, inpatient=False),
        "zy_fymx": _fees(data, inpatient=True),
        "ms_mzxx": _settles(data, inpatient=False),
        "zy_zyjs": _settles(data, inpatient=True),
        **care.kangtai_tables(data),
    }


def _text(values: pa.Array) -> pa.Array:
    return pc.cast(values, pa.string())


def _yn(values: list[bool]) -> pa.Array:
    return a.texts(["Y" if value else "N" for value in values])


def _hospital(h: Hospital) -> pa.Table:
    return pa.table(
        {
            "jgdm": a.texts([h.org_code]),
            "jgmc": a.texts([h.name]),
            "jgdj": a.texts([LEVEL_CODES[h.level]]),
            "jglb": a.texts([TYPE_CODES[h.org_type]]),
            "xzqh": a.texts([h.district]),
            "jtdm": a.texts([h.group_code]),
            "cws": a.texts([str(h.beds)]),
            "gllb": a.texts(["1"]),
        }
    )


def _departments(h: Hospital) -> pa.Table:
    kinds = {"clinical": "1", "ward": "2", "pharmacy": "3", "medtech": "4", "admin": "9"}
    rows = [row._replace(kind=kinds[row.kind]) for row in department_rows(h)]
    columns = list(zip(*rows, strict=True))
    names = ("ksdm", "ksmc", "zlkm", "kslb", "sjks")
    table = {name: a.texts(values) for name, values in zip(names, columns, strict=True)}
    return pa.table({**table, "zfpb": a.texts(["0"] * len(rows))})


def _users(h: Hospital, s: Staff) -> pa.Table:
    rows = staff_rows(h, s)
    doctor = np.array([row.is_doctor for row in rows])
    title = np.array([row.title for row in rows])
    return pa.table(
        {
            "ygdm": a.texts([row.code for row in rows]),
            "ygxm": a.texts([row.name for row in rows]),
            "sfzh": a.texts([row.id_number for row in rows]),
            "ybysdm": a.texts([row.national_code for row in rows]),
            "ksdm": a.texts([row.dept_code for row in rows]),
            "ygzw": a.words(_TITLE_CODES, title),
            "kssqx": a.labels("", np.where(doctor, np.minimum(title + 1, 3), 0)),
            "mzqx": _yn(doctor.tolist()),
            "cfqsrq": a.texts(["20110126" if row.is_doctor else None for row in rows]),
            "zfpb": a.texts(["0"] * len(rows)),
        }
    )


def _drugs() -> pa.Table:
    rows = drugs()
    makers = manufacturers()
    kinds = {"western": "1", "patent_tcm": "2", "herb_piece": "3"}
    return pa.table(
        {
            "ypxh": a.texts([local_code("kangtai_his", DRUG, i) for i in range(len(rows))]),
            "ybdm": a.texts([d.national_code for d in rows]),
            "tymc": a.texts([d.generic_name for d in rows]),
            "type": a.texts([kinds[d.drug_class] for d in rows]),
            "jx": a.texts([d.dosage_form for d in rows]),
            "zsbz": _yn([d.dosage_form.startswith("注射") for d in rows]),
            "ypgg": a.texts([d.spec for d in rows]),
            "ypjl": a.texts([f"{d.strength:g}" for d in rows]),
            "jldw": a.texts([d.strength_unit for d in rows]),
            "ypdw": a.texts([d.pack_unit for d in rows]),
            "zxdw": a.texts([d.min_unit for d in rows]),
            "zxbz": a.texts([str(d.pack_ratio) for d in rows]),
            "dddz": a.texts([f"{d.ddd:g}" if d.ddd else None for d in rows]),
            "atcbm": a.texts([d.atc if d.drug_class == "western" else None for d in rows]),
            "kssdj": a.texts([str(d.antibac_class) if d.antibac_class else None for d in rows]),
            "jbyw": _yn([d.has("E") for d in rows]),
            "zdjk": _yn([d.is_key_monitored for d in rows]),
            "jcbz": _yn([d.has("V") for d in rows]),
            "jcpc": a.texts(["GJ09" if d.has("V") else None for d in rows]),
            "tpbz": _yn([d.has("N") for d in rows]),
            "rmbz": _yn([d.has("S") for d in rows]),
            "cdmc": a.texts([makers[d.manufacturer].name for d in rows]),
            "cdxydm": a.texts([makers[d.manufacturer].uscc for d in rows]),
            "pzwh": a.texts(
                [
                    f"国药准字{'Z' if d.drug_class != 'western' else 'H'}20{d.number:06d}"
                    for d in rows
                ]
            ),
            "jhjg": a.texts([f"{d.price / 10_000:.4f}" for d in rows]),
            "lsjg": a.texts([f"{d.price / 10_000:.4f}" for d in rows]),
        }
    )


def _materials() -> pa.Table:
    rows = materials()
    makers = manufacturers()
    return pa.table(
        {
            "clxh": a.texts([local_code("kangtai_his", MATERIAL, i) for i in range(len(rows))]),
            "ybdm": a.texts([m.national_code for m in rows]),
            "clmc": a.texts([m.name for m in rows]),
            "cpbs": a.texts([udi_di(m) for m in rows]),
            "zczh": a.texts([f"国械注准2020314{m.number:04d}" for m in rows]),
            "gzbz": _yn([m.is_high_value for m in rows]),
            "sjbz": _yn([m.is_reagent for m in rows]),
            "sfbz": _yn([m.is_billable for m in rows]),
            "jcbz": _yn([m.is_vbp_selected for m in rows]),
            "cdmc": a.texts([makers[m.manufacturer].name for m in rows]),
            "cdxydm": a.texts([makers[m.manufacturer].uscc for m in rows]),
            "cldw": a.texts([m.pack_unit for m in rows]),
            "zxdw": a.texts([m.min_unit for m in rows]),
            "zxbz": a.texts([str(m.pack_ratio) for m in rows]),
            "jhjg": a.texts([f"{m.price / 10_000:.4f}" for m in rows]),
            "lsjg": a.texts([f"{m.min_price / 10_000:.4f}" for m in rows]),
        }
    )


def _items(prices: Ints) -> pa.Table:
    rows = services()
    return pa.table(
        {
            "fyxh": a.texts([local_code("kangtai_his", SERVICE, i) for i in range(len(rows))]),
            "ybdm": a.texts([s.national_code if s.limits else None for s in rows]),
            "fymc": a.texts([s.name for s in rows]),
            "fygb": a.texts([s.category for s in rows]),
            "fydw": a.texts([s.unit for s in rows]),
            "fydj": a.texts([f"{p / 10_000:.2f}" for p in prices.tolist()]),
            "bzxx": a.texts([price_note(s.key) for s in rows]),
            "zdjz": _yn([s.key in AUTO_BILLED for s in rows]),
            "qyrq": a.texts(["20250701" if s.changed else "20250101" for s in rows]),
        }
    )


def _patients(p: Patients, s: Staff) -> pa.Table:
    number = insurance_type(p.person)
    birth = pc.strftime(
        pa.array(birth_days(p.person).astype(np.int32), pa.date32()), format="%Y%m%d"
    )
    return pa.table(
        {
            "brid": a.integers(p.ids()),
            "sfzh": a.texts(identity_numbers(p.person)),
            "brxb": a.words(["2", "1"], is_male(p.person).astype(np.int64)),
            "csny": birth,
            "ybkh": a.labels("5001", p.person, number == 0),
            "bzgbz": a.words(["N", "Y"], np.isin(p.person, s.person).astype(np.int64)),
            # Patients registered before the system went live carry the day of its start.
            "jdrq": a.moments(np.full(len(p.person), day_number(PRICE_CHANGE) - 181) * 86_400),
        }
    )


def _visit_tables(data: MonthData) -> Tables:
    v, h = data.clinic.visits, data.hospital
    kind = np.select([v.emergency, v.chronic], [1, 2], 0)
    register = pa.table(
        {
            "sbxh": a.integers(v.visit_id),
            "jzhm": a.labels("MZ", v.visit_id),
            "brid": a.integers(data.patients.ids()[v.patient]),
            "ghsj": a.moments(v.register_time),
            "jzsj": a.moments(v.visit_time, v.cancelled),
            "ksdm": a.words(dept_codes(data), v.department),
            "ysdm": a.words(data.staff.codes, v.doctor),
            "ghlb": a.words(["1", "2", "3"], kind),
            "czpb": a.words(["0", "1"], v.first_visit.astype(np.int64)),
            "brxz": a.words(["1", "6"], v.insured.astype(np.int64)),
            "ybjzid": mdtrt(False, v.visit_id, ~v.insured),
            "thbz": a.words(["0", "1"], v.cancelled.astype(np.int64)),
        }
    )
    codes, names, starts = practice_diagnoses(data)
    seen = np.flatnonzero(~v.cancelled)
    more = np.flatnonzero(~v.cancelled & (v.second_diagnosis >= 0))
    rows = np.r_[seen, more]
    main = np.arange(len(rows)) < len(seen)
    place = starts[v.department[rows]] + np.where(main, v.diagnosis[rows], v.second_diagnosis[rows])
    diagnose = pa.table(
        {
            "jlbh": a.integers(
                np.arange(len(rows)) + 1 + (h.number * 10_000 + data.month.stamp) * 10**7
            ),
            "jzxh": a.integers(v.visit_id[rows]),
            "plxh": a.smallints(2 - main),
            "zzbz": a.words(["0", "1"], main.astype(np.int64)),
            "icd10": a.words(codes, place),
            "zdmc": a.words(names, place),
            "zdsj": a.moments(v.visit_time[rows]),
        }
    )
    return {"ms_ghmx": register, "ms_brzd": diagnose}


def _rx_tables(data: MonthData) -> Tables:
    rx, items, v = data.clinic.prescriptions, data.clinic.items, data.clinic.visits
    cancelled = rx.status == CANCELLED
    head = pa.table(
        {
            "cfsb": a.integers(rx.rx_id),
            "cfhm": a.labels("", rx.rx_id % 10**9),
            "jzxh": a.integers(v.visit_id[rx.visit]),
            "brid": a.integers(data.patients.ids()[v.patient[rx.visit]]),
            "cflb": a.words(["01", "02", "03", "06", "07"], rx.kind),
            "kfrq": a.moments(rx.time),
            "ysdm": a.words(data.staff.codes, v.doctor[rx.visit]),
            "ksdm": a.words(dept_codes(data), v.department[rx.visit]),
            "hdgh": a.words([data.staff.codes[i] for i in data.staff.pharmacists], rx.rx_id % 2),
            "fygh": a.words(
                [data.staff.codes[i] for i in data.staff.pharmacists], (rx.rx_id + 1) % 2
            ),
            "cqbz": a.words(["N", "Y"], rx.long_term.astype(np.int64)),
            "cqyy": a.words(LONG_REASONS, rx.reason),
            "zfpb": a.words(["0", "1"], cancelled.astype(np.int64)),
            "tybz": a.words(["0", "1"], (rx.status == RETURNED).astype(np.int64)),
            "zfsj": a.moments(np.minimum(rx.time + 3600, END), rx.status == VALID),
            "cfts": a.labels("", rx.herb_doses, rx.herb_doses == 0),
        }
    )
    drug = drugs()
    kind = np.zeros(len(items.drug), dtype=np.int64)
    freq = np.array([d.freq_per_day for d in drug])[items.drug]
    lines = pa.table(
        {
            "sbxh": a.integers(items.item_id),
            "cfsb": a.integers(rx.rx_id[items.rx]),
            "ypzh": a.labels("", items.rx % 7 + 1),
            "ypxh": a.words(local_codes("kangtai_his"), flat(kind, items.drug)),
            "ycjl": a.words([f"{d.strength:g}" for d in drug], items.drug),
            "jldw": a.words([d.strength_unit for d in drug], items.drug),
            "ypyf": a.words(["QD", "BID", "TID"], freq - 1),
            "mrcs": a.labels("", freq),
            "gytj": a.words(
                ["1", "4"],
                np.array([d.dosage_form.startswith("注射") for d in drug]).astype(np.int64)[
                    items.drug
                ],
            ),
            "yyts": a.labels("", rx.days[items.rx]),
            "ypsl": _text(a.decimals(items.qty, 16, 2)),
            "ypdw": unit_column(kind, items.drug, items.in_min_unit),
            "ypdj": _text(a.decimals(items.unit_price, 16, 4)),
            "hjje": a.money(a.line_amount(items.qty, items.unit_price)),
        }
    )
    return {"ms_cf01": head, "ms_cf02": lines}


def _stays(data: MonthData) -> pa.Table:
    s = data.stays
    open_ = s.dscg_time == 0
    wards = len(data.hospital.departments)
    codes, names = stay_diagnoses()
    planned = np.array([c[:3] in ("Z51", "Z49") for c in codes]).astype(np.int64)
    return pa.table(
        {
            "zyh": a.integers(s.adm_id),
            "zyhm": a.labels("", s.adm_id % 10**9),
            "brid": a.integers(data.patients.ids()[s.patient]),
            "zycs": a.labels("", np.where(s.referred_from > 0, 2, 1)),
            "ryrq": a.moments(s.adm_time),
            "cyrq": a.moments(s.dscg_time, open_),
            "ryks": a.words(dept_codes(data), s.department + wards),
            "cyks": a.words(dept_codes(data), s.department + wards, open_),
            "rytj": a.words(["1", "4"], (s.referred_from > 0).astype(np.int64)),
            "cyfs": a.labels("", s.discharge_way, open_),
            "zrys": a.words(data.staff.codes, s.doctor),
            "zzys": a.words(data.staff.codes, s.doctor),
            "brch": a.labels("", s.adm_id % 60 + 1),
            "brxz": a.words(["1", "6"], s.insured.astype(np.int64)),
            "ybjzid": mdtrt(True, s.adm_id, ~s.insured),
            "bahm": a.labels("BA", s.adm_id),
            "jhry": a.words(["N", "Y"], planned[s.diagnosis]),
            "cyzd": a.words(codes, s.diagnosis),
            "cyzdmc": a.words(names, s.diagnosis),
            "zfpb": a.words(["0"], np.zeros(len(s.adm_id), dtype=np.int64)),
        }
    )


def _fees(data: MonthData, inpatient: bool) -> pa.Table:
    bills = data.bills
    rows = np.flatnonzero(bills.lines.inpatient == inpatient)
    lines = bills.lines.take(rows)
    fee_id, settle_row = bills.fee_id[rows], bills.settle_row[rows]
    v, s = data.clinic.visits, data.stays
    encounter_id = (s.adm_id if inpatient else v.visit_id)[lines.encounter]
    patient = (s.patient if inpatient else v.patient)[lines.encounter]
    item = flat(lines.kind, lines.item)
    columns = {
        "jlxh": a.integers(fee_id),
        "tfgl": a.integers(lines.original, lines.original == 0),
        "zyh" if inpatient else "jzxh": a.integers(encounter_id),
        "brid": a.integers(data.patients.ids()[patient]),
        "fyrq": a.moments(lines.time),
        "jfrq": a.moments(np.minimum(lines.time + lines.post_delay, END)),
        "yplx": a.words(["1", "2", "0"], lines.kind),
        "fyxh": a.words(local_codes("kangtai_his"), item),
        "fymc": a.words(item_names(), item),
        "ybdm": a.words(national_codes(), item),
        "fyxm": a.words(charge_types(), item),
        "fysl": a.decimals(lines.qty, 16, 2),
        "fydw": unit_column(lines.kind, lines.item, lines.in_min_unit),
        "fydj": _text(a.decimals(lines.unit_price, 16, 4)),
        "zjje": a.money(lines.amount),
        "fyks": line_dept(lines, data),
        "ysgh": a.words(data.staff.codes, lines.doctor),
        "zxks": exec_dept(lines, data),
        "srgh": a.words([data.staff.codes[i] for i in data.staff.cashiers], fee_id % 2),
        "ybmxlsh": a.labels("", fee_id, ~lines.uploaded),
        "scbz": a.words(["0", "1"], lines.uploaded.astype(np.int64)),
        "jsxh": a.integers(bills.settlements.settle_id[settle_row], settle_row < 0),
    }
    if inpatient:
        links = care.fee_links(data, rows)
        columns |= {
            "zdjz": a.words(["N", "Y"], lines.auto.astype(np.int64)),
            "yzxh": links["order"],
            "sqdh": links["surgery"],
            "wybs": links["udi"],
            "ph": links["batch_no"],
        }
    else:
        columns["cfmxxh"] = a.integers(lines.rx_item, lines.rx_item == 0)
    return pa.table(columns)


def _settles(data: MonthData, inpatient: bool) -> pa.Table:
    st = data.bills.settlements
    rows = np.flatnonzero(st.inpatient == inpatient)
    total, insured = st.total[rows], data.claims.insured[rows]
    by_insurance = insured & ~st.refunding.in_cash[rows]
    fund = np.where(by_insurance, data.claims.split.fund[rows], 0)
    account = np.where(by_insurance, data.claims.split.account[rows], 0)
    ids = (data.stays.adm_id if inpatient else data.clinic.visits.visit_id)[st.encounter[rows]]
    red = st.kind[rows] == REFUND
    return pa.table(
        {
            "jsxh": a.integers(st.settle_id[rows]),
            "fphm": a.labels("FP", st.settle_id[rows] % 10**10),
            "zyh" if inpatient else "jzxh": a.integers(ids),
            "thxh": a.integers(st.settle_id[st.original[rows]], ~red),
            "jsrq" if inpatient else "sfrq": a.moments(st.time[rows]),
            "jslx": a.words(["5", "1", "9"], st.kind[rows]),
            "zjje": a.money(total),
            "ybje": a.money(fund),
            "zhje": a.money(account),
            "xjje": a.money(total - fund - account),
            "fkfs": a.words(["1", "2", "3"], st.settle_id[rows] % 3),
            "czgh": a.words(
                [data.staff.codes[i] for i in data.staff.cashiers], st.settle_id[rows] % 2
            ),
            "tfyy": a.words([None, *REASONS], refund_reasons(data, rows)),
            "tfsh": a.words(*refund_approvers(data, rows)),
            "ybjsid": a.labels("", st.settle_id[rows], ~insured),
        }
    )
