"""Checks of a contract: what is asked of every table, and what a written rule becomes."""

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from qinglian.contracts import Contract, Rule, load_contracts
from qinglian.gate.checks import UnusableRuleError, checks_of

CONTRACTS = load_contracts(Path(__file__).resolve().parents[2] / "expectations")


def _with(expectation: str, **kwargs: object) -> Contract:
    rule = Rule("r", "名", "说明", "conformity", "error", "row", None, expectation, kwargs)
    return replace(CONTRACTS["his_dept"], rules=(rule,))


def _condition(expectation: str, **kwargs: object) -> str:
    condition = checks_of(_with(expectation, **kwargs))[-1].condition
    assert condition is not None
    return condition


@pytest.mark.parametrize("table", sorted(CONTRACTS))
def test_every_contract_asks_for_types_keys_and_required_columns(table: str) -> None:
    contract = CONTRACTS[table]
    ids = [check.rule_id for check in checks_of(contract)]
    assert len(ids) == len(set(ids))
    assert {f"{table}_columns", f"{table}_type", f"{table}_key_unique"} <= set(ids)
    required = {f"{table}_required_{c.name}" for c in contract.landed_columns if c.required}
    assert required <= set(ids)
    assert {f"{table}_required_{name}" for name in contract.key} <= required
    assert {rule.id for rule in contract.rules} <= set(ids)


@pytest.mark.parametrize(
    ("expectation", "kwargs", "good", "bad"),
    [
        ("expect_column_values_to_be_in_set", {"value_set": ["a'b", "c"]}, "a'b", "d"),
        ("expect_column_values_to_not_be_in_set", {"value_set": ["x"]}, "y", "x"),
        ("expect_column_values_to_match_regex", {"regex": r"^\d{2}$"}, "12", "123"),
        ("expect_column_values_to_not_match_regex", {"regex": "^0"}, "10", "01"),
        ("expect_column_values_to_be_between", {"min_value": "b", "max_value": "d"}, "d", "e"),
        (
            "expect_column_values_to_be_between",
            {"min_value": "b", "strict_min": True},
            "c",
            "b",
        ),
        ("expect_column_value_lengths_to_equal", {"value": 3}, "abc", "ab"),
        ("expect_column_value_lengths_to_be_between", {"max_value": 2}, "ab", "abc"),
    ],
)
def test_native_expectation_finds_its_offenders(
    expectation: str, kwargs: dict[str, object], good: str, bad: str
) -> None:
    condition = _condition(expectation, column="dept_name", **kwargs)
    rows = duckdb.execute(
        f"select {condition} from (values (?), (?), (null)) as t(dept_name)", [good, bad]
    ).fetchall()
    assert rows == [(True,), (False,), (None,)]


@pytest.mark.parametrize(
    ("expectation", "kwargs"),
    [
        ("expect_column_values_to_be_unique", {"column": "dept_name"}),
        ("expect_column_values_to_match_regex", {"column": "dept_name", "regex": "a", "mostly": 1}),
    ],
)
def test_row_rule_that_cannot_name_its_rows_is_refused(
    expectation: str, kwargs: dict[str, object]
) -> None:
    with pytest.raises(UnusableRuleError, match=r"his_dept, rule r: .* write it as a `condition`"):
        checks_of(_with(expectation, **kwargs))
