"""What is new since recipients were last told: leads that turned red, gates that failed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from psycopg import Connection, Cursor
from psycopg.rows import class_row, dict_row

from qinglian.landing.leads import red_since
from qinglian.notices.recipients import Recipient
from qinglian.notices.record import Told

#: Digits of a lead's number, as the dashboards show it.
NUMBER_DIGITS = 12
_LONGEST_MESSAGE = 300
#: A gate or step of longer ago is told to nobody any more.
_DAYS_BACK = 31
#: Runs that send mails: that one failed is told by the one that then succeeds.
MAIL_RUNS = ("notify", "mail_briefs")


class NoNewsError(RuntimeError):
    """What is new cannot be found out; the message says why and what to do."""


@dataclass(frozen=True)
class Lead:
    """A red lead as a mail tells it."""

    lead_id: str
    indicator_id: str
    indicator_name_zh: str
    family: str
    family_zh: str
    org_code: str
    org_name: str
    district_code: str | None
    subject_label: str
    period_start: date
    period_end: date
    light_zh: str
    risk_gross: Decimal

    @property
    def number(self) -> str:
        """The number under which the dashboards know it."""
        return self.lead_id[:NUMBER_DIGITS]


@dataclass(frozen=True)
class Batch:
    """A batch of which rows were held back, or that was rejected whole."""

    batch_id: int
    run_id: int
    source_id: str
    table_name: str
    as_of: date
    quarantined: int
    rejected_reason: str | None
    rules_zh: str | None


@dataclass(frozen=True)
class FailedRun:
    """A step that failed and has not succeeded for the same day since."""

    run_id: int
    kind: str
    source_id: str | None
    as_of: date
    message: str | None


@dataclass(frozen=True)
class World:
    """What recipients may be told of, read once for all of them.

    `organisations` are those whose rows a source has ever given, `districts` where they lie.
    """

    leads: tuple[Lead, ...]
    red_since: Mapping[str, date]
    batches: tuple[Batch, ...]
    runs: tuple[FailedRun, ...]
    organisations: Mapping[str, frozenset[str]]
    districts: Mapping[str, str | None]
    detected_on: date
    last_run_day_from: int

    def begin(self) -> Told:
        """From where on things are news to somebody new: the last detection, the last day."""
        return Told(self.detected_on, self.last_run_day_from, begun=True)


@dataclass(frozen=True)
class News:
    """What one recipient has not been told yet."""

    leads: tuple[Lead, ...]
    batches: tuple[Batch, ...]
    runs: tuple[FailedRun, ...]

    def __bool__(self) -> bool:
        return bool(self.leads or self.batches or self.runs)

    def told(self) -> dict[str, list[Any]]:
        """What a record of this says."""
        return {
            "leads": [lead.lead_id for lead in self.leads],
            "batches": [batch.batch_id for batch in self.batches],
            "runs": [run.run_id for run in self.runs],
        }


_LEADS = """
select lead_id, indicator_id, indicator_name_zh, family, family_zh, org_code,
    coalesce(org_name, org_code) as org_name, district_code, subject_label,
    period_start, period_end, light_zh,
    coalesce(risk_gross, 0) as risk_gross
from marts.lead_listing
where light = 'red' and is_active
order by risk_gross desc, lead_id
"""

_BATCHES = f"""
with failed_rules as (
    select batch_id, string_agg(distinct rule_name_zh, '、' order by rule_name_zh) as rules_zh
    from ops.quality_result
    where severity = 'error' and success is false
    group by batch_id
)
select b.batch_id, b.run_id, b.source_id, b.table_name, r.as_of,
    coalesce(b.quarantined, 0) as quarantined,
    left(b.rejected_reason, {_LONGEST_MESSAGE}) as rejected_reason, failed_rules.rules_zh
from ops.batch as b
inner join ops.run as r on b.run_id = r.run_id
left join failed_rules on b.batch_id = failed_rules.batch_id
where (b.state = 'rejected' or b.quarantined > 0)
    and r.started_at > localtimestamp - interval '{_DAYS_BACK} days'
order by b.batch_id
"""

#: Of one step for one day, the last failure, unless it succeeded later.
_RUNS = f"""
select distinct on (failed.kind, failed.source_id, failed.as_of)
    failed.run_id, failed.kind, failed.source_id, failed.as_of,
    left(split_part(failed.message, E'\\n', 1), {_LONGEST_MESSAGE}) as message
