"""The checks of a table: what its contract says and what the machinery always asks.

A check is one DuckDB expression, true where all is well and null where it cannot be said. It finds
the offenders; GX counts them, so that every verdict comes from a checkpoint.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

from sqlglot import exp, parse_one
from sqlglot.errors import ParseError

from qinglian.contracts import Column, Contract, Rule


class UnusableRuleError(ValueError):
    """A written rule that the gate cannot carry out."""

    def __init__(self, contract: Contract, rule: Rule, problem: str, remedy: str) -> None:
        super().__init__(f"{contract.table}, rule {rule.id}: {problem}; {remedy}")


@dataclass(frozen=True)
class Check:
    """One rule as the gate carries it out."""

    rule_id: str
    name_zh: str
    description: str
    dimension: str
    #: error or warning
    severity: str
    #: row or batch
    level: str
    #: DuckDB expression over a landed row (level row) or an aggregate over the batch (level batch);
    #: None for an expectation on the whole batch that only GX evaluates.
    condition: str | None
    #: GX expectation on contract columns; None where GX expects the condition's column to be true.
    expectation: str | None = None
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    #: Contract columns that the rule reads.
    reads: tuple[str, ...] = ()

    @property
    def flag(self) -> str:
        """Column of the checked frame that holds the condition's outcome."""
        return f"rule__{self.rule_id}"


def checks_of(contract: Contract) -> tuple[Check, ...]:
    """All checks of a table, the machinery's first. Raises UnusableRuleError."""
    return (
        _columns_present(contract),
        _types_fit(contract),
        *_totals_agree(contract),
        *_fresh(contract),
        *(_required(contract, c) for c in contract.landed_columns if c.required),
        _key_unique(contract),
        *(_written(contract, rule) for rule in contract.rules),
    )


def _columns_present(contract: Contract) -> Check:
    return Check(
        rule_id=f"{contract.table}_columns",
        name_zh="契约字段齐全",
        description="批次文件缺少数据契约中的字段时，整批停止。",
        dimension="completeness",
        severity="error",
        level="batch",
        condition="true",  # a file without the columns never gets as far as this expression
    )


def _totals_agree(contract: Contract) -> tuple[Check, ...]:
    """What the ledger says of the file against what the file holds; null where it is not given."""
    rows = Check(
        rule_id=f"{contract.table}_row_count",
        name_zh="行数与台账一致",
        description="批次文件的行数与台账登记的不同时，整批停止。",
        dimension="consistency",
        severity="error",
        level="batch",
        condition="(select count(*) from landed) = cast(getvariable('expected_rows') as bigint)",
    )
    if contract.control_total is None:
        return (rows,)
    total = f'(select coalesce(sum("{contract.control_total}"), 0) from landed)'
    return (
        rows,
        Check(
            rule_id=f"{contract.table}_control_total",
            name_zh="控制总额与台账一致",
            description="金额合计与台账登记的控制总额之差达到 0.005 元时，整批停止。",
            dimension="consistency",
            severity="error",
            level="batch",
            condition=(
                f"abs({total} - cast(getvariable('expected_total') as decimal(38, 6))) < 0.005"
            ),
        ),
    )


def silent_checks(contract: Contract, has_rows: bool) -> tuple[Check, ...]:
    """What is asked of a window that brought nothing to land, and therefore has no file."""
    return _fresh(contract) if has_rows else (_no_rows_yet(contract),)


def _no_rows_yet(contract: Contract) -> Check:
    return Check(
        rule_id=f"{contract.table}_no_rows_yet",
        name_zh="尚无数据",
        description="自首次抽取以来没有一行数据：请核对来源系统与映射 SQL。",
        dimension="completeness",
        severity="warning",
        level="batch",
        condition="false",  # asked of a table only while it has no rows
    )


def unknown_columns_check(contract: Contract, extra_columns: str | None) -> Check:
    """That a source gives no columns beyond the contract; asked where it did, now or last time."""
    return Check(
        rule_id=f"{contract.table}_unknown_columns",
        name_zh="来源没有契约外字段",
        description="来源多给的字段只报告、不影响入库：请写入契约，或在 vendor.yaml 中允许。",
        dimension="conformity",
        severity="warning",
        level="batch",
        condition="false" if extra_columns else "true",
    )


def _fresh(contract: Contract) -> tuple[Check, ...]:
    """The latest row of the window, known or new, against its end; all its parts agree on it."""
    if contract.freshness is None:
        return ()
    column = contract.freshness.column
    hours = contract.freshness.max_age // timedelta(hours=1)
    return (
        Check(
            rule_id=f"{contract.table}_freshness",
            name_zh="数据及时",
            description=f"最新的 {column} 不应早于抽取窗口结束前 {hours} 小时。",
            dimension="timeliness",
            severity="warning",
            level="batch",
            condition=(
                "cast(getvariable('latest_at') as timestamp)"
                f" >= cast(getvariable('window_end') as timestamp) - interval '{hours} hours'"
            ),
        ),
    )


def _types_fit(contract: Contract) -> Check:
    return Check(
        rule_id=f"{contract.table}_type",
        name_zh="字段类型相符",
        description="取值无法转换为契约规定的类型或长度的行被隔离。",
        dimension="conformity",
        severity="error",
        level="row",
        condition="_cast_errors is null",
    )


