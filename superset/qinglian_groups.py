"""What settings and groups.yaml say of log-ins; without Superset, which is heavy to load."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

_ROLES = Path(__file__).parent / "roles.yaml"
PROVIDER = "oidc"


class AccountsError(RuntimeError):
    """Settings or groups with which nobody could be let in safely."""


def oidc_provider(environment: dict[str, str]) -> dict[str, Any]:
    """The provider as Flask-AppBuilder takes it, from QINGLIAN_OIDC_*.

    Raises AccountsError naming a setting that is missing, and for an issuer without TLS.
    """
    issuer = _setting(environment, "QINGLIAN_OIDC_ISSUER").rstrip("/")
    address = urlsplit(issuer)
    if address.scheme != "https" and address.hostname not in ("127.0.0.1", "localhost"):
        raise AccountsError(f"QINGLIAN_OIDC_ISSUER is {issuer}: it has to be https")
    return {
        "name": PROVIDER,
        "icon": "fa-key",
        "token_key": "access_token",
        "remote_app": {
            "client_id": _setting(environment, "QINGLIAN_OIDC_CLIENT_ID"),
            "client_secret": _setting(environment, "QINGLIAN_OIDC_CLIENT_SECRET"),
            "server_metadata_url": f"{issuer}/.well-known/openid-configuration",
            "client_kwargs": {
                "scope": environment.get("QINGLIAN_OIDC_SCOPE", "openid profile email"),
                "code_challenge_method": "S256",
                "timeout": 15,
            },
        },
    }


def ldap_settings(environment: dict[str, str]) -> dict[str, Any]:
    """Superset's settings of a directory, from QINGLIAN_LDAP_*.

    Raises AccountsError naming a setting that is missing, and where python-ldap is not installed.
    """
    if find_spec("ldap") is None:
        raise AccountsError(
            "QINGLIAN_AUTH=ldap needs python-ldap in Superset's environment: install Debian's"
            " libldap-dev and libsasl2-dev, then requirements/superset-ldap.txt"
        )
    server = _setting(environment, "QINGLIAN_LDAP_SERVER")
    if urlsplit(server).scheme not in ("ldap", "ldaps"):
        raise AccountsError(f"QINGLIAN_LDAP_SERVER is {server}: it begins with ldap:// or ldaps://")
    return {
        "AUTH_LDAP_SERVER": server,
        "AUTH_LDAP_USE_TLS": urlsplit(server).scheme == "ldap",  # STARTTLS, or nothing at all
        "AUTH_LDAP_TLS_CACERTFILE": environment.get("QINGLIAN_LDAP_CA_FILE", ""),
        "AUTH_LDAP_BIND_USER": _setting(environment, "QINGLIAN_LDAP_BIND_USER"),
        "AUTH_LDAP_BIND_PASSWORD": _setting(environment, "QINGLIAN_LDAP_BIND_PASSWORD"),
        "AUTH_LDAP_SEARCH": _setting(environment, "QINGLIAN_LDAP_SEARCH"),
        "AUTH_LDAP_SEARCH_FILTER": environment.get("QINGLIAN_LDAP_FILTER", ""),
        "AUTH_LDAP_UID_FIELD": environment.get("QINGLIAN_LDAP_NAME_FIELD", "uid"),
        "AUTH_LDAP_GROUP_FIELD": environment.get("QINGLIAN_LDAP_GROUP_FIELD", "memberOf"),
    }


def _setting(environment: dict[str, str], name: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        raise AccountsError(f"{name} is not set, which QINGLIAN_AUTH asks for")
    return value


def roles_of(groups: set[str], file: Path, roles_file: Path = _ROLES) -> list[str]:
    """Names of the roles that these groups give, the one that opens a scope's rows included.

    Empty where no group is known. Raises AccountsError where what they give does not fit together:
    all hospitals beside some, or all families of indicators beside some.
    """
    entries = [entry for entry in _read(file, "groups") if entry["group"] in groups]
    known = {role["name"]: role for role in _read(roles_file, "roles")}
    names = list(dict.fromkeys(name for entry in entries for name in entry["roles"]))
    if unknown := set(names) - set(known):
        raise AccountsError(f"no role {', '.join(sorted(unknown))} in roles.yaml")
    if len({known[name].get("rows", "all") for name in names}) > 1:
        raise AccountsError("groups that see all hospitals and groups that see their own")
    if len({str(known[name].get("families", "all")) for name in names}) > 1:
        raise AccountsError("groups that see all families of indicators and groups that see some")
    own = any(known[name].get("rows", "all") == "own" for name in names)
    scopes = [_scope(entry) for entry in entries]
    if own and not all(scopes):
        raise AccountsError("a group that sees its own rows and has no district or hospital")
    return names + list(dict.fromkeys(scope for scope in scopes if scope))


def _read(file: Path, key: str) -> list[dict[str, Any]]:
    if not file.is_file():
        return []
    return (yaml.safe_load(file.read_text("utf-8")) or {}).get(key) or []


def _scope(entry: dict[str, Any]) -> str:
    """Name of the role of a scope, as in qinglian.dashboards.roles."""
    for kind in ("district", "organisation"):
        if entry.get(kind):
            return f"{kind} {entry[kind]}"
    return ""
