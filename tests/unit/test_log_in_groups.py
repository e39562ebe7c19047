"""Groups of a directory: which roles they give, and which settings and combinations are refused."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from pydantic import ValidationError

from qinglian.dashboards.assets import Assets
from qinglian.dashboards.roles import RolesFile
from qinglian.dashboards.row_scopes import rules_of
from qinglian.secrets_file import MissingSecretError, SecretsFile
from qinglian.settings import repository_root

SUPERSET = repository_root() / "superset"
SETTINGS = {
    "QINGLIAN_OIDC_ISSUER": "https://login.example.org/realms/city",
    "QINGLIAN_OIDC_CLIENT_ID": "qinglian",
    "QINGLIAN_OIDC_CLIENT_SECRET": "secret",
}


@pytest.fixture(scope="module")
def module() -> Iterator[ModuleType]:
    """superset/qinglian_groups.py, which lies beside Superset's configuration."""
    sys.path.append(str(SUPERSET))
    import qinglian_groups

    yield qinglian_groups
    sys.path.remove(str(SUPERSET))


def _file(folder: Path, *entries: dict[str, object]) -> Path:
    path = folder / "groups.yaml"
    path.write_text(yaml.safe_dump({"groups": list(entries)}, allow_unicode=True), "utf-8")
    return path


DISTRICT = {"group": "d", "roles": ["district_inspector"], "district": "500103"}
HOSPITAL = {"group": "h", "roles": ["hospital_office"], "organisation": "H50010300001"}
CITY = {"group": "c", "roles": ["inspector", "auditor"]}
INSURER = {"group": "i", "roles": ["insurance_supervisor"]}


def test_groups_give_their_roles_and_scopes(module: ModuleType, tmp_path: Path) -> None:
    path = _file(tmp_path, DISTRICT, HOSPITAL, CITY)
    assert module.roles_of({"d", "x"}, path) == ["district_inspector", "district 500103"]
    both = ["district_inspector", "hospital_office", "district 500103", "organisation H50010300001"]
    assert module.roles_of({"d", "h"}, path) == both
    assert module.roles_of({"c"}, path) == ["inspector", "auditor"]
    assert module.roles_of({"D"}, path) == module.roles_of(set(), path) == []
    assert module.roles_of({"d"}, tmp_path / "none.yaml") == []


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ([DISTRICT, CITY], "all hospitals"),
        ([CITY, INSURER], "all families"),
        ([{"group": "d", "roles": ["district_inspector"]}], "no district or hospital"),
        ([{"group": "d", "roles": ["Admin"]}], "no role Admin"),
    ],
)
def test_groups_that_do_not_fit_are_refused(
    module: ModuleType, tmp_path: Path, entries: list[dict[str, object]], reason: str
) -> None:
    path = _file(tmp_path, *entries)
    with pytest.raises(module.AccountsError, match=reason):
        module.roles_of({str(entry["group"]) for entry in entries}, path)


def test_a_publication_opens_the_rows_of_groups(module: ModuleType, tmp_path: Path) -> None:
    path = _file(tmp_path, DISTRICT, HOSPITAL)
    file = RolesFile.read(SUPERSET / "roles.yaml", groups=path)
    assert file.scope_roles == ["district 500103", "organisation H50010300001"]
    assert set(module.roles_of({"d", "h"}, path)) - {r.name for r in file.roles} == {
        *file.scope_roles
    }
    rules = rules_of(file, Assets.read(SUPERSET / "assets").datasets.values())
    assert {rule.clause for rule in rules if rule.role in file.scope_roles} == {
        "org_code = 'H50010300001'",
        "org_code in (select org_code from marts.organisation where district_code = '500103')",
    }


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"group": "a", "roles": ["Admin"]}, "no group gives Admin"),
        ({"group": "a", "roles": []}, "at least 1 item"),
        ({"group": "a", "roles": ["district_inspector"]}, "a: say its district or organisation"),
        ({"group": "a", "roles": ["inspector"], "district": "500103"}, "a: sees all hospitals"),
        ({"group": "", "roles": ["inspector"]}, "at least 1 character"),
        ({**DISTRICT, "district": "' or 1=1"}, "match pattern"),
    ],
)
def test_a_publication_refuses_a_group_without_a_scope_that_fits(
    tmp_path: Path, entry: dict[str, object], reason: str
) -> None:
    with pytest.raises(ValidationError, match=reason):
        RolesFile.read(SUPERSET / "roles.yaml", groups=_file(tmp_path, entry))


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_a_missing_setting_is_named(module: ModuleType, name: str) -> None:
    assert module.oidc_provider(SETTINGS)["name"] == "oidc"
    with pytest.raises(module.AccountsError, match=f"{name} is not set"):
        module.oidc_provider(SETTINGS | {name: " "})


def test_an_issuer_without_tls_is_refused(module: ModuleType) -> None:
    with pytest.raises(module.AccountsError, match="has to be https"):
        module.oidc_provider(SETTINGS | {"QINGLIAN_OIDC_ISSUER": "http://login.example.org"})


def test_a_secret_that_another_chose_is_not_made_up(tmp_path: Path) -> None:
    path = tmp_path / "secrets.env"
    with pytest.raises(MissingSecretError, match="add QINGLIAN_SECRET_OIDC_CLIENT_SECRET="):
        SecretsFile(path).handed_in("OIDC_CLIENT_SECRET")
    path.write_text("QINGLIAN_SECRET_OIDC_CLIENT_SECRET=given\n")
    assert SecretsFile(path).handed_in("OIDC_CLIENT_SECRET") == "given"


LDAP = {
    "QINGLIAN_LDAP_SERVER": "ldap://directory.example.org",
    "QINGLIAN_LDAP_SEARCH": "dc=example,dc=org",
    "QINGLIAN_LDAP_BIND_USER": "cn=reader,dc=example,dc=org",
    "QINGLIAN_LDAP_BIND_PASSWORD": "secret",
}


def test_a_directory_is_asked_by_tls_alone(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: name)
    assert module.ldap_settings(LDAP)["AUTH_LDAP_USE_TLS"] is True
    secured = LDAP | {"QINGLIAN_LDAP_SERVER": "ldaps://directory.example.org"}
    assert module.ldap_settings(secured)["AUTH_LDAP_USE_TLS"] is False  # from the first byte on
    for name in LDAP:
        with pytest.raises(module.AccountsError, match=f"{name} is not set"):
            module.ldap_settings({k: v for k, v in LDAP.items() if k != name})
    with pytest.raises(module.AccountsError, match="begins with ldap"):
        module.ldap_settings(LDAP | {"QINGLIAN_LDAP_SERVER": "directory.example.org"})


def test_a_missing_python_ldap_is_told_with_the_remedy(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(module.AccountsError, match=r"requirements/superset-ldap\.txt"):
        module.ldap_settings(LDAP)
