"""Answers of charts kept whole, as the text that is sent, beside the rows that Superset keeps.

From the cache, Superset makes an answer anew each time: it loads dataset, columns, measures and
chart, reads the question with its schema, works out the key, and makes text of the rows. Here the
finished text is kept under everything that it depends on: the question, the state of
Superset's own database (qinglian_stamp), the build of the marts, the roles of the account, the
language, and this configuration. A right, a rule on rows or a publication that changes makes it
another key at once, and Superset's own code answers again.

Whoever asks still has to be logged in and to hold the right to ask, and the log has the entry of
the answer as ever: only what comes after is spared. A text is kept for those who may read the
dataset itself; it goes with the rows that it was made of, when they are asked for anew or their
time is over; and answers that depend on the time of the day are not kept. It is kept at the second
question, or by the warm-up, so that an answer past the cache costs no more for it.
"""

import gzip
import hashlib
import http
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, wraps
from pathlib import Path
from typing import Any

from flask import Response, g, has_request_context, make_response, request
from flask_appbuilder.api import expose, protect
from flask_babel import get_locale
from qinglian_builds import build_of
from qinglian_stamp import kept_under, stamp_of_request
from superset.charts.data.api import ChartDataRestApi
from superset.common.chart_data import ChartDataResultFormat, ChartDataResultType
from superset.common.db_query_status import QueryStatus
from superset.common.utils.query_cache_manager import QueryCacheManager
from superset.connectors.sqla.models import SqlaTable
from superset.constants import CacheRegion
from superset.extensions import cache_manager, event_logger
from superset.utils import json
from superset.views.base_api import statsd_metrics

from superset import db, security_manager

_FILES = sorted(Path(__file__).parent.glob("*.py"))
_METHOD = "ChartDataRestApi.data"
_PACKED = 4  # of nine: larger answers take a third of the time, and a tenth more room
_UNSAID = {"result_format": "json", "result_type": "full"}
#: All that Superset reads of a chart's settings for an answer, beside the kind of chart. Rights by
#: a dashboard are read from them too, and answers of such rights are not kept.
OF_FORM = (
    *("column_config", "currency_format", "server_pagination", "slice_id"),
    *("tooltip_contents", "x_axis"),
)


def keep_answers() -> None:
    """Let questions of charts be answered with the finished text, where there is one."""
    _remember_makings()
    shipped = ChartDataRestApi.data
    while hasattr(shipped, "__wrapped__"):
        shipped = shipped.__wrapped__
    send = ChartDataRestApi._send_chart_response

    @wraps(shipped)
    def data(self: Any, add_extra_log_payload: Callable[..., None]) -> Response:
        found = _finished()
        if found is None:
            response: Response = shipped(self, add_extra_log_payload=add_extra_log_payload)
            return response
        add_extra_log_payload(is_cached=[True] * len(found["made"]))
        return finished(found["text"])

    def send_and_keep(self: Any, result: dict[str, Any], *arguments: Any, **more: Any) -> Response:
        response: Response = send(self, result, *arguments, **more)
        if response.status_code == http.HTTPStatus.OK and g.get("qinglian_question") is not None:
            _keep(g.qinglian_question, result)
        return response

    logged = event_logger.log_this_with_context(
        action=lambda *_, **__: _METHOD, log_to_statsd=False, allow_extra_payload=True
    )
    # As Superset wraps its own; Flask-AppBuilder reads the addresses from the method.
    ChartDataRestApi.data = expose("/data", methods=("POST",))(
        protect()(statsd_metrics(logged(data)))
    )
    ChartDataRestApi._send_chart_response = send_and_keep


def keep_made_ahead(body: dict[str, Any], result: dict[str, Any]) -> None:
    """Keep the text of an answer that the warm-up made, for whoever of these roles asks first."""
    key = _key(body)
    if key is not None:
        _keep(key, result)


def packed(text: bytes) -> bytes:
    """A text as it is kept: as browsers take it."""
    return gzip.compress(text, _PACKED, mtime=0)


def finished(text: bytes) -> Response:
    """The answer of a text that is kept, for browsers without packing it anew."""
    packs = request.accept_encodings.quality("gzip") > 0
    response = make_response(text if packs else gzip.decompress(text), http.HTTPStatus.OK)
    response.headers["Content-Type"] = "application/json; charset=utf-8"
    response.vary.add("Accept-Encoding")
    if packs:
        response.headers["Content-Encoding"] = "gzip"
    return response


def _finished() -> dict[str, Any] | None:
    """The text that is kept for the request, if its rows are still those that it was made of."""
    body = request.get_json(silent=True) if request.is_json else None
    g.qinglian_question = key = _key(body) if isinstance(body, dict) else None
    if key is None or body.get("force"):
        return None
    found: dict[str, Any] | None = cache_manager.data_cache.get(key)
    if found is None:
        return None
    made = dict(zip(found["made"], cache_manager.data_cache.get_many(*found["made"]), strict=True))
    return found if made == found["made"] else None


