"""Control totals that a source takes of its own rows, held against the rows that arrive.

The source counts a window by itself, in one query around the mapping SQL: rows, sum of the
contract's control total, first and last business date and distinct keys. Both sides count an amount
by the same rule: a number below 10^15, and where it comes as text, one of digits and a point.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from qinglian.contracts import Contract

#: Regular-expression dialects read it alike; ten decimals are what the extract keeps of a number.
PLAIN_NUMBER = "^[-+]?[0-9]{1,15}([.][0-9]{1,10})?$"
LARGEST = 10**15
_AMOUNT = pa.decimal128(38, 10)
_UNIT = Decimal("1e-10")
#: A sum of floats depends on the order of the rows: this share of all amounts may be lost in it.
_FLOAT_SLACK = Decimal("1e-9")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d(\.\d{1,6})?)?")

_NOTHING = "cast(null as decimal(38, 10))"
_TEXT = {"postgresql": "text", "mysql": "char"}


@dataclass(frozen=True)
class Totals:
    """What a window of a table holds; None where it cannot be said."""

    rows: int
    control_total: Decimal | None = None
    date_min: datetime | None = None
    date_max: datetime | None = None
    distinct_keys: int | None = None


class SourceControl:
    """The totals of one reading: asked of the source, and held against what arrived."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._taken: list[Totals] = []
        self._arrived = Totals(0, Decimal(0))
        self._of_all_amounts = Decimal(0)
        self._is_float = False
        #: How the count belongs to the rows: one_snapshot with them, before_reading (and the same),
        #: or moving: counted before and after, with what arrived between the two.
        self.measured: str | None = None
        #: Rows that arrived with something that is no number where the amount should be.
        self.uncounted_rows = 0

    @property
    def totals(self) -> Totals | None:
        """What the source counted, before the rows were read; None where it cannot count."""
        return self._taken[0] if self._taken else None

    def take(self, answer: Sequence[object], measured: str) -> None:
        """Keep the answer to `query`; a second one means that the source moved meanwhile."""
        rows, total, first, last, keys = answer
        self.measured = "moving" if self._taken else measured
        self._taken.append(
            Totals(
                rows=int(str(rows or 0)),
                control_total=None if total is None else Decimal(str(total)).quantize(_UNIT),
                date_min=_moment(first),
                date_max=_moment(last),
                distinct_keys=None if keys is None else int(str(keys)),
            )
        )

    @property
    def differs(self) -> bool:
        """Whether what has arrived is not what the source counted."""
        return self.difference(None) is not None

    def query(self, kind: str, sql: str, families: Mapping[str, str]) -> str:
        """The query of the totals of a bound mapping SQL, in the dialect of postgresql or mysql.

        `families` are the types of its columns: text, integer, number, float, time or other.
        One pass over the rows answers all questions.
        """
        first, last = self._span(kind, families)
        return f"""
            select count(*), cast(sum({self._amount(kind, families)}) as {_TEXT[kind]}),
                {first}, {last}, {_distinct(self._keys(kind, families), families)}
            from (\n{sql}\n) mapped
            """

    def watch(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Pass the source's rows on and count them."""
        for batch in batches:
            self._count(batch)
            yield batch

    def difference(self, distinct_keys: int | None) -> str | None:
        """What arrived against what the source counted, as a sentence; None where they agree.

        `distinct_keys` are those that arrived, None where they cannot be told from each other.
        Where the source was counted again, what arrived must lie between the two counts.
        """
        arrived = replace(self._arrived, distinct_keys=distinct_keys)
        names = {
            "rows": "rows",
            "control_total": "sum of amounts",
            "date_min": "first date",
            "date_max": "last date",
            "distinct_keys": "distinct keys",
        }
        wrong = []
        for name, words in names.items():
            counted = [getattr(taken, name) for taken in self._taken]
            value = getattr(arrived, name)
            slack = self._slack if name == "control_total" else None
            if not _lies_within(counted, value, slack):
                said = " to ".join(dict.fromkeys(map(str, counted)))
                wrong.append(f"{words}: the source counted {said}, {value} arrived")
        return "; ".join(wrong) or None

    def typing_difference(self, typed_total: Decimal | None, uncounted_rows: int) -> str | None:
        """The sum that the contract's types left of what arrived, where no row lost its amount."""
        if not self._taken or typed_total is None or uncounted_rows or self.uncounted_rows:
            return None
        arrived = self._arrived.control_total
        if _lies_within([arrived], typed_total, self._slack):
            return None
        return f"sum of amounts: {arrived} arrived, {typed_total} in the contract's type"

    @property
    def _slack(self) -> Decimal:
        # Exact numbers agree exactly. A float is rounded to its contract's cents, too.
        return (
            self._of_all_amounts * _FLOAT_SLACK + self._arrived.rows * _FLOAT_SLACK
            if self._is_float
            else Decimal(0)
        )

    def facts(self) -> dict[str, Any]:
        """What the ledger keeps of the source's own count, with the first part of a window."""
        totals = self.totals
        if totals is None:
            return {}
        return {
            "source_measured": self.measured,
            "source_rows": totals.rows,
            "source_control_total": totals.control_total,
            "source_date_min": totals.date_min,
            "source_date_max": totals.date_max,
            "source_keys": totals.distinct_keys,
            "source_exact": not self._is_float,
        }

    def _amount(self, kind: str, families: Mapping[str, str]) -> str:
        """The number that the source's sum counts for a row; null where it cannot tell numbers."""
        column = self._contract.control_total
        family = families.get(column or "", "other")
        if column is None:
            return _NOTHING
        if kind == "mysql":  # which sends every value as the text of it
            text = f"cast({column} as char)"
            plain = f"trim({text}) regexp '{PLAIN_NUMBER}' and locate(char(10), {text}) = 0"
            return f"case when {plain} then cast(trim({text}) as decimal(38, 10)) end"
        if family in ("integer", "number"):
            return f"case when abs({column}) < {LARGEST} then round({column}, 10) end"
        if family == "float":
            return f"case when abs({column}) < {LARGEST} then {column} end"
        if family == "text":
            plain = f"trim({column}) ~ '{PLAIN_NUMBER}'"
            return f"case when {plain} then cast(trim({column}) as numeric) end"
        return _NOTHING

    def _span(self, kind: str, families: Mapping[str, str]) -> tuple[str, str]:
        """First and last business date as text, where the source has it as a date or time."""
        column = self._contract.cursor.business_column
        if column is None or families.get(column) != "time":
            return "null", "null"
        text = _TEXT[kind]
        return f"cast(min({column}) as {text})", f"cast(max({column}) as {text})"

    def _keys(self, kind: str, families: Mapping[str, str]) -> list[str]:
        """Key columns, where source and contract tell keys apart by the same comparison."""
        columns = {c.name: c for c in self._contract.landed_columns}
        alike = all(
            families.get(name) == _FAMILIES.get(columns[name].physical_type.partition("(")[0])
            and not columns[name].pseudonym
            for name in self._contract.key
        )
        # MySQL's collations may take two keys for one.
        return list(self._contract.key) if alike and kind != "mysql" else []

    def _count(self, batch: pa.RecordBatch) -> None:
        arrived, total = self._arrived, Decimal(0)
        if self._contract.control_total in batch.schema.names:
            total = self._sum(batch.column(self._contract.control_total))
        first, last = arrived.date_min, arrived.date_max
        column = self._contract.cursor.business_column
        if column in batch.schema.names and batch.num_rows:
            low, high = _span_of(batch.column(column))
            first = min((d for d in (first, low) if d is not None), default=None)
            last = max((d for d in (last, high) if d is not None), default=None)
        self._arrived = Totals(
            arrived.rows + batch.num_rows,
            (arrived.control_total or Decimal(0)) + total,
            first,
            last,
        )

    def _sum(self, column: pa.Array) -> Decimal:
        kind = column.type
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            text = pc.utf8_trim(column, characters=" ")
            plain = pc.fill_null(pc.match_substring_regex(text, PLAIN_NUMBER), False)
            filled = pc.sum(pc.and_(pc.is_valid(text), pc.not_equal(text, ""))).as_py() or 0
            self.uncounted_rows += filled - (pc.sum(plain).as_py() or 0)
            return _total(pc.cast(text.filter(plain), _AMOUNT))
        if pa.types.is_floating(kind):
            small = column.filter(pc.less(pc.abs(column), float(LARGEST)))
            self._is_float = True
            self._of_all_amounts += Decimal(str(pc.sum(pc.abs(small)).as_py() or 0))
            return Decimal(str(pc.sum(small).as_py() or 0))
        if pa.types.is_integer(kind) or pa.types.is_decimal(kind):
            small = column.filter(pc.less(pc.abs(column), LARGEST))
            self.uncounted_rows += len(column) - column.null_count - len(small)
            return _total(small)
        self.uncounted_rows += len(column) - column.null_count
        return Decimal(0)


#: Contract types by which keys are told apart as the source tells them, and its families for them.
_FAMILIES = {
    **dict.fromkeys(("text", "varchar", "char"), "text"),
    **dict.fromkeys(("smallint", "integer", "bigint"), "integer"),
}


def _distinct(keys: Sequence[str], families: Mapping[str, str]) -> str:
    """How many keys there are without an empty part, in PostgreSQL's dialect; null without keys.

    Sorting one text a row is several times cheaper than a group a key. Each part but the last says
    how long it is, so that no two keys are the same text; parts that are null make it null.
    """
    if not keys:
        return "null"
    texts = [name if families.get(name) == "text" else f"cast({name} as text)" for name in keys]
    parts = [f"cast(length({text}) as text) || ' ' || {text}" for text in texts[:-1]]
    return f"""count(distinct ({" || ".join([*parts, texts[-1]])}) collate "C")"""


def _total(amounts: pa.Array) -> Decimal:
    return Decimal(str(pc.sum(amounts).as_py() or 0))


def _span_of(column: pa.Array) -> tuple[datetime | None, datetime | None]:
    """Earliest and latest of a column of times; None where it has none that a calendar has."""
    if not (pa.types.is_timestamp(column.type) or pa.types.is_date(column.type)):
        return None, None
    span = pc.min_max(column)
    return _time_of(span["min"]), _time_of(span["max"])


def _time_of(end: pa.Scalar) -> datetime | None:
    try:
        value = pc.cast(end, pa.timestamp("us")).as_py()
    except (OverflowError, ValueError):  # infinity, the year 99999
        return None
    return value if isinstance(value, datetime) else None


def _moment(value: object) -> datetime | None:
    """A date or time as the source writes it; None for what no calendar has (infinity, year 0)."""
    if value is None or not _MOMENT.fullmatch(str(value)):
        return None
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return None


def _lies_within(counted: Sequence[Any], arrived: Any, slack: Decimal | None) -> bool:
    """Whether a figure lies between those that were counted; None says nothing."""
    known = [value for value in counted if value is not None]
    if not known or arrived is None:
        return True
    if slack is None:
        return bool(min(known) <= arrived <= max(known))
    return bool(min(known) - slack <= arrived <= max(known) + slack)
