"""Rights of an account, read from Superset's database once a request and not one at a time.

To answer one chart, Superset asks a dozen times whether the account may do this or that, each time
with a statement of its own. Here all rights of the account's roles are read by the first question.
They are kept for that one request alone, so that a right that is taken away is gone at the next.
For an answer and for a page they are kept until Superset's database is another than it was
(qinglian_stamp).
"""

from typing import Any

from flask import g, has_request_context, request
from flask_appbuilder.security.sqla.models import assoc_permissionview_role
from superset.security import SupersetSecurityManager

#: Requests for answers of charts. They are no GET and change nothing all the same.
ANSWER = "ChartDataRestApi.data"
WARM_UP = "WarmUpRestApi.warm_up"
ANSWERS = {ANSWER, WARM_UP}
#: What a page reads of itself. Its answers hold no rows.
PAGES = {
    *("DashboardRestApi.get", "DashboardRestApi.get_charts", "DashboardRestApi.get_datasets"),
    *("DashboardRestApi.favorite_status", "DatasetRestApi.get_drill_info", "Superset.dashboard"),
}


class ReadOnceSecurityManager(SupersetSecurityManager):
    """Superset's security manager, with the same answers from fewer statements."""

    def get_user_roles(self, user: Any = None) -> list[Any]:
        """The roles of an account, its own and those of its groups."""
        account = user or g.user
        if account.is_anonymous or not _only_reads():
            roles: list[Any] = super().get_user_roles(user)
            return roles
        kept: dict[int, list[Any]] = g.setdefault("qinglian_roles", {})
        if account.id not in kept:
            kept[account.id] = super().get_user_roles(account)
        return kept[account.id]

    def exist_permission_on_roles(
        self, view_name: str, permission_name: str, role_ids: list[int]
    ) -> bool:
        """Whether one of these roles holds the right."""
        if not _only_reads():
            held: bool = super().exist_permission_on_roles(view_name, permission_name, role_ids)
            return held
        return (permission_name, view_name) in self.rights_of(role_ids)

    def user_view_menu_names(self, permission_name: str) -> set[str]:
        """What the account of the request holds this permission on."""
        if g.user.is_anonymous or not _only_reads():
            names: set[str] = super().user_view_menu_names(permission_name)
            return names
        role_ids = [role.id for role in self.get_user_roles(g.user)]
        return {view for name, view in self.rights_of(role_ids) if name == permission_name}

    def is_item_public(self, permission_name: str, view_name: str) -> bool:
        """Whether somebody without an account holds the right."""
        if not _only_reads():
            public: bool = super().is_item_public(permission_name, view_name)
            return public
        return (permission_name, view_name) in self._rights("public", self._of_public())

    def rights_of(self, role_ids: list[int]) -> frozenset[tuple[str, str]]:
        """(permission, what it is on) of these roles."""
        key = tuple(sorted(set(role_ids)))
        return self._rights(key, assoc_permissionview_role.c.role_id.in_(key))

    def _of_public(self) -> Any:
        role = self.session.query(self.role_model.id).filter_by(name=self.auth_role_public)
        return assoc_permissionview_role.c.role_id.in_(role)

    def _rights(self, key: object, of_roles: Any) -> frozenset[tuple[str, str]]:
        kept = self._kept_rights()
        if key not in kept:
            view = self.permissionview_model
            pairs = (
                self.session.query(self.permission_model.name, self.viewmenu_model.name)
                .select_from(assoc_permissionview_role)
                .join(view, view.id == assoc_permissionview_role.c.permission_view_id)
                .join(self.permission_model, self.permission_model.id == view.permission_id)
                .join(self.viewmenu_model, self.viewmenu_model.id == view.view_menu_id)
                .filter(of_roles)
            )
            kept[key] = frozenset((permission, name) for permission, name in pairs)
        return kept[key]

    def _kept_rights(self) -> dict[object, frozenset[tuple[str, str]]]:
        """Rights by roles, of this request, or of all since Superset's database changed."""
        from qinglian_stamp import kept_under, stamp_of_request

        stamp = stamp_of_request()
        if stamp is not None:
            return kept_under(stamp, "rights")
        kept: dict[object, frozenset[tuple[str, str]]] = g.setdefault("qinglian_rights", {})
        return kept


def _only_reads() -> bool:
    """Whether the request can change no right while it asks for them."""
    return has_request_context() and (request.method == "GET" or request.endpoint in ANSWERS)
