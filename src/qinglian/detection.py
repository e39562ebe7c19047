"""When detection has to run: only when something that it reads has changed since it last succeeded.

Nightly the business date is another and everything is built. The same day once more (an extract
that was repeated, a delivery without news, a second `make demo`) is done when its inputs are those
of the last detection: what was received, what reviewers decided, rules and models. Each detection
notes them as it begins, and that it is whole when the marts have passed their check; one that did
not get there, or a model built by hand, makes the next one build everything.

Every state of a detection is an entry of the ledger, so that a lost database gets back for which
dates and when it was detected. Its models it does not get back: the inputs name the warehouse too.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from psycopg import Connection

from qinglian.file_hash import sha256_of
from qinglian.landing import ledger
from qinglian.landing.journal import Journal
from qinglian.landing.verdicts import insert_rows
from qinglian.settings import Settings
from qinglian.transform import dbt_variables
from qinglian.warehouse.server import Server
from qinglian.warehouse.transaction import Transaction, as_json, transaction

OPS_DETECTION_DDL = """
create table if not exists ops.detection (
    detection_id bigint generated always as identity primary key,
    asked_by text not null,
    as_of date not null,
    inputs_sha256 text not null,
    started_at timestamp not null default localtimestamp,
    finished_at timestamp
);
comment on table ops.detection is
    '检测台账：每次检测开始时的输入摘要；集市通过检查后才记完成时间。输入与上次完成的检测相同则不必重算';
"""

#: Who asked for models that were built by hand: such a detection is never whole.
BY_HAND = "qinglian dbt"

#: Commands of dbt that change what stands in the warehouse.
BUILDING = frozenset({"build", "run", "seed", "snapshot", "retry", "run-operation"})

#: What of the dbt project decides on rows, or on whether they pass.
_PROJECT = (
    *("*.yml", "macros/**/*.sql", "materializations/*.sql"),
    *("models/**/*", "seeds/**/*", "tests/**/*.sql"),
)

#: What was received, by source and table. Batches without news, as a repeated extract brings them,
#: change none of these figures; a table's first batch does, even when it is empty.
_RECEIVED = """
select b.source_id, b.table_name, max(r.as_of), sum(b.loaded), sum(b.quarantined), sum(b.vanished),
    count(*) filter (where b.state = 'landed'), count(*) filter (where b.state = 'rejected')
from ops.batch as b
inner join ops.run as r on b.run_id = r.run_id
group by b.source_id, b.table_name
order by b.source_id, b.table_name
"""

#: What else is known of it. A rule that fails for every batch of a table says so once; verdicts on
#: the marts, which are of no batch, follow from the detection itself.
_KNOWN = """
select
    (select count(*) from ops.quarantine_decision),
    (select count(*) from ops.backdated_change),
    (select max(resolution_id) from ops.supplier_resolution),
    (
        select count(distinct (source_id, table_name, rule_id))
        from ops.quality_result
        where failed > 0 and batch_id is not null
    )
