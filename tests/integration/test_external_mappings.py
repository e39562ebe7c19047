"""The example mappings, run with the pipeline's own reader over data that nobody here wrote.

A fault here means that rows of a foreign source would be lost, doubled or changed on their way in.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from qinglian.contracts import Contract, load_contracts
from qinglian.extract.reader import bind, read_batches
from qinglian.extract.sources import Source, SourceCatalog, resolve
from qinglian.extract.window import Window
from qinglian.secrets_file import SecretsFile
from qinglian.settings import Settings, repository_root

ROOT = repository_root()
EXAMPLES = ROOT / "sources" / "examples"
DATA = Path(os.environ.get("QINGLIAN_EXTERNAL_DATA") or ROOT / "../shared/data").resolve()
ALL_TIME = Window(datetime(1900, 1, 1), datetime(2100, 1, 1))
MAPPINGS = sorted((p.parent.name, p.stem) for p in EXAMPLES.glob("*/*.sql"))
WINDOWED = sorted(
    (p.parent.name, p.stem)
    for p in EXAMPLES.glob("*/*.sql")
    if ":window_start" in p.read_text("utf-8")
)
#: Rows that lack what their contract requires, because the data lack it: they go to quarantine.
LACKING = {("tuva_claims", "yb_fee_list_d"): {"cnt": 82, "pric": 86}}

pytestmark = pytest.mark.skipif(
    not (DATA / "synthea").is_dir(),
    reason=f"external data is not at {DATA}; set QINGLIAN_EXTERNAL_DATA",
)


@dataclass(frozen=True)
class Examples:
    """The example sources of this checkout and what reading them needs."""

    catalog: SourceCatalog
    contracts: dict[str, Contract]
    secrets: SecretsFile

    def read(self, source_id: str, table: str, window: Window = ALL_TIME) -> pa.Table:
        """What the pipeline would extract."""
        source: Source = self.catalog.source(source_id)
        sql = bind(self.catalog.mapping_sql(source)[table], source, window)
        batches = list(read_batches(source, table, sql, self.secrets, ""))
        if not batches:
            return pa.table({c.name: pa.nulls(0) for c in self.contracts[table].landed_columns})
        return pa.Table.from_batches(batches)


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Examples]:
    home = tmp_path_factory.mktemp("home")
    settings = Settings(home=home, source_dirs=[EXAMPLES / "sources"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QINGLIAN_EXTERNAL_DATA", str(DATA))
        yield Examples(
            SourceCatalog(settings),
            load_contracts(settings.contracts_dir),
            SecretsFile(home / "secrets.env"),
        )


def ask(sql: str, **tables: pa.Table) -> tuple[Any, ...]:
    """One row of DuckDB over the given tables; `{data}` is the folder of the raw files."""
    with duckdb.connect() as connection:
        for name, table in tables.items():
            connection.register(name, table)
        row = connection.execute(sql.replace("{data}", str(DATA))).fetchone()
    assert row is not None
    return row


@pytest.mark.parametrize(("source_id", "table"), MAPPINGS)
def test_columns_are_the_contracts_and_keys_identify_rows(
    examples: Examples, source_id: str, table: str
) -> None:
    contract = examples.contracts[table]
    rows = examples.read(source_id, table)
    assert rows.column_names == [c.name for c in contract.landed_columns]
    assert rows.num_rows > 0
    for column in contract.landed_columns:
        if column.required or column.is_key:
            lacking = LACKING.get((source_id, table), {}).get(column.name, 0)
            assert rows[column.name].null_count == lacking, column.name
    key = ", ".join(contract.key)
    assert ask(f"select count(*) from (select distinct {key} from rows)", rows=rows) == (
        rows.num_rows,
    )
    assert ask("select max(length(org_code)) <= 12 from rows", rows=rows) == (True,)


@pytest.mark.parametrize(("source_id", "table"), WINDOWED)
def test_partial_windows_add_up_to_the_full_one(
    examples: Examples, source_id: str, table: str
) -> None:
    """Half-open windows that follow each other give each row once, as a daily run relies on."""
    bounds = [datetime(1900, 1, 1), datetime(2009, 7, 1), datetime(2013, 6, 19), ALL_TIME.end]
    parts = pa.concat_tables(
        [examples.read(source_id, table, Window(start, end)) for start, end in pairwise(bounds)],
        promote_options="permissive",
    )
    whole = examples.read(source_id, table)
    assert parts.num_rows == whole.num_rows
    assert ask(
        "select count(*) from (select * from parts except all select * from whole)",
        parts=parts,
        whole=whole,
    ) == (0,)


def test_synthea_charges_and_dispenses_keep_their_amounts(examples: Examples) -> None:
    fees = examples.read("synthea", "his_fee")
    assert ask("select count(*), sum(cast(amount as decimal(18, 2))) from fees", fees=fees) == ask(
        "select count(*), sum(cast(AMOUNT as decimal(18, 2)))"
        " from read_csv('{data}/synthea/claims_transactions.csv', all_varchar = true)"
        " where TYPE = 'CHARGE'"
    )
    items = examples.read("synthea", "his_rx_item")
    assert ask(
        "select count(*), sum(cast(amount as decimal(18, 2))) from items", items=items
    ) == ask(
        "select count(*), sum(cast(TOTALCOST as decimal(18, 2)))"
        " from read_csv('{data}/synthea/medications.csv', all_varchar = true) as m"
        " join read_csv('{data}/synthea/encounters.csv', all_varchar = true) as e"
        " on e.Id = m.ENCOUNTER where e.ENCOUNTERCLASS <> 'inpatient'"
    )


def test_synthea_encounters_are_visits_or_stays(examples: Examples) -> None:
    visits = examples.read("synthea", "his_outp_visit").num_rows
    stays = examples.read("synthea", "his_admission").num_rows
    assert (visits, stays) == (593, 11)
    assert ask(
        "select count(*) from read_csv('{data}/synthea/encounters.csv', all_varchar = true)"
    ) == (visits + stays,)


def test_synthea_prescriptions_settlements_and_fees_refer_to_rows_that_exist(
    examples: Examples,
) -> None:
    tables = {
        t: examples.read("synthea", t)
        for t in ("his_rx", "his_rx_item", "his_outp_visit", "his_admission", "his_fee")
    }
    orphans = """
        select
            (select count(*) from his_rx_item anti join his_rx using (org_code, rx_id)),
            (select count(*) from his_rx anti join his_rx_item using (org_code, rx_id)),
            (select count(*) from his_rx anti join his_outp_visit using (org_code, visit_id)),
            (select count(*) from his_fee anti join (
                select org_code, visit_id as encounter_id from his_outp_visit
                union all
                select org_code, adm_id as encounter_id from his_admission
            ) as encounter using (org_code, encounter_id))
    """
    assert ask(orphans, **tables) == (0, 0, 0, 0)


def test_rio_bids_and_awards_are_all_there(examples: Examples) -> None:
    bids = examples.read("ocds_rio", "pr_bid")
    orders = examples.read("ocds_rio", "pr_order")
    lots = examples.read("ocds_rio", "pr_lot")
    raw = """
        with release as (
            select * from read_json('{data}/ocds_rio/bids_health.jsonl.gz',
                                    format = 'newline_delimited')
        ),
        bid as (select unnest(bids.details) as d from release),
        award as (select unnest(awards) as a from release)
        select
            (select count(*) from bid),
            (select sum(cast(round(d.value.amount, 2) as decimal(18, 2))) from bid),
            (select count(*) from award),
            (select sum(cast(round(a.value.amount, 2) as decimal(18, 2))) from award),
            (select count(*) from release)
    """
    mapped = """
        select
            (select count(*) from bids), (select sum(bid_amount) from bids),
            (select count(*) from orders), (select sum(amount) from orders),
            (select count(*) from lots)
    """
    found = ask(mapped, bids=bids, orders=orders, lots=lots)
    assert found == ask(raw)
    assert found[0] == 5699
    assert found[2] == 1199


def test_rio_winners_are_the_awarded_offers(examples: Examples) -> None:
    bids = examples.read("ocds_rio", "pr_bid")
    orders = examples.read("ocds_rio", "pr_order")
    assert ask(
        """
        select count(*) from (
            select org_code, project_id, supplier_code, bid_amount from bids where is_winner
            except all
            select org_code, project_id, supplier_code, amount from orders
        )
        """,
        bids=bids,
        orders=orders,
    ) == (0,)
    assert ask("select count(*) from bids where is_winner", bids=bids) == (orders.num_rows,)


def test_rio_second_offers_are_no_second_bidders(examples: Examples) -> None:
    """A lot of pr_lot has one offer a bidder; further ones stand under a lot of their own."""
    bids = examples.read("ocds_rio", "pr_bid")
    lots = examples.read("ocds_rio", "pr_lot")
    assert ask(
        "select count(*) from bids join lots using (org_code, project_id, lot_no)",
        bids=bids,
        lots=lots,
    ) == ask("select 5699 - count(*) from bids where lot_no like '%~%'", bids=bids)


def test_medicare_claims_keep_their_number_and_amounts(examples: Examples) -> None:
    claims = examples.read("medicare_claims", "yb_setl_d")
    encounters = examples.read("medicare_claims", "yb_mdtrt_d")
    assert ask(
        "select count(*), count(*) filter (med_type = '21') from encounters", encounters=encounters
    ) == (135392, 9551)
    assert ask(
        "select med_type, count(*), sum(fund_pay_sumamt), sum(act_pay_dedc) from claims"
        " where med_type = '11' group by 1",
        claims=claims,
    ) == ("11", 125841, Decimal(36345460), Decimal(351245))
    raw = """
        select count(*), sum(reimbursed), sum(deductible) from (
            select InscClaimAmtReimbursed as reimbursed, DeductibleAmtPaid as deductible
            from read_csv('{data}/medicare_claims/inpatient.csv.gz', nullstr = 'NA')
            union all
            select InscClaimAmtReimbursed, DeductibleAmtPaid
            from read_csv('{data}/medicare_claims/outpatient.csv.gz', nullstr = 'NA')
        )
    """
    mapped = "select count(*), sum(fund_pay_sumamt), sum(act_pay_dedc) from claims"
    assert ask(mapped, claims=claims) == ask(raw)
    assert ask(
        "select count(*) from encounters anti join claims using (org_code, mdtrt_id)",
        encounters=encounters,
        claims=claims,
    ) == (0,)


def test_medicare_diagnoses_are_all_there(examples: Examples) -> None:
    diagnoses = examples.read("medicare_claims", "yb_setl_list_diag_d")
    claims = examples.read("medicare_claims", "yb_setl_d")
    raw = """
        select count(*) from (
            unpivot (
                select columns('ClaimID|ClmDiagnosisCode_\\d+')
                from read_csv('{data}/medicare_claims/*patient.csv.gz', all_varchar = true,
                              nullstr = 'NA', union_by_name = true)
            ) on columns('ClmDiagnosisCode_\\d+')
        )
    """
    assert ask(raw) == (diagnoses.num_rows,)
    assert ask(
        "select count(*) from diagnoses anti join claims using (org_code, setl_id)",
        diagnoses=diagnoses,
        claims=claims,
    ) == (0,)


def test_tuva_claims_keep_their_number_and_amounts(examples: Examples) -> None:
    """An institutional claim repeats its totals on every line: they must be counted once."""
    claims = examples.read("tuva_claims", "yb_setl_d")
    lines = examples.read("tuva_claims", "yb_fee_list_d")
    raw = """
        with line as (
            select *, paid_amount::decimal(16, 2) as paid, charge_amount::decimal(16, 2) as charge
            from read_csv('{data}/tuva_claims/medical_claim_sample.csv', all_varchar = true)
        ),
        claim as (
            select claim_id, paid, charge from line where claim_type = 'professional'
            union all
            select distinct claim_id, paid, charge from line where claim_type = 'institutional'
        )
        select count(distinct claim_id), sum(paid), sum(charge) from claim
    """
    assert ask(
        "select count(*), sum(fund_pay_sumamt), sum(medfee_sumamt) from claims", claims=claims
    ) == ask(raw)
    assert claims.num_rows == 3106
    # Of professional claims, and of no others, the lines are there, and they are the whole claim.
    assert ask(
        """
        with of_lines as (
            select org_code, setl_id, sum(cast(det_item_fee_sumamt as decimal(16, 2))) as amount
            from lines group by 1, 2
        )
        select count(*), count(*) filter (where amount = medfee_sumamt)
        from of_lines left join claims using (org_code, setl_id)
        """,
        claims=claims,
        lines=lines,
    ) == (2869, 2869)


def test_nhs_quantities_and_costs_are_those_of_the_publisher(examples: Examples) -> None:
    sold = examples.read("nhs_prescribing", "yb_sel")
    raw = """
        select count(*), sum(TOTAL_QUANTITY::decimal(16, 4)), round(sum(NIC::decimal(16, 2)))
        from read_csv('{data}/nhs_prescribing/*.csv.gz', all_varchar = true)
        where TOTAL_QUANTITY::decimal(16, 4) > 0
    """
    mapped = """
        select count(*), sum(sel_retn_cnt), round(sum(sel_retn_cnt * finl_trns_pric))
        from sold where sel_retn_cnt > 0
    """
    assert ask(mapped, sold=sold) == ask(raw)
    drugs = examples.read("nhs_prescribing", "his_drug")
    materials = examples.read("nhs_prescribing", "his_material")
    assert ask(
        """
        select count(*) from sold anti join (
            select org_code, drug_code as fixmedins_hilist_id from drugs
            union all
            select org_code, material_code from materials
        ) as product using (org_code, fixmedins_hilist_id)
        """,
        sold=sold,
        drugs=drugs,
        materials=materials,
    ) == (0,)


def test_waived_rules_exist_and_say_why(examples: Examples) -> None:
    """A waiver of a rule that was renamed would silently let the new one quarantine all rows."""
    rules = {r.id for c in examples.contracts.values() for r in c.rules}
    for source in examples.catalog.sources():
        waived = examples.catalog.vendor(source).waived_rules
        assert set(waived) <= rules
        assert all(reason.strip() for reason in waived.values())


def test_environment_placeholder_takes_its_default_only_when_unset(
    examples: Examples, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("QINGLIAN_NO_SUCH", raising=False)
    template = "{env:QINGLIAN_NO_SUCH:-../shared/data}/synthea"
    assert resolve(template, examples.secrets, {}) == "../shared/data/synthea"
    monkeypatch.setenv("QINGLIAN_NO_SUCH", "/elsewhere")
    assert resolve(template, examples.secrets, {}) == "/elsewhere/synthea"