def _key(body: dict[str, Any]) -> str | None:
    """All that the answer depends on; None where it has to be made in any case."""
    stamp = stamp_of_request()
    if stamp is None or security_manager.is_guest_user():
        return None
    source, form = body.get("datasource"), body.get("form_data") or {}
    if not isinstance(source, dict) or source.get("type") != "table" or not isinstance(form, dict):
        return None
    build = build_of(_database_of(source.get("id"), stamp))
    if build is None:
        return None
    roles = sorted(role.id for role in security_manager.get_user_roles())
    rest = {name: value for name, value in body.items() if name not in ("force", "form_data")}
    asked = sorted({**_UNSAID, **rest}.items())
    told = (configuration(), stamp, build, str(get_locale()), roles, asked, _of_form(form))
    return "qinglian_answer_" + hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _of_form(form: dict[str, Any]) -> dict[str, Any]:
    """What an answer takes from the settings of its chart, which a page sends along."""
    taken = {name: form[name] for name in OF_FORM if form.get(name)}
    return taken | {"is_pivot": form.get("viz_type") == "pivot_table_v2"}


@cache
def configuration() -> str:
    """Superset's settings and the code beside them, as they were when the server started."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in _FILES)).hexdigest()


def _database_of(dataset: Any, stamp: str) -> int | None:
    kept = kept_under(stamp, "databases")
    if dataset not in kept:
        kept[dataset] = (
            db.session.query(SqlaTable.database_id).filter_by(id=dataset).scalar()
            if isinstance(dataset, int)
            else None
        )
    return kept[dataset]


def _keep(key: str, result: dict[str, Any]) -> None:
    """Keep the text of an answer that came from the rows that are kept."""
    context, queries = result["query_context"], result["queries"]
    makings = g.get("qinglian_makings", {})
    if not _stays_true(context, queries) or any(q["cache_key"] not in makings for q in queries):
        return
    seconds = min(_seconds_left(query) for query in queries)
    if seconds <= 0:
        return
    # As ChartDataRestApi writes it.
    text = json.dumps({"result": queries}, default=json.json_int_dttm_ser, ignore_nan=True)
    made = {_making(q["cache_key"]): makings[q["cache_key"]] for q in queries}
    kept = {"text": packed(text.encode()), "made": made}
    cache_manager.data_cache.set(key, kept, timeout=seconds)


def _stays_true(context: Any, queries: list[dict[str, Any]]) -> bool:
    """Whether the answer is the same for all of these roles, and at any time of the day."""
    dataset = context.datasource
    return (
        context.result_type == ChartDataResultType.FULL
        and context.result_format == ChartDataResultFormat.JSON
        and not dataset.database.impersonate_user
        and all(asked.result_type in (None, ChartDataResultType.FULL) for asked in context.queries)
        and all(asked.datasource in (None, dataset) for asked in context.queries)
        and all(
            query.get("is_cached")
            and query.get("status") == QueryStatus.SUCCESS
            and query.get("cache_key")
            and not query.get("error")
            and not query.get("annotation_data")
            and query["from_dttm"] is None
            and query["to_dttm"] is None
            for query in queries
        )
        and bool(queries)
        # Not by owning it, or by a dashboard that it is on: those are rights of one account.
        and (
            security_manager.can_access_schema(dataset)
            or security_manager.can_access("datasource_access", dataset.perm or "")
        )
    )


def _seconds_left(query: dict[str, Any]) -> int:
    age = datetime.now(UTC) - datetime.fromisoformat(query["queried_dttm"])
    return int(query["cache_timeout"] - age.total_seconds())


def _making(key: str) -> str:
    return f"qinglian_making_{key}"


def _remember_makings() -> None:
    """Give rows that Superset keeps a mark of their making, another one each time.

    It is written after the rows and read before them: a text whose mark is still there was made of
    these rows or newer ones.
    """
    shipped_get, shipped_set = QueryCacheManager.get, QueryCacheManager.set

    def get(
        cls: Any, key: str | None, region: CacheRegion = CacheRegion.DEFAULT, **more: Any
    ) -> Any:
        if _marks(key, region) and not more.get("force_query"):
            mark = cache_manager.data_cache.get(_making(key)) or _mark(key, None)
            g.setdefault("qinglian_makings", {})[key] = mark
        return shipped_get(key, region, **more)

    def set_(
        key: str | None,
        value: dict[str, Any],
        timeout: int | None = None,
        datasource_uid: str | None = None,
        region: CacheRegion = CacheRegion.DEFAULT,
    ) -> None:
        shipped_set(key, value, timeout, datasource_uid, region)
        if _marks(key, region):
            _mark(key, timeout)

    QueryCacheManager.get = classmethod(get)
    QueryCacheManager.set = staticmethod(set_)


def _mark(key: Any, timeout: int | None) -> str:
    mark = secrets.token_hex(8)
    cache_manager.data_cache.set(_making(key), mark, timeout=timeout)
    return mark


def _marks(key: str | None, region: CacheRegion) -> bool:
    return bool(key) and region == CacheRegion.DATA and has_request_context()
