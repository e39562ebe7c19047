"""Configuration of Superset: read-only, Chinese first, no host outside the installation.

Every secret comes from the environment, which `qinglian.dashboards.superset_environment` fills;
Superset does not start when one is missing.
"""

import copy
import gzip
import json
import os
import sys
from pathlib import Path

from flask import Flask, Response, request, session
from flask_babel import get_locale
from superset.config import TALISMAN_CONFIG as SHIPPED_TALISMAN_CONFIG
from superset.config import THEME_DEFAULT as SHIPPED_THEME

import superset

_HERE = Path(__file__).parent
sys.path.append(str(_HERE))  # for the modules beside this one
_STATE = Path(os.environ["QINGLIAN_SUPERSET_STATE"])
_REDIS_URL = os.environ.get("QINGLIAN_REDIS_URL")

# --- secrets and storage -------------------------------------------------------------------
SECRET_KEY = os.environ["SUPERSET_SECRET_KEY"]
GUEST_TOKEN_JWT_SECRET = os.environ["SUPERSET_GUEST_TOKEN_SECRET"]
SQLALCHEMY_DATABASE_URI = os.environ["SUPERSET_METADATA_URI"]
# Two workers with eight threads each; PostgreSQL is shared with Airflow and the warehouse.
SQLALCHEMY_ENGINE_OPTIONS = {"pool_size": 5, "max_overflow": 5, "pool_pre_ping": True}


def _cache(prefix: str, seconds: int) -> dict[str, object]:
    """Redis where an installation has one, else files, which the workers share as well."""
    common = {"CACHE_DEFAULT_TIMEOUT": seconds, "CACHE_KEY_PREFIX": f"qinglian_{prefix}_"}
    if _REDIS_URL:
        return {"CACHE_TYPE": "RedisCache", "CACHE_REDIS_URL": _REDIS_URL, **common}
    folder = str(_STATE / "cache" / prefix)
    return {
        "CACHE_TYPE": "FileSystemCache",
        "CACHE_DIR": folder,
        "CACHE_THRESHOLD": 10_000,
        **common,
    }


CACHE_CONFIG = _cache("metadata", 24 * 3600)
# Readers of the same rows share an answer. Each build of the marts makes all answers anew
# (qinglian_warm_up), and a publication those of the datasets that it imports: their date, which is
# in the key, is another then.
# What remains is a condition on a time that is told from today, which no dashboard has.
DATA_CACHE_CONFIG = _cache("data", 24 * 3600)
FILTER_STATE_CACHE_CONFIG = _cache("filters", 90 * 24 * 3600) | {
    "REFRESH_TIMEOUT_ON_RETRIEVAL": True
}
EXPLORE_FORM_DATA_CACHE_CONFIG = _cache("explore", 7 * 24 * 3600) | {
    "REFRESH_TIMEOUT_ON_RETRIEVAL": True
}

# --- who may do what -----------------------------------------------------------------------
FAB_ADD_SECURITY_API = True  # roles and users are applied from superset/roles.yaml by REST
FAB_API_SWAGGER_UI = False
AUTH_USER_REGISTRATION = False  # accounts of a directory are made by GroupSecurityManager
_AUTH = os.environ.get("QINGLIAN_AUTH", "database")
# Publications log in with a password all the same; GroupSecurityManager lets nobody else.
AUTH_API_LOGIN_ALLOW_MULTIPLE_PROVIDERS = _AUTH != "database"
if _AUTH == "database":
    from qinglian_rights import ReadOnceSecurityManager

    CUSTOM_SECURITY_MANAGER = ReadOnceSecurityManager
elif _AUTH == "oidc":
    from flask_appbuilder.security.manager import AUTH_OAUTH
    from qinglian_accounts import GroupSecurityManager
    from qinglian_groups import oidc_provider

    AUTH_TYPE = AUTH_OAUTH
    OAUTH_PROVIDERS = [oidc_provider(dict(os.environ))]
    CUSTOM_SECURITY_MANAGER = GroupSecurityManager
elif _AUTH == "ldap":
    from flask_appbuilder.security.manager import AUTH_LDAP
    from qinglian_accounts import GroupSecurityManager
    from qinglian_groups import ldap_settings

    AUTH_TYPE = AUTH_LDAP
    globals().update(ldap_settings(dict(os.environ)))
    CUSTOM_SECURITY_MANAGER = GroupSecurityManager
else:
    raise ValueError(f"QINGLIAN_AUTH is {_AUTH!r}: it has to be database, oidc or ldap")
from qinglian_log import OneCommitEventLogger  # noqa: E402 (a module beside this one)

