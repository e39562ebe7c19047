"""Quality reports behind Superset's log-in: data docs, indicator handbook, contract handbook.

Data docs show masked rows of each hospital's tables and are not divided by hospital, so that only
roles that may see all hospitals' data hold `can_read on DataDocs`. The handbooks hold no data.
"""

import base64
import hashlib
import os
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, request, send_file
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import get_locale
from flask_babel.speaklater import LazyString
from markdown_it import MarkdownIt
from markdown_it.token import Token
from superset.extensions import appbuilder, event_logger, talisman
from werkzeug.security import safe_join

_DATA_DOCS = Path(os.environ["QINGLIAN_DATA_DOCS"])
_HANDBOOKS = Path(__file__).parent.parent / "docs"
#: Page of each handbook: its file and its title.
_TITLES = {"indicators": "指标手册 Indicator handbook", "contracts": "数据契约 Data contracts"}
_MENU = "Quality Reports"
_DASHBOARDS = "/dashboard/list/"
_STATIC_SECONDS = 24 * 3600

_STYLE = """
body { margin: 0; color: #24292f; font: 15px/1.6 Inter, 'PingFang SC', 'Microsoft YaHei',
  'Noto Sans CJK SC', sans-serif; }
nav { position: sticky; top: 0; padding: 12px 32px; background: #fff;
  border-bottom: 1px solid #d9dee3; }
nav a { margin-right: 24px; }
nav a[aria-current] { color: inherit; font-weight: 600; text-decoration: none; }
main { max-width: 1280px; margin: 0 auto; padding: 8px 32px 64px; }
a { color: #1f6f8b; }
[id] { scroll-margin-top: 64px; }
h2 { margin-top: 48px; padding-top: 12px; border-top: 1px solid #d9dee3; }
table { border-collapse: collapse; margin: 16px 0; font-size: 14px; }
th, td { border: 1px solid #d9dee3; padding: 4px 10px; text-align: left; vertical-align: top; }
th { background: #f3f6f8; }
code { background: #f3f6f8; padding: 1px 4px; overflow-wrap: anywhere; }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HANDBOOK_POLICY = {
    "default-src": "'none'",
    "style-src": f"'sha256-{_STYLE_HASH}'",
    "img-src": "data:",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'self'",
}
#: The pages of Great Expectations hold scripts of their own. In a sandbox they run, but as those of
#: a stranger: without Superset's session, whatever text of a hospital should ever slip through.
_DATA_DOCS_POLICY = {
    "default-src": "'none'",
    "script-src": "'self' 'unsafe-inline'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'self'",
    "sandbox": "allow-scripts",
}
_NO_PAGE = "没有这一页：报告在发布（qinglian publish）时生成。 No such page; publishing makes them."


class DataDocsView(BaseView):
    """The site that `qinglian publish` builds in the state folder."""

    route_base = "/reports/data-docs"
    class_permission_name = "DataDocs"
    method_permission_name = {"page": "read"}  # noqa: RUF012 (Flask-AppBuilder's way)

    @expose("/")
    @expose("/<path:name>")
    @has_access
    @talisman(content_security_policy=_DATA_DOCS_POLICY, content_security_policy_nonce_in=[])
    def page(self, name: str = "index.html") -> Response:
        """One page, entered in the log of what was read."""
        path = _file_of_site(name, ".html")
        if path is None:
            return Response(_NO_PAGE, 404, mimetype="text/plain")
        with event_logger.log_context(action="data_docs", path=request.path):
            return _fresh(send_file(path, mimetype="text/html"))

    @expose("/static/<name>")
    def static_file(self, name: str) -> Response:
        """Styles, scripts and font of the pages: published libraries, without a log-in.

        A page in a sandbox asks for them as a stranger, without the session.
        """
        path = _file_of_site(f"static/{name}", ".css", ".js", ".woff2")
        if path is None:
            abort(404)
        response = send_file(path, max_age=_STATIC_SECONDS)
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response


class HandbooksView(BaseView):
    """The handbooks of this checkout: what is computed, and from which data."""

    route_base = "/reports"
    class_permission_name = "Handbooks"
    method_permission_name = {"handbook": "read"}  # noqa: RUF012

    @expose("/<any(indicators, contracts):name>/")
    @has_access
    @talisman(content_security_policy=_HANDBOOK_POLICY, content_security_policy_nonce_in=[])
    def handbook(self, name: str) -> Response:
        """One handbook as a page, entered in the log of what was read."""
        path = _HANDBOOKS / f"{name}.md"
        with event_logger.log_context(action="handbook", path=request.path):
            return _fresh(Response(_handbook(path, path.stat().st_mtime_ns), mimetype="text/html"))


def add_reports(app: Flask) -> None:
    """Add the reports and their entries in the menu to Superset."""
    del app  # Flask-AppBuilder knows it
    appbuilder.add_view_no_menu(DataDocsView)
    appbuilder.add_view_no_menu(HandbooksView)
    for name, chinese, english, address in (
        ("Data Docs", "数据质量报告", "Data docs", "data-docs"),
        ("Indicator Handbook", "指标手册", "Indicator handbook", "indicators"),
        ("Contract Handbook", "数据契约手册", "Contract handbook", "contracts"),
    ):
        appbuilder.add_link(
            name,
            href=f"/reports/{address}/",
            label=_label(chinese, english),
            category=_MENU,
            category_label=_label("质量报告", "Quality reports"),
        )
    _put_last(_MENU)


def _put_last(name: str) -> None:
    """Show an entry of the menu behind Superset's own, which come later."""
    shipped = appbuilder.menu.get_data

    def reordered(menu: list[Any] | None = None) -> list[Any]:
        return sorted(shipped(menu), key=lambda entry: entry != "-" and entry["name"] == name)

    appbuilder.menu.get_data = reordered


def _label(chinese: str, english: str) -> LazyString:
    """A label in the language of whoever asks."""
    return LazyString(lambda: chinese if str(get_locale()).startswith("zh") else english)


def _file_of_site(name: str, *suffixes: str) -> Path | None:
    """A file of one of these kinds inside the site; None for any other name."""
    joined = safe_join(str(_DATA_DOCS), name)
    if joined is None or "\0" in joined or not joined.endswith(suffixes):
        return None
    path = Path(joined).resolve()
    return path if path.is_relative_to(_DATA_DOCS.resolve()) and path.is_file() else None


def _fresh(response: Response) -> Response:
    """The response, to be asked for again each time: nobody sees it after logging out."""
    response.headers["Cache-Control"] = "private, no-store"
    return response


@lru_cache(maxsize=4)
def _handbook(path: Path, changed: int) -> str:
    """The page of a handbook; `changed` makes it anew when the file is another."""
    markdown = MarkdownIt("commonmark").enable("table")
    tokens = markdown.parse(path.read_text("utf-8"))
    _give_anchors(tokens)
    links = f'<a href="{_DASHBOARDS}">← 看板 Dashboards</a>'
    links += "".join(
        f'<a href="/reports/{name}/"{" aria-current=page" if name == path.stem else ""}>{title}</a>'
        for name, title in _TITLES.items()
    )
    return (
        '<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="data:,"><title>{_TITLES[path.stem]}</title>'
        f"<style>{_STYLE}</style></head><body><nav>{links}</nav>"
        f"<main>{markdown.renderer.render(tokens, markdown.options, {})}</main></body></html>"
    )


def _give_anchors(tokens: list[Token]) -> None:
    """Give each heading of one word the anchor that the table of contents leads to."""
    for heading, content in pairwise(tokens):
        if heading.type == "heading_open" and content.content.isalnum():
            heading.attrSet("id", content.content.lower())
