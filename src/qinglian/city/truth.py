"""The truth file: subjects, periods and evidence of all schemes, and the count of dirty rows."""

import json
from pathlib import Path

from qinglian.city.bid_schemes import tender_subject
from qinglian.city.calendar import Month
from qinglian.city.class_shifts import GENERIC
from qinglian.city.doctors import Staff
from qinglian.city.drugs import Drug, drug_index, drugs
from qinglian.city.duties import post_subject
from qinglian.city.his_columns import local_code
from qinglian.city.interests import member_of
from qinglian.city.lines import DRUG, MATERIAL, SERVICE
from qinglian.city.organisations import Hospital
from qinglian.city.purchases import product
from qinglian.city.rep_visits import product_of
from qinglian.city.schemes import (
    AddedCharges,
    Background,
    BilledPrice,
    ClassShift,
    ClosedMatter,
    CodedStay,
    CostFactor,
    CostGroup,
    DeniedStay,
    DoctorQuantities,
    EmptyDays,
    EssentialShare,
    FewReviews,
    FrequentVisits,
    GroupCost,
    HighGroups,
    HospitalAntibacterials,
    ImplantTrace,
    KeyProduct,
    KeyShare,
    LongPost,
    LongSupply,
    ManyDrugs,
    MissingReports,
    NamedWhileWriting,
    NonSelected,
    OneDrug,
    PaidBelow,
    PaidPrice,
    PlannedTender,
    ProductFocus,
    PurchaseShares,
    Readmission,
    RefundsBy,
    RepeatedScan,
    RepeatedSupply,
    RepeatedTrace,
    RepVisits,
    ReturnVisits,
    ReviewedAbnormal,
    Scheme,
    Schemes,
    ScopeCharges,
    SecondOperation,
    SharedDuty,
    ShortStays,
    SplitPackage,
    SplitSheets,
    StockGap,
    SupplierRole,
    SwitchedItem,
    TakenHome,
    Upload,
    VisitRate,
    WardAntibacterials,
    WardCultures,
    WardUse,
    WinnersDonation,
)
from qinglian.city.scope_charges import charged_item
from qinglian.city.services import material_index, service_index, services
from qinglian.city.stock_schemes import stocked_item
from qinglian.city.supplier_aliases import supplier_truth
from qinglian.city.suppliers import (
    categories,
    category_position,
    distributors,
    manufacturers,
    suppliers_of,
)

#: Actions that happen only where the data hold what they need.
_WRITTEN = (
    AddedCharges
    | ScopeCharges
    | SecondOperation
    | ReturnVisits
    | FrequentVisits
    | RepeatedSupply
    | TakenHome
    | RepeatedScan
    | RefundsBy
    | ShortStays
    | CodedStay
    | StockGap
    | ImplantTrace
    | MissingReports
    | DeniedStay
    | RepeatedTrace
    | RepVisits
    | DoctorQuantities
    | SharedDuty
    | WinnersDonation
    | ClosedMatter
    | PlannedTender
)

#: In which measure the amounts of a group of prescriptions are compared.
_AMOUNTS = {
    "herb": "log_amount_herb",
    "long_term": "log_day_amount_general",
    "oncology": "log_amount_oncology",
}

#: How indicators name the items whose records they compare.
_RECORDED = {"XS06": "traced_material", "XS07": "report_item"}

#: What rises is a change only where there are months before it: so many at least.
_BEFORE_A_CHANGE = 5
#: Visits are compared with the 56 days before them: so many months at least.
_BEFORE_A_VISIT = 2


def name_subjects(hospital: Hospital, staff: Staff, schemes: Schemes) -> None:
    """Fill in organisation and subject of a hospital's schemes; encounters come while writing."""
    for scheme in schemes.all:
        if scheme.hospital == hospital.number:
            scheme.org_code = hospital.org_code
            if isinstance(scheme.action, NamedWhileWriting):
                continue
            scheme.subject_type, scheme.subject_id = _subject(hospital, staff, scheme)


