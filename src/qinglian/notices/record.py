"""What was told to whom: rows that are added and never changed, each an entry of the ledger.

A recipient is named by his id; his address is nowhere but in the installation's file.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from psycopg import Connection

from qinglian.landing import ledger
from qinglian.landing.journal import Journal
from qinglian.landing.verdicts import insert_rows
from qinglian.settings import Settings
from qinglian.warehouse.server import Server
from qinglian.warehouse.transaction import transaction

OPS_NOTICE_DDL = """
create table if not exists ops.notice (
    notice_id bigint generated always as identity primary key,
    recipient text not null,
    kind text not null check (kind in ('begin', 'news', 'brief')),
    sent_at timestamp not null,
    told jsonb not null
);
create index if not exists notice_recipient on ops.notice (recipient, notice_id);
comment on table ops.notice is
    '通知记录，只增不改：begin 自何时起通知、news 已发的新线索与质量问题、brief 已发的周简报';
comment on column ops.notice.recipient is '收件人代号；地址只在本安装的 recipients.yaml 中';
comment on column ops.notice.told is '发了什么：线索、批次、运行的编号，或简报的对象与周次';
"""

#: Advisory lock of whoever sends, so that two runs at once tell nothing twice.
_ONE_AT_A_TIME = 7_100_004

Kind = Literal["begin", "news", "brief"]


@dataclass
class Told:
    """What a recipient was told so far, and from where on things are news to him.

    Nothing is news to one with whom nobody has begun.
    """

    leads_from: date = date.max
    runs_from: int = 0
    begun: bool = False
    leads: set[str] = field(default_factory=set)
    batches: set[int] = field(default_factory=set)
    runs: set[int] = field(default_factory=set)
    briefs: set[tuple[str, str, str]] = field(default_factory=set)


def restore(tx: Any, facts: Mapping[str, Any]) -> None:
    """Write a row as it stands in the ledger."""
    insert_rows(tx, "ops.notice", [facts])


def wait_for_others(connection: Connection) -> None:
    """Wait until nobody else sends; held until the connection closes."""
    connection.execute("select pg_advisory_lock(%s)", (_ONE_AT_A_TIME,))


def read_told(connection: Connection, recipient: str) -> Told:
    """What the recipient was told."""
    rows = connection.execute(
        "select kind, told from ops.notice where recipient = %s order by notice_id", (recipient,)
    ).fetchall()
    found = Told()
    for kind, told in rows:
        if kind == "begin":
            found.begun = True
            found.leads_from = date.fromisoformat(told["leads_from"])
            found.runs_from = int(told["runs_from"])
        elif kind == "news":
            found.leads |= set(told["leads"])
            found.batches |= set(told["batches"])
            found.runs |= set(told["runs"])
        else:
            found.briefs.add((told["organisation"], told["department"], told["week"]))
    return found


def enter(
    settings: Settings,
    server: Server,
    recipient: str,
    kind: Kind,
    told: Mapping[str, Any],
    at: datetime,
) -> None:
    """Add a row and its entry in the ledger.

    Raises JournalError when the database is not that of the landing zone.
    """
    journal = Journal(settings.landing_dir)
    with server.connect("loader", autocommit=True) as connection:
        journal.must_continue(connection)
        with transaction(server.url("loader")) as tx:
            row = tx.one(
                "insert into ops.notice (recipient, kind, sent_at, told)"
                " values ($1, $2, cast(cast($3 as text) as timestamp), cast(cast($4 as text) as"
                " jsonb)) returning cast(to_jsonb(notice) as text)",
                *(recipient, kind, str(at), json.dumps(told, ensure_ascii=False, default=str)),
            )
            assert row is not None  # noqa: S101 - insert … returning gives a row
            ledger.append(tx, ledger.NO_BATCH, "notice", json.loads(row[0]))
        journal.catch_up(connection)
