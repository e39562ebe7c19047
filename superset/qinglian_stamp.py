"""In which state Superset's own database is, told by one statement at the start of a request.

PostgreSQL notes at each row the transaction that wrote it and where it lies; a row that is changed
lies elsewhere and is of another transaction. All rows together, of all tables but those below, say
whether any right, role, rule on rows, dataset, chart or dashboard is another than a moment ago. The
server's start is part of it, so that a database that was restored is never taken for what it was.

What is kept under a stamp was read after it: it is of this state or a later one, and no request
that sees the later one asks for it. The stamp therefore comes before anything else is read.
"""

from typing import Any

from flask import Flask, g, has_request_context, request
from qinglian_rights import ANSWERS, PAGES
from sqlalchemy import text

from superset import db

#: Written while people read, mark what they like or write SQL, and read by no answer of a chart or
#: text of a page. An account itself is loaded by every request; the roles that it holds stand in
#: other tables. Of all accounts the names are told, since pages name who made them; not when each
#: was there last.
_APART = (
    *("ab_user", "favstar", "key_value", "keyvalue", "logs", "query", "saved_query"),
    *("tab_state", "table_schema", "user_attribute", "user_favorite_tag"),
)
_TABLES = text(
    "select quote_ident(relname) from pg_class where relnamespace = current_schema()::regnamespace"
    " and relkind = 'r' and relname <> all(:apart) order by relname"
)
_NAMES = (
    "(select coalesce(string_agg(row(id, username, first_name, last_name, email, active)::text, ''"
    " order by id), '') from ab_user)"
)
_statements: list[Any] = []
_kept: list[tuple[str, dict[str, dict[Any, Any]]]] = [("", {})]


def stamp_answers(app: Flask) -> None:
    """Let answers, and what pages read of themselves, begin with the stamp.

    It comes before the account and its rights are loaded.
    """

    def stamp() -> None:
        answers = request.endpoint in ANSWERS and request.method == "POST"
        if answers or (request.endpoint in PAGES and request.method == "GET"):
            g.qinglian_stamp = _stamp()

    app.before_request_funcs.setdefault(None, []).insert(0, stamp)


def stamp_of_request() -> str | None:
    """The stamp that the request began with; None where it has none."""
    if not has_request_context():
        return None
    stamp: str | None = g.get("qinglian_stamp")
    return stamp


def kept_under(stamp: str, name: str) -> dict[Any, Any]:
    """What this process keeps by that name until Superset's database is another."""
    known, kept = _kept[0]
    if known != stamp:
        _, kept = _kept[0] = (stamp, {})
    return kept.setdefault(name, {})


def _stamp() -> str | None:
    if db.session.get_bind().dialect.name != "postgresql":
        return None
    if not _statements:
        tables = db.session.execute(_TABLES, {"apart": list(_APART)}).scalars().all()
        rows = (
            f"(select coalesce(string_agg(xmin::text || ctid::text, ''), '') from {table})"
            for table in tables
        )
        whole = f"concat_ws(' ', pg_postmaster_start_time(), {_NAMES}, {', '.join(rows)})"
        _statements.append(text(f"select md5({whole})"))
    stamp: str = db.session.execute(_statements[0]).scalar_one()
    return stamp
