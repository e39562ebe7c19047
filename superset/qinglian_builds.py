"""Which build of the marts an answer is of; it is part of every key that answers are kept under."""

import os
import time
from collections.abc import Callable
from typing import Any

import psycopg2
from flask import g
from superset.models.core import Database

from superset import db

_SCHEMAS = ("marts", "names")
_STAMP_SECONDS = 2
#: A table that is built anew is another relation: all of them say which build an answer is of.
_STAMP = (
    "select coalesce(md5(string_agg(c.oid::text, ' ' order by c.oid)), '') from pg_class as c"
    " inner join pg_namespace as n on c.relnamespace = n.oid"
    f" where n.nspname in ({', '.join(repr(name) for name in _SCHEMAS)})"
)
_UNKNOWN = "unknown"
_stamps: dict[tuple[int, int], tuple[float, str]] = {}


def build_of_dataset(datasource: Any) -> str:
    """Which build of the marts a dataset of the warehouse would be read from now."""
    database = getattr(datasource, "database", None)
    if database is None or database.backend != "postgresql":
        return _UNKNOWN
    return _build(database.id, lambda: database)


def build_of(database_id: int | None) -> str | None:
    """The same by the number of a database; None where it cannot be told."""
    if database_id is None:
        return None
    build = _build(database_id, lambda: db.session.get(Database, database_id))
    return None if build == _UNKNOWN else build


def _build(number: int, database: Callable[[], Any]) -> str:
    """The build, the same one for all of a request: what is kept is kept under one key."""
    seen: dict[int, str] = g.setdefault("qinglian_builds", {})
    if number not in seen:
        seen[number] = _build_now(number, database)
    return seen[number]


def _build_now(number: int, database: Callable[[], Any]) -> str:
    place = (number, os.getpid())
    known = _stamps.get(place)
    now = time.monotonic()
    if known is not None and now - known[0] <= _STAMP_SECONDS:
        return known[1]
    found = database()
    if found is None or found.backend != "postgresql":
        return _UNKNOWN
    try:
        with found.get_raw_connection() as connection:
            cursor = connection.cursor()
            cursor.execute(_STAMP)
            build: str = cursor.fetchone()[0]
    except psycopg2.Error:
        return _UNKNOWN  # the statement of the answer, which follows, tells why
    _stamps[place] = (now, build)
    return build
