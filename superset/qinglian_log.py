"""Superset's log of who looked at what, with one commit an answer in place of three to six.

Nothing is left out: each entry stands there with its own time and duration. The entries of an
answer are written when it is whole and before any of it is sent, so that no answer leaves without
them. All other requests log as Superset does.
"""

import logging
from datetime import datetime
from typing import Any

from flask import Flask, Response, g, has_request_context, request
from qinglian_rights import ANSWER
from sqlalchemy.exc import SQLAlchemyError
from superset.utils import json
from superset.utils.log import DBEventLogger

_log = logging.getLogger(__name__)


class OneCommitEventLogger(DBEventLogger):
    """Superset's logger, which keeps the entries of an answer until it is whole."""

    def log(
        self,
        user_id: int | None,
        action: str,
        dashboard_id: int | None,
        duration_ms: int | None,
        slice_id: int | None,
        referrer: str | None,
        *arguments: Any,
        **more: Any,
    ) -> None:
        """Keep what is told of an answer; write anything else at once.

        An answer that is made before anybody asks was seen by nobody.
        """
        if has_request_context() and g.get("qinglian_warming"):
            return
        values = (user_id, action, dashboard_id, duration_ms, slice_id, referrer)
        if not has_request_context() or request.endpoint != ANSWER or g.get("qinglian_logged"):
            super().log(*values, *arguments, **more)
            return
        kept = g.setdefault("qinglian_log", [])
        for record in more.get("records") or []:
            kept.append(
                {
                    "action": action,
                    "json": _text(record),
                    "dashboard_id": dashboard_id or record.get("dashboard_id"),
                    "slice_id": slice_id or record.get("slice_id"),
                    "dttm": datetime.utcnow(),
                    "duration_ms": duration_ms,
                    "referrer": referrer,
                    "user_id": user_id,
                }
            )


def write_log_with_answers(app: Flask) -> None:
    """Write what was kept before an answer leaves, and where there is none because it failed."""

    @app.after_request
    def with_the_answer(response: Response) -> Response:
        _write()
        return response

    @app.teardown_request
    def without_an_answer(error: BaseException | None) -> None:
        del error
        _write()


def _write() -> None:
    entries = g.pop("qinglian_log", None)
    if not entries:
        return
    g.qinglian_logged = True  # what comes later, as of a file that is streamed, is written at once
    from superset.models.core import Log

    from superset import db

    try:
        db.session.execute(Log.__table__.insert(), entries)
        db.session.commit()
    except SQLAlchemyError:
        # As Superset does: a log that cannot be written is told to its operator.
        _log.exception("The log of an answer could not be written: %s", entries)
        db.session.rollback()


def _text(record: dict[str, Any]) -> str | None:
    try:
        text: str = json.dumps(record)
    except Exception:
        return None
    return text
