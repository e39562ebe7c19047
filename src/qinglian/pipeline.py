"""The steps that Airflow and the command line call: each can be run again at any time."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from qinglian.arrow_memory import return_memory_at_once
from qinglian.contracts import Contract, Cursor, load_contracts, parse_cursor
from qinglian.dashboards.client import SupersetError
from qinglian.dashboards.publish import PublishReport, publish_dashboards
from qinglian.dashboards.warm_up import warm_up
from qinglian.detection import begin_detection, finish_detection
from qinglian.drop.folder import DropReport, take_deliveries
from qinglian.drop.proof import drop_folders
from qinglian.drop.record import tables_to_read
from qinglian.extract.errors import (
    MissingFilesError,
    SourceConfigurationError,
    SourceError,
    own_failures_named,
    own_remedy_for,
)
from qinglian.extract.sources import Source, SourceCatalog, Vendor
from qinglian.gate import marts_checkpoint
from qinglian.gate.checkpoint import Gate
from qinglian.gate.data_docs import build_data_docs
from qinglian.gate.saved import results_dir
from qinglian.gate.trend import rule_trends
from qinglian.ingest import TableIngest, TableReport
from qinglian.landing.backdated import backdated_months
from qinglian.landing.journal import Journal, JournalError
from qinglian.landing.leads import record_leads
from qinglian.landing.verifications import Verifications
from qinglian.landing.verify import VerifyReport, last_verified, record_verification, verify
from qinglian.run_record import Run, recorded_run
from qinglian.services.ports import HOST, load_ports
from qinglian.settings import Settings, get_settings
from qinglian.transform import BUILD, RANKING_RUN, WEEKLY_BUILD, run_dbt
from qinglian.warehouse.server import Server, require_warehouse

if TYPE_CHECKING:
    from qinglian.notices.notify import NotifyReport

log = logging.getLogger(__name__)


class IngestError(Exception):
    """One or more tables of a source failed; the others were loaded."""


class RejectedFileError(Exception):
    """Delivered files were rejected; the other ones were taken and loaded."""


class MartsError(Exception):
    """The marts break rules of their own and must not be shown."""


@dataclass(frozen=True)
class IngestReport:
    """What one run did with one source."""

    source_id: str
    as_of: date
    tables: tuple[TableReport, ...]

    @property
    def loaded(self) -> int:
        """Rows added to the warehouse."""
        return sum(t.loaded for t in self.tables)


def list_sources(system: str) -> list[str]:
    """Ids of all sources of a system, such as `his` or `procurement`."""
    return [s.source_id for s in SourceCatalog(get_settings()).sources(system)]


def every_source() -> list[str]:
    """Ids of all sources of the installation."""
    return [s.source_id for s in SourceCatalog(get_settings()).sources()]


def ingest_source(
    source_id: str, as_of: date, tables: frozenset[str] | None = None
) -> IngestReport:
    """`ingest` with this process's settings: what the extract DAGs call."""
    return ingest(*settings_and_server(), source_id, as_of, tables)


def ingest(
    settings: Settings,
    server: Server,
    source_id: str,
    as_of: date,
    tables: frozenset[str] | None = None,
) -> IngestReport:
    """Bring all tables of a source up to the end of `as_of`, side by side within its limits.

    A table without a file is not read where the vendor's `missing_files` allows it; its report and
    the run's message say so. Raises IngestError after the other tables are done when any failed; a
    second run does only what is missing. Of a drop folder, what was delivered is taken first.
    """
    catalog = SourceCatalog(settings)
    source = catalog.source(source_id)
    if source.connection.drop:
        take(settings, server, catalog, source)
    with source_named(source_id), recorded_run(settings, server, "ingest", source_id, as_of) as run:
        ingests = table_ingests(settings, server, source_id, run.run_id, as_of, tables)
        return ingest_tables(settings, source_id, as_of, ingests, run)


@contextmanager
def source_named(source_id: str) -> Iterator[None]:
    """Raise IngestError naming the source when the database is not that of the landing zone, or
    when a disk or the warehouse fails outside of its tables."""
    where = f"来源 {source_id}"
    try:
        with own_failures_named(where, IngestError):
            yield
    except JournalError as error:
        raise IngestError(f"{where}: {error}") from error


