"""What Superset holds of what a publication sets, told by one request; and what it is to hold.

A publication sends the assets alone of which the files or Superset's rows are another than they
were. Of each asset the rows are told by a digest. It is made in the transaction of the import, so
that an edit that somebody makes a moment later is never taken for what was published.
"""

from functools import partial
from typing import Any
from zipfile import ZipFile

import yaml
from flask import Flask, Response, current_app, request
from flask_appbuilder.api import BaseApi, expose, protect
from sqlalchemy import text
from superset.commands.exceptions import ImportFailedError
from superset.commands.importers.v1 import utils
from superset.commands.importers.v1.assets import ImportAssetsCommand
from superset.extensions import appbuilder, event_logger
from superset.utils import json
from superset.utils.decorators import on_error, transaction
from superset.views.base_api import requires_form_data

from superset import db, security_manager

_LOADER = getattr(yaml, "CSafeLoader", None)
_shipped_load_yaml = utils.load_yaml
#: Says when a row was saved and by whom, not what it says.
_MOVING = "'{changed_on,created_on,changed_by_fk,created_by_fk,last_saved_at,last_saved_by_fk}'"


def _parts(table: str, name: str) -> str:
    """SQL: all of a dataset's columns or measures; an import may number them anew."""
    part = f"(to_jsonb(p) - {_MOVING}::text[] - 'id')::text"
    told = f"string_agg({part}, ' ' order by {name})"
    return f"(select {told} from {table} as p where table_id = t.id)"


def _linked(number: str, table: str, own: str) -> str:
    """SQL: the numbers of all that is linked to an asset by a table."""
    told = f"string_agg({number}::text, ' ' order by {number})"
    return f"(select {told} from {table} where {own} = t.id)"


#: Kind -> its table, and what belongs to an asset of it in other tables.
_ASSETS = {
    "databases": ("dbs", ()),
    "datasets": (
        "tables",
        (
            _parts("table_columns", "column_name"),
            _parts("sql_metrics", "metric_name"),
            _linked("user_id", "sqlatable_user", "table_id"),
        ),
    ),
    "charts": ("slices", (_linked("user_id", "slice_user", "slice_id"),)),
    "dashboards": (
        "dashboards",
        (
            _linked("slice_id", "dashboard_slices", "dashboard_id"),
            _linked("user_id", "dashboard_user", "dashboard_id"),
        ),
    ),
}
_LISTS = {
    "charts": "select id, datasource_id from slices",
    "dashboards": (
        "select id, slug, json_metadata,"
        " array(select slice_id from dashboard_slices where dashboard_id = d.id) as charts,"
        " array(select role_id from dashboard_roles where dashboard_id = d.id) as roles"
        " from dashboards as d"
    ),
    "roles": (
        "select id, name, array(select permission_view_id from ab_permission_view_role"
        " where role_id = r.id) as permissions from ab_role as r"
    ),
    "permissions": (
        "select pv.id, p.name as action, v.name as resource from ab_permission_view as pv"
        " inner join ab_permission as p on pv.permission_id = p.id"
        " inner join ab_view_menu as v on pv.view_menu_id = v.id"
    ),
    "rules": (
        "select id, name, filter_type, group_key, clause,"
        " array(select table_id from rls_filter_tables where rls_filter_id = f.id) as tables,"
        " array(select role_id from rls_filter_roles where rls_filter_id = f.id) as roles"
        " from row_level_security_filters as f"
    ),
    "users": (
        "select id, username, first_name, last_name, email, active,"
        " array(select role_id from ab_user_role where user_id = u.id) as roles"
        " from ab_user as u"
    ),
}


class PublicationRestApi(BaseApi):
    """For the administrator's publications alone."""

    resource_name = "publication"
    # Rights that Superset makes itself, and gives to administrators.
    class_permission_name = "ImportExportRestApi"
    method_permission_name = {"held": "export", "take_over": "import_"}  # noqa: RUF012

    @expose("/", methods=("GET",))
    @protect()
    def held(self) -> Response:
        """What Superset holds now."""
        if not security_manager.is_admin():
            return self.response_403()
        return self.response(200, result=_held())

    @expose("/", methods=("POST",))
    @protect()
    @event_logger.log_this_with_context(action="PublicationRestApi.take_over", log_to_statsd=False)
    @requires_form_data
    def take_over(self) -> Response:
        """Import the assets of a bundle as Superset does, and tell what it holds then."""
        if not security_manager.is_admin():
            return self.response_403()
        with ZipFile(request.files["bundle"]) as bundle:
            contents = utils.get_contents_from_bundle(bundle)
        passwords = json.loads(request.form["passwords"])
        # What the bundle refers to and does not bring along is there already.
        command = ImportAssetsCommand(contents, sparse=True, passwords=passwords)
        return self.response(200, result=_take_over(command))


def add_publication(app: Flask) -> None:
    """Add the address, and let the files of a bundle be read ten times as fast."""
    del app  # Flask-AppBuilder knows it
    appbuilder.add_api(PublicationRestApi)
    if _LOADER is not None:
        utils.load_yaml = _load_yaml


def _load_yaml(file_name: str, content: str) -> dict[str, Any]:
    try:
        read: dict[str, Any] = yaml.load(content, Loader=_LOADER)  # noqa: S506 (it is safe)
    except yaml.parser.ParserError:
        return _shipped_load_yaml(file_name, content)  # which says so as it does
    return read


@transaction(on_error=partial(on_error, catches=(Exception,), reraise=ImportFailedError))
def _take_over(command: ImportAssetsCommand) -> dict[str, Any]:
    # Superset asks for each column and measure; without this, all so far is written before each.
    with db.session.no_autoflush:
        command.run()
    db.session.flush()
    return _held()


def _held() -> dict[str, Any]:
    assets = {kind: _digests(table, parts) for kind, (table, parts) in _ASSETS.items()}
    lists = {name: _rows(statement) for name, statement in _LISTS.items()}
    for page in lists["dashboards"]:
        page["datasets"] = _datasets_of_filters(json.loads(page.pop("json_metadata") or "{}"))
    return {**lists, "assets": assets, "version": current_app.config["VERSION_STRING"]}


def _digests(table: str, parts: tuple[str, ...]) -> dict[str, tuple[int, str]]:
    """Number and digest by UUID, of all assets of a kind."""
    whole = ", ".join((f"(to_jsonb(t) - {_MOVING}::text[])::text", *parts))
    query = f"select id, uuid::text as uuid, md5(concat_ws(' | ', {whole})) as digest"
    return {row["uuid"]: (row["id"], row["digest"]) for row in _rows(f"{query} from {table} as t")}


def _rows(statement: str) -> list[dict[str, Any]]:
    return [dict(row) for row in db.session.execute(text(statement)).mappings()]


def _datasets_of_filters(metadata: dict[str, Any]) -> list[int]:
    filters = metadata.get("native_filter_configuration", [])
    targets = [target for one in filters for target in one.get("targets", [])]
    return [target["datasetId"] for target in targets if "datasetId" in target]
