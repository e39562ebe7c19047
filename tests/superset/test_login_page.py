"""Whoever logs in is logged in, whatever else the login page is still asking for."""

import httpx
from form_log_in import csrf_token, form_session
from superset_fixture import SupersetSite

#: Sent by the page about a second after it is opened.
TIMINGS = "/superset/log/?explode=events"


def test_what_the_page_tells_of_a_stranger_leaves_the_session_alone(
    superset_site: SupersetSite,
) -> None:
    with httpx.Client(base_url=superset_site.url, timeout=30) as stranger:
        told = _tell(stranger, csrf_token(stranger))
        assert told.status_code == httpx.codes.UNAUTHORIZED
        assert "set-cookie" not in told.headers


def test_what_is_told_after_the_login_is_noted(superset_site: SupersetSite) -> None:
    password = superset_site.password("inspector")
    with form_session(superset_site.url, "inspector", password) as session:
        token = session.get("/api/v1/security/csrf_token/").json()["result"]
        assert _tell(session, token).is_success


def _tell(session: httpx.Client, token: str) -> httpx.Response:
    return session.post(TIMINGS, data={"events": "[]"}, headers={"X-CSRFToken": token})