def _required(contract: Contract, column: Column) -> Check:
    label = column.label_zh
    return Check(
        rule_id=f"{contract.table}_required_{column.name}",
        name_zh=f"{label}不得为空",
        description=f"{label}（{column.name}）为空的行被隔离。",
        dimension="completeness",
        severity="error",
        level="row",
        condition=f'"{column.name}" is not null',
        reads=(column.name,),
    )


def _key_unique(contract: Contract) -> Check:
    """One key with different contents: nobody here can say which is right, so all are kept out.

    Exact repeats are dropped before; `_key_conflict` marks versions that lie in different files.
    """
    key = ", ".join(f'"{name}"' for name in contract.key)
    known = " and ".join(f'"{name}" is not null' for name in contract.key)
    return Check(
        rule_id=f"{contract.table}_key_unique",
        name_zh="主键唯一",
        description="同一批次中主键相同而内容不同的各行全部被隔离。",
        dimension="uniqueness",
        severity="error",
        level="row",
        # Keys that come twice are few: a lookup of them costs less than a window over all rows.
        condition=(
            f"case when {known} then ({key}) not in (select ({key}) from live where {known}"
            f" group by {key} having count(*) > 1) and not coalesce(_key_conflict, false) end"
        ),
        reads=tuple(contract.key),
    )


def _written(contract: Contract, rule: Rule) -> Check:
    condition = rule.condition
    if condition is None and rule.level == "row":
        condition = _condition_of(contract, rule)
    return Check(
        rule_id=rule.id,
        name_zh=rule.name_zh,
        description=rule.description_zh,
        dimension=rule.dimension,
        severity=rule.severity,
        level=rule.level,
        condition=_guarded(condition) if condition and rule.level == "row" else condition,
        expectation=rule.expectation,
        kwargs=dict(rule.kwargs),
        reads=_reads(contract, rule, condition),
    )


def _guarded(condition: str) -> str:
    """The condition, false for a row for which it cannot be computed at all.

    One number out of all range would otherwise stop the whole batch with an overflow.
    """
    return (
        f"case try(coalesce(cast(({condition}) as integer), 2))"
        " when 1 then true when 0 then false when 2 then null else false end"
    )


def _reads(contract: Contract, rule: Rule, condition: str | None) -> tuple[str, ...]:
    known = [c.name for c in contract.landed_columns]
    if condition is None:
        return tuple(name for name in known if name in set(_texts(rule.kwargs.values())))
    try:
        used = _columns_of(condition)
    except ParseError as error:
        raise UnusableRuleError(
            contract, rule, f"its condition is no DuckDB SQL ({error})", "correct the condition"
        ) from error
    return tuple(name for name in known if name in used)


@cache
def _columns_of(condition: str) -> frozenset[str]:
    """Names of the columns in a DuckDB expression. Raises ParseError."""
    tree = parse_one(condition, dialect="duckdb")
    return frozenset(column.name for column in tree.find_all(exp.Column))


def _texts(values: Iterable[Any]) -> Iterator[str]:
    """Texts among the arguments of an expectation, which name columns wherever they are."""
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list | tuple):
            yield from _texts(value)


def _condition_of(contract: Contract, rule: Rule) -> str:
    """The DuckDB expression of a row-level native expectation, to find the offenders with.

    GX reports at most 200 of them, and evaluates the same expectation itself.
    """
    kwargs = dict(rule.kwargs)
    column = kwargs.pop("column", None)
    builder = _NATIVE.get(rule.expectation or "")
    if builder is None or column is None or "mostly" in kwargs:
        raise UnusableRuleError(
            contract,
            rule,
            f"{rule.expectation} cannot name the rows that it fails",
            "write it as a `condition`, or as a rule of level batch",
        )
    return builder(f'"{column}"', kwargs)


def _literal(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int | float):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"


def _in_set(column: str, kwargs: Mapping[str, Any]) -> str:
    return f"{column} in ({', '.join(_literal(value) for value in kwargs['value_set'])})"


def _between(value: str, kwargs: Mapping[str, Any]) -> str:
    parts = []
    if kwargs.get("min_value") is not None:
        parts.append(
            f"{value} {'>' if kwargs.get('strict_min') else '>='} {_literal(kwargs['min_value'])}"
        )
    if kwargs.get("max_value") is not None:
        parts.append(
            f"{value} {'<' if kwargs.get('strict_max') else '<='} {_literal(kwargs['max_value'])}"
        )
    return " and ".join(parts) or "true"


_NATIVE: Mapping[str, Callable[[str, Mapping[str, Any]], str]] = {
    "expect_column_values_to_be_in_set": _in_set,
    "expect_column_values_to_not_be_in_set": lambda c, k: f"not ({_in_set(c, k)})",
    "expect_column_values_to_match_regex": (
        lambda c, k: f"regexp_matches({c}, {_literal(k['regex'])})"
    ),
    "expect_column_values_to_not_match_regex": (
        lambda c, k: f"not regexp_matches({c}, {_literal(k['regex'])})"
    ),
    "expect_column_values_to_be_between": _between,
    "expect_column_value_lengths_to_be_between": lambda c, k: _between(f"length({c})", k),
    "expect_column_value_lengths_to_equal": lambda c, k: f"length({c}) = {_literal(k['value'])}",
    "expect_column_values_to_not_be_null": lambda c, _: f"{c} is not null",
}
