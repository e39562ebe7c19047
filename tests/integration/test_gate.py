"""The gate with a real GX checkpoint: every fault is found, and rows always add up."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from landed_files import FEE, FEE_FRESH, fee, rule, write_fees

from qinglian.gate.breakdown import RowCounts
from qinglian.gate.checkpoint import MASK, ExpectedTotals, Gate, GateError, check_batch
from qinglian.gate.outcome import GateResult, RuleOutcome
from qinglian.gate.saved import results_dir
from qinglian.settings import Settings
from qinglian.warehouse.schema import prepare_warehouse
from qinglian.warehouse.server import Server

Check = Callable[..., GateResult]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    def run(*rows: dict[str, object], contract=FEE, without=(), expected=None) -> GateResult:
        file = write_fees(tmp_path / "batch.parquet", rows, without)
        return check_batch(contract, "his_test", 1, file, expected)

    return run


def outcome(result: GateResult, rule_id: str) -> RuleOutcome:
    (found,) = [o for o in result.outcomes if o.check.rule_id == rule_id]
    return found


def rules_by_row(result: GateResult) -> dict[int, tuple[str, ...]]:
    return {failure.row_number: failure.rule_ids for failure in result.failures}


def test_good_batch_passes_whole(check: Check) -> None:
    result = check(fee(1), fee(2))
    assert (result.passed, result.quarantined, result.rejected_reason) == (2, 0, None)
    assert all(o.success in (True, None) for o in result.outcomes)
    assert result.validation["success"]
    assert outcome(result, "amount_identity").evaluated == 2


@pytest.mark.parametrize(
    ("changes", "rule_id"),
    [
        ({"amount": Decimal("9.99")}, "amount_identity"),
        ({"fee_time": None}, "test_fee_required_fee_time"),
        ({"fee_id": None}, "test_fee_required_fee_id"),
        ({"org_code": None}, "test_fee_required_org_code"),
        ({"_cast_errors": json.dumps({"qty": "two"})}, "test_fee_type"),
        ({"_key_conflict": True}, "test_fee_key_unique"),
    ],
)
def test_each_fault_sends_its_row_to_quarantine(
    check: Check, changes: dict[str, object], rule_id: str
) -> None:
    result = check(fee(1), fee(2, **changes), fee(3))
    assert rules_by_row(result) == {1: (rule_id,)}
    assert outcome(result, rule_id).failed == 1
    assert outcome(result, rule_id).success is False
    assert result.rejected_reason is None


def test_all_versions_of_a_repeated_key_are_kept_out(check: Check) -> None:
    result = check(fee(1), fee(2), fee(2, _row_hash="b" * 64), fee(2, _row_hash="c" * 64))
    assert rules_by_row(result) == dict.fromkeys((1, 2, 3), ("test_fee_key_unique",))


def test_warning_reports_and_lets_the_row_pass(check: Check) -> None:
    result = check(fee(1, code="wrong"), fee(2))
    assert result.passed == 2
    assert outcome(result, "code_format").failed == 1
    assert not result.validation["success"]


def test_null_operands_are_good_and_not_evaluated(check: Check) -> None:
    found = outcome(check(fee(1, qty=None), fee(2)), "amount_identity")
    assert (found.evaluated, found.failed, found.not_evaluated) == (1, 0, 1)
    assert found.not_evaluated_reason == "missing_values"


def test_tombstones_and_repeats_are_not_judged(check: Check) -> None:
    result = check(
        fee(1),
        fee(2, src_is_deleted=True, fee_time=None),
        fee(3, _duplicate=True, amount=Decimal(0)),
        fee(1, _duplicate=True),
    )
    assert (result.passed, result.quarantined) == (1, 0)
    assert (result.duplicates, result.tombstones) == (2, 1)


def test_file_of_deletions_says_nothing_about_the_table(check: Check) -> None:
    result = check(fee(1, src_is_deleted=True))
    assert result.rejected_reason is None
    assert outcome(result, "not_empty").not_evaluated_reason == "no_rows"
    assert outcome(result, "not_empty").success is None


def test_empty_file_breaks_the_rule_of_volume(check: Check) -> None:
    assert check().rejected_reason == "not_empty 规则not_empty"


def test_missing_column_stops_the_batch(check: Check) -> None:
    result = check(fee(1), without=["amount"])
    assert result.rejected_reason == "test_fee_columns 契约字段齐全"
    assert outcome(result, "test_fee_columns").samples == ("amount",)
    assert outcome(result, "amount_identity").not_evaluated_reason == "missing_columns"
    # The whole file is judged again once the column is back.
    assert check(fee(1)).rejected_reason is None


@pytest.mark.parametrize(
    ("expected", "failed"),
    [
        (ExpectedTotals(rows=2, control_total=Decimal("6.00")), None),
        (ExpectedTotals(rows=3), "test_fee_row_count"),
        (ExpectedTotals(control_total=Decimal("6.01")), "test_fee_control_total"),
    ],
)
def test_file_must_hold_what_the_ledger_says(
    check: Check, expected: ExpectedTotals, failed: str | None
) -> None:
    result = check(fee(1), fee(2), expected=expected)
    assert [o.check.rule_id for o in result.batch_failures] == ([failed] if failed else [])


@pytest.mark.parametrize(
    ("window_end", "success"),
    [(datetime(2025, 1, 6), True), (datetime(2025, 1, 9), False), (None, None)],
)
def test_stale_window_is_reported_and_not_stopped(
    check: Check, window_end: datetime | None, success: bool | None
) -> None:
    expected = ExpectedTotals(window_end=window_end, latest_at=datetime(2025, 1, 5, 8))
    result = check(fee(1), contract=FEE_FRESH, expected=expected)
    assert outcome(result, "test_fee_freshness").success is success
    assert result.rejected_reason is None


def test_samples_mask_personal_columns(check: Check) -> None:
    secret = "s" * 64
    result = check(
        fee(1, diagnosis="nonsense"),
        fee(2, person_key=secret, _cast_errors=json.dumps({"person_key": secret, "qty": "two"})),
    )
    (diagnosis,) = outcome(result, "diagnosis_known").samples
    assert f"diagnosis={MASK}" in diagnosis
    assert "fee_id=F1" in diagnosis
    (cast,) = outcome(result, "test_fee_type").samples
    assert f"person_key={MASK}" in cast
    assert "qty=two" in cast
    written = json.dumps(result.validation, ensure_ascii=False)
    assert secret not in written
    assert "nonsense" not in written
    assert "p" * 64 not in written


def test_row_that_overflows_a_rule_does_not_stop_the_others(check: Check) -> None:
    result = check(fee(1), fee(2, amount=Decimal("99999999999999.99"), qty=Decimal("999999999999")))
    assert rules_by_row(result) == {1: ("amount_identity",)}


def test_condition_that_cannot_be_evaluated_names_its_rule(check: Check) -> None:
    broken = replace(FEE, rules=(rule("broken", condition="no_such_function(code)"),))
    with pytest.raises(GateError, match=r"his_test, test_fee, batch 1, rule broken: .*contract"):
        check(fee(1), contract=broken)


def test_changed_contract_is_used_at_once(check: Check) -> None:
    stricter = replace(FEE, rules=(rule("positive", condition="qty > 100"),))
    assert check(fee(1)).quarantined == 0
    assert rules_by_row(check(fee(1), contract=stricter)) == {0: ("positive",)}
    assert check(fee(1)).quarantined == 0


_ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "fee_id": st.sampled_from(["F1", "F2", "F3", None]),
            "amount": st.sampled_from([Decimal("3.00"), Decimal("4.00"), None]),
            "fee_time": st.sampled_from([datetime(2025, 1, 5), None]),
            "_row_hash": st.sampled_from(["a" * 64, "b" * 64]),
            "_cast_errors": st.sampled_from([None, '{"qty": "x"}']),
            "_duplicate": st.booleans(),
            "src_is_deleted": st.booleans(),
        }
    ),
    max_size=12,
)


@given(rows=_ROWS)
@hypothesis_settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_rows_always_add_up(check: Check, rows: list[dict[str, object]]) -> None:
    result = check(*(fee(n, **row) for n, row in enumerate(rows)))
    assert result.rows == len(rows)
    assert result.rows == (
        result.passed + result.quarantined + result.duplicates + result.tombstones
    )
    assert result.passed >= 0
    judged = {n for n, r in enumerate(rows) if not (r["_duplicate"] or r["src_is_deleted"])}
    assert result.quarantined_rows <= judged
    kept = [rows[n] for n in judged - result.quarantined_rows]
    assert all(r["fee_id"] and r["fee_time"] and r["_cast_errors"] is None for r in kept)
    assert len({r["fee_id"] for r in kept}) == len(kept)
    for found in result.outcomes:
        if found.check.level == "row":
            assert found.evaluated + found.not_evaluated == len(judged)


@dataclass(frozen=True)
class Ref:
    """A source and a batch in one."""

    source_id: str
    batch_id: int
    org_code: str | None = "H1"


@pytest.fixture
def ref(server: Server) -> Ref:
    prepare_warehouse(server, [])
    with server.connect("superuser") as connection:
        run = connection.execute(
            "insert into ops.run (kind, as_of) values ('ingest', '2025-01-05') returning run_id"
        ).fetchone()
        assert run is not None
        batch = connection.execute(
            "insert into ops.batch (run_id, source_id, table_name, part, parts, cursor_kind,"
            " extracted_at, extracted, unchanged, duplicates, vanished, distinct_keys,"
            " contract_version, mapping_sha256, state)"
            " values (%s, 'his_gate', 'test_fee', 0, 1, 'full_reload', now(), 3, 0, 0, 0, 3, '1',"
            " 'x', 'landed') returning batch_id",
            run,
        ).fetchone()
        assert batch is not None
    return Ref("his_gate", batch[0])


def test_verdicts_and_quarantine_are_kept_once(
    settings: Settings, server: Server, ref: Ref, tmp_path: Path
) -> None:
    file = write_fees(
        tmp_path / "b.parquet",
        [fee(1), fee(2, amount=Decimal("9999999999999.99"), code='"\0'), fee(3, fee_time=None)],
    )
    gate = Gate(settings, server)
    gate.check(FEE, ref, ref, file)
    result = gate.check(FEE, ref, ref, file)
    with server.connect("auditor") as connection:
        verdicts = connection.execute(
            "select rule_id, evaluated, failed, success from ops.quality_result"
            " where batch_id = %s",
            (ref.batch_id,),
        ).fetchall()
        rows = connection.execute(
            "select row_number, row_key, rule_ids, status, \"row\" ->> 'amount', \"row\" ->> 'code'"
            " from ops.quarantine where batch_id = %s order by row_number",
            (ref.batch_id,),
        ).fetchall()
    assert len(verdicts) == len(result.outcomes)
    assert ("amount_identity", 3, 1, False) in verdicts
    assert rows == [
        (1, "H1|F2", ["amount_identity"], "open", "9999999999999.99", '"\ufffd'),
        (2, "H1|F3", ["test_fee_required_fee_time"], "open", "3.00", "A1"),
    ]
    assert (results_dir(settings) / "his_gate" / "test_fee.json").exists()


def test_rejected_batch_leaves_verdicts_and_no_quarantine(
    settings: Settings, server: Server, ref: Ref, tmp_path: Path
) -> None:
    file = write_fees(tmp_path / "b.parquet", [fee(1, amount=Decimal(0))])
    result = Gate(settings, server).check(FEE, ref, ref, file, ExpectedTotals(rows=5))
    assert result.rejected_reason
    with server.connect("auditor") as connection:
        (count,) = connection.execute(
            "select count(*) from ops.quarantine where batch_id = %s", (ref.batch_id,)
        ).fetchone()
        (failed,) = connection.execute(
            "select failed from ops.quality_result where batch_id = %s and rule_id = %s",
            (ref.batch_id, "test_fee_row_count"),
        ).fetchone()
    assert (count, failed) == (0, 1)


def test_batch_is_broken_down_by_organisation_and_business_month(check: Check) -> None:
    february = datetime(2025, 2, 3)
    result = check(
        fee(1),
        fee(2, amount=Decimal(9)),
        fee(3, fee_time=february, qty=None),
        fee(4, org_code="H2"),
        fee(5, _duplicate=True),
        fee(6, src_is_deleted=True),
        fee(7, fee_time=None),
    )
    three = Decimal("3.00")
    good = RowCounts(1, 0, 0, 0, three, None, None, None)
    january, february_day = date(2025, 1, 1), date(2025, 2, 1)
    assert result.breakdown.rows == {
        ("H1", january): RowCounts(2, 1, 1, 1, three + 9, Decimal(9), three, three),
        ("H1", february_day): good,
        ("H2", january): good,
        ("H1", None): RowCounts(1, 1, 0, 0, three, three, None, None),
    }
    counts = {
        group: (counts.failed, counts.not_evaluated)
        for group, counts in result.breakdown.rules
        if counts.rule_id == "amount_identity"
    }
    assert counts == {("H1", january): (1, 0), ("H1", february_day): (0, 1)}
    assert sum(c.rows + c.duplicates + c.vanished for c in result.breakdown.rows.values()) == 7
