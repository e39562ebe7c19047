"""Accounts that read Superset, and its own database, for the tests of what each is answered."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from role_accounts import an_account_of_each_role
from superset_fixture import SupersetSite

from qinglian.dashboards.client import SupersetClient


@contextmanager
def client_of(site: SupersetSite, account: str) -> Iterator[SupersetClient]:
    """The account, logged in."""
    with SupersetClient(site.url, account, site.password(account)) as client:
        yield client


@pytest.fixture(scope="module")
def users(superset_site: SupersetSite) -> Iterator[dict[str, str]]:
    """The names of an account of each role."""
    with an_account_of_each_role(superset_site) as accounts:
        yield accounts


@pytest.fixture(scope="module")
def admin(superset_site: SupersetSite) -> Iterator[SupersetClient]:
    with client_of(superset_site, "admin") as client:
        yield client


@pytest.fixture
def metadata(superset_site: SupersetSite) -> Iterator[psycopg.Connection]:
    """Superset's own database."""
    with superset_site.server.connect("superset", "superset") as connection:
        yield connection
