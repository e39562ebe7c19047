"""Which rows an account sees: Superset's row-level security, applied idempotently.

By hospital: a role whose rows are its `own` sees none by itself. The account's district or hospital
gives it a second role, whose rule opens the rows of these hospitals in every dataset that has an
organisation. Rules of one group are joined by `or`, so that an account that lost its scope sees
nothing.

By matter: a role with `families` sees what its families' indicators found and nothing of the
others'. Groups are joined by `and`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from qinglian.dashboards.assets import AssetError, Dataset
from qinglian.dashboards.client import SupersetClient
from qinglian.dashboards.roles import Family, RolesFile, datasets_of

#: Column by which rows belong to a hospital.
ORGANISATION = "org_code"
_BY_HOSPITAL, _BY_MATTER = "qinglian_scope", "qinglian_matter"
_NO_ROWS = "1 = 0"
#: Subjects that only indicators of one family speak of.
_SUBJECT_FAMILIES = {"supplier": "procurement", "supplier_hospital": "procurement"}
#: Columns by which rows that tell of procurement are known where leads of others have some too,
#: and the condition of the rest: the purchase at the head of a chain, sums over all families, and
#: scores into which leads of procurement go.
_PROCUREMENT_ROWS = {
    ("lead_id", "stage"): "stage <> 1",
    ("of_all_families",): "not of_all_families",
    ("tells_of_procurement",): "not tells_of_procurement",
}


@dataclass(frozen=True)
class Rule:
    """One rule of row-level security: what holders of the role see of these datasets."""

    name: str
    role: str
    clause: str
    datasets: tuple[str, ...]
    group: str


def rules_of(file: RolesFile, datasets: Iterable[Dataset]) -> list[Rule]:
    """All rules that the roles and accounts of `file` need on these datasets.

    Raises AssetError where a role would see rows that cannot be told from others'.
    """
    known = list(datasets)
    scoped = tuple(scoped_datasets(file, known))
    closed = [
        Rule(role.name, role.name, _NO_ROWS, scoped, _BY_HOSPITAL)
        for role in file.roles
        if role.rows == "own"
    ]
    clauses = {user.scope_role: user.clause for user in file.scoped if user.scope_role}
    opened = [Rule(n, n, clause, scoped, _BY_HOSPITAL) for n, clause in sorted(clauses.items())]
    return closed + opened + _matter_rules(file, known)


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
        for name in datasets_of(role, known.values())
    }
    scoped = sorted(n for n in read if n in known and ORGANISATION in known[n].columns)
    if open_ones := read - set(scoped) - set(file.without_hospitals):
        raise AssetError(
            f"roles.yaml: {', '.join(sorted(open_ones))} has no column {ORGANISATION}, by which an"
            " account's own rows are told; add it, list it under without_hospitals, or take the"
            " dataset from the roles whose rows are their own"
        )
    return scoped


def _matter_rules(file: RolesFile, datasets: Iterable[Dataset]) -> list[Rule]:
    """One rule for each clause that a role with families needs, on the datasets that need it."""
    known = list(datasets)
    rules = []
    for role in file.roles:
        if role.families == "all":
            continue
        read = datasets_of(role, known)
        of_clause: dict[str, list[str]] = {}
        for dataset in known:
            if dataset.title not in read:
                continue
            if clause := _matter_clause(dataset.columns, role.families):
                of_clause.setdefault(clause, []).append(dataset.title)
        rules += [
            Rule(f"{role.name}: {names[0]}", role.name, clause, tuple(names), _BY_MATTER)
            for clause, names in sorted(of_clause.items())
        ]
    return rules


def _matter_clause(columns: Iterable[str], families: list[Family]) -> str:
    """SQL condition of the families' rows in a dataset; empty where no row speaks of a family."""
    has = set(columns)
    conditions = [_clause_of_families(has, families)]
    if "procurement" not in families:
        conditions += [rest for told, rest in _PROCUREMENT_ROWS.items() if has.issuperset(told)]
    return " and ".join(filter(None, conditions))


def _clause_of_families(has: set[str], families: Iterable[str]) -> str:
    """The part of the condition that goes by family, indicator, lead or kind of subject."""
    listed = ", ".join(f"'{family}'" for family in families)
    others = f"(select indicator_id from marts.indicator where family not in ({listed}))"
    if "family" in has:
        return f"family in ({listed})"
    if "indicator_id" in has:
        return f"indicator_id not in {others}"
    if "lead_id" in has:
        seen = f"(select lead_id from marts.lead_listing where family in ({listed}))"
        leads = [column for column in ("lead_id", "other_lead_id") if column in has]
        return " and ".join(f"{column} in {seen}" for column in leads)
    hidden = [subject for subject, of in _SUBJECT_FAMILIES.items() if of not in families]
    if "entity_type" in has and hidden:
        return f"entity_type not in ({', '.join(map(repr, hidden))})"
    return ""


def apply_row_scopes(
    client: SupersetClient,
    rules: Iterable[Rule],
    roles: Mapping[str, int],
    tables: Mapping[str, Iterable[int]],
    existing: Iterable[dict[str, Any]],
) -> None:
    """Set the rules; `roles` and `tables` are ids in Superset by name of role and dataset.

    A dataset in several languages has an id for each, and a rule holds for all. `existing` are all
    rules that Superset holds.

    Rules that an earlier publication made and nobody needs any more are removed.
    """
    wanted = {rule.name: _body(rule, roles[rule.role], tables) for rule in rules}
    held = {
        entry["name"]: entry
        for entry in existing
        if entry["group_key"] in (_BY_HOSPITAL, _BY_MATTER)
    }
    for name, body in wanted.items():
        if name not in held:
            client.request("POST", "rowlevelsecurity/", json=body)
        elif _held(held[name]) != body:
            client.request("PUT", f"rowlevelsecurity/{held[name]['id']}", json=body)
    for name in held.keys() - wanted.keys():
        client.request("DELETE", f"rowlevelsecurity/{held[name]['id']}")


def _body(rule: Rule, role: int, tables: Mapping[str, Iterable[int]]) -> dict[str, Any]:
    return {
        "name": rule.name,
        "filter_type": "Regular",
        "tables": sorted(number for name in rule.datasets for number in tables[name]),
        "roles": [role],
        "group_key": rule.group,
        "clause": rule.clause,
    }


def _held(entry: dict[str, Any]) -> dict[str, Any]:
    """What Superset holds, in the form in which it takes it."""
    return {
        "name": entry["name"],
        "filter_type": entry["filter_type"],
        "tables": sorted(entry["tables"]),
        "roles": sorted(entry["roles"]),
        "group_key": entry["group_key"],
        "clause": entry["clause"],
    }
