"""A small city in a real PostgreSQL server, read through its mapping SQL into the contracts."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import adbc_driver_postgresql.dbapi as adbc
import duckdb
import psycopg
import pyarrow as pa
import pytest
from city_identifiers import clear_identifiers

from qinglian.city import CityReport, generate_city
from qinglian.city.sources import REFERENCE
from qinglian.contracts import load_contracts
from qinglian.extract.reader import bind, read_batches
from qinglian.extract.sources import Source, SourceCatalog
from qinglian.extract.window import Window
from qinglian.privacy import PrivacyScanner
from qinglian.settings import Settings
from qinglian.warehouse.server import Server

WINDOW = Window(datetime(2025, 1, 1), datetime(2026, 1, 1))
MONTHS = 4

_PRESCRIPTIONS = "select org_code, doctor_code, rx_time from his_rx"
_PLACES = """
    select org_code, dept_code, visit_time from his_outp_visit
    union all select org_code, adm_dept_code, adm_time from his_admission"""
_CHARGES = "select org_code, item_code, fee_time from his_fee"
_STOCKS = "select org_code, item_code, month_start from pr_stock_month"
_STAYS = "select org_code, org_code, adm_time from his_admission"
_BIDS = "select org_code, supplier_code, bid_time from pr_bid"
_ORDERS = "select org_code, {}, order_time from pr_order"
#: Records of a type of subject: organisation, subject and time, empty where they hold for good.
SUBJECT_RECORDS = {
    **dict.fromkeys(("doctor", "doctor_series", "doctor_product", "doctor_maker"), _PRESCRIPTIONS),
    **dict.fromkeys(("department", "department_scan", "department_cost"), _PLACES),
    "department_coding": _PLACES,
    **dict.fromkeys(("charge_item", "traced_material", "report_item"), _CHARGES),
    **dict.fromkeys(("stock_item", "stock_item_year"), _STOCKS),
    **dict.fromkeys(("hospital", "antibacterial_measure"), _STAYS),
    **dict.fromkeys(("bidder_pair", "bidder_group"), _BIDS),
    "category": _ORDERS.format("category_code"),
    "staff_roles": _ORDERS.format("handler_code"),
    "supplier_invoices": _ORDERS.format("supplier_code"),
    "patient": """
        select org_code, patient_id, visit_time from his_outp_visit
        union all select org_code, patient_id, adm_time from his_admission""",
    "encounter": "select org_code, mdtrt_id, begntime from yb_mdtrt_d",
    "access_account": "select org_code, lower(account), log_time from his_access_log",
    "key_post": "select org_code, concat_ws('|', staff_code, post_code, start_on), null"
    " from sv_post_assignment",
    "vbp_agreement": "select org_code, concat_ws('|', vbp_batch, generic_name), null"
    " from pr_vbp_quota",
}


@pytest.fixture(scope="module")
def city(
    server: Server, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Settings, Server, CityReport]:
    """The session's server, and a state folder of its own for declarations and truth."""
    own = Settings(home=tmp_path_factory.mktemp("city"))
    return own, server, generate_city(own, server, hospitals=4, months=MONTHS)


@pytest.fixture(scope="module")
def landed(
    city: tuple[Settings, Server, CityReport],
) -> Iterator[tuple[duckdb.DuckDBPyConnection, dict[tuple[str, str], list[str]]]]:
    """Every mapping SQL run as city_reader; tables of one name lie together as text."""
    settings, server, _ = city
    catalog = SourceCatalog(settings)
    parts: dict[str, list[pa.Table]] = {}
    columns: dict[tuple[str, str], list[str]] = {}
    for source in catalog.sources():
        for table, sql in catalog.mapping_sql(source).items():
            batch = _read(server, source, table, bind(sql, source, WINDOW))
            columns[source.source_id, table] = batch.column_names
            text = pa.schema([(name, pa.string()) for name in batch.column_names])
            parts.setdefault(table, []).append(_as_text(batch, text))
    with duckdb.connect() as connection:
        for table, batches in parts.items():
            connection.register(f"arrow_{table}", pa.concat_tables(batches))
            connection.execute(f"create table {table} as select * from arrow_{table}")
        yield connection, columns


