"""Accounts and the rows that they see, from files alone."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from qinglian.dashboards.assets import Assets
from qinglian.dashboards.roles import RolesFile
from qinglian.dashboards.row_scopes import rules_of
from qinglian.settings import repository_root

ROLES = repository_root() / "superset" / "roles.yaml"
DATASETS = list(Assets.read(repository_root() / "superset" / "assets").datasets.values())


def _read(folder: Path, roles: list[str], **scope: Any) -> RolesFile:
    account = {
        "username": "someone",
        "first_name": "某",
        "last_name": "人",
        "email": "someone@localhost",
        "roles": roles,
        "secret": "SUPERSET_SOMEONE_PASSWORD",
    }
    path = folder / "accounts.yaml"
    path.write_text(yaml.safe_dump({"users": [account | scope]}, allow_unicode=True), "utf-8")
    return RolesFile.read(ROLES, path)


def test_an_installation_without_accounts_of_its_own_has_those_of_the_repository(
    tmp_path: Path,
) -> None:
    file = RolesFile.read(ROLES, tmp_path / "accounts.yaml")
    assert [user.username for user in file.users] == ["admin", "inspector"]
    by_hospital = [rule for rule in rules_of(file, DATASETS) if rule.group == "qinglian_scope"]
    assert [rule.clause for rule in by_hospital] == ["1 = 0", "1 = 0"]


def test_a_scope_opens_rows_that_its_role_closes(tmp_path: Path) -> None:
    file = _read(tmp_path, ["hospital_office"], organisation="H50010300001")
    assert file.scope_roles == ["organisation H50010300001"]
    rule = next(r for r in rules_of(file, DATASETS) if r.role == "organisation H50010300001")
    assert rule.clause == "org_code = 'H50010300001'"
    assert {"lead_listing", "lead_evidence"} <= set(rule.datasets)


def test_a_role_with_families_has_a_condition_on_all_that_tells_of_leads() -> None:
    rules = rules_of(RolesFile.read(ROLES), DATASETS)
    of_role = [rule for rule in rules if rule.role == "insurance_supervisor"]
    closed = {name: rule.clause for rule in of_role for name in rule.datasets}
    told = {"family", "indicator_id", "lead_id", "other_lead_id", "entity_type"}
    role = next(r for r in RolesFile.read(ROLES).roles if r.name == "insurance_supervisor")
    for dataset in DATASETS:
        if dataset.title in role.datasets and told & set(dataset.columns):
            assert closed[dataset.title]
    assert closed["lead_listing"] == "family in ('prescribing', 'billing', 'cross_system')"
    assert "lead_id in" in closed["lead_neighbour"]
    assert "other_lead_id in" in closed["lead_neighbour"]
    assert closed["subject_score"] == (
        "entity_type not in ('supplier', 'supplier_hospital') and not tells_of_procurement"
    )


@pytest.mark.parametrize(
    ("roles", "scope", "fault"),
    [
        (["hospital_office"], {}, "say its district or organisation"),
        (["inspector"], {"district": "500103"}, "sees all hospitals"),
        (["inspector", "hospital_office"], {"district": "500103"}, "sees all hospitals"),
        (["hospital_office"], {"district": "500103", "organisation": "H1"}, "not both"),
        (["inspector", "insurance_supervisor"], {}, "what one closes stays closed"),
        (["nobody"], {}, "no role nobody"),
        (["hospital_office"], {"organisation": "H1' or '1'='1"}, "organisation"),
        (["district_inspector"], {"district": "5001"}, "district"),
    ],
)
def test_an_account_whose_role_and_scope_do_not_fit_is_refused(
    tmp_path: Path, roles: list[str], scope: dict[str, str], fault: str
) -> None:
    with pytest.raises(ValidationError, match=fault):
        _read(tmp_path, roles, **scope)
