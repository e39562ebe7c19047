"""Connections to the warehouse that are kept open between the answers of charts.

Superset builds an engine and opens a connection for each statement, and closes it again. PostgreSQL
starts a process for each, and both sides prove the password to each other: more work than most
statements. Here the engine of an address is kept, password and options included, and each worker
keeps a few connections of it. One is rolled back before the next answer gets it, which takes back
whatever a statement had set. SQL that somebody writes has connections of its own, as before.
"""

import os
from functools import lru_cache
from typing import Any

from flask import has_request_context, request
from qinglian_rights import ANSWERS
from sqlalchemy import create_engine
from sqlalchemy.engine import URL, Engine
from sqlalchemy.pool import QueuePool
from superset.models import core

_KEPT = 3  # connections that stay open, by worker and database
_MORE = 20  # beside them while there is work, so that no thread waits
_SECONDS = 600  # after which one is opened anew
_ENGINES = 8
#: What Superset gives an engine of the warehouse; with anything else, it is made as Superset does.
_KNOWN = {"connect_args", "poolclass"}


def keep_connections() -> None:
    """Let the answers of charts use engines that stay."""
    core.create_engine = _kept_or_new


def _kept_or_new(url: URL, **arguments: Any) -> Engine:
    options = arguments.get("connect_args") or {}
    plain = set(arguments) <= _KNOWN and all(isinstance(v, str) for v in options.values())
    if plain and url.get_backend_name() == "postgresql" and _answers():
        return _engine(url, tuple(sorted(options.items())), os.getpid())
    return create_engine(url, **arguments)


def _answers() -> bool:
    return has_request_context() and request.endpoint in ANSWERS


@lru_cache(_ENGINES)
def _engine(url: URL, options: tuple[tuple[str, str], ...], process: int) -> Engine:
    """The engine of an address; `process` because a connection is of the one that opened it."""
    del process
    return create_engine(
        url,
        connect_args=dict(options),
        poolclass=QueuePool,
        pool_size=_KEPT,
        max_overflow=_MORE,
        pool_recycle=_SECONDS,
        pool_pre_ping=True,
        pool_use_lifo=True,
    )
