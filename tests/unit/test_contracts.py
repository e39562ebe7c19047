"""The contracts in `expectations/`, the faults that reading them reports, and what is rendered."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import duckdb
import jsonschema  # type: ignore[import-untyped]
import pyarrow as pa
import pytest
import yaml

from qinglian.contracts import (
    Contract,
    ContractError,
    Cursor,
    CursorKind,
    Freshness,
    arrow_schema,
    common_columns,
    dbt_sources_yaml,
    handbook_markdown,
    landing_ddl,
    load_contracts,
    parse_cursor,
)
from qinglian.settings import repository_root

ROOT = repository_root()
EXPECTATIONS = ROOT / "expectations"
HIS = {
    *("his_org", "his_dept", "his_staff", "his_drug", "his_material", "his_charge_item"),
    *("his_patient", "his_outp_visit", "his_outp_diag", "his_rx", "his_rx_item"),
    *("his_admission", "his_adm_diag", "his_fee", "his_settle"),
    *("his_order", "his_order_exec", "his_dispense", "his_surgery", "his_report"),
    *("his_nursing_day", "his_access_log", "his_rx_review"),
}
PROCUREMENT = {
    *("pr_supplier", "pr_supplier_person", "pr_project", "pr_lot", "pr_bid", "pr_bid_item"),
    *("pr_eval_score", "pr_contract", "pr_contract_item", "pr_order", "pr_receipt"),
    *("pr_stock_move", "pr_stock_month", "pr_invoice", "pr_payment"),
}
INSURANCE = {
    *("yb_setl_d", "yb_fee_list_d", "yb_mdtrt_d", "yb_price_limit", "yb_setl_list_diag_d"),
    *("yb_setl_list_oprn_d", "yb_purc", "yb_sel", "yb_drg_group", "yb_deduct", "yb_stmt_d"),
}
SUPERVISION = {
    *("sv_rep", "sv_visit", "sv_interview", "sv_complaint", "sv_gift", "sv_donation"),
    *("sv_declaration", "sv_post_assignment", "sv_notice", "sv_rectification", "sv_followup"),
    *("sv_score", "sv_veto_event", "sv_task", "sv_talk", "sv_selfcheck", "sv_activity_month"),
}
REFERENCE = {
    *("dim_related_org", "ref_listed_price", "pr_vbp_quota", "ref_holiday", "ref_rule_version"),
    *("ref_mutex_pair", "ref_freq_limit", "ref_course_limit", "ref_drug_limit", "ref_item_limit"),
    *("ref_ungrouped_code", "ref_complication_support", "ref_coding_change", "ref_code_map"),
    *("ref_surgery_discount", "ref_swap_pair", "ref_charge_bundle", "pr_threshold"),
}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def contracts() -> dict[str, Contract]:
    return load_contracts(EXPECTATIONS)


def test_every_source_table_has_a_contract(contracts: dict[str, Contract]) -> None:
    by_domain = {
        domain: {name for name, contract in contracts.items() if contract.domain == domain}
        for domain in ("his", "procurement", "insurance", "supervision", "reference")
    }
    assert by_domain == {
        "his": HIS,
        "procurement": PROCUREMENT,
        "insurance": INSURANCE,
        "supervision": SUPERVISION,
        "reference": REFERENCE,
    }


def test_files_conform_to_the_published_schema_of_the_standard() -> None:
    standard = resources.files("open_data_contract_standard").joinpath("schema.json")
    validator = jsonschema.Draft201909Validator(json.loads(standard.read_text(encoding="utf-8")))
    paths = sorted(EXPECTATIONS.rglob("*.odcs.yaml"))
    faults = [
        f"{path.name}: {error.message}"
        for path in paths
        for error in validator.iter_errors(yaml.safe_load(path.read_text(encoding="utf-8")))
    ]
    assert paths
    assert faults == []


def test_org_code_leads_every_key_and_key_columns_are_required(
    contracts: dict[str, Contract],
) -> None:
    for contract in contracts.values():
        assert contract.key[0] == "org_code"
        required = {column.name for column in contract.landed_columns if column.required}
        assert set(contract.key) <= required, contract.table
    assert contracts["his_org"].key == ("org_code",)
    assert contracts["pr_bid"].key == ("org_code", "project_id", "lot_no", "supplier_code")


def test_rules_are_few_named_and_begin_with_their_table(contracts: dict[str, Contract]) -> None:
    for contract in contracts.values():
        assert 3 <= len(contract.rules) <= 8, contract.table
        for rule in contract.rules:
            assert rule.id.startswith(f"{contract.table}_")
            assert CHINESE.search(rule.name_zh)
            assert rule.description_zh.endswith("。")


def test_people_read_chinese_labels_and_english_descriptions(
    contracts: dict[str, Contract],
) -> None:
    columns = [column for contract in contracts.values() for column in contract.landed_columns]
    assert [c.name for c in columns if not CHINESE.search(c.label_zh)] == []
    assert [c.name for c in columns if CHINESE.search(c.description_en)] == []


def test_columns_with_keyed_hashes_say_what_is_hashed(contracts: dict[str, Contract]) -> None:
    for contract in contracts.values():
        for column in contract.columns:
            hashed = column.name.endswith("_key") and column.physical_type == "char(64)"
            assert (column.pseudonym is not None) == hashed, f"{contract.table}.{column.name}"
            if hashed:
                assert column.classification == "direct_identifier"


def test_a_column_names_rows_of_other_tables_some_only_for_some_rows(
    contracts: dict[str, Contract],
) -> None:
    links = [link for link in contracts["his_fee"].relationships if link.column == "item_code"]
    assert [(link.parent, link.parent_column, link.only) for link in links] == [
        ("his_drug", "drug_code", "item_kind = 'drug'"),
        ("his_material", "material_code", "item_kind = 'material'"),
        ("his_charge_item", "item_code", "item_kind = 'service'"),
    ]


def test_only_sized_texts_have_a_longest_length(contracts: dict[str, Contract]) -> None:
    lengths = {column.name: column.max_length for column in contracts["yb_setl_d"].landed_columns}
    assert lengths["setl_id"] == 30
    assert lengths["psn_key"] == 64
    assert lengths["age"] is None
    assert {c.max_length for c in contracts["his_dept"].columns} == {None}


def test_full_reloads_of_an_empty_table_are_noticed(contracts: dict[str, Contract]) -> None:
    for contract in contracts.values():
        if contract.cursor.kind is CursorKind.FULL_RELOAD:
            expectations = {rule.expectation for rule in contract.batch_rules}
            assert "expect_table_row_count_to_be_between" in expectations, contract.table


def test_cursor_freshness_and_control_total_are_read(contracts: dict[str, Contract]) -> None:
    fee = contracts["his_fee"]
    assert fee.cursor == Cursor(
        CursorKind.WINDOW_RELOAD,
        column="fee_time",
        lookback_days=35,
        business_column="fee_time",
    )
    assert fee.freshness == Freshness("fee_time", timedelta(days=2))
    assert fee.control_total == "amount"
    line = contracts["his_rx_item"].cursor
    assert (line.column, line.parent, line.parent_key) == ("rx_time", "his_rx", "rx_id")
    assert (line.own_column, line.business_column) == (None, None)
    insurer = contracts["yb_fee_list_d"].cursor
    assert (insurer.column, insurer.business_column) == ("updt_time", "fee_ocur_time")


FEE = {
    "encounter_type": "'O'",
    "item_kind": "'drug'",
    "qty": "2",
    "unit_price": "1.25",
    "amount": "2.50",
    "fee_time": "timestamp '2025-03-01 08:00:00'",
}
SETTLEMENT = {
    "medfee_sumamt": "100.00",
    "psn_pay": "40.00",
    "acct_pay": "10.00",
    "cash_payamt": "30.00",
}


@pytest.mark.parametrize(
    ("table", "rule", "row", "good"),
    [
        ("his_fee", "amount_identity", FEE, True),
        ("his_fee", "amount_identity", FEE | {"amount": "2.51"}, True),
        ("his_fee", "amount_identity", FEE | {"amount": "2.52"}, False),
        ("his_fee", "amount_identity", FEE | {"unit_price": "1.255", "amount": "2.56"}, True),
        ("his_fee", "amount_identity", FEE | {"amount": "0", "waived": "true"}, True),
        ("his_fee", "reversal_has_original", FEE | {"qty": "-2"}, False),
        ("his_fee", "reversal_has_original", FEE | {"qty": "-2", "orig_fee_id": "'F1'"}, True),
        ("his_fee", "sign_coherent", FEE | {"qty": "-2"}, False),
        ("his_fee", "time_range", FEE | {"fee_time": "timestamp '0001-01-01'"}, False),
        ("his_fee", "time_range", FEE | {"fee_time": "timestamp '9999-12-31'"}, False),
        ("his_fee", "code_format", FEE | {"med_list_codg": "'T000700200'"}, True),
        ("his_fee", "code_format", FEE | {"med_list_codg": "'003101000010000'"}, False),
        ("his_fee", "code_format", FEE, True),
        ("his_org", "org_code_format", {"org_code": "'H50010300101'"}, True),
        ("his_org", "org_code_format", {"org_code": "'P50010300101'"}, False),
        (
            "his_drug",
            "code_format",
            {"drug_class": "'western'", "med_list_codg": "'XJ01CAA040A001010100001'"},
            True,
        ),
        (
            "his_drug",
            "code_format",
            {"drug_class": "'western'", "med_list_codg": "'ZA01AAA00010010100001'"},
            False,
        ),
        ("his_drug", "pack_ratio_positive", {"pack_ratio": "0"}, False),
        ("yb_setl_d", "cash_identity", SETTLEMENT, True),
        ("yb_setl_d", "cash_identity", SETTLEMENT | {"cash_payamt": "29.00"}, False),
        (
            "yb_setl_d",
            "cash_identity",
            SETTLEMENT | {"cash_payamt": "25.00", "acct_mulaid_pay": "5.00"},
            True,
        ),
        ("pr_supplier", "uscc_format", {"uscc": "'91500103MA5U6L7X2K'"}, True),
        ("pr_supplier", "uscc_format", {"uscc": "'9150010SMA5U6L7X2K'"}, False),
    ],
)
def test_conditions_judge_rows(
    contracts: dict[str, Contract], table: str, rule: str, row: Mapping[str, str], good: bool
) -> None:
    """As in the gate: a row is bad where the condition is false, and good where it is null."""
    contract = contracts[table]
    condition = {item.id: item.condition for item in contract.rules}[f"{table}_{rule}"]
    values = ", ".join(
        f"cast({row.get(column.name, 'null')} as {column.physical_type}) as {column.name}"
        for column in contract.landed_columns
    )
    query = f"select ({condition}) is distinct from false from (select {values})"
    assert duckdb.sql(query).fetchall() == [(good,)]


def _document() -> dict[str, Any]:
    """A small valid contract."""
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "his_bed",
        "name": "床位",
        "version": "1.0.0",
        "status": "active",
        "domain": "his",
        "description": {"purpose": "一张床位一行。", "usage": "One bed."},
        "schema": [
            {
                "name": "his_bed",
                "physicalName": "land.his_bed",
                "businessName": "床位",
                "description": "Bed",
                "properties": [
                    {
                        "name": "bed_no",
                        "businessName": "床号",
                        "description": "Bed number",
                        "logicalType": "string",
                        "physicalType": "text",
                        "required": True,
                        "primaryKey": True,
                        "primaryKeyPosition": 2,
                    }
                ],
                "quality": [
                    {
                        "id": "his_bed_number",
                        "name": "床号不空",
                        "description": "床号不能只有空格。",
                        "type": "custom",
                        "engine": "greatExpectations",
                        "dimension": "completeness",
                        "severity": "error",
                        "implementation": {"level": "row", "condition": "trim(bed_no) <> ''"},
                    }
                ],
            }
        ],
        "customProperties": [{"property": "cursor", "value": {"kind": "full_reload"}}],
    }


def _written(folder: Path, document: Mapping[str, Any]) -> Path:
    path = folder / "his" / "his_bed.odcs.yaml"
    path.parent.mkdir()
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return path


def test_a_small_contract_is_read(tmp_path: Path) -> None:
    _written(tmp_path, _document())
    contract = load_contracts(tmp_path)["his_bed"]
    assert contract.key == ("org_code", "bed_no")
    assert contract.rules[0].condition == "trim(bed_no) <> ''"


FIRST_COLUMN = ("schema", 0, "properties", 0)
FIRST_RULE = ("schema", 0, "quality", 0)
CURSOR = ("customProperties", 0, "value")


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ((*FIRST_RULE, "implementation", "condition"), "bed > 0", 'column "bed" not found'),
        ((*FIRST_RULE, "implementation", "condition"), "count(*) > 0", "WHERE clause cannot"),
        ((*FIRST_RULE, "implementation", "condition"), "length(bed_no)", "gives BIGINT"),
        ((*FIRST_RULE, "implementation", "level"), "table", "level of rule his_bed_number"),
        (
            (*FIRST_RULE, "implementation"),
            {"level": "row", "expectation": "expect_x", "kwargs": {"column": "ward"}},
            "unknown column ward",
        ),
        ((*FIRST_RULE, "severity"), "fatal", "severity of rule his_bed_number is 'fatal'"),
        ((*FIRST_COLUMN, "physicalType"), "inet", "unknown physicalType inet"),
        ((*FIRST_COLUMN, "logicalType"), "number", "has logicalType number"),
        ((*FIRST_COLUMN, "primaryKeyPosition"), 1, "org_code is 1"),
        ((*FIRST_COLUMN, "name"), "org_code", "are common columns"),
        ((*FIRST_COLUMN, "requird"), True, "schema[his_bed].properties[bed_no].requird"),
        ((*FIRST_COLUMN, "businessName"), " ", "bed_no businessName is missing"),
        ((*FIRST_COLUMN, "relationships"), [{"to": "his_ward"}], "of column bed_no cannot be read"),
        (
            (*FIRST_COLUMN, "relationships"),
            [{"to": "his_ward.ward_no"}],
            "related to his_ward.ward_no, which does not exist",
        ),
        (
            (*FIRST_COLUMN, "relationships"),
            [
                {
                    "to": "his_bed.bed_no",
                    "customProperties": [{"property": "only", "value": "x > 1"}],
                }
            ],
            "`only` of bed_no",
        ),
        (CURSOR, {"kind": "sometimes"}, "'sometimes' is not one of updated_at"),
        (CURSOR, {"kind": "window_reload", "column": "bed_no"}, "lacks lookback_days"),
        (CURSOR, {"kind": "append_only", "column": "seen_at"}, "unknown column seen_at"),
        (("domain",), "insurance", "domain insurance in folder his"),
        (("id",), "his_beds", "do not all name his_bed"),
        (("extra",), 1, "Extra inputs are not permitted"),
    ],
)
def test_a_fault_is_reported_with_file_and_remedy(
    tmp_path: Path, place: tuple[str | int, ...], value: object, message: str
) -> None:
    document = _document()
    target: Any = document
    for step in place[:-1]:
        target = target[step]
    target[place[-1]] = value
    path = _written(tmp_path, document)
    with pytest.raises(ContractError, match=re.escape(message)) as raised:
        load_contracts(tmp_path)
    assert str(raised.value).startswith(str(path))
    assert "Remedy:" in str(raised.value)


def test_a_rule_id_used_twice_is_reported(tmp_path: Path) -> None:
    document = _document()
    document["schema"][0]["quality"] *= 2
    _written(tmp_path, document)
    with pytest.raises(ContractError, match="his_bed_number is already used"):
        load_contracts(tmp_path)


def test_an_empty_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"holds no \*\.odcs\.yaml"):
        load_contracts(tmp_path)


def test_a_cursor_names_parent_and_key_together() -> None:
    value = {"kind": "window_reload", "column": "rx_time", "lookback_days": 7, "parent": "his_rx"}
    with pytest.raises(ValueError, match="both parent and parent_key"):
        parse_cursor(value)


def test_landing_ddl_holds_keys_types_and_common_columns(contracts: dict[str, Contract]) -> None:
    ddl = landing_ddl(contracts["his_fee"])
    assert ddl.startswith("create table if not exists land.his_fee (\n    org_code varchar(12) not")
    assert "    unit_price numeric(16,6) not null,\n" in ddl
    assert "    _batch_id bigint not null,\n" in ddl
    assert "    primary key (org_code, fee_id, _batch_id)\n" in ddl
    assert "comment on column land.his_fee.fee_id is '费用流水号';" in ddl


def test_arrow_schema_has_one_field_a_landed_column(contracts: dict[str, Contract]) -> None:
    for contract in contracts.values():
        names = [column.name for column in contract.landed_columns]
        assert arrow_schema(contract).names == names
    fee = arrow_schema(contracts["his_fee"])
    assert fee.field("unit_price").type == pa.decimal128(16, 6)
    assert fee.field("fee_time").type == pa.timestamp("us")
    assert fee.field("hi_uploaded").type == pa.bool_()
    assert not fee.field("org_code").nullable
    assert arrow_schema(contracts["his_rx"]).field("valid_days").type == pa.int16()
    assert arrow_schema(contracts["pr_bid"]).field("doc_simhash").type == pa.int64()
    assert arrow_schema(contracts["his_patient"]).field("birth_date").type == pa.date32()


def test_dbt_sources_name_every_landed_column(contracts: dict[str, Contract]) -> None:
    (source,) = yaml.safe_load(dbt_sources_yaml(contracts))["sources"]
    rendered = {
        table["name"]: {column["name"] for column in table["columns"]} for table in source["tables"]
    }
    common = {column.name for column in common_columns()}
    assert rendered == {
        name: common | {column.name for column in contract.columns}
        for name, contract in contracts.items()
    }


@pytest.mark.parametrize(
    ("path", "render"),
    [
        ("dbt_project/models/staging/_sources.yml", dbt_sources_yaml),
        ("docs/contracts.md", handbook_markdown),
    ],
)
def test_committed_renderings_equal_the_contracts(
    contracts: dict[str, Contract], path: str, render: Any
) -> None:
    committed = (ROOT / path).read_text(encoding="utf-8")
    assert committed == render(contracts), f"{path}: run `qinglian contracts render`"