"""

#: Which database this is. A lost one gets its detections back, and not the models that they built.
_WAREHOUSE = """
select system_identifier, cast(cast('ops.detection' as regclass) as oid) from pg_control_system()
"""

_COLUMNS = ("detection_id", "asked_by", "as_of", "inputs_sha256", "started_at", "finished_at")


def begin_detection(
    server: Server, settings: Settings, as_of: date, asked_by: str, *, again: bool = False
) -> datetime | None:
    """Note that a detection begins; or return when the last one ended that had the same inputs.

    `asked_by` names the run to `finish_detection`. With `again` it begins in any case. Raises
    JournalError, before anything is written, when the database is not that of the landing zone.
    """
    with server.connect("loader") as connection:
        inputs = detection_inputs(connection, settings, as_of)
        last = connection.execute(
            "select inputs_sha256, finished_at from ops.detection"
            " order by detection_id desc limit 1"
        ).fetchone()
    if last is not None and last[0] == inputs and last[1] is not None and not again:
        ended: datetime = last[1]
        return ended
    _begin(server, settings, {"asked_by": asked_by, "as_of": as_of, "inputs_sha256": inputs})
    return None


def finish_detection(server: Server, settings: Settings, asked_by: str) -> None:
    """Note that what `asked_by` began last is whole. Nothing happens when it began nothing."""
    with transaction(server.url("loader")) as tx:
        row = tx.one(
            "select detection_id from ops.detection where finished_at is null and detection_id ="
            " (select max(detection_id) from ops.detection where asked_by = $1)",
            asked_by,
        )
        if row is None:
            return
        tx.execute(
            "update ops.detection set finished_at = localtimestamp"
            f" where detection_id = {int(row[0])}"
        )
        _enter(tx, int(row[0]))
    with server.connect("loader", autocommit=True) as connection:
        Journal(settings.landing_dir).catch_up(connection)


def note_built_by_hand(server: Server, settings: Settings, as_of: date) -> None:
    """Models are built outside of a detection: whatever they hold, the next one builds them.

    Raises JournalError when the database is not that of the landing zone.
    """
    _begin(server, settings, {"asked_by": BY_HAND, "as_of": as_of, "inputs_sha256": ""})


def restore_detection(tx: Transaction, facts: Mapping[str, Any]) -> None:
    """Bring a detection to the state that an entry of the ledger tells of."""
    columns = ", ".join(_COLUMNS)
    tx.execute(
        f"insert into ops.detection ({columns}) overriding system value select {columns}"
        " from jsonb_populate_record(null::ops.detection, cast(cast($1 as text) as jsonb))"
        " on conflict (detection_id) do update set finished_at = excluded.finished_at",
        as_json(facts),
    )


def _begin(server: Server, settings: Settings, facts: Mapping[str, Any]) -> None:
    """Add the row of a detection and its entry in the ledger."""
    journal = Journal(settings.landing_dir)
    with server.connect("loader", autocommit=True) as connection:
        journal.must_continue(connection)
        with transaction(server.url("loader")) as tx:
            row = tx.one("select nextval(pg_get_serial_sequence('ops.detection', 'detection_id'))")
            assert row is not None  # noqa: S101 - nextval always gives a row
            number = int(row[0])
            started = {"detection_id": number, **facts, "as_of": str(facts["as_of"])}
            insert_rows(tx, "ops.detection", [started])
            _enter(tx, number)
        journal.catch_up(connection)


def _enter(tx: Transaction, number: int) -> None:
    """Enter the present state of a detection in the ledger."""
    row = tx.one(
        f"select cast(to_jsonb(d) as text) from ops.detection as d where detection_id = {number}"
    )
    assert row is not None  # noqa: S101 - the caller has just written it
    ledger.append(tx, ledger.NO_BATCH, "detection", json.loads(row[0]))


def detection_inputs(connection: Connection, settings: Settings, as_of: date) -> str:
    """SHA-256, as hex digits, over all that a detection for `as_of` reads."""
    inputs = {
        "as_of": as_of.isoformat(),
        "warehouse": connection.execute(_WAREHOUSE).fetchone(),
        "received": connection.execute(_RECEIVED).fetchall(),
        "known": connection.execute(_KNOWN).fetchall(),
        "variables": dbt_variables(settings.dbt_dir),
        "models": _hashes(settings.dbt_dir, _PROJECT),
        "rules of marts": _hashes(settings.contracts_dir / "marts", ("*.yaml",)),
    }
    return hashlib.sha256(json.dumps(inputs, default=str).encode()).hexdigest()


def _hashes(folder: Path, patterns: tuple[str, ...]) -> dict[str, str]:
    files = {file for pattern in patterns for file in folder.glob(pattern) if file.is_file()}
    return {str(file.relative_to(folder)): sha256_of(file) for file in sorted(files)}
