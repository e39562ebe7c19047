"""`qinglian run`: all sources of a folder, from their files or databases to leads.

The same steps as the DAGs take, one after the other, and a summary for whoever tries a new source:
per source and indicator what was found and what could not be computed, with the reason.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from psycopg import Connection, sql
from rich.console import Console
from rich.table import Table

from qinglian.extract.errors import SourceConfigurationError
from qinglian.extract.sources import SourceCatalog, read_sources
from qinglian.landing.leads import record_leads
from qinglian.pipeline import IngestError, IngestReport, identify, ingest
from qinglian.services.lifecycle import open_warehouse
from qinglian.settings import get_settings
from qinglian.transform import BUILD, WEEKLY_BUILD, run_dbt


@dataclass(frozen=True)
class IndicatorSummary:
    """What one indicator said about the organisations of one source.

    `not_computable` counts subjects that lacked an input; `reasons` are the codes of what was
    missing, e.g. ``missing_table:yb_price_limit``, with the organisation-months concerned.
    """

    source_id: str
    indicator_id: str
    name_zh: str
    red: int
    yellow: int
    evaluated: int
    guarded: int
    not_computable: int
    reasons: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class RunReport:
    """What was brought in, which tables failed, and what the indicators made of it."""

    as_of: date
    ingested: tuple[IngestReport, ...]
    failures: tuple[str, ...]
    indicators: tuple[IndicatorSummary, ...]


def run_sources(
    folder: Path, as_of: date, tell: Callable[[str], None], ranking: Path | None = None
) -> RunReport:
    """Ingest every source that has a YAML in `folder`, identify suppliers, build, and summarise.

    `folder` may also be one source's YAML. `tell` hears of each step. A source that fails does not
    keep the others out: its error is in `failures`. `ranking` is the CSV file that receives the
    ranking of the sources' providers. Raises SourceConfigurationError when there is no source.
    """
    settings = get_settings()
    settings = settings.model_copy(
        update={"source_dirs": [*settings.source_dirs, folder.resolve()]}
    )
    source_ids = list(read_sources([folder]))
    if not source_ids:
        raise SourceConfigurationError(f"{folder}: there is no *.yaml of a source in this folder")
    SourceCatalog(settings)  # an id that is in use elsewhere is found before anything is read
    tell("PostgreSQL")
    server = open_warehouse(settings)
    ingested: list[IngestReport] = []
    failures: list[str] = []
    for source_id in source_ids:
        tell(f"抽取→闸门→入库 {source_id}")
        try:
            ingested.append(ingest(settings, server, source_id, as_of))
        except IngestError as error:
            failures.append(str(error))
    tell("供应商识别")
    identify(settings, server, as_of)
    tell("dbt")
    run_dbt(server, ["--quiet", *BUILD], as_of)
    record_leads(settings, server)
    if ranking:
        run_dbt(server, ["--quiet", *WEEKLY_BUILD], as_of)
    with server.connect("transformer") as connection:
        indicators = [s for i in source_ids for s in summarise(connection, i)]
        if ranking:
            tell(f"{write_ranking(connection, source_ids, ranking)} 家机构 providers: {ranking}")
    return RunReport(as_of, tuple(ingested), tuple(failures), tuple(indicators))


def write_ranking(connection: Connection, source_ids: Sequence[str], path: Path) -> int:
    """Write `marts.provider_score` of these sources to a CSV file, first priority first.

    Returns the number of providers. Columns are those of the mart (docs/provider_score.md).
    """
    query = sql.SQL(
        "copy (select * from marts.provider_score where cohort = any({})"
        " order by cohort, priority_rank) to stdout with (format csv, header)"
    ).format(sql.Literal(list(source_ids)))
    with path.open("wb") as file, connection.cursor() as cursor:
        with cursor.copy(query) as rows:
            for part in rows:
                file.write(part)
        return cursor.rowcount


def summarise(connection: Connection, source_id: str) -> list[IndicatorSummary]:
    """One row an indicator over the organisations of which the source gave rows."""
    tables = connection.execute(
        "select distinct table_name from ops.batch where source_id = %s", (source_id,)
    ).fetchall()
    organisations: set[str] = set()
    for (table,) in tables:
        query = sql.SQL("select distinct org_code from {} where _src_system = %s").format(
            sql.Identifier("land", table)
        )
        organisations |= {code for (code,) in connection.execute(query, (source_id,))}
    rows = connection.execute(_SUMMARY, {"organisations": sorted(organisations)}).fetchall()
    return [_summary(source_id, *row) for row in rows]


def _summary(source_id: str, indicator_id: str, name_zh: str, *values: Any) -> IndicatorSummary:
    *counts, reasons = values
    red, yellow, evaluated, guarded, not_computable = counts
    return IndicatorSummary(
        source_id=source_id,
        indicator_id=indicator_id,
        name_zh=name_zh,
        red=red,
        yellow=yellow,
        evaluated=evaluated,
        guarded=guarded,
        not_computable=not_computable,
        reasons=tuple((reason, months) for reason, months in reasons),
    )


def render_run(report: RunReport, console: Console) -> None:
    """Print rows brought in, failures, and a line an indicator and source."""
    for ingest_report in report.ingested:
        tables = len(ingest_report.tables)
        quarantined = sum(t.quarantined for t in ingest_report.tables)
        console.print(
            f"{ingest_report.source_id}: {tables} 张表 tables, 入库 {ingest_report.loaded} loaded,"
            f" 隔离 {quarantined} quarantined"
        )
        for table in ingest_report.tables:
            if table.not_read:
                console.print(f"[yellow]{table.not_read}")
    for failure in report.failures:
        console.print(f"[red]{failure}")
    for source_id in dict.fromkeys(s.source_id for s in report.indicators):
        _render_source(
            source_id, [s for s in report.indicators if s.source_id == source_id], console
        )


def _render_source(source_id: str, summaries: list[IndicatorSummary], console: Console) -> None:
    """One source: its counts as a table, what could not be computed and why as lines below."""
    table = Table(
        *("指标 indicator", "红 red", "黄 yellow", "已评估 evaluated"),
        *("豁免 guarded", "无法计算 not computable"),
        title=source_id,
    )
    for summary in summaries:
        table.add_row(
            f"{summary.indicator_id} {summary.name_zh}",
            *(str(n) for n in (summary.red, summary.yellow, summary.evaluated, summary.guarded)),
            str(summary.not_computable),
        )
    console.print(table)
    for summary in summaries:
        if summary.reasons:
            reasons = ", ".join(f"{reason} ({months})" for reason, months in summary.reasons)
            console.print(
                f"  {summary.indicator_id} 无法计算的机构月 not computable organisation-months:"
                f" {reasons}",
                soft_wrap=True,
            )


_SUMMARY = """
with organisation as (
    select unnest(%(organisations)s::text[]) as org_code
),
reason as (
    select indicator_id, reason, sum(months) as months
    from marts.indicator_coverage join organisation using (org_code)
    where reason is not null
    group by indicator_id, reason
),
reasons as (
    select
        indicator_id,
        json_agg(json_build_array(reason, months) order by months desc, reason) as reasons
    from reason group by indicator_id
),
lead as (
    select
        indicator_id,
        count(*) filter (where light = 'red') as red,
        count(*) filter (where light = 'yellow') as yellow
    from marts.lead join organisation using (org_code)
    where is_active
    group by indicator_id
),
result as (
    select
        indicator_id,
        count(*) as evaluated,
        count(*) filter (where outcome = 'guarded') as guarded,
        count(*) filter (where outcome = 'not_computable') as not_computable
    from indicators.indicator_result join organisation using (org_code)
    group by indicator_id
)
select
    indicator_id, i.name_zh,
    coalesce(lead.red, 0), coalesce(lead.yellow, 0),
    coalesce(result.evaluated, 0), coalesce(result.guarded, 0),
    coalesce(result.not_computable, 0),
    coalesce(reasons.reasons, '[]')
from marts.indicator as i
left join lead using (indicator_id)
left join result using (indicator_id)
left join reasons using (indicator_id)
order by indicator_id
"""
