"""People of an LDAP directory log in with their password there, and see what their groups allow."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

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
from form_log_in import form_session
from slapd import (
    GROUP,
    READER,
    READER_PASSWORD,
    SLAPD,
    Directory,
    new_certificate,
    running_directory,
)
from superset_fixture import SupersetSite

from qinglian.dashboards.client import SupersetClient
from qinglian.settings import repository_root

PEOPLE = {
    "zhou": ("of zhou", ["staff", "district"]),
    "chen": ("of chen", ["hospital"]),
    "admin": ("of admin", ["hospital"]),
    "stranger": ("of stranger", ["staff"]),
    "both": ("of both", ["city", "district"]),
}


def _missing() -> str:
    """What of the optional parts this machine does not have."""
    if SLAPD is None:
        return "Debian's slapd is not installed: apt-get install slapd"
    python = repository_root() / ".venv-superset" / "bin" / "python"
    if subprocess.run([python, "-c", "import ldap"], check=False, capture_output=True).returncode:
        return "python-ldap is not in Superset's environment: requirements/superset-ldap.txt"
    return ""


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Directory]:
    if reason := _missing():
        pytest.skip(reason)
    with running_directory(tmp_path_factory.mktemp("ldap"), PEOPLE) as running:
        yield running


@pytest.fixture(scope="module")
def url(superset_site: SupersetSite, directory: Directory) -> Iterator[str]:
    settings = {
        "QINGLIAN_AUTH": "ldap",
        "QINGLIAN_LDAP_SERVER": directory.url,
        "QINGLIAN_LDAP_CA_FILE": str(directory.certificate),
        "QINGLIAN_LDAP_SEARCH": "dc=test",
        "QINGLIAN_LDAP_BIND_USER": READER,
        "QINGLIAN_SECRET_LDAP_BIND_PASSWORD": READER_PASSWORD,
    }
    with directory_site(superset_site, settings, GROUP) as address:
        yield address


@pytest.mark.parametrize(("name", "condition"), [("zhou", OF_DISTRICT), ("chen", OF_HOSPITAL)])
def test_groups_give_roles_and_rows(
    superset_site: SupersetSite, url: str, name: str, condition: str
) -> None:
    with form_session(url, name, f"of {name}") as session:
        assert who(session) == f"ldap:{name}"
        assert hospitals_seen(superset_site, session) == hospitals(superset_site, condition)


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("zhou", "of chen"),
        ("zhou", ""),
        ("zhou", "\0"),
        ("*", "of zhou"),
        ("zhou)(uid=*", "of zhou"),
        ("nobody", "of zhou"),
        ("stranger", "of stranger"),  # in no group of groups.yaml
        ("both", "of both"),  # in groups that do not fit together
        ("inspector", "SUPERSET_INSPECTOR_PASSWORD"),  # an account of the installation
    ],
)
def test_nobody_else_comes_in(
    superset_site: SupersetSite, url: str, name: str, password: str
) -> None:
    if password.isupper():
        password = superset_site.password(name)
    with form_session(url, name, password) as session:
        assert who(session) is None
    if password:
        body = {"username": name, "password": password, "refresh": False}
        for way in ("ldap", "db"):
            answer = httpx.post(f"{url}/api/v1/security/login", json=body | {"provider": way})
            assert answer.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.BAD_REQUEST}
    assert f"ldap:{name}" not in accounts(superset_site) or name == "zhou"


def test_a_name_of_the_directory_is_never_an_account_of_the_installation(
    superset_site: SupersetSite, url: str
) -> None:
    with form_session(url, "admin", "of admin") as session:
        assert who(session) == "ldap:admin"
        assert hospitals_seen(superset_site, session) == {HOSPITAL}
    assert accounts(superset_site)["admin"] == ["Admin"]
    with SupersetClient(url, "admin", superset_site.password("admin")) as admin:
        assert admin.items("dashboard")


def test_a_server_with_another_certificate_is_told_no_password(
    url: str, directory: Directory, tmp_path: Path
) -> None:
    right = directory.certificate.read_bytes()
    shutil.copy(new_certificate(tmp_path), directory.certificate)
    try:
        with form_session(url, "chen", "of chen") as session:
            assert who(session) is None
    finally:
        directory.certificate.write_bytes(right)
    with form_session(url, "chen", "of chen") as session:
        assert who(session) == "ldap:chen"
