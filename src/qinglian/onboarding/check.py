"""Reads one small window of every table of a source and says what fits; lands nothing."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from qinglian.contracts import Contract, load_contracts, parse_cursor
from qinglian.extract.drift import ColumnDriftError
from qinglian.extract.errors import SourceConfigurationError, SourceError, remedy_for, remedy_zh_for
from qinglian.extract.mapping import (
    DIALECTS,
    MappingSyntaxError,
    constant_null_columns,
    mapping_faults,
)
from qinglian.extract.reader import bind, read_batches
from qinglian.extract.sources import Source, SourceCatalog, Vendor
from qinglian.extract.window import Window
from qinglian.indicator_handbook import indicator_metadata
from qinglian.onboarding.joins import JoinProfile, profile_joins
from qinglian.onboarding.sample import Sample, take_sample
from qinglian.onboarding.support import Given, Support, support_of
from qinglian.scratch import scratch_folder
from qinglian.secrets_file import SecretsFile
from qinglian.settings import Settings
from qinglian.transform import write_manifest
from qinglian.warehouse.server import Server

#: Words of messages that may quote a value, which may be a patient's.
_QUOTING = (
    *("convert", "conversion", "invalid input", "out of range", "overflow", "cast", "truncat"),
    *("incorrect", "duplicate", "syntax error"),
)


@dataclass(frozen=True)
class Problem:
    """Why a table could not be read: all of it for the engineer, without values for the report."""

    message: str
    shown: str | None
    remedy_zh: str


@dataclass(frozen=True)
class TableCheck:
    """What one table's mapping SQL is and gave; `whole` says that it is read without a window."""

    contract: Contract
    whole: bool
    faults: tuple[str, ...] = ()
    constant_null: frozenset[str] = frozenset()
    problem: Problem | None = None
    sample: Sample = field(default_factory=Sample)

    @property
    def readable(self) -> bool:
        """Whether an ingest would bring rows of this table in."""
        return self.problem is None and not self.sample.missing


@dataclass(frozen=True)
class SourceCheck:
    """All that was found about one source."""

    source: Source
    vendor: Vendor
    window: Window
    checked_at: datetime
    tables: tuple[TableCheck, ...]
    joins: tuple[JoinProfile, ...]
    indicators: tuple[Support, ...]

    @property
    def ok(self) -> bool:
        """Whether every table can be read and every mapping SQL is what it must be."""
        return all(table.readable and not table.faults for table in self.tables)


def check_installed_source(
    settings: Settings, source_id: str, last_day: date, days: int
) -> SourceCheck:
    """`check_source` with the installation's secrets and indicators.

    The warehouse is opened only for a source of the demo, which lies in its server.
    """
    source = SourceCatalog(settings).source(source_id)
    secrets, demo_server = SecretsFile(settings.secrets_path), ""
    if "{demo_server}" in (source.connection.url or ""):
        server = Server.open(settings)
        demo_server = f"{server.host}:{server.port}"
    manifest = write_manifest(settings.dbt_dir, settings.state_dir / "dbt")
    return check_source(
        settings,
        secrets,
        demo_server,
        source_id=source_id,
        last_day=last_day,
        days=days,
        indicators=indicator_metadata(manifest),
    )


def check_source(
    settings: Settings,
    secrets: SecretsFile,
    demo_server: str,
    *,
    source_id: str,
    last_day: date,
    days: int,
    indicators: Sequence[Mapping[str, Any]],
) -> SourceCheck:
    """Check the tables of a source over the `days` that end with `last_day`.

    `indicators` is the metadata of the indicator models. A table that cannot be read is part of the
    result; raises SourceConfigurationError where the source's own files are wrong.
    """
    catalog = SourceCatalog(settings)
    source = catalog.source(source_id)
    vendor = catalog.vendor(source)
    _refuse_other_dialect(source, vendor)
    contracts = load_contracts(settings.contracts_dir)
    window = Window(
        datetime.combine(last_day - timedelta(days=days - 1), time.min),
        datetime.combine(last_day + timedelta(days=1), time.min),
    )
    with scratch_folder() as folder:
        check = _Check(settings, secrets, demo_server, source, vendor, window, folder)
        tables = tuple(
            check.table(contracts[table], sql)
            for table, sql in catalog.mapping_sql(source).items()
            if table in contracts
        )
        files = {t.contract.table: t.sample.file for t in tables if t.sample.file}
        joins = tuple(profile_joins(files, contracts))
    given = {
        t.contract.table: Given(
            t.sample.rows, t.sample.filled, t.constant_null, failed=not t.readable
        )
        for t in tables
    }
    support = tuple(support_of(indicators, given, contracts, source.system))
    return SourceCheck(source, vendor, window, settings.now(), tables, joins, support)


def _refuse_other_dialect(source: Source, vendor: Vendor) -> None:
    kind = source.connection.kind
    if DIALECTS[kind] != vendor.dialect:
        raise SourceConfigurationError(
            f"source '{source.source_id}' is of kind {kind}, but sources/{source.vendor} is written"
            f" in {vendor.dialect}: name the vendor's folder for {kind}, or correct `kind`"
        )


@dataclass(frozen=True)
class _Check:
    settings: Settings
    secrets: SecretsFile
    demo_server: str
    source: Source
    vendor: Vendor
    window: Window
    folder: Path

    def table(self, contract: Contract, sql: str) -> TableCheck:
        override = self.vendor.cursors.get(contract.table)
        cursor = parse_cursor(override) if override else contract.cursor
        whole = cursor.kind == "full_reload"
        dialect = DIALECTS[self.source.connection.kind]
        faults = tuple(mapping_faults(sql, contract, cursor, dialect))
        try:
            nulls = constant_null_columns(sql, dialect)
            sample = self._sample(contract, bind(sql, self.source, None if whole else self.window))
        except MappingSyntaxError:
            problem = Problem(faults[0], None, "映射 SQL 无法解析：请数据工程师按所列错误修改")
        except ColumnDriftError as error:
            problem = Problem(str(error), None, "映射 SQL 与数据契约的字段不一致：请修改映射 SQL")
        except SourceError as error:
            problem = _problem(error)
        except KeyError as error:
            problem = Problem(
                f"parameter {error} has no value: a table that is read whole has no window",
                None,
                "整表读取的表不使用时间窗口参数：请修改映射 SQL",
            )
        else:
            return TableCheck(contract, whole, faults, nulls, None, sample)
        return TableCheck(contract, whole, faults, problem=problem)

    def _sample(self, contract: Contract, sql: str) -> Sample:
        with closing(
            read_batches(self.source, contract.table, sql, self.secrets, self.demo_server)
        ) as batches:
            return take_sample(
                batches,
                contract,
                self.vendor.waived_rules,
                self.folder,
                self.settings.duckdb_memory_mb,
            )


def _problem(error: SourceError) -> Problem:
    """The error for the report: its first line, unless that may quote a value."""
    first = error.problem.strip().partition("\n")[0]
    lowered = error.problem.lower()
    about_a_file = error.remedy != remedy_for(error.problem)
    is_known = remedy_for(error.problem) != remedy_for("")
    quotes = any(word in lowered for word in _QUOTING)
    shown = first if about_a_file or (is_known and not quotes) else None
    return Problem(str(error), shown, remedy_zh_for(error.problem))