def ingest_tables(
    settings: Settings, source_id: str, as_of: date, ingests: Sequence[TableIngest], run: Run
) -> IngestReport:
    """Run the ingests of one source's tables side by side within its limits.

    Raises IngestError after the other tables are done when any failed.
    """
    return_memory_at_once()
    catalog = SourceCatalog(settings)
    source = catalog.source(source_id)
    contained = partial(_contained, missing_files=catalog.vendor(source).missing_files)
    with ThreadPoolExecutor(source.tables_in_parallel) as pool:
        reports = tuple(pool.map(contained, ingests))
    for report in reports:
        log.info("%s %s: %s", source_id, report.table, report)
    run.message = "\n".join(r.not_read for r in reports if r.not_read) or None
    failures = [r.error for r in reports if r.error]
    if failures:
        raise IngestError("\n".join(failures))
    return IngestReport(source_id, as_of, reports)


def list_drop_folders() -> list[str]:
    """Ids of all sources whose files come through a drop folder."""
    return [s.source_id for s in SourceCatalog(get_settings()).sources() if s.connection.drop]


def collect_source(source_id: str, as_of: date) -> DropReport:
    """`collect` with this process's settings: what the DAG that watches the folders calls."""
    return collect(*settings_and_server(), source_id, as_of)


def collect(settings: Settings, server: Server, source_id: str, as_of: date) -> DropReport:
    """Take what lies whole in a source's drop folder and bring in the tables that it touches.

    Raises SourceConfigurationError for a source without one; IngestError when a table failed, which
    the next call tries again; RejectedFileError, after the rest is loaded, naming rejected files.
    """
    catalog = SourceCatalog(settings)
    source = catalog.source(source_id)
    if source.connection.drop is None:
        raise SourceConfigurationError(
            f"source '{source_id}' has no drop folder: add `drop: {{}}` to its connection"
        )
    report = take(settings, server, catalog, source)
    with server.connect("loader", autocommit=True) as connection:
        mapping = catalog.mapping_sql(source)
        tables = tables_to_read(source, mapping, server.secrets, connection)
    if tables:
        ingest(settings, server, source_id, as_of, tables)
    if report.rejected:
        raise RejectedFileError(
            "\n".join(
                f"来源 {source_id} 文件 {d.problem} | 处理办法 remedy: see {d.kept_at}.txt"
                for d in report.rejected
            )
        )
    return report


def take(settings: Settings, server: Server, catalog: SourceCatalog, source: Source) -> DropReport:
    """Take what lies whole in a source's drop folder; nothing is loaded.

    Raises IngestError when the database is not that of the landing zone, or a disk is full.
    """
    journal = Journal(settings.landing_dir)
    mapping = catalog.mapping_sql(source)
    where = f"来源 {source.source_id} 投递文件夹 drop folder"
    try:
        with own_failures_named(where, IngestError):
            report = take_deliveries(source, mapping, server, journal, settings.now())
    except JournalError as error:
        raise IngestError(f"{where}: {error}") from error
    for delivery in report.deliveries:
        level = logging.WARNING if delivery.problem else logging.INFO
        log.log(level, "%s: %s", source.source_id, delivery)
    for name, reason in report.waiting.items():
        log.info("%s: %s waits: %s", source.source_id, name, reason)
    return report


def table_ingests(
    settings: Settings,
    server: Server,
    source_id: str,
    run_id: int,
    as_of: date,
    tables: frozenset[str] | None = None,
) -> list[TableIngest]:
    """What it takes to ingest each table of a source, or those of `tables`.

    Raises SourceConfigurationError when the source, its vendor or a table's name is wrong.
    """
    catalog = SourceCatalog(settings)
    source = catalog.source(source_id)
    vendor = catalog.vendor(source)
    contracts = load_contracts(settings.contracts_dir)
    mapping = _wanted(catalog.mapping_sql(source), tables, contracts, source)
    waived = _waived(vendor, contracts, source)
    gate = Gate(settings, server)
    return [
        TableIngest(
            settings=settings,
            server=server,
            source=source,
            contract=contracts[table],
            cursor=_cursor(vendor, contracts[table]),
            mapping_sql=sql,
            run_id=run_id,
            as_of=as_of,
            gate=gate,
            waived_rules=waived,
            kept_columns=frozenset(vendor.extra_columns.get(table, ())),
        )
        for table, sql in mapping.items()
    ]


