"""A session of Superset that was begun by the form of its login page, as people do."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx


@contextmanager
def form_session(url: str, username: str, password: str) -> Iterator[httpx.Client]:
    """The session after the form was sent; whether it was let in, its next answer tells."""
    with httpx.Client(base_url=url, timeout=60) as session:
        form = {"username": username, "password": password, "csrf_token": csrf_token(session)}
        answer = session.post("/login/", data=form).status_code
        assert answer == (httpx.codes.FOUND if password else httpx.codes.OK)  # the form once more
        yield session


def csrf_token(session: httpx.Client) -> str:
    """What the form has to send, without which no password is looked at."""
    token = re.search(r'csrf_token[^>]*value="([^"]+)"', session.get("/login/").text)
    assert token is not None
    return token[1]
