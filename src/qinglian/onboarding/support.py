"""Which indicators a source can support, from what the indicators declare that they need."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from qinglian.contracts import Contract


class Verdict(StrEnum):
    """What can be said of an indicator from one source alone.

    An indicator without one of its tables cannot be computed. Where another system gives it, that
    is OTHER_SOURCE, whatever else is missing here: from this source alone nothing is computed.
    Without one of its columns it runs, and says itself for which rows the value was needed: that is
    LIMITED.
    """

    SUPPORTED = "supported"
    DOUBTFUL = "doubtful"
    LIMITED = "limited"
    OTHER_SOURCE = "other_source"
    UNSUPPORTED = "unsupported"
    UNRELATED = "unrelated"


@dataclass(frozen=True)
class Given:
    """What a source gives of one table.

    `constant_null` are columns that its mapping SQL returns as a literal null, `filled` counts rows
    with a value by column, `failed` says that the table could not be read.
    """

    rows: int
    filled: Mapping[str, int]
    constant_null: frozenset[str] = frozenset()
    failed: bool = False


@dataclass(frozen=True)
class Support:
    """The verdict on one indicator, the reasons against it, and what it will do without."""

    indicator_id: str
    name_zh: str
    verdict: Verdict
    reasons: tuple[str, ...]
    without: tuple[str, ...]


#: From the best verdict to the worst.
_ORDER = (
    Verdict.SUPPORTED,
    Verdict.DOUBTFUL,
    Verdict.LIMITED,
    Verdict.OTHER_SOURCE,
    Verdict.UNSUPPORTED,
)


def support_of(
    indicators: Sequence[Mapping[str, Any]],
    given: Mapping[str, Given],
    contracts: Mapping[str, Contract],
    system: str,
) -> list[Support]:
    """One verdict an indicator. `given` has the tables that the source of this `system` maps."""
    return [_support(meta, given, contracts, system) for meta in indicators]


def _support(
    meta: Mapping[str, Any],
    given: Mapping[str, Given],
    contracts: Mapping[str, Contract],
    system: str,
) -> Support:
    required: Mapping[str, Sequence[str]] = meta["required_columns"]
    if not any(table in given or contracts[table].domain == system for table in required):
        return Support(meta["indicator_id"], meta["name_zh"], Verdict.UNRELATED, (), ())
    found = [
        finding
        for table, columns in required.items()
        for finding in _findings(table, columns, given.get(table), contracts[table], system)
    ]
    optional = [
        reason
        for table, columns in meta["optional_columns"].items()
        for verdict, reason in _findings(table, columns, given.get(table), contracts[table], system)
        if verdict is not Verdict.DOUBTFUL
    ]
    worst = max((verdict for verdict, _ in found), key=_ORDER.index, default=Verdict.SUPPORTED)
    return Support(
        meta["indicator_id"],
        meta["name_zh"],
        worst,
        tuple(reason for _, reason in found),
        tuple(optional),
    )


def _findings(
    table: str, columns: Sequence[str], given: Given | None, contract: Contract, system: str
) -> Iterator[tuple[Verdict, str]]:
    """What speaks against one table's columns; nothing where all have values."""
    title = f"{contract.name_zh}（{table}）"
    labels = {column.name: column.label_zh for column in contract.landed_columns}
    if given is None:
        if contract.domain == system:
            yield Verdict.UNSUPPORTED, f"未提供表 {title}"
        else:
            yield Verdict.OTHER_SOURCE, f"表 {title} 须由其他来源提供"
        return
    if given.failed:
        yield Verdict.UNSUPPORTED, f"表 {title} 本次未能读取"
        return
    never = [name for name in columns if name in given.constant_null]
    if never:
        yield Verdict.LIMITED, f"{title} 未提供字段 {_named(never, labels)}"
    if given.rows == 0:
        yield Verdict.DOUBTFUL, f"{title} 在检查窗口内没有数据"
        return
    empty = [n for n in columns if n not in never and given.filled.get(n, 0) == 0]
    if empty:
        yield Verdict.DOUBTFUL, f"{title} 的字段 {_named(empty, labels)} 在检查窗口内全部为空"


def _named(names: Sequence[str], labels: Mapping[str, str]) -> str:
    return "、".join(f"{labels.get(name, '')} {name}".strip() for name in names)
