"""A second Superset over the same database, whose people log in elsewhere; what they then see."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import yaml
from superset_fixture import SupersetSite, serve

from qinglian.dashboards import publish_dashboards, superset_environment
from qinglian.dashboards.client import SupersetClient
from qinglian.dashboards.process import superset_python
from qinglian.dashboards.publish import GROUPS

DISTRICT, HOSPITAL = "500104", "H50010300001"
GIVEN = {
    "city": {"roles": ["inspector"]},
    "district": {"roles": ["district_inspector"], "district": DISTRICT},
    "hospital": {"roles": ["hospital_office"], "organisation": HOSPITAL},
    "insurer": {"roles": ["insurance_supervisor"]},
}
#: A group that groups.yaml names and no publication has seen.
LATER = {"roles": ["district_inspector"], "district": "500999"}
OF_DISTRICT = (
    f"org_code in (select org_code from marts.organisation where district_code = '{DISTRICT}')"
)
OF_HOSPITAL = f"org_code = '{HOSPITAL}'"


@contextmanager
def directory_site(
    site: SupersetSite, settings: Mapping[str, str], group: str = "{}"
) -> Iterator[str]:
    """Address of the Superset, with these variables; `group` is how the directory calls a group."""
    path = site.settings.state_dir / GROUPS
    groups = [{"group": group.format(name)} | given for name, given in GIVEN.items()]
    path.write_text(yaml.safe_dump({"groups": groups}), "utf-8")
    publish_dashboards(site.settings, site.server, site.url)
    later = {"group": group.format("later")} | LATER
    path.write_text(yaml.safe_dump({"groups": [*groups, later]}), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        _prepare(site)
        address, process = serve(site.settings, site.server)
    try:
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)
        path.unlink()
        with SupersetClient(site.url, "admin", site.password("admin")) as admin:
            for user in admin.items("security/users"):
                if ":" in user["username"]:
                    admin.request("DELETE", f"security/users/{user['id']}")
        publish_dashboards(site.settings, site.server, site.url)


def _prepare(site: SupersetSite) -> None:
    """As `qinglian up` does where people log in elsewhere."""
    admin = {"SUPERSET_ADMIN_USER": "admin", "SUPERSET_ADMIN_PASSWORD": site.password("admin")}
    script = site.settings.root / "superset" / "initialise.py"
    done = subprocess.run(
        [str(superset_python(site.settings)), str(script)],
        env=superset_environment(site.settings, site.server) | admin,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def who(session: httpx.Client) -> str | None:
    """The account that the session is logged in as."""
    answer = session.get("/api/v1/me/")
    return answer.json()["result"]["username"] if answer.is_success else None


def accounts(site: SupersetSite) -> dict[str, list[str]]:
    """Roles of each account."""
    with SupersetClient(site.url, "admin", site.password("admin")) as admin:
        users = admin.items("security/users")
    return {user["username"]: [role["name"] for role in user["roles"]] for user in users}


def hospitals_seen(site: SupersetSite, session: httpx.Client) -> set[str]:
    """Those whose leads the session sees."""
    with SupersetClient(site.url, "admin", site.password("admin")) as admin:
        (dataset,) = [d["id"] for d in admin.items("dataset") if d["table_name"] == "lead_listing"]
    token = session.get("/api/v1/security/csrf_token/").json()["result"]
    query: dict[str, Any] = {"columns": ["org_code"], "metrics": [], "row_limit": 1000}
    answer = session.post(
        "/api/v1/chart/data",
        json={"datasource": {"id": dataset, "type": "table"}, "queries": [query]},
        headers={"X-CSRFToken": token, "Referer": str(session.base_url)},
    )
    answer.raise_for_status()
    return {row["org_code"] for row in answer.json()["result"][0]["data"]}


def hospitals(site: SupersetSite, condition: str = "true") -> set[str]:
    """Hospitals with leads of which the condition holds."""
    query = f"select distinct org_code from marts.lead_listing where {condition}"
    with site.server.connect("reader") as connection:
        return {code for (code,) in connection.execute(query.encode())}
