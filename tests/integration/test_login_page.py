"""Whoever logs in is logged in, whatever else the login page is still asking for."""

import re

import httpx
from superset_fixture import SupersetSite

#: Sent by the page about a second after it is opened.
TIMINGS = "/superset/log/?explode=events"


def test_what_the_page_tells_of_a_stranger_leaves_the_session_alone(
    superset_site: SupersetSite,
) -> None:
    with httpx.Client(base_url=superset_site.url, timeout=30) as client:
        token = re.search(r'csrf_token[^>]*value="([^"]+)"', client.get("/login/").text)
        assert token is not None
        told = client.post(TIMINGS, data={"events": "[]"}, headers={"X-CSRFToken": token[1]})
        assert told.status_code == httpx.codes.UNAUTHORIZED
        assert "set-cookie" not in told.headers

        form = {
            "username": "inspector",
            "password": superset_site.password("inspector"),
            "csrf_token": token[1],
        }
        assert client.post("/login/", data=form).headers["location"] == "/"
        told = client.post(TIMINGS, data={"events": "[]"}, headers={"X-CSRFToken": token[1]})
        assert told.is_success
        assert "set-cookie" not in told.headers
        assert client.get("/superset/welcome/").is_success
