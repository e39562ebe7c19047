"""Whoever logs in begins where the work is: on the first page that the account may open.

Superset's own home shows the four dashboards that were changed last, whichever they are. It stays
for administrators. The other dashboards stand in the menu.
"""

from flask import Flask, redirect, request, url_for
from flask_babel import get_locale
from flask_login import current_user
from superset.models.dashboard import Dashboard
from werkzeug.wrappers import Response

from superset import db, security_manager

#: In the order in which they are tried.
FIRST_PAGES = ("lead-overview", "data-quality")
_HOME = "/superset/welcome"
_ENGLISH = "-en"


def add_first_page(app: Flask) -> None:
    """Lead from Superset's home to the account's first page."""

    @app.before_request
    def first_page() -> Response | None:
        if request.path.rstrip("/") != _HOME or not current_user.is_authenticated:
            return None
        if security_manager.is_admin():
            return None
        slug = next(filter(_is_open, _slugs()), None)
        return redirect(url_for("Superset.dashboard", dashboard_id_or_slug=slug)) if slug else None


def _slugs() -> list[str]:
    """The pages in the account's language, then those in Chinese, which are always there."""
    english = [slug + _ENGLISH for slug in FIRST_PAGES] if str(get_locale()) == "en" else []
    return [*english, *FIRST_PAGES]


def _is_open(slug: str) -> bool:
    dashboard = db.session.query(Dashboard).filter_by(slug=slug).one_or_none()
    return dashboard is not None and security_manager.can_access_dashboard(dashboard)
