"""How leads are spoken of: as signals, and without names to whoever may not read them."""

import re

STATEMENT = (
    "线索是待核实的信号，不是结论，更不是对任何人的指控：请先看“可能的合理情形”，调阅原单、听取说明，"
    "复核之后才认定。"
)

#: Subjects whose name in the list of leads holds no person's. Whatever is not listed is told by its
#: code, so that a new kind of subject never shows a name by oversight.
_NO_PERSON = frozenset(
    {
        *("hospital", "department", "drug", "charge_item", "category", "purchase_item"),
        *("supplier", "supplier_invoices", "supplier_award", "supplier_hospital"),
        *("vbp_agreement", "budget_category", "dept_category", "project_stage", "contract_stage"),
        *("single_source", "single_source_supplier", "purchase_bunching", "contract_supplement"),
        *("contract_payment", "contract_renewal", "contract_scope", "traced_material"),
        *("report_item", "stock_item", "stock_item_year", "lot", "lot_rejection"),
        *("bidder_pair", "bidder_group", "antibacterial_measure", "department_cost"),
        *("department_scan", "swap_pair", "hospital_cost", "department_coding"),
        *("hospital_coding", "encounter", "patient", "operator"),
    }
)

#: Subjects of a member of staff and one thing more: what their name says after its first ／ is not
#: the person.
_PERSON_AND_THING = frozenset({"doctor_series", "doctor_product", "doctor_maker", "key_post"})


def subject_text(
    subject_type: str, type_zh: str | None, code: str, label: str, *, staff_names: bool
) -> str:
    """The subject as the list of leads names it, or with the number in place of the person."""
    if staff_names or subject_type in _NO_PERSON:
        return label
    kind = type_zh or subject_type
    if subject_type in _PERSON_AND_THING and "／" in label:
        return f"{kind} {code.split('|', maxsplit=1)[0]}／{label.split('／', 1)[1]}"
    return f"{kind} {code.replace('|', '／')}"


def without_names(sentence: str, label: str, shown: str) -> str:
    """A lead's sentence with its subject named as `shown`."""
    if label == shown or not label:
        return sentence
    # A number would run into the year that follows it.
    parted = re.sub(re.escape(label) + " ?(?=[0-9])", lambda _: f"{shown} ", sentence)
    return parted.replace(label, shown)