def detect(as_of: date, *, again: bool = False) -> datetime | None:
    """Identify suppliers, build seeds and models up to the marts, test them, check the marts.

    Nothing is built, and the end of the last detection returned, when that one had the same inputs,
    unless `again`. Raises TransformError naming the models that failed, or MartsError.
    """
    settings, server = settings_and_server()
    identify_suppliers(as_of)
    asked_by = f"qinglian detect {uuid4()}"
    ended = begin_detection(server, settings, as_of, asked_by, again=again)
    if ended is not None:
        return ended
    with recorded_run(settings, server, "detect", None, as_of):
        run_dbt(server, BUILD, as_of)
        record_leads(settings, server)
    check_marts_of(settings, server)
    finish_detection(server, settings, asked_by)
    return None


def look_for_news(as_of: date, asked_by: str, *, again: bool = False) -> datetime | None:
    """`begin_detection` with this process's settings: what the DAG `detect` begins with."""
    settings, server = settings_and_server()
    return begin_detection(server, settings, as_of, asked_by, again=again)


def identify_suppliers(as_of: date) -> None:
    """Resolve suppliers anew where their records changed: what Airflow calls before the models."""
    settings, server = settings_and_server()
    with recorded_run(settings, server, "suppliers", None, as_of) as run:
        run.message = identify(settings, server, as_of)


def identify(settings: Settings, server: Server, as_of: date) -> str:
    """`identify_suppliers` for given settings and server; says how many records and suppliers."""
    # Comparing names takes libraries that no other step needs.
    from qinglian.suppliers.resolve import resolve_suppliers

    report = resolve_suppliers(server, settings.now(), as_of)
    return f"{report.records} records, {report.suppliers} suppliers"


def detect_weekly(as_of: date) -> None:
    """Rank the insurer's providers, and test what a nightly detection leaves to the week.

    Raises TransformError naming what failed.
    """
    settings, server = settings_and_server()
    with recorded_run(settings, server, "detect_weekly", None, as_of):
        run_dbt(server, WEEKLY_BUILD, as_of)


def rank_first(as_of: date) -> bool:
    """Rank the insurer's providers where that was never done; else leave it to the week.

    Returns whether they were ranked now. Raises TransformError naming what failed.
    """
    settings, server = settings_and_server()
    with server.connect("reader") as connection:
        if connection.execute("select 1 from marts.provider_score limit 1").fetchone():
            return False
    with recorded_run(settings, server, "rank_providers", None, as_of):
        run_dbt(server, ["--quiet", *RANKING_RUN], as_of)
    return True


def check_marts(as_of: date, asked_by: str) -> None:
    """Enter the leads in the ledger and hold the marts against their rules; then the detection that
    `asked_by` began is whole.

    Raises MartsError naming the rules that are broken.
    """
    settings, server = settings_and_server()
    with recorded_run(settings, server, "check_marts", None, as_of):
        record_leads(settings, server)
        check_marts_of(settings, server)
    finish_detection(server, settings, asked_by)


def check_marts_of(settings: Settings, server: Server) -> None:
    """`check_marts` for given settings and server."""
    broken = [
        f"{verdict.table}: {outcome.check.name_zh} ({outcome.check.rule_id}), {outcome.failed} rows"
        for verdict in marts_checkpoint.check_marts(settings, server)
        for outcome in verdict.failures
    ]
    if broken:
        raise MartsError("\n".join(["the marts break their rules and are not published:", *broken]))


def superset_url(settings: Settings) -> str:
    """Where Superset is. Raises RuntimeError with the remedy where it never was started."""
    ports = load_ports(settings.state_dir)
    url = settings.superset_url or (f"http://{HOST}:{ports.superset}" if ports else None)
    if url is None:
        raise RuntimeError(
            "Superset was never started here: run `qinglian up` first, or set QINGLIAN_SUPERSET_URL"
        )
    return url


def publish(as_of: date) -> PublishReport:
    """Bring Superset in line with the repository. Idempotent."""
    settings, server = settings_and_server()
    url = superset_url(settings)
    with recorded_run(settings, server, "publish", None, as_of):
        return publish_dashboards(settings, server, url)


def warm_cache() -> str:
    """Make the answers of the pages before anybody opens them; says what was done.

    Nothing waits for it and nothing fails with it: a page that was not warmed is slower once.
    """
    settings, _ = settings_and_server()
    if not settings.warm_up:
        return "not warmed: QINGLIAN_WARM_UP is off"
    try:
        return str(warm_up(settings, superset_url(settings)))
    except (SupersetError, RuntimeError) as error:
        return f"not warmed: {error}"


