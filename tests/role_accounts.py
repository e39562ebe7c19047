"""One account of each role, for tests of what each may see."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import yaml
from superset_fixture import SupersetSite

from qinglian.dashboards import publish_dashboards
from qinglian.dashboards.publish import ACCOUNTS
from qinglian.dashboards.roles import RolesFile
from qinglian.settings import repository_root

ROLES = RolesFile.read(repository_root() / "superset" / "roles.yaml")
DISTRICT, HOSPITAL = "500104", "H50010300001"
_SCOPES = {
    "district_inspector": {"district": DISTRICT},
    "hospital_office": {"organisation": HOSPITAL},
}


@contextmanager
def an_account_of_each_role(site: SupersetSite) -> Iterator[dict[str, str]]:
    """User names by role, while they stand in the installation's file."""
    users = write_accounts(site)
    publish_dashboards(site.settings, site.server, site.url)
    yield users
    (site.settings.home / ACCOUNTS).unlink()
    site.close_accounts(users.values())
    publish_dashboards(site.settings, site.server, site.url)


def write_accounts(site: SupersetSite) -> dict[str, str]:
    """Write the installation's file, which the next publication applies; user names by role."""
    users = {role.name: user_of(role.name) for role in ROLES.roles}
    accounts = [_account(user, role) for role, user in users.items()]
    path = site.settings.home / ACCOUNTS
    path.write_text(yaml.safe_dump({"users": accounts}, allow_unicode=True), "utf-8")
    return users


def user_of(role: str) -> str:
    """The name of the account of a role."""
    return f"a_{role}"


def _account(user: str, role: str) -> dict[str, Any]:
    secret = f"SUPERSET_{user.upper()}_PASSWORD"
    person = {"first_name": "测", "last_name": "试", "email": f"{user}@localhost"}
    scope = _SCOPES.get(role, {})
    return {"username": user, "roles": [role], "secret": secret} | person | scope
