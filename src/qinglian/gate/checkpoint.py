"""The gate itself: one landed file through a GX checkpoint.

DuckDB evaluates the conditions, GX gives the verdicts, and both must agree on every count. What
goes through the checkpoint are the batch's rows, with only the columns that rules need; what is
asked of the batch as a whole stands in the first of them. GX's lists of offenders are capped and
could show personal data: they stay empty, and the samples come from our own masked query.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from qinglian.contracts import Contract
from qinglian.gate.breakdown import EMPTY, Breakdown, break_down, write_breakdown
from qinglian.gate.checks import Check, checks_of, silent_checks, unknown_columns_check
from qinglian.gate.landed import LandedFile, set_variables
from qinglian.gate.outcome import GateResult, RowFailure, RuleOutcome
from qinglian.gate.results import write_outcomes, write_quality, write_quarantine
from qinglian.gate.runner import shared_runner
from qinglian.gate.saved import CheckInfo, results_dir, save_result, saved_result
from qinglian.settings import Settings
from qinglian.warehouse.server import Server

SAMPLES = 10
MASK = "＊＊＊"


class GateError(RuntimeError):
    """A batch could not be judged; names source, table, batch, rule and remedy."""


class SourceLike(Protocol):
    """What the gate needs to know of a source."""

    @property
    def source_id(self) -> str: ...

    @property
    def org_code(self) -> str | None: ...


class BatchLike(Protocol):
    """What the gate needs to know of a batch."""

    @property
    def batch_id(self) -> int: ...


@dataclass(frozen=True)
class ExpectedTotals:
    """What the ledger says about a file; None where it is not to be compared."""

    rows: int | None = None
    control_total: Decimal | None = None
    window_end: datetime | None = None
    #: Latest value of the freshness column in the whole window and before it, not in one part.
    latest_at: datetime | None = None
    has_rows: bool = True
    #: Columns that the source gave beyond the contract.
    extra_columns: str | None = None

    @property
    def variables(self) -> dict[str, object]:
        """What conditions read with `getvariable`."""
        return {
            "expected_rows": self.rows,
            "expected_total": self.control_total,
            "window_end": self.window_end,
            "latest_at": self.latest_at,
        }


class Gate:
    """Judges landed files. Safe to share between threads."""

    def __init__(self, settings: Settings, server: Server) -> None:
        """Verdicts go to `ops` as the loader, validation results to the state folder."""
        self._settings = settings
        self._server = server

    def get_ready(self) -> None:
        """Load GX, which takes seconds: worth it where a batch with rows is sure to come."""
        shared_runner()

    def check(
        self,
        contract: Contract,
        source: SourceLike,
        batch: BatchLike,
        file: Path,
        expected: ExpectedTotals | None = None,
        waived: Mapping[str, str] | None = None,
    ) -> GateResult:
        """Judge a file, keep the verdicts and put failing rows into quarantine.

        `waived` are rules that the source's vendor waives, with the reason that the report shows.
        A rejected batch leaves its verdicts and no quarantine rows, since none of it is loaded.
        Doing it again for the same batch changes nothing. Raises GateError.
        """
        memory_mb = self._settings.duckdb_memory_mb
        result = check_batch(
            contract, source.source_id, batch.batch_id, file, expected, memory_mb, waived
        )
        with self._server.connect("loader") as connection:
            write_quality(connection, result, source.org_code)
            write_breakdown(connection, result.batch_id, result.breakdown)
            if result.rejected_reason is None:
                write_quarantine(connection, contract, result, file, memory_mb)
        save_result(results_dir(self._settings), check_info(contract, result), result.validation)
        return result

    def check_silent(
        self, contract: Contract, source: SourceLike, batch: BatchLike, expected: ExpectedTotals
    ) -> None:
        """Judge a batch without a file: is the table stale, or without any row so far?

        Keeps the verdicts and stops nothing. The table's page in the data docs keeps what the last
        file showed and takes these verdicts in. Doing it again changes nothing.
        """
        page = saved_result(results_dir(self._settings), source.source_id, contract.table)
        checks = silent_checks(contract, expected.has_rows)
        drift = unknown_columns_check(contract, expected.extra_columns)
        if expected.extra_columns or (page and _fails(page[1], [drift])):
            checks = (*checks, drift)
        if not checks:
            return
        facts = _silent_facts(checks, expected)
        outcomes = tuple(_silent_outcome(c, facts[c.flag][0].as_py()) for c in checks)
        now = datetime.now().replace(microsecond=0)
        with self._server.connect("loader") as connection:
            of = (batch.batch_id, source.source_id, contract.table, now)
            write_outcomes(connection, outcomes, of, source.org_code)
        if any(o.failed for o in outcomes) or (page and _fails(page[1], checks)):
            # GX takes seconds to import: only a verdict that a page must show is worth them.
            validation = shared_runner().run(f"{contract.table}.silent", checks, facts)
            _name_unknown_columns(validation, drift, expected)
            self._update_page(contract, source, batch, now, page, validation)

    def _update_page(
        self,
        contract: Contract,
        source: SourceLike,
        batch: BatchLike,
        now: datetime,
        page: tuple[CheckInfo, dict[str, Any]] | None,
        validation: dict[str, Any],
    ) -> None:
        info = CheckInfo(
            source_id=source.source_id,
            table_name=contract.table,
            table_name_zh=contract.name_zh,
            batch_id=batch.batch_id,
            checked_at=now.isoformat(sep=" "),
            rows=0,
            quarantined=0,
            duplicates=0,
            tombstones=0,
        )
        if page:
            asked = _rule_ids(validation)
            kept = [r for r in page[1]["results"] if _rule_id(r) not in asked]
            info = replace(page[0], checked_at=info.checked_at)
            validation = merged(contract.table, [{**page[1], "results": kept}, validation])
        save_result(results_dir(self._settings), info, validation)


def check_batch(
    contract: Contract,
    source_id: str,
    batch_id: int,
    file: Path,
    expected: ExpectedTotals | None = None,
    memory_mb: int = 400,
    waived: Mapping[str, str] | None = None,
) -> GateResult:
    """The verdicts on a landed file; writes nothing. Raises GateError and UnusableRuleError."""
    reasons = waived or {}
    totals = expected or ExpectedTotals()
    checks = [c for c in checks_of(contract) if c.rule_id not in reasons]
    drift = unknown_columns_check(contract, totals.extra_columns)
    if totals.extra_columns:
        checks.append(drift)
    not_asked = [c for c in checks_of(contract) if c.rule_id in reasons]
    where = f"{source_id}, {contract.table}, batch {batch_id}"
    with LandedFile(contract, file, memory_mb) as landed:
        landed.set_variables(totals.variables)
        judge = _judge_missing if landed.missing else _judge_rows
        outcomes, failures, validation, breakdown = judge(contract, checks, landed, where)
        rows, duplicates, tombstones = landed.counts()
    _name_unknown_columns(validation, drift, totals)
    outcomes += tuple(RuleOutcome(c, 0, 0, 0, f"waived: {reasons[c.rule_id]}") for c in not_asked)
    return GateResult(
        batch_id=batch_id,
        source_id=source_id,
        table=contract.table,
        checked_at=datetime.now().replace(microsecond=0),
        rows=rows,
        duplicates=duplicates,
        tombstones=tombstones,
        outcomes=outcomes,
        failures=failures,
        validation=validation,
        breakdown=breakdown,
    )


_Verdicts = tuple[tuple[RuleOutcome, ...], tuple[RowFailure, ...], dict[str, Any], Breakdown]


def _judge_rows(
    contract: Contract, checks: Sequence[Check], landed: LandedFile, where: str
) -> _Verdicts:
    row_checks = [c for c in checks if c.level == "row"]
    flags = _flags(landed, row_checks, where, order="order by _row_no", first="_row_no")
    facts = _flags(landed, [c for c in checks if _is_fact(c)], where)
    # A file that brings only deletions and repeats says nothing about the table as a whole.
    silent = landed.counts()[0] > 0 and flags.num_rows == 0
    asked = [c for c in checks if not (silent and _is_whole(c))]
    validation = _validate(contract, asked, _frame(landed, asked, flags), facts)
    verdicts = {_rule_id(verdict): verdict for verdict in validation["results"]}
    outcomes = []
    for check in checks:
        if check not in asked:
            outcomes.append(RuleOutcome(check, 0, 0, 0, "no_rows"))
            continue
        verdict = verdicts[check.rule_id]
        outcome = _outcome(check, verdict, where)
        if check.level == "row":
            _must_agree(outcome, flags[check.flag], where)
            samples = _samples(contract, check, landed, flags) if outcome.failed else ()
            outcome = replace(outcome, samples=samples)
            verdict["result"]["partial_unexpected_list"] = list(samples)
        outcomes.append(outcome)
    failures = _failures(row_checks, flags)
    quarantined = [failure.row_number for failure in failures]
    breakdown = break_down(contract, landed, row_checks, flags, quarantined)
    return tuple(outcomes), failures, validation, breakdown


def _judge_missing(
    contract: Contract, checks: Sequence[Check], landed: LandedFile, where: str
) -> _Verdicts:
    """A file without a column of the contract: one batch check fails, no other can be made."""
    columns_present = checks[0]
    facts = pa.table({columns_present.flag: pa.array([False], pa.bool_())})
    validation = _validate(contract, [columns_present], None, facts)
    verdict = validation["results"][0]
    verdict["result"]["partial_unexpected_list"] = landed.missing
    failed = replace(_outcome(columns_present, verdict, where), samples=tuple(landed.missing))
    others = [RuleOutcome(c, 0, 0, 0, "missing_columns") for c in checks[1:]]
    return (failed, *others), (), validation, EMPTY


def _validate(
    contract: Contract, checks: Sequence[Check], rows: pa.Table | None, facts: pa.Table
) -> dict[str, Any]:
    """The verdicts on a batch's rows and its one line of facts, in one run where it has rows."""
    runner = shared_runner()
    if rows is not None and rows.num_rows:
        return runner.run(contract.table, checks, _with_facts(rows, facts))
    parts = [runner.run(f"{contract.table}.batch", [c for c in checks if _is_fact(c)], facts)]
    if rows is not None:
        parts.append(runner.run(f"{contract.table}.empty", _of_rows(checks), rows))
    return merged(contract.table, parts)