def notify_recipients(as_of: date) -> "NotifyReport":
    """Send by mail what is new to whom; the run's message names recipients by their ids.

    Raises what `qinglian.notices.notify.notify` raises, after all that can be sent was.
    """
    from qinglian.notices.notify import notify

    settings, server = settings_and_server()
    with recorded_run(settings, server, "notify", None, as_of) as run:
        report = notify(settings, server)
        run.message = str(report)
    return report


def mail_weekly_briefs(as_of: date) -> "NotifyReport":
    """Mail the briefs of the week of the last detection to those who ordered them.

    Raises what `qinglian.notices.briefs.mail_briefs` raises, after all that can be sent was.
    """
    from qinglian.notices.briefs import mail_briefs

    settings, server = settings_and_server()
    with recorded_run(settings, server, "mail_briefs", None, as_of) as run:
        report = mail_briefs(settings, server)
        run.message = str(report)
    return report


def publish_data_docs(as_of: date) -> Path:
    """Render the latest result of every check; returns the index page."""
    settings, server = settings_and_server()
    with recorded_run(settings, server, "data_docs", None, as_of):
        with server.connect("auditor") as connection:
            trends = rule_trends(connection)
            backdated = backdated_months(connection)
        site = settings.state_dir / "data_docs"
        return build_data_docs(results_dir(settings), site, trends, backdated)


def _contained(ingest: TableIngest, missing_files: str | None) -> TableReport:
    """Run one table; its failure is reported at the end and does not stop the others.

    `missing_files` says what a missing file means where it is no failure.
    """
    try:
        return ingest.run()
    except SourceError as error:
        if missing_files and isinstance(error, MissingFilesError):
            ingest.report.not_read = f"{missing_files}: {error}"
            log.warning("%s", ingest.report.not_read)
        else:
            log.error("%s", error)
            ingest.report.error = str(error)
    except Exception as error:
        log.exception("%s %s", ingest.source.source_id, ingest.contract.table)
        ingest.report.error = (
            f"来源 {ingest.source.source_id} 表 {ingest.contract.table}: {error} | 处理办法 remedy:"
            f" {own_remedy_for(str(error))}"
        )
    return ingest.report


def _wanted(
    mapping: dict[str, str],
    tables: frozenset[str] | None,
    contracts: dict[str, Contract],
    source: Source,
) -> dict[str, str]:
    without_contract = sorted(set(mapping) - set(contracts))
    if without_contract:
        raise SourceConfigurationError(
            f"sources/{source.vendor}: {without_contract} have no contract in expectations/"
        )
    unknown = sorted((tables or frozenset()) - set(mapping))
    if unknown:
        raise SourceConfigurationError(f"sources/{source.vendor} has no mapping SQL for {unknown}")
    return {t: s for t, s in mapping.items() if tables is None or t in tables}


def _cursor(vendor: Vendor, contract: Contract) -> Cursor:
    """The contract's cursor, unless this vendor's tables ask for another."""
    override = vendor.cursors.get(contract.table)
    return parse_cursor(override) if override else contract.cursor


def _waived(vendor: Vendor, contracts: dict[str, Contract], source: Source) -> Mapping[str, str]:
    """The vendor's waivers; one of a rule that no longer exists would hide that it was renamed."""
    known = {rule.id for contract in contracts.values() for rule in contract.rules}
    unknown = sorted(set(vendor.waived_rules) - known)
    if unknown:
        raise SourceConfigurationError(
            f"sources/{source.vendor}/vendor.yaml waives {unknown}, which no contract in"
            " expectations/ has; correct or remove them"
        )
    return vendor.waived_rules


def verify_ledger(settings: Settings, server: Server, *, incremental: bool) -> VerifyReport:
    """Verify the ledger as the auditor, in full or from the last verification on that was whole.

    The result is kept in `ops.verification` and in the landing zone.
    """
    with server.connect("auditor") as connection:
        since = last_verified(connection) if incremental else None
        report = verify(
            connection, settings.landing_dir, since, drop_folders(settings, server.secrets)
        )
    with server.connect("loader", autocommit=True) as connection:
        record_verification(connection, report)
        Verifications(settings.landing_dir).catch_up(connection)
    return report


def settings_and_server() -> tuple[Settings, Server]:
    """What nearly every command needs first. Raises NotPreparedError before `qinglian init`."""
    settings = get_settings()
    server = Server.open(settings)
    require_warehouse(server)
    return settings, server