def _read(server: Server, source: Source, table: str, sql: str) -> pa.Table:
    if source.connection.kind == "files":
        return pa.Table.from_batches(read_batches(source, table, sql, server.secrets, ""))
    with (
        adbc.connect(server.url("city_reader", source.source_id)) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
        return cursor.fetch_arrow_table()


def _as_text(batch: pa.Table, schema: pa.Schema) -> pa.Table:
    plain = pa.table(
        {
            field.name: column.cast(pa.string())
            if not isinstance(column.type, pa.BaseExtensionType)
            else column.combine_chunks().storage.cast(pa.string())
            for field, column in zip(batch.schema, batch.columns, strict=True)
        }
    )
    return plain.cast(schema)


def test_every_mapping_returns_the_contract(
    city: tuple[Settings, Server, CityReport],
    landed: tuple[duckdb.DuckDBPyConnection, dict[tuple[str, str], list[str]]],
) -> None:
    contracts = load_contracts(city[0].contracts_dir)
    _, columns = landed
    assert {table for _, table in columns} == set(contracts)
    for (source, table), found in columns.items():
        expected = {"org_code", "src_updated_at", *(c.name for c in contracts[table].columns)}
        assert set(found) == expected, (source, table)
        assert len(found) == len(expected), (source, table)


def test_clean_rows_fit_the_contracts_types(
    city: tuple[Settings, Server, CityReport],
    landed: tuple[duckdb.DuckDBPyConnection, dict[tuple[str, str], list[str]]],
) -> None:
    """What cannot be cast or breaks a required column is exactly what the truth file counts."""
    contracts = load_contracts(city[0].contracts_dir)
    truth = json.loads((city[0].city_dir / "truth.json").read_text("utf-8"))
    connection, _ = landed
    for table, contract in contracts.items():
        bad = " or ".join(
            f"({c.name} is not null"
            f" and try_cast({c.name} as {_duck_type(c.physical_type)}) is null)"
            + (f" or {c.name} is null" if c.required else "")
            for c in contract.columns
        )
        found = connection.execute(f"select count(*) from {table} where {bad}").fetchone()
        dirty = truth["dirty"].get(table, {})
        counted = sum(
            rows
            for defect, rows in dirty.items()
            if defect.startswith("null_") or defect == "text_in_number"
        )
        assert found == (counted,), table


def _duck_type(physical: str) -> str:
    return "varchar" if "char" in physical or physical == "text" else physical


def test_duplicates_are_counted(
    city: tuple[Settings, Server, CityReport],
    landed: tuple[duckdb.DuckDBPyConnection, dict[tuple[str, str], list[str]]],
) -> None:
    contracts = load_contracts(city[0].contracts_dir)
    truth = json.loads((city[0].city_dir / "truth.json").read_text("utf-8"))
    connection, _ = landed
    for table, contract in contracts.items():
        keys = ", ".join(contract.key)
        extra = connection.execute(
            f"select count(*) - count(distinct ({keys})) from {table}"
        ).fetchone()
        assert extra == (truth["dirty"].get(table, {}).get("duplicate", 0),), table


def test_settlements_hold_their_lines(
    landed: tuple[duckdb.DuckDBPyConnection, dict[tuple[str, str], list[str]]],
) -> None:
    """Net fee lines of an encounter add up to its net settlements (DQ1), duplicates aside."""
    connection, _ = landed
    wrong = connection.execute("""
        with lines as (
            select distinct org_code, fee_id, encounter_type, encounter_id,
                try_cast(amount as decimal(18, 2)) as amount
            from his_fee),
        billed as (
            select org_code, encounter_type, encounter_id, sum(amount) as billed
            from lines group by all),
        settled as (
            select org_code, encounter_type, encounter_id,
                sum(total_amount::decimal(18, 2)) as settled
            from his_settle group by all)
        select count(*) from settled join billed using (org_code, encounter_type, encounter_id)
        where abs(settled - billed) > 0.05
    """).fetchone()
    shifted = connection.execute(
        "select count(*) from (select distinct * from his_fee)"
        " where abs(amount::double - try_cast(qty as double) * try_cast(unit_price as double))"
        " > 0.06"
    ).fetchone()
    assert wrong == shifted
    assert shifted[0] == 4 * MONTHS  # type: ignore[index]


def test_insurance_identities(
    landed: tuple[duckdb.DuckDBPyConnection, dict[tuple[str, str], list[str]]],
) -> None:
    """DQ1 and DQ3 to DQ6 hold in what the bureau has, but for planted totals."""
    connection, _ = landed
    broken = connection.execute("""
        select count(*) from yb_setl_d where
            abs(medfee_sumamt::double - fund_pay_sumamt::double - psn_pay::double) > 0.001
            or abs(cash_payamt::double - psn_pay::double + acct_pay::double) > 0.001
            or abs(fund_pay_sumamt::double - hifp_pay::double - hifob_pay::double) > 0.001
            or abs(medfee_sumamt::double - fulamt_ownpay_amt::double - preselfpay_amt::double
                   - overlmt_selfpay::double - inscp_amt::double) > 0.001
    """).fetchone()
    assert broken == (0,)


def test_city_reader_reads_and_cannot_write(city: tuple[Settings, Server, CityReport]) -> None:
    _, server, _ = city
    with server.connect("city_reader", "his_01") as connection:
        assert connection.execute("select count(*) from outpt_cost").fetchone() != (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("delete from outpt_cost")


def test_truth_names_rows_that_exist(
    city: tuple[Settings, Server, CityReport],
    landed: tuple[duckdb.DuckDBPyConnection, dict[tuple[str, str], list[str]]],
) -> None:
    connection, _ = landed
    truth = json.loads((city[0].city_dir / "truth.json").read_text("utf-8"))
    keys = {
        "his_rx": "rx_id",
        "his_rx_item": "rx_item_id",
        "his_rx_review": "review_id",
        "his_outp_visit": "visit_id",
        "his_admission": "adm_id",
        "his_fee": "fee_id",
        "his_settle": "settle_id",
        "yb_mdtrt_d": "mdtrt_id",
        "yb_fee_list_d": "bkkp_sn",
        "yb_setl_d": "setl_id",
        "yb_setl_list_diag_d": "setl_list_diag_id",
        "yb_setl_list_oprn_d": "setl_list_oprn_id",
        "yb_drg_group": "setl_id",
        "yb_sel": "sel_id",
        "his_access_log": "log_id",
        "his_dispense": "dispense_id",
        "pr_order": "order_id || '#' || line_no",
        "pr_project": "project_id",
        "pr_bid": "project_id || '#' || lot_no || '#' || supplier_code",
        "pr_contract": "contract_id",
        "pr_invoice": "invoice_key",
        "pr_payment": "payment_id",
        "pr_stock_month": "concat_ws('|', store_code, item_kind, item_code, batch_no, month_start)",
        "pr_supplier_person": "supplier_code",
        "sv_followup": "followup_id",
        "sv_visit": "visit_id",
        "sv_donation": "donation_id",
        "sv_notice": "notice_id",
        "sv_rectification": "rect_id",
    }
    known = {
        table: {row[0] for row in connection.execute(f"select {key} from {table}").fetchall()}
        for table, key in keys.items()
    }
    assert {scheme["case"] for scheme in truth["schemes"]} == {
        "true",
        "near_miss",
        "guarded",
        "honest_outlier",
    }
    for scheme in truth["schemes"]:
        assert scheme["subject_id"], scheme
        for row in scheme["evidence"]:
            assert row["key"] in known[row["table"]], scheme


def test_truth_without_rows_names_subjects_with_records_in_their_months(
    city: tuple[Settings, Server, CityReport],
    landed: tuple[duckdb.DuckDBPyConnection, dict[tuple[str, str], list[str]]],
) -> None:
    """A case that shows in no single row can still be measured: its subject did something then."""
    connection, _ = landed
    truth = json.loads((city[0].city_dir / "truth.json").read_text("utf-8"))
    found = {
        sql: set(
            connection.execute(
                "select distinct org_code, subject, left(moment, 7)"
                f" from ({sql}) as records (org_code, subject, moment)"
            ).fetchall()
        )
        for sql in SUBJECT_RECORDS.values()
    }
    bare = [scheme for scheme in truth["schemes"] if not scheme["evidence"]]
    assert len({scheme["subject_type"] for scheme in bare}) > 10
    for scheme in bare:
        records = found[SUBJECT_RECORDS[scheme["subject_type"]]]
        for subject in _named_in(scheme):
            assert any((scheme["org_code"], subject, m) in records for m in _months(scheme)), scheme


def _named_in(scheme: dict[str, str]) -> list[str]:
    """What of a subject stands in the records: its first part, unless it has another nature."""
    parts = scheme["subject_id"].split("|")
    return {
        **{kind: [scheme["org_code"]] for kind in ("hospital", "antibacterial_measure")},
        **{kind: [scheme["subject_id"]] for kind in ("key_post", "vbp_agreement")},
        **{"bidder_pair": parts, "supplier_invoices": parts[1:]},
    }.get(scheme["subject_type"], parts[:1])


def _months(scheme: dict[str, str]) -> list[str | None]:
    """The months of a scheme, and none for records that hold for good."""
    year, first, last = scheme["period_start"][:4], scheme["period_start"], scheme["period_end"]
    return [None, *(f"{year}-{month:02d}" for month in range(int(first[5:7]), int(last[5:7]) + 1))]


def test_sources_are_declared(city: tuple[Settings, Server, CityReport]) -> None:
    settings, _, report = city
    files = {path.stem for path in Path(report.sources_dir).glob("*.yaml")}
    assert files == set(report.databases) | {REFERENCE}
    assert len(SourceCatalog(settings).sources("his")) == 4


def test_each_clear_identifier_of_the_city_would_be_found(
    city: tuple[Settings, Server, CityReport], tmp_path: Path
) -> None:
    settings, server, _ = city
    known = clear_identifiers(settings, server)
    planted = {
        "account": min(known.accounts),
        "id_number": min(known.id_numbers),
        "name": min(known.names),
        "phone": min(known.phones),
    }
    (tmp_path / "run.log").write_text("".join(f"row {v}：failed\n" for v in planted.values()))
    scanner = PrivacyScanner(known)
    scanner.scan_folder(tmp_path)
    assert {finding.kind: finding.count for finding in scanner.findings} == dict.fromkeys(
        planted, 1
    )
    with server.connect("superuser", "superset") as connection:
        for kind, value in planted.items():
            scanner = PrivacyScanner(known)
            connection.execute("create temp table logs (payload jsonb) on commit drop")
            connection.execute("insert into logs select to_jsonb(%s::text)", (value,))
            scanner.scan_database(connection, "superset")
            assert [finding.kind for finding in scanner.findings] == [kind]
            connection.rollback()
