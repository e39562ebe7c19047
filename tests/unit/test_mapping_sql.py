"""Every mapping SQL of the repository, parsed in its dialect and held against its contract."""

from pathlib import Path

import pytest
import yaml

from qinglian.contracts import Contract, Cursor, load_contracts, parse_cursor
from qinglian.extract.mapping import mapping_faults, output_columns, tables_read
from qinglian.settings import repository_root

SOURCES = repository_root() / "sources"
MAPPINGS = sorted(path.relative_to(SOURCES) for path in SOURCES.rglob("*.sql"))


@pytest.fixture(scope="module")
def contracts() -> dict[str, Contract]:
    return load_contracts(repository_root() / "expectations")


def cursor_of(vendor: dict[str, object], contract: Contract) -> Cursor:
    overrides = vendor.get("cursors") or {}
    assert isinstance(overrides, dict)
    override = overrides.get(contract.table)
    return parse_cursor(override) if override else contract.cursor


@pytest.mark.parametrize("mapping", MAPPINGS, ids=str)
def test_every_mapping_sql_fits_its_contract(contracts: dict[str, Contract], mapping: Path) -> None:
    vendor = yaml.safe_load((SOURCES / mapping.parent / "vendor.yaml").read_text("utf-8"))
    contract = contracts[mapping.stem]
    text = (SOURCES / mapping).read_text("utf-8")
    assert not mapping_faults(text, contract, cursor_of(vendor, contract), vendor["dialect"])
    columns = output_columns(text, vendor["dialect"])
    assert columns == [c.name for c in contract.landed_columns], "none beyond the contract"
    assert text.startswith("-- "), "the header comment names source tables and grain"


#: The minimum set of tables, as far as a HIS holds it, and what those tables refer to.
MINIMUM_SET = {
    "his_org", "his_dept", "his_staff", "his_drug", "his_charge_item", "his_patient",
    "his_outp_visit", "his_outp_diag", "his_rx", "his_rx_item", "his_admission", "his_fee",
    "his_settle", "pr_receipt", "pr_supplier", "yb_setl_d", "yb_fee_list_d",
}  # fmt: skip


@pytest.mark.parametrize("vendor", ["kangtai_his_mssql", "tongzhou_his"])
def test_products_without_a_server_here_give_the_minimum_set_and_say_so(vendor: str) -> None:
    assert {path.stem for path in (SOURCES / vendor).glob("*.sql")} >= MINIMUM_SET
    described = yaml.safe_load((SOURCES / vendor / "vendor.yaml").read_text("utf-8"))
    assert "Not tested against a live server" in described["description"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("s.bed as bed_no", "s.bed as bed"), "lacks bed_no"),
        (("s.bed as bed_no,", "s.bed as bed_no, 2 as bed_no,"), "has bed_no twice"),
        (("s.bed as bed_no, s.pay as pay_type", "s.pay as pay_type, s.bed as bed_no"), "order"),
        (("select :org_code", "select * , :org_code"), "`*`"),
        (("and s.adm < :window_end", ""), ":window_end is not used"),
        (("from stay as s", "into copy from stay as s"), "only reads"),
        (("from stay as s", "from stay as s for update"), "only reads"),
        (("where", "; delete from stay where"), "not one select"),
        (("from stay", "fromm (stay"), "no postgres SQL"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_faults_of_a_mapping_sql_are_named(
    contracts: dict[str, Contract], change: tuple[str, str], fault: str
) -> None:
    contract = contracts["his_admission"]
    columns = ", ".join(
        {"org_code": ":org_code as org_code", "bed_no": "s.bed as bed_no",
         "pay_type": "s.pay as pay_type"}.get(c.name, f"null as {c.name}")
        for c in contract.landed_columns
    )  # fmt: skip
    sql = f"select {columns} from stay as s where s.adm >= :window_start and s.adm < :window_end"
    assert not mapping_faults(sql, contract, contract.cursor, "postgres")
    more = sql.replace("s.bed as bed_no,", "s.bed as bed_no, 1 as extra,")
    assert not mapping_faults(more, contract, contract.cursor, "postgres"), "reported, no fault"
    assert change[0] in sql
    faults = mapping_faults(sql.replace(*change), contract, contract.cursor, "postgres")
    assert any(fault in text for text in faults), faults


def test_a_table_that_is_read_whole_has_no_window(contracts: dict[str, Contract]) -> None:
    whole = parse_cursor("full_reload")
    text = (SOURCES / "kangtai_his" / "his_admission.sql").read_text("utf-8")
    assert len(mapping_faults(text, contracts["his_admission"], whole, "postgres")) == 2


def test_tables_of_a_mapping_sql_are_those_of_the_source() -> None:
    rows = "with rows as (select * from a) "
    sql = rows + "select * from rows join b on true where x in (select y from c)"
    assert tables_read(sql, "postgres") == {"a", "b", "c"}