from ops.run as failed
where failed.status = 'failed' and failed.kind <> all(%s)
    and failed.started_at > localtimestamp - interval '{_DAYS_BACK} days'
    and not exists (
        select 1 from ops.run as later
        where later.kind = failed.kind and later.run_id > failed.run_id
            and later.source_id is not distinct from failed.source_id
            and later.as_of = failed.as_of and later.status = 'success'
    )
order by failed.kind, failed.source_id, failed.as_of, failed.run_id desc
"""

_ORGANISATIONS = """
select b.source_id, array_agg(distinct m.org_code)
from ops.batch_month as m
inner join ops.batch as b on m.batch_id = b.batch_id
where m.org_code is not null
group by b.source_id
"""

#: First run of the last day that was ingested. Mails and other steps may be run for later days.
_LAST_DAY = """
select coalesce(min(run_id), 0) from ops.run
where kind = 'ingest' and as_of = (select max(as_of) from ops.run where kind = 'ingest')
"""


def read_world(reader: Connection[Any], auditor: Connection[Any], landing_dir: Path) -> World:
    """Read what there is to tell: leads as the dashboards' role, the rest as the auditor.

    Raises NoNewsError before the first detection, or where a file of leads is missing.
    """
    if not _one(reader, "select to_regclass('marts.lead_listing')"):
        raise NoNewsError("there are no leads yet: run `qinglian detect` first")
    try:
        since = red_since(auditor, landing_dir)
    except OSError as error:
        raise NoNewsError(
            f"{error.filename}: the file of a detection's leads cannot be read"
            f" ({error.strerror}); `qinglian verify` tells what else is missing"
        ) from error
    detected = _one(reader, "select max(last_seen_at) from marts.lead_listing where is_active")
    return World(
        leads=_rows(reader, Lead, _LEADS),
        red_since=since,
        batches=_rows(auditor, Batch, _BATCHES),
        runs=_rows(auditor, FailedRun, _RUNS, (list(MAIL_RUNS),)),
        organisations={s: frozenset(orgs) for s, orgs in auditor.execute(_ORGANISATIONS)},
        districts=districts_of(reader),
        detected_on=detected or date.min,
        last_run_day_from=int(_one(auditor, _LAST_DAY)),
    )


def districts_of(reader: Connection[Any]) -> dict[str, str | None]:
    """The district of each hospital."""
    with reader.cursor(row_factory=dict_row) as cursor:
        cursor.execute("select org_code, district_code from marts.organisation")
        return {row["org_code"]: row["district_code"] for row in cursor}


def news_for(recipient: Recipient, told: Told, world: World) -> News:
    """What he asked for, is within his scope, and was not told yet."""
    leads = (
        (
            lead
            for lead in world.leads
            if recipient.may_see(lead.org_code, lead.district_code)
            and recipient.may_see_family(lead.family)
            and lead.lead_id not in told.leads
            and world.red_since.get(lead.lead_id, date.min) >= told.leads_from
        )
        if "leads" in recipient.tell
        else ()
    )
    asks_gates = "gates" in recipient.tell
    return News(
        tuple(leads),
        tuple(
            batch
            for batch in world.batches
            if asks_gates
            and batch.run_id >= told.runs_from
            and batch.batch_id not in told.batches
            and _may_see_source(recipient, batch.source_id, world)
        ),
        tuple(
            run
            for run in world.runs
            if asks_gates
            and run.run_id >= told.runs_from
            and run.run_id not in told.runs
            and _may_see_source(recipient, run.source_id, world)
        ),
    )


def _may_see_source(recipient: Recipient, source_id: str | None, world: World) -> bool:
    """Whether all hospitals of a source are within his scope; a step of no source is the city's."""
    if recipient.city:
        return True
    organisations: Iterable[str] = world.organisations.get(source_id or "", frozenset())
    return bool(organisations) and all(
        recipient.may_see(code, world.districts.get(code)) for code in organisations
    )


def _rows(connection: Connection[Any], kind: type, query: str, values: Any = None) -> Any:
    cursor: Cursor[Any]
    with connection.cursor(row_factory=class_row(kind)) as cursor:
        return tuple(cursor.execute(query.encode(), values))


def _one(connection: Connection[Any], query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None
