"""Which hospitals' rows an account sees: Superset's row-level security, applied idempotently.

A role whose rows are its `own` sees none by itself. The account's district or hospital gives it a
second role, whose rule opens the rows of these hospitals in every dataset that has an organisation.
Rules of one group are joined by `or`, so that an account that lost its scope sees nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from qinglian.dashboards.assets import AssetError, Dataset
from qinglian.dashboards.client import SupersetClient
from qinglian.dashboards.roles import RolesFile

#: Column by which rows belong to a hospital.
ORGANISATION = "org_code"
_GROUP = "qinglian_scope"
_NO_ROWS = "1 = 0"


@dataclass(frozen=True)
class Rule:
    """One rule of row-level security: what holders of the role see."""

    role: str
    clause: str


def rules_of(file: RolesFile) -> list[Rule]:
    """No rows for each role with rows of its own, and one opening for each scope of an account."""
    closed = [Rule(role.name, _NO_ROWS) for role in file.roles if role.rows == "own"]
    opened = {user.scope_role: Rule(user.scope_role, user.clause) for user in file.users}
    return closed + [rule for name, rule in sorted(opened.items()) if name]


def scoped_datasets(file: RolesFile, datasets: Iterable[Dataset]) -> list[str]:
    """Names of the datasets whose rows belong to hospitals and that a role with own rows reads.

    Raises AssetError where such a role reads a dataset that has no organisation and is not listed
    as one without rows of hospitals: all of its rows would be seen.
    """
    known = {dataset.title: dataset for dataset in datasets}
    read = {
        name
        for role in file.roles
        if role.rows == "own"
        for name in (known if role.datasets == "all" else role.datasets)
    }
    scoped = sorted(n for n in read if n in known and ORGANISATION in known[n].columns)
    if open_ones := read - set(scoped) - set(file.without_hospitals):
        raise AssetError(
            f"roles.yaml: {', '.join(sorted(open_ones))} has no column {ORGANISATION}, by which an"
            " account's own rows are told; add it, list it under without_hospitals, or take the"
            " dataset from the roles whose rows are their own"
        )
    return scoped


def apply_row_scopes(
    client: SupersetClient,
    file: RolesFile,
    roles: Mapping[str, int],
    tables: Iterable[int],
) -> None:
    """Set the rules on the datasets with these ids; `roles` are names and ids in Superset.

    Rules that an earlier publication made and nobody needs any more are removed.
    """
    wanted = {rule.role: _body(rule, roles[rule.role], sorted(tables)) for rule in rules_of(file)}
    held = {
        entry["name"]: entry
        for entry in client.items("rowlevelsecurity")
        if entry["group_key"] == _GROUP
    }
    for name, body in wanted.items():
        if name not in held:
            client.request("POST", "rowlevelsecurity/", json=body)
        elif _held(held[name]) != body:
            client.request("PUT", f"rowlevelsecurity/{held[name]['id']}", json=body)
    for name in held.keys() - wanted.keys():
        client.request("DELETE", f"rowlevelsecurity/{held[name]['id']}")


def _body(rule: Rule, role: int, tables: list[int]) -> dict[str, Any]:
    return {
        "name": rule.role,
        "filter_type": "Regular",
        "tables": tables,
        "roles": [role],
        "group_key": _GROUP,
        "clause": rule.clause,
    }


def _held(entry: dict[str, Any]) -> dict[str, Any]:
    """What Superset holds, in the form in which it takes it."""
    return {
        "name": entry["name"],
        "filter_type": entry["filter_type"],
        "tables": sorted(table["id"] for table in entry["tables"]),
        "roles": sorted(role["id"] for role in entry["roles"]),
        "group_key": entry["group_key"],
        "clause": entry["clause"],
    }
