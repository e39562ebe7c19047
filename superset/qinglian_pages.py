"""What a page reads of itself, kept as the text that is sent: its dashboard, charts and datasets.

Superset makes these anew for each opening of a page, which takes it longer than all answers of the
page's charts together. They hold no rows, and change with Superset's own database alone. The text
is kept for one account under the state of that database (qinglian_stamp), the account's roles, the
language and the configuration: a right, a role, a dashboard or a dataset that changes makes it
another key at once. Whoever asks still has to be logged in and to hold the right to ask, and the
log has its entry as ever. Where it says how long ago something was changed, the text is kept as
long as those words stay the same.
"""

import hashlib
import http
from bisect import bisect_left
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from flask import Response, g, has_request_context, request
from flask_appbuilder.api import protect, rison
from flask_babel import get_locale
from qinglian_answers import configuration, finished, packed
from qinglian_stamp import stamp_of_request
from superset.dashboards.api import DashboardRestApi
from superset.datasets.api import DatasetRestApi
from superset.datasets.schemas import get_drill_info_schema
from superset.extensions import cache_manager, event_logger
from superset.models.helpers import AuditMixinNullable
from superset.utils import json
from superset.views.base_api import statsd_metrics

from superset import security_manager

_LONGEST = 24 * 3600  # seconds
_Method = Callable[..., Response]
_Decorator = Callable[[_Method], _Method]


def keep_pages() -> None:
    """Let pages be opened with the finished texts, where there are any."""
    _note_ages()
    for api, name in ((DashboardRestApi, "get_charts"), (DashboardRestApi, "get_datasets")):
        logged = _logged(f"{api.__name__}.{name}")
        setattr(api, name, _keeping(getattr(api, name), logged))
    asks = rison(get_drill_info_schema)  # which adds what it read to the entry of the log
    drill = _logged("DatasetRestApi.get_drill_info")
    DatasetRestApi.get_drill_info = _keeping(
        DatasetRestApi.get_drill_info, lambda send: asks(drill(send))
    )
    DashboardRestApi.get = _keeping(DashboardRestApi.get, _logged_dashboard)


def _logged(action: str) -> _Decorator:
    """As these methods of Superset are logged."""
    decorator: _Decorator = event_logger.log_this_with_context(
        action=lambda *_, **__: action, log_to_statsd=False
    )
    return decorator


def _logged_dashboard(send: _Method) -> _Method:
    """As Superset logs that a dashboard is read: by its number, without what the address says."""

    @wraps(send)
    def log(self: Any, add_extra_log_payload: Callable[..., None]) -> Response:
        number = g.qinglian_page["id"]
        add_extra_log_payload(dashboard_id=number, action="DashboardRestApi.get")
        return send(self)

    logged = event_logger.log_this_with_extra_payload(log)
    return wraps(send)(lambda self, *_, **__: logged(self))


def _keeping(shipped: _Method, logged: _Decorator) -> _Method:
    """The method, with its text where it is kept; both ask whether the account may ask."""

    @wraps(shipped)
    def send(self: Any, *_: Any, **__: Any) -> Response:
        del self
        response = finished(g.qinglian_page["text"])
        response.headers["X-Qinglian-Kept"] = "page"
        return response

    told = statsd_metrics(logged(send))

    @wraps(shipped)
    def kept_or_made(self: Any, *arguments: Any, **more: Any) -> Response:
        key = _key(shipped.__qualname__)
        found = None if key is None else cache_manager.data_cache.get(key)
        if found is not None:
            g.qinglian_page = found
            return told(self, *arguments, **more)
        g.qinglian_ages = []
        response = shipped(self, *arguments, **more)
        if key is not None and response.status_code == http.HTTPStatus.OK:
            _keep(key, response)
        return response

    whole: _Method = protect()(kept_or_made)
    return whole


def _key(action: str) -> str | None:
    """All that the text depends on; None where it has to be made in any case."""
    stamp = stamp_of_request()
    account = g.user
    if stamp is None or account.is_anonymous or security_manager.is_guest_user():
        return None
    roles = sorted(role.id for role in security_manager.get_user_roles())
    asked = (action, request.full_path, account.id, roles)
    told = (configuration(), stamp, str(get_locale()), asked)
    return "qinglian_page_" + hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _keep(key: str, response: Response) -> None:
    seconds = _seconds()
    if seconds > 0:
        text = response.get_data()
        result = json.loads(text).get("result")
        number = result.get("id") if isinstance(result, dict) else None
        kept = {"text": packed(text), "id": number}
        cache_manager.data_cache.set(key, kept, timeout=seconds)


def _seconds() -> int:
    """How long all that the text says of ages stays as it is, in whole seconds."""
    ages = g.qinglian_ages

    def others(seconds: int) -> bool:
        later = timedelta(seconds=seconds)
        return any(_age(it, when - later) != words for it, when, words in ages)

    return bisect_left(range(_LONGEST), True, key=others) - 1 if ages else _LONGEST


_age: Callable[[Any, datetime], str] = AuditMixinNullable._format_time_humanized


def _note_ages() -> None:
    """Note of each age that a text tells, of what and since when it is told."""

    def noted(self: Any, timestamp: datetime) -> str:
        words = _age(self, timestamp)
        if has_request_context() and "qinglian_ages" in g:
            g.qinglian_ages.append((self, timestamp, words))
        return words

    AuditMixinNullable._format_time_humanized = noted
