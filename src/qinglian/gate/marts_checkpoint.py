"""The checkpoint over the marts: what must hold before anything of them is published.

The rules are in `expectations/marts/checks.yaml`. GX turns them into SQL, so that no lead leaves
the database; its verdicts go where those of the gate go, with source id `marts`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from psycopg import Connection, sql
from pydantic import BaseModel, ConfigDict, model_validator

from qinglian.gate.checkpoint import GateError, exception_of
from qinglian.gate.checks import Check
from qinglian.gate.identity_checks import IDENTITY_MONTH, identity_checks, verdict_counts
from qinglian.gate.outcome import RuleOutcome
from qinglian.gate.results import write_outcomes
from qinglian.gate.runner import shared_runner
from qinglian.gate.saved import CheckInfo, results_dir, save_result
from qinglian.settings import Settings
from qinglian.warehouse.server import Server

MARTS = "marts"
_SAMPLES = 10
_QUERY = "unexpected_rows_expectation"


class _Rule(BaseModel):
    """A rule as it is written: a query that lists offenders, or a native GX expectation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    description: str
    dimension: str
    severity: str
    query: str | None = None
    expectation: str | None = None
    kwargs: Mapping[str, Any] = {}

    @model_validator(mode="after")
    def _one_way(self) -> "_Rule":
        if (self.query is None) == (self.expectation is None):
            raise ValueError(f"rule {self.id} needs a query or an expectation, and not both")
        return self


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    rules: tuple[_Rule, ...]


@dataclass(frozen=True)
class MartVerdict:
    """The verdicts on one mart table."""

    table: str
    rows: int
    checked_at: datetime
    outcomes: tuple[RuleOutcome, ...]

    @property
    def failures(self) -> tuple[RuleOutcome, ...]:
        """Failed rules of severity error: with any of them nothing may be published."""
        return tuple(o for o in self.outcomes if o.failed and o.check.severity == "error")


def check_marts(settings: Settings, server: Server) -> tuple[MartVerdict, ...]:
    """Check all marts that have rules, write the verdicts, and keep them for the data docs.

    Reads as the auditor and writes as the loader. The caller decides what failures stop.
    Raises GateError where a rule cannot be evaluated, e.g. because the marts are not built.
    """
    verdicts = []
    for table, written in _rules(settings.contracts_dir / MARTS / "checks.yaml").items():
        checks = [_check(rule) for rule in written.rules]
        with server.connect("auditor") as connection:
            rows = _count(connection, table)
            identities = identity_checks(connection) if table == IDENTITY_MONTH else []
        checks += identities
        result = shared_runner().run_on_table(server.url("auditor"), MARTS, table, checks)
        outcomes = _outcomes(checks, result, table, rows)
        with server.connect("auditor") as connection:
            outcomes = tuple(
                _of_verdicts(connection, o) if o.check in identities else o for o in outcomes
            )
        _show_counts(result, outcomes)
        verdict = MartVerdict(table, rows, datetime.now().replace(microsecond=0), outcomes)
        with server.connect("loader") as connection:
            write_outcomes(connection, outcomes, (None, MARTS, table, verdict.checked_at))
        save_result(results_dir(settings), _info(verdict, written.name), result)
        verdicts.append(verdict)
    return tuple(verdicts)


def _rules(path: Path) -> dict[str, _Table]:
    written = yaml.safe_load(path.read_text("utf-8"))
    return {table: _Table.model_validate(content) for table, content in written.items()}


def _check(rule: _Rule) -> Check:
    return Check(
        rule_id=rule.id,
        name_zh=rule.name,
        description=rule.description,
        dimension=rule.dimension,
        severity=rule.severity,
        level="row",
        condition=None,
        expectation=rule.expectation or _QUERY,
        kwargs={"unexpected_rows_query": rule.query} if rule.query else rule.kwargs,
    )


def _count(connection: Connection[Any], table: str) -> int:
    query = sql.SQL("select count(*) from {}").format(sql.Identifier(MARTS, table))
    row = connection.execute(query).fetchone()
    assert row is not None  # noqa: S101 - an aggregate always gives one row
    return int(row[0])


def _outcomes(
    checks: list[Check], result: dict[str, Any], table: str, rows: int
) -> tuple[RuleOutcome, ...]:
    verdicts = {r["expectation_config"]["meta"]["rule_id"]: r for r in result["results"]}
    return tuple(_outcome(check, verdicts[check.rule_id], table, rows) for check in checks)


def _outcome(check: Check, verdict: dict[str, Any], table: str, rows: int) -> RuleOutcome:
    if problem := exception_of(verdict["exception_info"]):
        raise GateError(
            f"{MARTS}.{table}, rule {check.rule_id}: GX could not evaluate it ({problem});"
            " build the marts, or correct the rule in expectations/marts/checks.yaml"
        )
    counts = verdict["result"]
    if check.expectation == _QUERY:
        samples = _samples(counts.pop("details", None) or {})
        failed = 0 if verdict["success"] else int(counts["observed_value"])
        counts["partial_unexpected_list"] = list(samples)
        # A query may list more offenders than the table has rows: a lead's pieces of evidence.
        return RuleOutcome(check, max(rows, failed), failed, 0, _reason(rows), samples)
    missing = counts.get("missing_count") or 0
    return RuleOutcome(
        check, rows - missing, counts["unexpected_count"] or 0, missing, _reason(rows, missing)
    )


def _of_verdicts(connection: Connection[Any], outcome: RuleOutcome) -> RuleOutcome:
    """The outcome on an identity, counted in its own verdicts and not in rows of the table."""
    evaluated, not_evaluated, reason = verdict_counts(connection, outcome.check.rule_id)
    return replace(
        outcome,
        evaluated=evaluated,
        not_evaluated=not_evaluated,
        not_evaluated_reason=reason or (None if evaluated else "no_rows"),
    )


def _show_counts(result: dict[str, Any], outcomes: tuple[RuleOutcome, ...]) -> None:
    """Put the counts of rules written as queries where the data docs look for them."""
    found = {outcome.check.rule_id: outcome for outcome in outcomes}
    for verdict in result["results"]:
        outcome = found[verdict["expectation_config"]["meta"]["rule_id"]]
        if outcome.check.expectation == _QUERY:
            share = outcome.failed / outcome.evaluated if outcome.evaluated else 0
            verdict["result"] |= {
                "element_count": outcome.evaluated,
                "unexpected_count": outcome.failed,
                "unexpected_percent": 100 * share,
            }


def _reason(rows: int, missing: int = 0) -> str | None:
    if missing:
        return "missing_values"
    return None if rows else "no_rows"


def _samples(details: Mapping[str, Any]) -> tuple[str, ...]:
    """Offenders by their ids: the queries select nothing personal."""
    listed = details.get("unexpected_rows") or []
    return tuple(
        "，".join(f"{name}={value}" for name, value in row.items()) for row in listed[:_SAMPLES]
    )


def _info(verdict: MartVerdict, name_zh: str) -> CheckInfo:
    return CheckInfo(
        source_id=MARTS,
        table_name=verdict.table,
        table_name_zh=name_zh,
        batch_id=None,
        checked_at=verdict.checked_at.isoformat(sep=" "),
        rows=verdict.rows,
        quarantined=0,
        duplicates=0,
        tombstones=0,
    )
