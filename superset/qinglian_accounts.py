"""Log-in by OpenID Connect or LDAP: who may come in, with which roles and rows.

Only groups of `groups.yaml` let anybody in. Roles are set anew at each log-in from the groups that
the directory names then, and a person whose groups give none, or such as do not fit together, is
refused and keeps nothing. `qinglian publish` makes the roles and the rules of their rows.
"""

import logging
import os
import secrets
from pathlib import Path
from typing import Any

import yaml
from flask import session
from flask_appbuilder.security.manager import AUTH_LDAP
from qinglian_groups import PROVIDER, AccountsError, roles_of
from qinglian_rights import ReadOnceSecurityManager

_log = logging.getLogger(__name__)
#: The one account that may still log in with a password kept here: publications are made by it.
LOCAL_ACCOUNT = "admin"
_LONGEST_NAME = 64
_PATIENCE = 10  # seconds for an answer of the directory


class GroupSecurityManager(ReadOnceSecurityManager):
    """Superset's security manager, which lets in whom a group of groups.yaml lets in."""

    def auth_user_db(self, username: str, password: str) -> Any:
        """Log in with a password: the one local account alone."""
        if username != LOCAL_ACCOUNT:
            return None
        return super().auth_user_db(username, password)

    def set_oauth_session(self, provider: str, oauth_response: dict[str, Any]) -> None:
        """Keep no token: nothing is asked of the provider later."""
        del oauth_response
        session["oauth_provider"] = provider

    def get_oauth_user_info(self, provider: str, resp: dict[str, Any]) -> dict[str, Any]:
        """Name and groups, from the signed token alone."""
        claims = resp.get("userinfo")
        if provider != PROVIDER or not claims:
            raise AccountsError("the provider gave no signed ID token")
        groups = claims.get(os.environ.get("QINGLIAN_OIDC_GROUPS_CLAIM", "groups")) or []
        name = claims.get(os.environ.get("QINGLIAN_OIDC_NAME_CLAIM", "preferred_username"))
        return {
            "username": str(name or ""),
            "first_name": claims.get("given_name") or "",
            "last_name": claims.get("family_name") or "",
            "role_keys": [groups] if isinstance(groups, str) else list(groups),
        }

    def auth_user_oauth(self, userinfo: dict[str, Any]) -> Any:
        """Let in whom the provider has told, if a group of theirs does."""
        return self._let_in(PROVIDER, userinfo)

    def auth_user_ldap(self, username: str, password: str) -> Any:
        """Let in whom the directory knows by this password, if a group of theirs does."""
        # A directory takes a name without a password for nobody, and calls it a success.
        if self.auth_type != AUTH_LDAP or not username or not password.strip("\0"):
            return None
        import ldap
        import ldap.filter

        try:
            person = self._person_of_directory(ldap, username, password)
        except ldap.LDAPError as error:
            _log.error("The directory %s: %s", self.auth_ldap_server, error)
            return None
        return self._let_in("ldap", person) if person else None

    def _person_of_directory(self, ldap: Any, username: str, password: str) -> Any:
        """Name and groups of the one person of that name; None for a wrong name or password."""
        connection = ldap.initialize(self.auth_ldap_server)
        connection.set_option(ldap.OPT_REFERRALS, 0)
        connection.set_option(ldap.OPT_NETWORK_TIMEOUT, _PATIENCE)
        connection.timeout = _PATIENCE
        connection.set_option(ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_DEMAND)
        if self.auth_ldap_tls_cacertfile:
            connection.set_option(ldap.OPT_X_TLS_CACERTFILE, self.auth_ldap_tls_cacertfile)
        connection.set_option(ldap.OPT_X_TLS_NEWCTX, 0)  # takes what was set before it
        try:
            if self.auth_ldap_use_tls:
                connection.start_tls_s()
            connection.simple_bind_s(self.auth_ldap_bind_user, self.auth_ldap_bind_password)
            found = self._entry_of(ldap, connection, username)
            if found is None or not self._ldap_bind(ldap, connection, found[0], password):
                return None
        finally:
            connection.unbind_s()
        told = found[1]
        return {
            "username": self.ldap_extract(told, self.auth_ldap_uid_field, ""),
            "first_name": self.ldap_extract(told, "givenName", ""),
            "last_name": self.ldap_extract(told, "sn", ""),
            "role_keys": self.ldap_extract_list(told, self.auth_ldap_group_field),
        }

    def _entry_of(self, ldap: Any, connection: Any, username: str) -> tuple[str, Any] | None:
        """Address and fields of the one entry of that name."""
        name = ldap.filter.escape_filter_chars(username)
        wanted = f"(&{self.auth_ldap_search_filter}({self.auth_ldap_uid_field}={name}))"
        fields = [self.auth_ldap_uid_field, "givenName", "sn", self.auth_ldap_group_field]
        answers = connection.search_s(self.auth_ldap_search, ldap.SCOPE_SUBTREE, wanted, fields)
        entries = [(dn, told) for dn, told in answers if dn is not None]
        return entries[0] if len(entries) == 1 else None

    def _let_in(self, kind: str, person: dict[str, Any]) -> Any:
        """The account of a person, with the roles of their groups; None where they give none.

        Its name begins with the kind of log-in, so that no name of a directory is ever that of an
        account that was made here.
        """
        name = f"{kind}:{person['username']}"
        if not person["username"] or len(name) > _LONGEST_NAME:
            _log.warning("Refused a %s log-in without a usable name", kind)
            return None
        roles = self._roles(name, set(person["role_keys"]))
        user = self.find_user(username=name)
        if user is not None and (set(user.roles) != set(roles)):
            user.roles = roles
            self.update_user(user)
        if not roles or (user is not None and not user.is_active):
            return None
        if user is None:
            user = self.add_user(
                username=name,
                first_name=person["first_name"],
                last_name=person["last_name"],
                email=f"{name.replace(':', '.')}@localhost",
                role=roles,
                password=secrets.token_urlsafe(32),
            )
        if user:
            self.update_user_auth_stat(user)
        return user or None

    def _roles(self, name: str, groups: set[str]) -> list[Any]:
        """The roles of these groups, all of them or none."""
        try:
            names = roles_of(groups, Path(os.environ["QINGLIAN_GROUPS"]))
        except (AccountsError, yaml.YAMLError, KeyError, TypeError) as error:
            _log.warning("Refused %s: %s", name, error)
            return []
        roles = [self.find_role(role) for role in names]
        if not roles or None in roles:
            missing = "no group of groups.yaml" if not roles else "roles not published yet"
            _log.warning("Refused %s: %s", name, missing)
            return []
        return roles
