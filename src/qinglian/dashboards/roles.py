"""Roles and accounts of `superset/roles.yaml`, applied to Superset idempotently."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from qinglian.dashboards.assets import LOADER, AssetError, Dataset
from qinglian.dashboards.client import SupersetClient, SupersetError
from qinglian.dashboards.held import Held
from qinglian.secrets_file import SecretsFile

#: Families of indicators, as in their metadata.
Family = Literal["prescribing", "billing", "procurement", "cross_system"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Permission(_Strict):
    """One action on one resource of Superset, and why the role needs it."""

    action: str
    resource: str
    reason: str = Field(min_length=1)


class Role(_Strict):
    """A role: exactly these permissions, and the rows of these datasets.

    `rows` are all hospitals', or `own`: those of the account's district or hospital. `families`
    are those of the indicators whose findings it sees. `staff_names` says whether it sees by name
    the staff whom leads concern; nothing else gives a role these. `further_permissions` are those
    beyond a list that roles share.
    """

    name: str
    label: str
    description: str
    datasets: Literal["all"] | list[str]
    rows: Literal["all", "own"] = "all"
    families: Literal["all"] | list[Family] = "all"
    staff_names: bool = False
    permissions: list[Permission]
    further_permissions: list[Permission] = []


class Scoped(_Strict, ABC):
    """Whoever has roles.

    `district` (six digits) or `organisation` say whose rows it sees where its role has its own.
    """

    roles: list[str] = Field(min_length=1)
    district: str | None = Field(default=None, pattern=r"^[0-9]{6}$")
    organisation: str | None = Field(default=None, pattern=r"^[0-9A-Za-z]{1,12}$")

    @model_validator(mode="after")
    def _one_scope(self) -> Self:
        if self.district and self.organisation:
            raise ValueError(f"{self.name}: give a district or an organisation, not both")
        return self

    @property
    @abstractmethod
    def name(self) -> str:
        """By which messages call it."""

    @property
    def scope_role(self) -> str:
        """Name of the role that opens the account's rows; empty for one without a scope."""
        if self.district:
            return f"district {self.district}"
        return f"organisation {self.organisation}" if self.organisation else ""

    @property
    def clause(self) -> str:
        """SQL condition of the rows that the account sees."""
        if self.district:
            return (
                "org_code in (select org_code from marts.organisation"
                f" where district_code = '{self.district}')"
            )
        return f"org_code = '{self.organisation}'"


class User(Scoped):
    """An account; its password is the secret of that name."""

    username: str
    first_name: str
    last_name: str
    email: str
    secret: str

    @property
    def name(self) -> str:
        return self.username


class Group(Scoped):
    """A group of a directory; whoever is in it gets the roles, by superset/qinglian_accounts.py."""

    group: str = Field(min_length=1)

    @property
    def name(self) -> str:
        return self.group


class RolesFile(_Strict):
    """The content of roles.yaml, with an installation's accounts.yaml and groups.yaml."""

    roles: list[Role]
    users: list[User]
    groups: list[Group] = []
    without_hospitals: list[str] = []

    @classmethod
    def read(
        cls, path: Path, accounts: Path | None = None, groups: Path | None = None
    ) -> "RolesFile":
        """The roles and accounts of `path`, with `accounts` and `groups` where they exist.

        Raises pydantic's ValidationError naming an account whose role and scope do not fit.
        """
        content = yaml.load(path.read_bytes(), Loader=LOADER)  # noqa: S506 (it is safe)
        if accounts is not None and accounts.is_file():
            content["users"] += yaml.safe_load(accounts.read_text("utf-8"))["users"]
        if groups is not None and groups.is_file():
            content["groups"] = yaml.safe_load(groups.read_text("utf-8"))["groups"]
        return cls.model_validate(content)

    @property
    def scoped(self) -> list[Scoped]:
        """All who have roles."""
        return [*self.users, *self.groups]

    @model_validator(mode="after")
    def _scopes_fit(self) -> Self:
        rows = {role.name: role.rows for role in self.roles} | {"Admin": "all"}
        families = {role.name: role.families for role in self.roles} | {"Admin": "all"}
        for group in self.groups:
            if "Admin" in group.roles:
                raise ValueError(f"{group.name}: no group gives Admin, which one account has")
        for user in self.scoped:
            if unknown := set(user.roles) - set(rows):
                raise ValueError(f"{user.name}: no role {', '.join(sorted(unknown))}")
            kinds = {rows[name] for name in user.roles}
            if kinds == {"own"} and not user.scope_role:
                raise ValueError(f"{user.name}: say its district or organisation")
            if "all" in kinds and (len(kinds) > 1 or user.scope_role):
                raise ValueError(
                    f"{user.name}: sees all hospitals by one role and its own by another;"
                    " give it roles of one kind, and a scope only with its own rows"
                )
            if len({str(families[name]) for name in user.roles}) > 1:
                raise ValueError(
                    f"{user.name}: sees all families by one role and some by another; what one"
                    " closes stays closed, so give it one of them"
                )
        return self

    @property
    def scope_roles(self) -> list[str]:
        """Names of the roles that hold nothing but the rows of a district or hospital."""
        return sorted({user.scope_role for user in self.scoped} - {""})


