"""One table of a source in one window: columns, types and rules against its contract.

The sample is typed and marked as a landed file is, in a temporary folder that is removed again, and
direct identifiers are replaced by digests under a key that nobody keeps. Only counts leave here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe

import pyarrow as pa
import pyarrow.compute as pc

from qinglian.contracts import Contract
from qinglian.extract.pseudonym import Pseudonymiser
from qinglian.gate.checks import checks_of
from qinglian.gate.landed import LandedFile
from qinglian.landing.spool import Spool

_KEY = token_urlsafe()
#: More rows than this say nothing new about a table's form.
LARGEST_SAMPLE_ROWS = 200_000
_ALL_ROWS = 1 << 40


@dataclass(frozen=True)
class ColumnProfile:
    """Of one contract column: the source's type, rows with a value, rows that do not fit."""

    name: str
    label_zh: str
    contract_type: str
    source_type: str
    required: bool
    filled: int
    misfits: int


@dataclass(frozen=True)
class RuleProfile:
    """Of one row rule: the rows that it could judge and those that break it."""

    rule_id: str
    name_zh: str
    description: str
    severity: str
    judged: int
    failed: int


@dataclass(frozen=True)
class Sample:
    """What one window of one table held; `file` has its typed rows, None where there are none."""

    rows: int = 0
    capped: bool = False
    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    columns: tuple[ColumnProfile, ...] = ()
    rules: tuple[RuleProfile, ...] = ()
    file: Path | None = None

    @property
    def filled(self) -> Mapping[str, int]:
        """Rows with a value by column."""
        return {column.name: column.filled for column in self.columns}


@dataclass
class _Reading:
    """The source's batches, without clear identifiers, and what was seen of them."""

    batches: Iterator[pa.RecordBatch]
    pseudonyms: Mapping[str, str]
    types: Mapping[str, str]
    rows: int = 0
    capped: bool = False

    def take(self) -> Iterator[pa.RecordBatch]:
        pseudonymiser = Pseudonymiser(_KEY)
        for batch in self.batches:
            self.rows += batch.num_rows
            yield pseudonymiser.replace(batch, self.pseudonyms)
            if self.rows >= LARGEST_SAMPLE_ROWS:
                self.capped = True
                break


def take_sample(
    batches: Iterator[pa.RecordBatch],
    contract: Contract,
    waived: Mapping[str, str],
    folder: Path,
    memory_mb: int,
) -> Sample:
    """Read `batches` into `folder` and profile them; rules in `waived` are not judged.

    Columns that the contract asks for and the source does not return end the reading: they are in
    `missing`, and nothing is profiled. Passes on what reading raises.
    """
    first = next(batches, None)
    if first is None:
        return Sample()
    wanted = [column.name for column in contract.landed_columns]
    missing = tuple(name for name in wanted if name not in first.schema.names)
    unexpected = tuple(name for name in first.schema.names if name not in wanted)
    if missing:
        return Sample(rows=first.num_rows, missing=missing, unexpected=unexpected)
    kinds = {c.name: c.pseudonym for c in contract.columns if c.pseudonym}
    types = {f.name: str(f.type) for f in first.schema}
    reading = _Reading(_chain(first, batches), kinds, types)
    file = _typed_file(reading, contract, folder, memory_mb)
    if file is None:
        return Sample()
    with LandedFile(contract, file, memory_mb) as landed:
        return Sample(
            rows=reading.rows,
            capped=reading.capped,
            unexpected=unexpected,
            columns=_columns(landed, contract, reading.types),
            rules=_rules(landed, contract, waived),
            file=file,
        )


def _chain(first: pa.RecordBatch, rest: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield first
    yield from rest


def _typed_file(reading: _Reading, contract: Contract, folder: Path, memory_mb: int) -> Path | None:
    nothing = pa.table(
        {
            "_row_key": pa.array([], pa.string()),
            "_row_hash": pa.array([], pa.string()),
            "src_is_deleted": pa.array([], pa.bool_()),
        }
    )
    with Spool(folder / f"{contract.table}.spool", contract, memory_mb) as spool:
        spool.fill(reading.take())
        comparison = spool.compare(nothing, nothing, find_vanished=False, batch_rows=_ALL_ROWS)
        if comparison.parts == 0:
            return None
        file = folder / f"{contract.table}.parquet"
        spool.write_part(file, {"table_name": contract.table})
        return file


def _columns(
    landed: LandedFile, contract: Contract, types: Mapping[str, str]
) -> tuple[ColumnProfile, ...]:
    columns = contract.landed_columns
    counts = landed.table(
        ", ".join(
            f'count("{c.name}") as "{c.name}",'
            f" count(json_extract(_cast_errors, '$.{c.name}')) as \"{c.name} misfits\""
            for c in columns
        )
    ).to_pylist()[0]
    return tuple(
        ColumnProfile(
            name=c.name,
            label_zh=c.label_zh,
            contract_type=c.physical_type,
            source_type=types[c.name],
            required=c.required,
            filled=counts[c.name],
            misfits=counts[f"{c.name} misfits"],
        )
        for c in columns
    )


def _rules(
    landed: LandedFile, contract: Contract, waived: Mapping[str, str]
) -> tuple[RuleProfile, ...]:
    checks = [
        check
        for check in checks_of(contract)
        if check.level == "row" and check.condition and check.rule_id not in waived
    ]
    conditions = ", ".join(f'({check.condition}) as "{check.flag}"' for check in checks)
    flags = landed.table(conditions)
    return tuple(
        RuleProfile(
            rule_id=check.rule_id,
            name_zh=check.name_zh,
            description=check.description,
            severity=check.severity,
            judged=flags.num_rows - flags[check.flag].null_count,
            failed=pc.sum(pc.invert(flags[check.flag])).as_py() or 0,
        )
        for check in checks
    )
