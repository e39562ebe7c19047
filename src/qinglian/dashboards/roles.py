"""Roles and accounts of `superset/roles.yaml`, applied to Superset idempotently."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from qinglian.dashboards.client import SupersetClient, SupersetError
from qinglian.secrets_file import SecretsFile


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Permission(_Strict):
    """One action on one resource of Superset, and why the role needs it."""

    action: str
    resource: str
    reason: str = Field(min_length=1)


class Role(_Strict):
    """A role: exactly these permissions, and the rows of these datasets."""

    name: str
    label: str
    description: str
    datasets: Literal["all"] | list[str]
    permissions: list[Permission]


class User(_Strict):
    """An account; its password is the secret of that name."""

    username: str
    first_name: str
    last_name: str
    email: str
    roles: list[str]
    secret: str


class RolesFile(_Strict):
    """The content of roles.yaml."""

    roles: list[Role]
    users: list[User]

    @classmethod
    def read(cls, path: Path) -> "RolesFile":
        return cls.model_validate(yaml.safe_load(path.read_text("utf-8")))


def apply_roles(client: SupersetClient, roles: Iterable[Role], datasets: Iterable[str]) -> None:
    """Create the roles and set their permissions; `datasets` are the names of those published.

    Raises SupersetError naming a permission that Superset does not have.
    """
    known = {
        (entry["permission"]["name"], entry["view_menu"]["name"]): entry["id"]
        for entry in client.items("security/permissions-resources")
    }
    ids = {entry["name"]: entry["id"] for entry in client.items("security/roles")}
    for role in roles:
        if role.name not in ids:
            ids[role.name] = client.request("POST", "security/roles/", json={"name": role.name})[
                "id"
            ]
        wanted = [_permission_id(known, role, permission) for permission in role.permissions]
        wanted += _dataset_permissions(known, role, datasets)
        client.request(
            "POST",
            f"security/roles/{ids[role.name]}/permissions",
            json={"permission_view_menu_ids": sorted(wanted)},
        )


def apply_users(client: SupersetClient, users: Iterable[User], secrets: SecretsFile) -> None:
    """Create the accounts, or set the name, roles and password of those that exist."""
    roles = {entry["name"]: entry["id"] for entry in client.items("security/roles")}
    known = {entry["username"]: entry for entry in client.items("security/users")}
    for user in users:
        body = {
            "username": user.username,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "email": user.email,
            "active": True,
            "roles": [roles[name] for name in user.roles],
        }
        if user.username not in known:
            body["password"] = secrets.get(user.secret)
            client.request("POST", "security/users/", json=body)
        elif _differs(body, known[user.username]):
            client.request("PUT", f"security/users/{known[user.username]['id']}", json=body)


def _permission_id(known: dict[tuple[str, str], int], role: Role, permission: Permission) -> int:
    try:
        return known[permission.action, permission.resource]
    except KeyError:
        raise SupersetError(
            f"roles.yaml: role {role.name} asks for {permission.action} on {permission.resource}, "
            "which this Superset does not have; correct the name or drop the line"
        ) from None


def _dataset_permissions(
    known: dict[tuple[str, str], int], role: Role, datasets: Iterable[str]
) -> list[int]:
    wanted = set(datasets) if role.datasets == "all" else set(role.datasets)
    found = {
        resource.split("].[", 1)[1].split("]", 1)[0]: identifier
        for (action, resource), identifier in known.items()
        if action == "datasource_access" and "].[" in resource
    }
    if missing := wanted - set(found):
        raise SupersetError(
            f"roles.yaml: role {role.name} reads {', '.join(sorted(missing))}, which is no dataset "
            "of this Superset; add it to superset/assets/datasets"
        )
    return [found[name] for name in wanted]


def _differs(wanted: dict[str, object], entry: dict[str, object]) -> bool:
    held = entry | {"roles": [role["id"] for role in entry["roles"]]}  # type: ignore[attr-defined]
    return any(held.get(key) != value for key, value in wanted.items())