def datasets_of(role: Role, datasets: Iterable[Dataset]) -> set[str]:
    """Names of the datasets that a role reads; those that name staff only where it is entitled.

    Raises AssetError for a role that lists a dataset with names, which its entitlement gives.
    """
    known = list(datasets)
    naming = {dataset.title for dataset in known if dataset.names_staff}
    if role.datasets == "all":
        listed = {dataset.title for dataset in known} - naming
    else:
        listed = set(role.datasets)
    if listed & naming:
        raise AssetError(
            f"roles.yaml: role {role.name} lists {', '.join(sorted(listed & naming))}, which names"
            " staff; take it from the list and say staff_names: true if the role acts on leads"
        )
    return listed | (naming if role.staff_names else set())


def create_roles(client: SupersetClient, names: Iterable[str], held: Held) -> dict[str, int]:
    """Create the roles that are not there yet, without permissions. Returns all names and ids."""
    ids = {name: int(role["id"]) for name, role in held.roles.items()}
    for name in names:
        if name not in ids:
            ids[name] = client.request("POST", "security/roles/", json={"name": name})["id"]
    return ids


def apply_roles(
    client: SupersetClient,
    roles: Iterable[Role],
    ids: Mapping[str, int],
    datasets: Iterable[Dataset],
    tables: Mapping[str, Iterable[int]],
    held: Held,
) -> None:
    """Set the permissions of the roles; `datasets` are those published, `tables` their ids by name.

    A name may have several ids: the same table in several languages.
    Raises SupersetError naming a permission that Superset does not have.
    """
    given = _given_by(held.permissions)
    published = list(datasets)
    for role in roles:
        granted = [*role.permissions, *role.further_permissions]
        wanted = {_permission_id(held.permissions, role, permission) for permission in granted}
        for name in datasets_of(role, published):
            wanted |= _dataset_permissions(given, role, name, tables.get(name, ()))
        if wanted != set(held.roles.get(role.name, {"permissions": []})["permissions"]):
            client.request(
                "POST",
                f"security/roles/{ids[role.name]}/permissions",
                json={"permission_view_menu_ids": sorted(wanted)},
            )


def apply_users(
    client: SupersetClient,
    users: Iterable[User],
    secrets: SecretsFile,
    roles: Mapping[str, int],
    held: Held,
) -> None:
    """Create the accounts, or set the name and roles of those that exist."""
    known = held.users
    for user in users:
        body = {
            "username": user.username,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "email": user.email,
            "active": True,
            "roles": [roles[name] for name in (*user.roles, user.scope_role) if name],
        }
        if user.username not in known:
            body["password"] = secrets.get(user.secret)
            client.request("POST", "security/users/", json=body)
        elif _differs(body, known[user.username]):
            client.request("PUT", f"security/users/{known[user.username]['id']}", json=body)


def _permission_id(known: Mapping[tuple[str, str], int], role: Role, permission: Permission) -> int:
    try:
        return known[permission.action, permission.resource]
    except KeyError:
        raise SupersetError(
            f"roles.yaml: role {role.name} asks for {permission.action} on {permission.resource}, "
            "which this Superset does not have; correct the name or drop the line"
        ) from None


def _given_by(known: Mapping[tuple[str, str], int]) -> dict[int, int]:
    """Permission that opens each dataset, by the dataset's id in Superset's name of it."""
    return {
        int(resource.rpartition("(id:")[2].rstrip(")")): identifier
        for (action, resource), identifier in known.items()
        if action == "datasource_access" and "(id:" in resource
    }


def _dataset_permissions(
    given: Mapping[int, int], role: Role, name: str, ids: Iterable[int]
) -> set[int]:
    found = {given[identifier] for identifier in ids if identifier in given}
    if not found:
        raise SupersetError(
            f"roles.yaml: role {role.name} reads {name}, which is no dataset "
            "of this Superset; add it to superset/assets/datasets"
        )
    return found


def _differs(wanted: dict[str, Any], entry: dict[str, Any]) -> bool:
    same = wanted | {"roles": sorted(wanted["roles"])}
    held = entry | {"roles": sorted(entry["roles"])}
    return any(held.get(key) != value for key, value in same.items())
