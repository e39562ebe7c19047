"""Texts of pages are made before anybody opens them, as answers are (qinglian_warm_up).

They are asked for as a browser asks, by requests that stay in this process: each is made by all of
the code that makes it for a reader, with the reader's rights and in a language, and is kept under
the same key. Nobody sees it here, and no entry of the log says so.
"""

import http
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask, current_app, g, request
from flask_jwt_extended import create_access_token
from qinglian_pages import KEPT
from superset.models.dashboard import Dashboard

from superset import db

#: Mark of such a request; nothing that comes from outside can set it.
_WARMING = "qinglian.warming"
#: What the slug of a page in English ends in; the others are in Chinese.
_ENGLISH = "-en"
_REFUSED = {http.HTTPStatus.FORBIDDEN, http.HTTPStatus.NOT_FOUND}


def note_warming(app: Flask) -> None:
    """Let requests that only warm the cache be known as such, before anything else is done."""

    def note() -> None:
        if request.environ.get(_WARMING):
            g.qinglian_warming = True

    app.before_request_funcs.setdefault(None, []).insert(0, note)


def make_texts(account: Any, slug: str, columns: str) -> Counter[str]:
    """Have the texts of a page made for an account, and of its English twin where there is one.

    `columns` is what a browser asks of the dashboard itself.
    """
    app = current_app._get_current_object()
    token = create_access_token(identity=str(account.id), fresh=True)
    counts: Counter[str] = Counter()
    for name, language in ((slug, "zh"), (f"{slug}{_ENGLISH}", "en")):
        page = db.session.query(Dashboard).filter_by(slug=name).one_or_none()
        if page is None:
            continue
        addresses = list(_addresses(page, columns))
        # In a thread of its own, so that nothing of the administrator's request is in the way.
        with ThreadPoolExecutor(1) as thread:
            counts += thread.submit(_ask, app, token, language, addresses).result()
    return counts


def _addresses(page: Dashboard, columns: str) -> Iterator[str]:
    """What a browser asks a page's own texts by; whether it may be read is told by the first."""
    yield f"dashboard/{page.slug}/charts"
    yield f"dashboard/{page.slug}?q={columns}"
    yield f"dashboard/{page.slug}/datasets"
    for dataset in sorted({chart.datasource_id for chart in page.slices}):
        yield f"dataset/{dataset}/drill_info/?q=(dashboard_id:{page.id})"


def _ask(app: Flask, token: str, language: str, addresses: list[str]) -> Counter[str]:
    client = app.test_client()
    with client.session_transaction() as session:
        session["locale"] = language
    counts: Counter[str] = Counter()
    for address in addresses:
        response = client.get(
            f"/api/v1/{address}",
            headers={"Authorization": f"Bearer {token}"},
            environ_overrides={_WARMING: True},
        )
        if response.status_code in _REFUSED:
            break
        counts[_outcome(response)] += 1
    return counts


def _outcome(response: Any) -> str:
    if response.status_code != http.HTTPStatus.OK:
        return "failed"
    return "texts_kept" if KEPT in response.headers else "texts_made"