def _subject(hospital: Hospital, staff: Staff, scheme: Scheme) -> tuple[str, str]:
    action = scheme.action
    match action:
        case Background():
            subject = _background_subject(hospital, staff, scheme)
        case (
            ManyDrugs()
            | CostFactor()
            | KeyShare()
            | LongSupply()
            | SplitSheets()
            | OneDrug()
            | VisitRate()
            | EssentialShare()
            | ReviewedAbnormal()
        ):
            subject = "doctor", _doctor(hospital, staff, action.practice, action.doctor)
        case ProductFocus() | NonSelected() | GroupCost() | ClassShift():
            subject = _of_doctor(hospital, staff, action)
        case (
            WardAntibacterials()
            | HospitalAntibacterials()
            | FewReviews()
            | WardUse()
            | WardCultures()
        ):
            subject = _of_hospital(hospital, action)
        case KeyProduct():
            subject = "drug", action.generic_name
        case (
            RefundsBy()
            | RepVisits()
            | SupplierRole()
            | DoctorQuantities()
            | SharedDuty()
            | LongPost()
        ):
            subject = _of_staff(hospital, staff, scheme.indicator_id, action)
        case (
            Readmission()
            | Upload()
            | EmptyDays()
            | SecondOperation()
            | CodedStay()
            | DeniedStay()
            | AddedCharges(of_stay=True)
        ):
            subject = "encounter", ""
        case (
            AddedCharges()
            | BilledPrice()
            | ScopeCharges()
            | ImplantTrace()
            | MissingReports()
            | PaidBelow()
        ):
            kind = _RECORDED.get(scheme.indicator_id, "charge_item")
            subject = kind, _charged_item(hospital, action)
        case PurchaseShares() | PlannedTender() | WinnersDonation():
            subject = _purchasing_subject(action)
        case PaidPrice() | SwitchedItem() | StockGap() | RepeatedTrace():
            subject = _priced_subject(hospital, action)
        case FrequentVisits() | RepeatedSupply() | TakenHome() | ClosedMatter():
            subject = "rectification" if isinstance(action, ClosedMatter) else "patient", ""
        case ReturnVisits() | ShortStays() | CostGroup() | HighGroups() | RepeatedScan():
            subject = _of_department(hospital, action)
    return subject


def _purchasing_subject(
    action: PurchaseShares | PlannedTender | WinnersDonation,
) -> tuple[str, str]:
    """A category on one side of the market, what a tender was planned for, or its award."""
    if isinstance(action, WinnersDonation):
        return "supplier_award", ""
    if isinstance(action, PlannedTender):
        return tender_subject(action)
    return "category", f"{action.category}|{action.level}"


def _charged_item(
    hospital: Hospital,
    action: AddedCharges | BilledPrice | ScopeCharges | ImplantTrace | MissingReports | PaidBelow,
) -> str:
    """The item billed too dear, too often or out of scope, or the package billed in parts."""
    match action:
        case PaidBelow():
            category = next(c for c in categories() if c.code == action.category)
            kind = DRUG if category.item_kind == "drug" else MATERIAL
            return local_code(hospital.vendor, kind, category.items[action.item])
        case SplitPackage():
            key = action.parent
        case AddedCharges():
            key = action.charges[-1].item
        case BilledPrice() | ScopeCharges() | ImplantTrace() | MissingReports():
            key = action.item
    if key in material_index():
        return local_code(hospital.vendor, MATERIAL, material_index()[key])
    return local_code(hospital.vendor, *charged_item(key))


def _stocked(hospital: Hospital, name: str) -> str:
    kind, place = stocked_item(name)
    return (
        f"{local_code(hospital.vendor, kind, place)}|{'material' if kind == MATERIAL else 'drug'}"
    )


