"""Whoever guesses passwords is soon asked to wait, by form and by REST, and nobody else is."""

from collections.abc import Iterator

import httpx
import pytest
from form_log_in import csrf_token
from superset_fixture import LOGINS_PER_MINUTE, SupersetSite

#: Of this machine, and not the address of the other tests.
GUESSERS_ADDRESS = "127.0.0.2"
BUSY = 429


@pytest.fixture
def guesser(superset_site: SupersetSite) -> Iterator[httpx.Client]:
    way = httpx.HTTPTransport(local_address=GUESSERS_ADDRESS)
    with httpx.Client(base_url=superset_site.url, transport=way, timeout=30) as client:
        yield client


def test_guesses_of_one_address_end_and_other_addresses_go_on(
    superset_site: SupersetSite, guesser: httpx.Client
) -> None:
    guess = {"username": "inspector", "password": "guess", "provider": "db", "refresh": False}
    login = "/api/v1/security/login"
    answers = [guesser.post(login, json=guess).status_code for _ in range(LOGINS_PER_MINUTE + 1)]
    assert set(answers[:-1]) == {httpx.codes.UNAUTHORIZED}
    assert answers[-1] == BUSY

    right = guess | {"password": superset_site.password("inspector")}
    assert guesser.post(login, json=right).status_code == BUSY
    assert httpx.post(f"{superset_site.url}{login}", json=right).is_success


def test_guesses_in_the_form_end_too(superset_site: SupersetSite) -> None:
    way = httpx.HTTPTransport(local_address="127.0.0.3")
    with httpx.Client(base_url=superset_site.url, transport=way, timeout=30) as client:
        form = {"username": "inspector", "password": "guess", "csrf_token": csrf_token(client)}
        for _ in range(LOGINS_PER_MINUTE):
            assert client.post("/login/", data=form).status_code == httpx.codes.FOUND
        assert client.post("/login/", data=form).status_code == BUSY
