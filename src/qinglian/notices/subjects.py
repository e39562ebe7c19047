"""How the subject of a lead is named to somebody who may not read names of members of staff."""

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


def subject_text(
    subject_type: str, type_zh: str | None, code: str, label: str, *, staff_names: bool
) -> str:
    """The subject as the list of leads names it, or with the number in place of the person."""
    if staff_names or subject_type in _NO_PERSON:
        return label
    return f"{type_zh or subject_type} {code.replace('|', '／')}"


def without_names(sentence: str, label: str, shown: str) -> str:
    """A lead's sentence with its subject named as `shown`."""
    return sentence if label == shown else sentence.replace(label, shown)