def _priced_subject(
    hospital: Hospital, action: PaidPrice | SwitchedItem | StockGap | RepeatedTrace
) -> tuple[str, str]:
    """A bought item and its supplier; or the dear item, the other one's code and the department."""
    if isinstance(action, StockGap):
        return "stock_item", _stocked(hospital, action.item)
    if isinstance(action, RepeatedTrace):
        return "stock_item", _stocked(hospital, action.drug)
    if isinstance(action, PaidPrice):
        return "purchase_item", _purchase_subject(hospital, action)
    dear = local_code(hospital.vendor, SERVICE, service_index()[action.dear])
    other = services()[service_index()[action.item]].national_code
    return "swap_pair", f"{dear}|{other}|{_department(hospital, action.practice)}"


def _of_hospital(hospital: Hospital, action: object) -> tuple[str, str]:
    """The hospital, or what is measured of it beside the indicator's own value."""
    if isinstance(action, WardCultures):
        return "antibacterial_measure", "culture_restricted"
    return "hospital", hospital.org_code


def _of_doctor(
    hospital: Hospital, staff: Staff, action: ProductFocus | NonSelected | GroupCost | ClassShift
) -> tuple[str, str]:
    """A doctor and what of the prescriptions is meant: a product or a group of them."""
    if isinstance(action, ClassShift):
        return _class_shift(hospital, staff, action)
    doctor = _doctor(hospital, staff, action.practice, action.doctor)
    if isinstance(action, GroupCost):
        return "doctor_series", f"{doctor}|{_AMOUNTS[action.group]}"
    return "doctor_product", f"{doctor}|{_product_of(action)}"


def _class_shift(hospital: Hospital, staff: Staff, action: ClassShift) -> tuple[str, str]:
    """A doctor, or all of a department, the selected generic and what took its place."""
    drugs_named = f"{GENERIC}|{action.product}"
    if action.doctor < 0:
        return "department_switch", f"{_department(hospital, action.practice)}|{drugs_named}"
    return (
        "doctor_switch",
        f"{_doctor(hospital, staff, action.practice, action.doctor)}|{drugs_named}",
    )


def _of_staff(
    hospital: Hospital,
    staff: Staff,
    indicator_id: str,
    action: RefundsBy | RepVisits | SupplierRole | DoctorQuantities | SharedDuty | LongPost,
) -> tuple[str, str]:
    """A cashier, whom representatives see, who stands with a supplier, or whose account counts."""
    if isinstance(action, RefundsBy):
        return "operator", staff.codes[staff.cashiers[action.cashier]]
    if isinstance(action, RepVisits):
        doctor = _doctor(hospital, staff, action.practice, action.doctor)
        return _shown_product(indicator_id, doctor, drugs()[product_of(action)])
    if isinstance(action, SharedDuty):
        return "staff_roles", staff.codes[len(staff.codes) - 2 + action.buyer]
    code = staff.codes[member_of(hospital, staff, action.who, action.ordinal)]
    if isinstance(action, LongPost):
        return "key_post", post_subject(code, action)
    if isinstance(action, SupplierRole):
        return "staff", code
    return "access_account", code.lower()


def _shown_product(indicator_id: str, doctor: str, drug: Drug) -> tuple[str, str]:
    """A doctor and the maker of a product, or the product itself."""
    maker = manufacturers()[drug.manufacturer].uscc
    if indicator_id == "XS03":
        return "doctor_maker", f"{doctor}|{maker}"
    return "doctor_product", f"{doctor}|{drug.generic_name}|{maker}"


def _product_of(action: ProductFocus | NonSelected) -> str:
    """Generic name and maker, as RX11 names a product, or its form, as RX12 names equivalents."""
    drug = drugs()[drug_index(action.generic_name)[0]]
    if isinstance(action, NonSelected):
        return f"{action.generic_name}|{drug.dosage_form}"
    return f"{action.generic_name}|{manufacturers()[drug.manufacturer].uscc}"