EVENT_LOGGER = OneCommitEventLogger()
ENABLE_CORS = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = os.environ.get("QINGLIAN_SUPERSET_HTTPS") == "1"
PERMANENT_SESSION_LIFETIME = 8 * 3600
PREVENT_UNSAFE_DB_CONNECTIONS = True
RATELIMIT_ENABLED = True
AUTH_RATE_LIMITED = True
# Of one address, each worker counting for itself without Redis. Where a whole office shares one
# address, as behind a proxy, ten are few.
AUTH_RATE_LIMIT = f"{int(os.environ.get('QINGLIAN_SUPERSET_LOGINS_PER_MINUTE', '10'))} per minute"
# A dashboard asks for some forty files at once, and a whole office may share one address.
RATELIMIT_APPLICATION = None
RATELIMIT_STORAGE_URI = _REDIS_URL or "memory://"

# --- content security policy ---------------------------------------------------------------
_POLICY = copy.deepcopy(SHIPPED_TALISMAN_CONFIG["content_security_policy"])


def _own_hosts(sources: list[str] | str) -> list[str] | str:
    """The sources of one directive without foreign hosts (usage counter, map tiles, web fonts)."""
    if isinstance(sources, str):
        return sources
    return [s for s in sources if "." not in s]


TALISMAN_ENABLED = True
TALISMAN_CONFIG = SHIPPED_TALISMAN_CONFIG | {
    "content_security_policy": {name: _own_hosts(value) for name, value in _POLICY.items()}
    | {"frame-ancestors": ["'self'"], "form-action": ["'self'"]},
    "session_cookie_secure": SESSION_COOKIE_SECURE,
    "force_https": False,  # TLS ends at the proxy in front
}
ENABLE_PROXY_FIX = os.environ.get("QINGLIAN_SUPERSET_BEHIND_PROXY") == "1"
# Cells of the light board carry a coloured span; anything else is still sanitised away.
HTML_SANITIZATION = True
HTML_SANITIZATION_SCHEMA_EXTENSIONS = {"attributes": {"span": ["style"]}}

# --- what is switched on -------------------------------------------------------------------
FEATURE_FLAGS = {
    # No asset is a template; what a reader writes into a condition must not become one.
    "ENABLE_TEMPLATE_PROCESSING": False,
    "DRILL_TO_DETAIL": True,
    "DRILL_BY": True,
    # Publishing gives a dashboard to the roles that may read all of it, and nobody sees another. It
    # opens no dataset to anybody, since these roles read the datasets anyway.
    "DASHBOARD_RBAC": True,
    "ALERT_REPORTS": False,
    "THUMBNAILS": False,
    "EMBEDDED_SUPERSET": False,
    "EMBEDDABLE_CHARTS": False,
}
ROW_LIMIT = 10_000
SQL_MAX_ROW = 50_000
SUPERSET_WEBSERVER_TIMEOUT = 60

