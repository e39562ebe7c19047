"""What a page reads of itself, kept as the text that is sent: its dashboard, charts and datasets.

Superset makes these anew for each opening of a page, which takes it longer than all answers of the
page's charts together. They hold no rows, and change with Superset's own database alone. Of who
asks, they depend on what may be read: the text is kept under the state of that database
(qinglian_stamp), the rights that the account's roles hold and the dashboards that are given to
them, the language and the configuration; and for the account alone where it owns anything, since
owners may read what they own. A right, a role, a dashboard or a dataset that changes makes it
another key at once. Whoever asks still has to be logged in and to hold the right to ask, and the
log has its entry as ever. How long ago something was changed is told anew; a text that tells it in
a way that is not known here is not kept.

The warm-up has the texts made before anybody opens a page (qinglian_pages_ahead).
"""

import gzip
import hashlib
import http
import re
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from flask import Response, g, has_request_context, request
from flask_appbuilder.api import protect, rison
from flask_babel import get_locale
from qinglian_answers import configuration, finished, packed
from qinglian_stamp import kept_under, stamp_of_request
from superset.connectors.sqla.models import sqlatable_user
from superset.dashboards.api import DashboardRestApi
from superset.datasets.api import DatasetRestApi
from superset.datasets.schemas import get_drill_info_schema
from superset.extensions import cache_manager, event_logger
from superset.models.dashboard import DashboardRoles, dashboard_user
from superset.models.helpers import AuditMixinNullable
from superset.models.slice import slice_user
from superset.utils import json
from superset.views.base_api import statsd_metrics

from superset import db, security_manager

_LONGEST = 24 * 3600  # seconds; the warm-up of the next night has it begin anew
#: Header of an answer that was kept.
KEPT = "X-Qinglian-Kept"
#: Since when each age is told, by its key.
_SINCE = {
    b"changed_on_humanized": "changed_on",
    b"created_on_humanized": "created_on",
    b"changed_on_delta_humanized": "changed_on",
    b"created_on_delta_humanized": "created_on",
}
_AGES = b'humanized"'
_AGE = re.compile(rb'"(\w*humanized)":"([^"]*)"')
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
        response = finished(_told_now(g.qinglian_page))
        response.headers[KEPT] = "page"
        return response

    told = statsd_metrics(logged(send))

    @wraps(shipped)
    def kept_or_made(self: Any, *arguments: Any, **more: Any) -> Response:
        key = _key(shipped.__qualname__)
        found = None if key is None else cache_manager.data_cache.get(key)
        if found is not None:
            if g.get("qinglian_warming"):
                cache_manager.data_cache.set(key, found, timeout=_LONGEST)
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
    asked = (action, request.full_path, _may_read_under(stamp))
    told = (configuration(), stamp, str(get_locale()), asked)
    return "qinglian_page_" + hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _may_read_under(stamp: str) -> str:
    """What the account of the request may read, kept until Superset's database is another."""
    kept = kept_under(stamp, "may_read")
    reader = (g.user.id, tuple(sorted(role.id for role in security_manager.get_user_roles())))
    if reader not in kept:
        kept[reader] = may_read(g.user)
    return kept[reader]


def may_read(account: Any) -> str:
    """A digest of all that the texts of pages depend on of an account."""
    roles = security_manager.get_user_roles(account)
    numbers = sorted(role.id for role in roles)
    given = DashboardRoles.c
    dashboards = db.session.query(given.dashboard_id).filter(given.role_id.in_(numbers))
    told = (
        sorted(security_manager.rights_of(numbers)),
        sorted({number for (number,) in dashboards}),
        security_manager.auth_role_admin in {role.name for role in roles},
        account.id if _owns(account) else None,
    )
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _owns(account: Any) -> bool:
    """Whether a dashboard, chart or dataset is the account's own."""
    owners = (dashboard_user.c.user_id, slice_user.c.user_id, sqlatable_user.c.user_id)
    return any(
        db.session.query(owner).filter(owner == account.id).limit(1).scalar() for owner in owners
    )


def _keep(key: str, response: Response) -> None:
    text = response.get_data()
    ages = _ages_told(text)
    if ages is not None:
        result = json.loads(text).get("result")
        number = result.get("id") if isinstance(result, dict) else None
        kept = {"text": packed(text), "id": number, "ages": ages}
        cache_manager.data_cache.set(key, kept, timeout=_LONGEST)


def _ages_told(text: bytes) -> dict[bytes, tuple[datetime, bytes]] | None:
    """Each age in the text: by its key, since when and in which words; None where that is unclear.

    It is clear where one asset tells when it was made and when it was changed, and nothing else
    tells an age.
    """
    noted = {(id(asset), when): (asset, when, words) for asset, when, words in g.qinglian_ages}
    found = dict(_AGE.findall(text))
    told: dict[bytes, tuple[datetime, bytes]] = {}
    for asset, when, words in noted.values():
        for name, since in _SINCE.items():
            if getattr(asset, since) == when and found.get(name) == _escaped(words):
                told[name] = (when, found[name])
    assets = {asset for asset, _ in noted}
    clear = len(assets) <= 1 and told.keys() == found.keys() and text.count(_AGES) == len(found)
    return told if clear else None


def _told_now(page: dict[str, Any]) -> bytes:
    """The text of a page with the ages as they are now."""
    text: bytes = page["text"]
    words = {
        name: (before, now)
        for name, (when, before) in page["ages"].items()
        if (now := _escaped(_age(None, when))) != before
    }
    if not words:
        return text
    whole = gzip.decompress(text)
    for name, (before, now) in words.items():
        whole = whole.replace(b'"%b":"%b"' % (name, before), b'"%b":"%b"' % (name, now))
    return packed(whole)


def _escaped(words: str) -> bytes:
    """Words as they stand in a text."""
    return str(json.dumps(words)).encode()[1:-1]


_age: Callable[[Any, datetime], str] = AuditMixinNullable._format_time_humanized


def _note_ages() -> None:
    """Note of each age that a text tells, of what and since when it is told."""

    def noted(self: Any, timestamp: datetime) -> str:
        words = _age(self, timestamp)
        if has_request_context() and "qinglian_ages" in g:
            g.qinglian_ages.append((self, timestamp, words))
        return words

    AuditMixinNullable._format_time_humanized = noted