def _doctor(hospital: Hospital, staff: Staff, practice: str, ordinal: int) -> str:
    dept = hospital.department_of(practice)
    return staff.codes[staff.number(dept.index, ordinal)]


def _of_department(
    hospital: Hospital, action: ReturnVisits | ShortStays | CostGroup | HighGroups | RepeatedScan
) -> tuple[str, str]:
    """Stays belong to the ward of their department."""
    if isinstance(action, RepeatedScan):
        kind = "mri" if action.again == "mri" else "ct"
        department = _department(hospital, action.practice)
        return "department_scan", f"{department}|outpatient|repeated_{kind}"
    if isinstance(action, CostGroup):
        return "department_cost", _cost_subject(
            hospital, action.practice, "inpatient", action.measure
        )
    if isinstance(action, ShortStays | HighGroups):
        return "department", _ward(hospital, action.practice)
    return "department", _department(hospital, action.practice)


def _cost_subject(hospital: Hospital, practice: str, setting: str, measure: str) -> str:
    place = _ward if setting == "inpatient" else _department
    return f"{place(hospital, practice)}|{setting}|{measure}"


def _ward(hospital: Hospital, practice: str) -> str:
    return hospital.department_of(practice).ward_code


def _department(hospital: Hospital, practice: str) -> str:
    return hospital.department_of(practice).code


def _purchase_subject(hospital: Hospital, action: PaidPrice) -> str:
    position = category_position(action.category)
    category = categories()[position]
    is_drug = category.item_kind == "drug"
    item = category.items[action.item]
    supplier = distributors()[suppliers_of(position, hospital.number)[action.supplier]]
    if product(is_drug, item).pack_ratio < 1:
        raise ValueError(f"{category.code}: item {item} has no pack")
    return f"{local_code(hospital.vendor, 0 if is_drug else 1, item)}|{supplier.code}"


def _background_subject(hospital: Hospital, staff: Staff, scheme: Scheme) -> tuple[str, str]:
    """The note of a background scheme begins with its subject, parts divided by bars."""
    parts = scheme.note.split("|")
    scheme.note = parts[-1]
    if scheme.indicator_id == "CH01" or (scheme.indicator_id == "RX03" and len(parts) > 3):
        doctor = _doctor(hospital, staff, parts[0], int(parts[1]))
        return "doctor_series", f"{doctor}|{parts[2]}"
    if scheme.indicator_id in ("PR14", "XS03", "XS04"):
        code = staff.codes[member_of(hospital, staff, parts[0], int(parts[1]))]
        return (
            ("staff_roles", code)
            if scheme.indicator_id == "PR14"
            else _shown_product(scheme.indicator_id, code, drugs()[drug_index(parts[2])[0]])
        )
    if scheme.indicator_id in ("RX03", "RX08", "RX09"):
        return "doctor", _doctor(hospital, staff, parts[0], int(parts[1]))
    if scheme.indicator_id in ("BL11", "BL15", "RX10"):
        return _background_department(hospital, scheme.indicator_id, parts)
    if scheme.indicator_id in ("BL03", "BL08", "BL10", "XS02", "XS06", "XS07", "XS08"):
        return _background_item(hospital, scheme.indicator_id, parts)
    return _background_market(scheme.indicator_id, parts)


def _background_market(indicator_id: str, parts: list[str]) -> tuple[str, str]:
    """A pair or group of bidders, or a category on one side of the market."""
    if indicator_id != "PR08":
        return "category", f"{parts[0]}|{parts[1]}"
    if len(parts) > 2:
        return "bidder_pair", "|".join(parts[:2])
    return "bidder_group", parts[0]


def _background_item(hospital: Hospital, indicator_id: str, parts: list[str]) -> tuple[str, str]:
    """A service, consumable or drug that is charged, or goods as stores know them."""
    if parts[1].startswith("stock_item"):
        return parts[1], _stocked(hospital, parts[0])
    kind = _RECORDED.get(indicator_id, "charge_item")
    if indicator_id == "XS08":
        return kind, local_code(hospital.vendor, DRUG, drug_index(parts[0])[0])
    if parts[0] in material_index():
        return kind, local_code(hospital.vendor, MATERIAL, material_index()[parts[0]])
    return kind, local_code(hospital.vendor, SERVICE, service_index()[parts[0]])