# --- language, numbers, dates ----------------------------------------------------------------
LANGUAGES = {
    "zh": {"flag": "cn", "name": "简体中文"},
    "en": {"flag": "us", "name": "English"},
}
BABEL_DEFAULT_LOCALE = "zh"
DEFAULT_TIMEZONE = os.environ.get("TZ", "Asia/Shanghai")
D3_FORMAT = {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", " 元"]}
_MONTHS = [f"{month}月" for month in range(1, 13)]
D3_TIME_FORMAT = {
    "dateTime": "%Y-%m-%d %H:%M:%S",
    "date": "%Y-%m-%d",
    "time": "%H:%M:%S",
    "periods": ["上午", "下午"],
    "days": ["星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"],
    "shortDays": ["周日", "周一", "周二", "周三", "周四", "周五", "周六"],
    "months": _MONTHS,
    "shortMonths": _MONTHS,
}
CURRENCIES = ["CNY"]

# --- looks -----------------------------------------------------------------------------------
from qinglian_brand import NAME, in_language, logo, theme  # noqa: E402 (a module beside this one)

APP_NAME = NAME
APP_ICON = logo(NAME)
COMMON_BOOTSTRAP_OVERRIDES_FUNC = in_language
FAVICONS = [{"href": "/static/assets/images/favicon.png"}]
_TOKENS = {
    "brandLogoHeight": "30px",
    "brandLogoHref": "/superset/dashboard/lead-overview/",
    "colorPrimary": "#1F6F8B",
    "colorLink": "#1F6F8B",
    "fontFamily": "Inter, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif",
}


def THEME_DEFAULT() -> dict[str, object]:  # noqa: N802 (Superset's name)
    """The theme with the name in the reader's language."""
    return theme(SHIPPED_THEME, _TOKENS)


EXTRA_SEQUENTIAL_COLOR_SCHEMES = [
    {
        "id": "qinglian_coverage",
        "label": "覆盖率（灰到绿）",
        "description": "Grey where nothing can be computed, green where everything can",
        "isDiverging": False,
        "colors": ["#b4b9c0", "#dfe6dc", "#a9d0b3", "#55a06c"],
    }
]
THEME_DARK = None  # the lights' colours are chosen for a white page
ENABLE_UI_THEME_ADMINISTRATION = False

_CORRECTIONS = json.loads((_HERE / "translations" / "zh.json").read_text("utf-8"))


_PAGE = """<!doctype html><html lang="{0}"><meta charset="utf-8"><title>{1}</title>
<body style="font-family: sans-serif; margin: 4em"><h1>{2}</h1>
<p>{3}</p><p><a href="/">{4}</a></p></body></html>"""
#: In place of Superset's page where a dashboard is not there, or not for the account.
_NO_SUCH_PAGE = {
    "zh": _PAGE.format(
        *("zh", "没有这一页", "没有这一页，或本账号无权查看"),
        *("人员姓名只给须处置线索的账号；需要时请向管理员申请。", "返回首页"),
    ),
    "en": _PAGE.format(
        *("en", "No such page", "There is no such page, or it is not open to this account"),
        "Names of staff are for accounts that have to act on leads; ask the administrator.",
        "Back to the first page",
    ),
}


def FLASK_APP_MUTATOR(app: Flask) -> None:  # noqa: N802 (Superset's name)
    """Limit logins by REST and by form, add the reports and each account's first page, serve the
    corrected Chinese pack to all, write exports without the HTML that links and lights are on a
    page, and say in Chinese that a dashboard is not open.

    The shipped pack holds fuzzy guesses (its login button reads "Not In"), and its endpoint asks
    for a login, so that the login page itself would stay English.
    """
    limiter = superset.security_manager.limiter
    # Superset limits its own page of the form, and another view takes what the form sends.
    form = superset.security_manager.auth_view.blueprint
    for logins in (app.blueprints["SecurityApi"], form):
        limiter.limit(AUTH_RATE_LIMIT, methods=["POST"])(logins)
    from qinglian_answers import keep_answers
    from qinglian_connections import keep_connections
    from qinglian_exports import write_plain_cells
    from qinglian_first_page import add_first_page
    from qinglian_log import write_log_with_answers
    from qinglian_pages import keep_pages
    from qinglian_publication import add_publication
    from qinglian_reports import add_reports  # needs the application
    from qinglian_savings import save_work
    from qinglian_stamp import stamp_answers
    from qinglian_warm_up import add_warm_up

    add_reports(app)
    add_first_page(app)
    write_plain_cells()
    keep_connections()
    save_work()
    add_warm_up(app)
    add_publication(app)
    keep_answers()
    keep_pages()
    write_log_with_answers(app)
    stamp_answers(app)
    shipped = Path(superset.__file__).parent / "translations/zh/LC_MESSAGES/messages.json"
    pack = json.loads(shipped.read_text("utf-8"))
    pack["locale_data"]["superset"].update({key: [text] for key, text in _CORRECTIONS.items()})
    packed = gzip.compress(json.dumps(pack, ensure_ascii=False).encode(), mtime=0)

    @app.after_request
    def page_that_is_not_open(response: Response) -> Response:
        refused = response.status_code in (403, 404) and response.mimetype == "text/html"
        if refused and request.path.startswith("/superset/dashboard/"):
            response.direct_passthrough = False
            response.set_data(_NO_SUCH_PAGE["en" if str(get_locale()) == "en" else "zh"])
        return response

    @app.before_request
    def nothing_to_note_of_a_stranger() -> Response | None:
        """The login page tells what it timed, a second after it was opened.

        Superset would send it to the login with a session of its own, and whoever has just logged
        in would be a stranger again where that answer comes after the login's.
        """
        if request.path.rstrip("/") != "/superset/log" or "_user_id" in session:
            return None
        return Response(status=401)

    @app.before_request
    def chinese_language_pack() -> Response | None:
        if request.path.rstrip("/") != "/superset/language_pack/zh":
            return None
        packs = request.accept_encodings.quality("gzip") > 0
        body = packed if packs else gzip.decompress(packed)
        response = Response(body, mimetype="application/json")
        if packs:
            response.headers["Content-Encoding"] = "gzip"
        response.vary.add("Accept-Encoding")
        response.headers["Cache-Control"] = "no-cache"  # kept, and asked whether it still holds
        response.add_etag()
        return response.make_conditional(request)
