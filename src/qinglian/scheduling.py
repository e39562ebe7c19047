"""What the DAGs share: names, assets, defaults, and the business date of a run.

DAG files import this and nothing heavier; the work itself is imported inside the tasks.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk import Asset, CronTriggerTimetable, Param, get_current_context
from airflow.sdk.exceptions import DownstreamTasksSkipped

from qinglian.settings import get_settings
from qinglian.systems import SYSTEMS

TIMEZONE = "Asia/Shanghai"
OWNER = "qinglian"
EXTRACT, DETECT, PUBLISH, MAINTAIN = "extract", "detect", "publish", "maintain"
NOTIFY = "notify"
TAGS = frozenset({EXTRACT, DETECT, PUBLISH, MAINTAIN, NOTIFY})

SYSTEM_ASSETS: dict[str, Asset] = {system: Asset(f"qinglian_{system}") for system in SYSTEMS}
MARTS = Asset("qinglian_marts")


def _at(cron: str) -> CronTriggerTimetable:
    """A timetable whose first run is the next one to come.

    Airflow takes `run_immediately=False` for its default, a tenth of the interval: who starts an
    installation at three in the morning would get the run of two o'clock beside his own.
    """
    return CronTriggerTimetable(cron, timezone=TIMEZONE, run_immediately=timedelta(0))


#: At night, when hospitals are quiet and the day before is closed.
NIGHTLY = _at("0 2 * * *")
#: Before work begins, when the night's detection has ended or will not any more.
MORNING = _at("30 7 * * *")
#: Often enough that a delivery is answered while whoever made it still sits there.
EVERY_FEW_MINUTES = _at("*/5 * * * *")
#: After the nightly runs, within the hours that hospitals give to those who read much.
WEEKLY = _at("0 4 * * 6")
START_DATE = datetime(2025, 1, 1, tzinfo=ZoneInfo(TIMEZONE))

DEFAULT_ARGS: dict[str, Any] = {
    "owner": OWNER,
    "retries": 2,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=15),
    "execution_timeout": timedelta(hours=3),
}

AS_OF = Param(
    None,
    type=["null", "string"],
    format="date",
    title="业务日期 Business date",
    description="Up to the end of which day. Empty: the day of the run, or of the data it follows.",
)

AGAIN = Param(
    False,
    type="boolean",
    title="重新计算 Build again",
    description="Build all models although nothing has changed since they were built.",
)


class NothingArrivedError(RuntimeError):
    """No source of a system was extracted."""


def business_date() -> date:
    """The date that the running task is to work for."""
    context: Any = get_current_context()
    return date.fromisoformat(
        business_date_text(
            context["params"], context.get("triggering_asset_events"), context["dag_run"]
        )
    )


def business_date_text(
    params: Mapping[str, Any], events: Mapping[Any, Iterable[Any]] | None, dag_run: Any
) -> str:
    """ISO date: the parameter `as_of`, else that of the newest data, else the day of the run."""
    of_events = [event.extra for group in (events or {}).values() for event in group]
    moment = dag_run.logical_date or dag_run.run_after
    return choose_date(params.get("as_of"), of_events, moment).isoformat()


def choose_date(
    parameter: str | None, events: Iterable[Mapping[str, Any]], moment: datetime
) -> date:
    """The first that is given: `parameter`, the latest `as_of` of `events`, the day of `moment`.

    `moment` is turned to local time first: 02:00 in Shanghai is the day before in UTC.
    """
    if parameter:
        return date.fromisoformat(parameter)
    dates = [date.fromisoformat(str(extra["as_of"])) for extra in events if extra.get("as_of")]
    return max(dates, default=moment.astimezone(ZoneInfo(TIMEZONE)).date())


def announce(asset: Asset, as_of: date) -> None:
    """Let the event of `asset` carry the date, for the DAGs that follow it."""
    context: Any = get_current_context()
    context["outlet_events"][asset].extra = {"as_of": as_of.isoformat()}


def skip_group(group_id: str) -> None:
    """End the running task by skipping all tasks of a group, and nothing that follows the group."""
    context: Any = get_current_context()
    tasks = [t for t in context["dag"].task_ids if t.startswith(f"{group_id}.")]
    raise DownstreamTasksSkipped(tasks=tasks)  # type: ignore[no-untyped-call]


def require_arrivals(system: str, expected: Iterable[str], arrived: Iterable[str]) -> set[str]:
    """The sources of `expected` that are missing from `arrived`.

    Raises NothingArrivedError when every one of at least one source is missing.
    """
    expected, arrived = set(expected), set(arrived)
    if expected and not expected & arrived:
        raise NothingArrivedError(
            f"none of the {len(expected)} sources of {system} arrived:"
            f" {', '.join(sorted(expected))}; the log of each `ingest` task says why"
        )
    return expected - arrived


def detection_arguments() -> dict[str, Any]:
    """Variables and environment of dbt in a detection run, as arguments of a Cosmos operator.

    Airflow fills in the date when the run starts.
    """
    from qinglian.transform import DETECT_DATE, PARSED_PROJECT, dbt_variables

    settings = get_settings()
    date_template = "{{ business_date_text(params, triggering_asset_events, dag_run) }}"
    return {
        "vars": dbt_variables(settings.dbt_dir),
        "env": {
            DETECT_DATE: date_template,
            PARSED_PROJECT: str(settings.state_dir / "dbt" / "partial_parse.msgpack"),
            # It would go to a temporary folder; the task's own log has the lines.
            "DBT_LOG_LEVEL_FILE": "none",
        },
    }