def _background_department(
    hospital: Hospital, indicator_id: str, parts: list[str]
) -> tuple[str, str]:
    """A clinic or ward, with what of it is measured where it is not one thing alone."""
    if indicator_id == "BL15":
        return "department_cost", _cost_subject(hospital, parts[0], parts[1], parts[2])
    if indicator_id == "BL11":
        return "department_coding", f"{_ward(hospital, parts[0])}|{parts[1]}"
    place = _ward if parts[1] == "inpatient" else _department
    return "department", place(hospital, parts[0])


def write_truth(
    path: Path,
    seed: int,
    history: list[Month],
    schemes: Schemes,
    dirty: dict[str, dict[str, int]],
    clean: bool,
) -> int:
    """Write the truth file; returns the number of schemes that the history holds.

    It says of a `clean` city that nothing was planted: no true scheme is then no oversight.
    """
    entries = [_entry(scheme, history) for scheme in schemes.all if _is_in(scheme, history)]
    content = {
        **{"seed": seed, "clean": clean, "schemes": entries, "dirty": dirty},
        "suppliers": supplier_truth(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")
    return len(entries)


def _is_in(scheme: Scheme, history: list[Month]) -> bool:
    if isinstance(scheme.action, Readmission | Upload | EmptyDays):
        return bool(scheme.subject_id) and scheme.first >= history[0]
    if isinstance(scheme.action, NamedWhileWriting):
        return bool(scheme.written) and scheme.fits(history[0])
    if _begins_too_early(scheme, history[0]):
        return False
    if isinstance(scheme.action, _WRITTEN):
        return bool(scheme.written)
    return scheme.last >= history[0] and scheme.first <= history[-1]


def _begins_too_early(scheme: Scheme, first: Month) -> bool:
    """Whether the history holds too little before it, or too little of it, to show it."""
    if scheme.indicator_id == "PR08":
        return scheme.first < first
    if scheme.indicator_id == "CH01":
        return scheme.first < first.shift(_BEFORE_A_CHANGE)
    if scheme.indicator_id == "XS04":
        return scheme.first < first.shift(_BEFORE_A_VISIT)
    if scheme.indicator_id == "XS05":
        return scheme.first < first
    if scheme.indicator_id == "XS02":
        return _stock_is_unknown(scheme, first)
    return scheme.subject_id.endswith("|mean_growth") and scheme.first <= first


def _stock_is_unknown(scheme: Scheme, first: Month) -> bool:
    """Whether stores show too little of it.

    The sum of a year needs all months of a scheme; consigned pieces are known after the first
    month, at whose end they are counted.
    """
    if scheme.subject_type == "stock_item_year":
        return scheme.first < first
    return scheme.subject_id.endswith("|material") and scheme.last <= first


def _entry(scheme: Scheme, history: list[Month]) -> dict[str, object]:
    first = scheme.reported or max(scheme.first, history[0])
    last = scheme.reported or min(scheme.last, history[-1])
    if isinstance(scheme.action, PurchaseShares):
        first = Month(first.year, 1)
    return {
        "scheme_id": scheme.scheme_id,
        "indicator_id": scheme.indicator_id,
        "case": scheme.case,
        "strength": scheme.strength,
        "org_code": scheme.org_code,
        "subject_type": scheme.subject_type,
        "subject_id": scheme.subject_id,
        "period_start": first.first.isoformat(),
        "period_end": last.last.isoformat(),
        "amount": scheme.amount_cents / 100,
        "note": scheme.note,
        "evidence": [{"table": table, "key": key} for table, key in scheme.evidence],
    }
