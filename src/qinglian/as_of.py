"""`qinglian detect --as-of`: the leads that were known on a day, beside those of today.

Two dates must not be confused. The *business date* says up to which day's events detection runs.
The *knowledge date* says what had been received by then: batches that were extracted by the end of
that day, whatever they are about. Unless another business date is given both are the same day.
Rules are those of this checkout.
"""

from dataclasses import dataclass
from datetime import date

from psycopg import sql

from qinglian.landing.leads import record_leads
from qinglian.run_record import recorded_run
from qinglian.settings import Settings
from qinglian.transform import run_dbt
from qinglian.warehouse.schema import TRANSFORMER_SCHEMAS
from qinglian.warehouse.server import Server

#: Seeds and models; the data tests belong to the present build.
_BUILD = ("build", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")


class AsOfError(ValueError):
    """A day of which nothing can be said."""


@dataclass(frozen=True)
class AsOfReport:
    """Where the leads of a day are, and how many there are of each light."""

    day: date
    schema: str
    red: int
    yellow: int


def schema_known_on(layer: str, day: date) -> str:
    """Schema of a layer as it was known on a day, as dbt names it: ``marts_known_20250131``."""
    return f"{layer}_known_{day:%Y%m%d}"


def detect_as_of(
    settings: Settings, server: Server, day: date, business_date: date | None = None
) -> AsOfReport:
    """Build what was known at the end of `day` into schemas of its own; the present stays.

    `business_date` is the day of detection, where that was another: history that was read late. The
    auditor may read the marts among them. An earlier build of the same day is replaced. Raises
    AsOfError for a day that is not over and known, TransformError when a model fails.
    """
    if day > settings.now().date():
        raise AsOfError(f"nobody knows yet what will be known on {day}")
    drop_as_of(server, day)
    record_leads(settings, server)
    with recorded_run(settings, server, "detect_as_of", None, business_date or day):
        run_dbt(server, ["--quiet", *_BUILD], business_date or day, settings, known_on=day)
    schema = schema_known_on("marts", day)
    with server.connect("transformer") as connection:
        connection.execute(
            sql.SQL("grant usage on schema {} to {}").format(
                sql.Identifier(schema), sql.Identifier(server.user("auditor"))
            )
        )
        counted = connection.execute(
            sql.SQL(
                "select count(*) filter (where light = 'red'),"
                " count(*) filter (where light = 'yellow') from {}"
            ).format(sql.Identifier(schema, "lead"))
        ).fetchone()
    assert counted is not None  # noqa: S101 - an aggregate always gives one row
    return AsOfReport(day, schema, *counted)


def drop_as_of(server: Server, day: date) -> None:
    """Remove what was built for a day."""
    with server.connect("transformer") as connection:
        for layer in TRANSFORMER_SCHEMAS:
            connection.execute(
                sql.SQL("drop schema if exists {} cascade").format(
                    sql.Identifier(schema_known_on(layer, day))
                )
            )