def _with_facts(rows: pa.Table, facts: pa.Table) -> pa.Table:
    """The rows with the facts of the batch in the first of them."""
    for name in facts.column_names:
        if pa.types.is_boolean(facts.schema.field(name).type):
            values = pa.nulls(rows.num_rows - 1, pa.bool_())
            rows = rows.append_column(name, pa.chunked_array([*facts[name].chunks, values]))
    return rows


def _of_rows(checks: Iterable[Check]) -> list[Check]:
    return [c for c in checks if not _is_fact(c)]


def merged(name: str, parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Several validation results (JSON form) as one, with statistics over all of them."""
    results = [result for part in parts for result in part["results"]]
    passed = sum(result["success"] for result in results)
    return {
        **parts[-1],
        "suite_name": name,
        "success": passed == len(results),
        "results": results,
        "statistics": {
            "evaluated_expectations": len(results),
            "successful_expectations": passed,
            "unsuccessful_expectations": len(results) - passed,
            "success_percent": 100 * passed / len(results) if results else None,
        },
    }


def _silent_facts(checks: Sequence[Check], expected: ExpectedTotals) -> pa.Table:
    """The one line of facts of a batch without a file."""
    with _without_tables().cursor() as database:
        set_variables(database, expected.variables)
        facts = ", ".join(f'cast(({c.condition}) as boolean) as "{c.flag}"' for c in checks)
        return database.execute(f"select {facts}").to_arrow_table()


@cache
def _without_tables() -> duckdb.DuckDBPyConnection:
    """One DuckDB for all conditions that read no rows: a quiet night asks some hundred of them."""
    return duckdb.connect(config={"threads": 1})


def _silent_outcome(check: Check, good: bool | None) -> RuleOutcome:
    if good is None:
        return RuleOutcome(check, 0, 0, 1, "not_given")
    return RuleOutcome(check, 1, int(not good), 0, None)


def _name_unknown_columns(
    validation: dict[str, Any], check: Check, expected: ExpectedTotals
) -> None:
    """Let the page say which columns the source gave beyond the contract."""
    for verdict in validation["results"]:
        if expected.extra_columns and _rule_id(verdict) == check.rule_id:
            verdict["result"]["partial_unexpected_list"] = expected.extra_columns.split(", ")


def _rule_id(verdict: Mapping[str, Any]) -> str:
    return str(verdict["expectation_config"]["meta"]["rule_id"])


def _rule_ids(validation: Mapping[str, Any]) -> set[str]:
    return {_rule_id(verdict) for verdict in validation["results"]}


def _fails(validation: Mapping[str, Any], checks: Sequence[Check]) -> bool:
    asked = {c.rule_id for c in checks}
    return any(_rule_id(v) in asked and not v["success"] for v in validation["results"])


def _is_fact(check: Check) -> bool:
    """Batch checks with a condition are one line; GX evaluates the others on the rows."""
    return check.level == "batch" and check.condition is not None


def _is_whole(check: Check) -> bool:
    """Batch checks that GX evaluates on the rows."""
    return check.level == "batch" and check.condition is None


def _flags(
    landed: LandedFile,
    checks: Iterable[Check],
    where: str,
    order: str = "",
    first: str = "count(*)",
) -> pa.Table:
    """One boolean column a check, after the column `first`."""
    chosen = list(checks)
    columns = [first, *(f'cast(({c.condition}) as boolean) as "{c.flag}"' for c in chosen)]
    try:
        return landed.table(", ".join(columns), order=order)
    except duckdb.Error as error:
        reason = str(error).partition("\n")[0]
        culprit = next((c for c in chosen if _breaks(landed, c)), None)
        raise GateError(
            f"{where}, rule {culprit.rule_id if culprit else '?'}: the condition cannot be"
            f" evaluated ({reason}); correct it in the contract"
        ) from error


def _breaks(landed: LandedFile, check: Check) -> bool:
    try:
        landed.table(f"cast(({check.condition}) as boolean)")
    except duckdb.Error:
        return True
    return False


def _frame(landed: LandedFile, checks: Iterable[Check], flags: pa.Table) -> pa.Table:
    """What GX sees: the columns of native expectations and the flags of the other row checks."""
    chosen = _of_rows(checks)
    native = sorted({name for c in chosen if c.expectation is not None for name in c.reads})
    frame = flags.select([c.flag for c in chosen if c.expectation is None])
    if native:
        columns = landed.table(", ".join(f'"{n}"' for n in native), order="order by _row_no")
        for name in native:
            frame = frame.append_column(name, _light(columns[name]))
    return frame


def _light(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Decimals as floats: GX inspects the call stack for each decimal, 1.4 ms a value."""
    return pc.cast(column, pa.float64()) if pa.types.is_decimal(column.type) else column


def _outcome(check: Check, verdict: dict[str, Any], where: str) -> RuleOutcome:
    problem = exception_of(verdict["exception_info"])
    if problem:
        raise GateError(
            f"{where}, rule {check.rule_id}: GX could not evaluate it ({problem});"
            " correct the rule in the contract"
        )
    counts = verdict["result"]
    if _is_whole(check):
        return RuleOutcome(check, 1, int(not verdict["success"]), 0, None)
    missing = counts.get("missing_count") or 0
    evaluated = counts["element_count"] - missing
    reason = None
    if missing:
        reason = "not_given" if check.level == "batch" else "missing_values"
    elif not evaluated:
        reason = "no_rows"
    return RuleOutcome(check, evaluated, counts["unexpected_count"], missing, reason)


def exception_of(info: dict[str, Any]) -> str | None:
    """GX gives one exception, or a mapping of them by metric."""
    candidates = [info] if "raised_exception" in info else list(info.values())
    raised = [str(c.get("exception_message")) for c in candidates if c.get("raised_exception")]
    return raised[0] if raised else None


def _must_agree(outcome: RuleOutcome, flag: pa.ChunkedArray, where: str) -> None:
    ours = len(flag) - flag.null_count - (pc.sum(flag).as_py() or 0)
    if ours != outcome.failed:
        raise GateError(
            f"{where}, rule {outcome.check.rule_id}: GX counts {outcome.failed} failing rows and"
            f" the filter that finds them {ours}; write the rule as a `condition`"
        )


def _failures(checks: Iterable[Check], flags: pa.Table) -> tuple[RowFailure, ...]:
    broken: dict[int, list[str]] = {}
    for check in checks:
        if check.severity == "error":
            for number in _failing(flags, check):
                broken.setdefault(number, []).append(check.rule_id)
    return tuple(RowFailure(number, tuple(broken[number])) for number in sorted(broken))


def _failing(flags: pa.Table, check: Check) -> list[int]:
    bad = pc.fill_null(pc.invert(flags[check.flag]), False)
    numbers: list[int] = flags["_row_no"].filter(bad).to_pylist()
    return numbers


def _samples(
    contract: Contract, check: Check, landed: LandedFile, flags: pa.Table
) -> tuple[str, ...]:
    """Failing rows as text: key and the columns that the rule reads, personal ones masked."""
    numbers = _failing(flags, check)[:SAMPLES]
    names = list(dict.fromkeys([*contract.key, *check.reads]))
    selected = ", ".join(f'cast("{name}" as varchar)' for name in names)
    wanted = ", ".join(str(number) for number in numbers)
    rows = landed.fetch(
        f"select _row_no, _cast_errors, {selected} from landed where _row_no in ({wanted})"
        " order by _row_no"
    )
    return tuple(_sample(contract, names, row) for row in rows)


def _sample(contract: Contract, names: Sequence[str], row: tuple[Any, ...]) -> str:
    public = {c.name for c in contract.landed_columns if c.classification == "internal"}
    number, cast_errors, *values = row
    shown = dict(zip(names, values, strict=True))
    if cast_errors:
        shown.update(json.loads(cast_errors))
    texts = [
        f"{name}={MASK if name not in public and value is not None else _short(value)}"
        for name, value in shown.items()
    ]
    return f"文件行 {number}：" + "，".join(texts)


def _short(value: object) -> str:
    text = "空" if value is None else str(value)
    return text if len(text) <= 60 else text[:59] + "…"  # noqa: PLR2004 - fits a table cell


def check_info(contract: Contract, result: GateResult) -> CheckInfo:
    """What the data docs say of a batch beside its verdicts."""
    return CheckInfo(
        source_id=result.source_id,
        table_name=result.table,
        table_name_zh=contract.name_zh,
        batch_id=result.batch_id,
        checked_at=result.checked_at.isoformat(sep=" "),
        rows=result.rows,
        quarantined=result.quarantined,
        duplicates=result.duplicates,
        tombstones=result.tombstones,
    )
