"""People of a directory log in through OpenID Connect, and see what their groups let them see."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from directory_log_in import (
    HOSPITAL,
    OF_DISTRICT,
    OF_HOSPITAL,
    accounts,
    directory_site,
    hospitals,
    hospitals_seen,
    who,
)
from oidc_provider import CLIENT, CLIENT_SECRET, Provider, running_provider
from superset_fixture import SupersetSite

from qinglian.dashboards.client import SupersetClient, SupersetError


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        yield running


@pytest.fixture(scope="module")
def url(superset_site: SupersetSite, provider: Provider) -> Iterator[str]:
    settings = {
        "QINGLIAN_AUTH": "oidc",
        "QINGLIAN_OIDC_ISSUER": provider.issuer,
        "QINGLIAN_OIDC_CLIENT_ID": CLIENT,
        "QINGLIAN_SECRET_OIDC_CLIENT_SECRET": CLIENT_SECRET,
    }
    with directory_site(superset_site, settings) as address:
        yield address


@pytest.fixture(autouse=True)
def honest(provider: Provider) -> None:
    provider.claims, provider.forged = {}, False


@contextmanager
def _log_in(url: str, provider: Provider, name: str, *groups: str) -> Iterator[httpx.Client]:
    provider.person = {"preferred_username": name, "groups": list(groups)}
    with httpx.Client(base_url=url, timeout=60, follow_redirects=True) as session:
        session.get("/login/oidc", params={"next": f"{url}/superset/welcome/"})
        yield session


@pytest.mark.parametrize(
    ("name", "groups", "condition"),
    [
        ("zhou", ["staff", "district"], OF_DISTRICT),
        ("chen", ["hospital"], OF_HOSPITAL),
        ("tang", ["hospital", "district"], f"{OF_HOSPITAL} or {OF_DISTRICT}"),
        ("shen", ["city"], "true"),
    ],
)
def test_groups_give_roles_and_rows(
    superset_site: SupersetSite,
    url: str,
    provider: Provider,
    name: str,
    groups: list[str],
    condition: str,
) -> None:
    with _log_in(url, provider, name, *groups) as session:
        assert who(session) == f"oidc:{name}"
        expected = hospitals(superset_site, condition)
        assert expected
        assert hospitals_seen(superset_site, session) == expected
    assert hospitals(superset_site, OF_DISTRICT) < hospitals(superset_site)


@pytest.mark.parametrize(
    "groups",
    [
        [],
        ["staff"],
        ["City"],
        ["later"],  # its rows are opened by no publication yet
        ["district", "later"],
        ["city", "district"],  # all hospitals and some
        ["city", "insurer"],  # all matters and some
    ],
)
def test_nobody_comes_in_without_groups_that_fit(
    superset_site: SupersetSite, url: str, provider: Provider, groups: list[str]
) -> None:
    with _log_in(url, provider, "stranger", *groups) as session:
        assert who(session) is None
    assert "oidc:stranger" not in accounts(superset_site)


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another client"},
        {"iss": "http://127.0.0.1:1"},
        {"nonce": "of another log-in"},
        {"exp": 1},
        {"preferred_username": ""},
        {"preferred_username": "x" * 64},
    ],
)
def test_a_token_that_is_not_for_this_log_in_is_refused(
    url: str, provider: Provider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    with _log_in(url, provider, "shen", "city") as session:
        assert who(session) is None


def test_a_token_of_another_key_is_refused(url: str, provider: Provider) -> None:
    provider.forged = True
    with _log_in(url, provider, "shen", "city") as session:
        assert who(session) is None


def test_whoever_leaves_a_group_loses_its_rows_and_the_last_one_everything(
    superset_site: SupersetSite, url: str, provider: Provider
) -> None:
    with _log_in(url, provider, "moves", "hospital", "district"):
        pass
    with _log_in(url, provider, "moves", "hospital") as earlier:
        assert hospitals_seen(superset_site, earlier) == {HOSPITAL}
        with _log_in(url, provider, "moves") as session:
            assert who(session) is None
        assert accounts(superset_site)["oidc:moves"] == []
        # The session that was open sees no data any more.
        with pytest.raises((httpx.HTTPStatusError, KeyError)):
            hospitals_seen(superset_site, earlier)


def test_a_name_of_the_directory_is_never_an_account_of_the_installation(
    superset_site: SupersetSite, url: str, provider: Provider
) -> None:
    with _log_in(url, provider, "admin", "hospital") as session:
        assert who(session) == "oidc:admin"
        assert hospitals_seen(superset_site, session) == {HOSPITAL}
        assert session.get("/api/v1/security/users/").status_code == httpx.codes.FORBIDDEN
    assert accounts(superset_site)["admin"] == ["Admin"]


def test_passwords_are_for_publications_alone(superset_site: SupersetSite, url: str) -> None:
    with SupersetClient(url, "admin", superset_site.password("admin")) as admin:
        assert admin.items("dashboard")
    with pytest.raises(SupersetError, match="401"):
        SupersetClient(url, "inspector", superset_site.password("inspector"))
