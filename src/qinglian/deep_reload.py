"""`qinglian deep-reload`: months that ordinary runs no longer read, read again once a week.

What a table holds there is compared row by row, by hash, with what is known of it. Differences are
loaded like any other and entered in `ops.backdated_change`: they were made where nobody looks any
more. The nightly cursor stays where it is, and tables that every run reads whole are left out.
"""

import logging
from dataclasses import dataclass, field, fields
from datetime import date, datetime, time, timedelta
from typing import Any

from psycopg import Connection

from qinglian.contracts import CursorKind
from qinglian.extract.window import Window
from qinglian.ingest import TableIngest
from qinglian.pipeline import IngestReport, ingest_tables, source_named, table_ingests
from qinglian.run_record import recorded_run
from qinglian.settings import Settings
from qinglian.warehouse.server import Server

log = logging.getLogger(__name__)

DEEP_DAYS = 180


def deep_reload(
    settings: Settings,
    server: Server,
    source_id: str,
    as_of: date,
    days: int = DEEP_DAYS,
    tables: frozenset[str] | None = None,
) -> IngestReport:
    """Read the `days` that end with `as_of` again. Raises IngestError as `ingest` does."""
    with (
        source_named(source_id),
        recorded_run(settings, server, "deep_reload", source_id, as_of) as run,
    ):
        deep = []
        for ingest in table_ingests(settings, server, source_id, run.run_id, as_of, tables):
            if ingest.cursor.kind != CursorKind.FULL_RELOAD:
                inherited = {f.name: getattr(ingest, f.name) for f in fields(ingest) if f.init}
                deep.append(_DeepIngest(**inherited, days=days))
        return ingest_tables(settings, source_id, as_of, deep, run)


@dataclass
class _DeepIngest(TableIngest):
    """The ingest of a window that goes back by days, whatever the cursor says."""

    days: int = field(kw_only=True)
    _ordinary_from: datetime | None = field(init=False, default=None)

    def _window(self, connection: Connection) -> Window:
        ordinary = super()._window(connection)
        assert ordinary is not None  # noqa: S101 - full reloads are left out
        start = ordinary.end - timedelta(days=self.days)
        history = datetime.combine(self.source.history_start, time.min)
        self._ordinary_from = ordinary.start
        return Window(max(history, min(start, ordinary.start)), ordinary.end)

    @property
    def _finds_vanished(self) -> bool:
        # A row that was updated meanwhile still lies in a window that ends with today.
        ends_today = self.as_of >= self.settings.now().date()
        return super()._finds_vanished or (self.cursor.kind == CursorKind.UPDATED_AT and ends_today)

    def _enter(self, facts: dict[str, Any]) -> None:
        facts |= {"cursor_kind": "deep", "ordinary_from": self._ordinary_from}
        super()._enter(facts)
