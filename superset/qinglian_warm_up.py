"""Answers are made before anybody asks: the cache is warmed after a publication.

`qinglian publish` hands over what the pages ask for (`superset/page_requests`) and names an account
for each set of roles that somebody holds. Each answer is made with that account's rights and rows,
by the code that answers its pages, and is kept under the same key. What pages read of themselves is
made too, for an account of each set of rights, which is all that it depends on. Nobody sees it
here: what goes back is how many were made. The log has one entry for it, of the administrator who
asked.
"""

from collections import Counter
from typing import Any

from flask import Flask, Response, g, request
from flask_appbuilder.api import BaseApi, expose, protect, safe
from qinglian_answers import keep_made_ahead
from qinglian_builds import build_of_dataset
from qinglian_pages import may_read
from qinglian_pages_ahead import make_texts, note_warming
from superset.charts.schemas import ChartDataQueryContextSchema
from superset.commands.chart.data.get_data_command import ChartDataCommand
from superset.common import query_context_processor
from superset.connectors.sqla.models import SqlaTable
from superset.exceptions import SupersetException, SupersetSecurityException
from superset.extensions import appbuilder, event_logger
from superset.models.slice import Slice
from superset.utils.core import override_user

from superset import db, security_manager


class WarmUpRestApi(BaseApi):
    """For the administrator's publications alone."""

    resource_name = "warm_up"
    # A right that Superset makes itself, and gives to administrators.
    class_permission_name = "Chart"
    method_permission_name = {"readers": "warm_up_cache", "warm_up": "warm_up_cache"}  # noqa: RUF012

    @expose("/", methods=("GET",))
    @protect()
    @safe
    def readers(self) -> Response:
        """An account of each set of roles that somebody who may log in holds.

        Accounts that may read the same have one name for what they read: their rows may differ.
        """
        if not security_manager.is_admin():
            return self.response_403()
        accounts = db.session.query(security_manager.user_model).filter_by(active=True)
        admin = security_manager.find_role("Admin")
        found: dict[frozenset[int], Any] = {}
        for account in accounts.order_by(security_manager.user_model.id):
            roles = security_manager.get_user_roles(account)
            if roles and admin not in roles:
                found.setdefault(frozenset(role.id for role in roles), account)
        told = [{"reader": one.username, "reads": may_read(one)} for one in found.values()]
        return self.response(200, result=told)

    @expose("/", methods=("POST",))
    @protect()
    @safe
    @event_logger.log_this_with_context(action="WarmUpRestApi.warm_up", log_to_statsd=False)
    def warm_up(self) -> Response:
        """Make the answers and texts that an account's page asks for; what is kept already stays.

        The texts are those of `page`, the slug of a dashboard with its columns, if there is one.
        """
        if not security_manager.is_admin():
            return self.response_403()
        body = request.get_json()
        account = security_manager.find_user(body["reader"])
        if account is None:
            return self.response_404()
        counts = Counter({"made": 0, "kept": 0, "refused": 0, "failed": 0})
        if "page" in body:
            counts.update(make_texts(account, **body["page"]))
        g.qinglian_warming = True  # nobody has seen anything: no entry of the log says so
        try:
            with override_user(account):
                _answer_all(body["requests"], counts)
        finally:
            g.qinglian_warming = False
        return self.response(200, result=counts)


def add_warm_up(app: Flask) -> None:
    """Add the address, and the build of the marts to the key that answers are kept under."""
    note_warming(app)
    appbuilder.add_api(WarmUpRestApi)
    processor = query_context_processor.QueryContextProcessor
    shipped = processor.query_cache_key

    def query_cache_key(self: Any, query_obj: Any, **more: Any) -> str | None:
        build = build_of_dataset(self._qc_datasource)
        key: str | None = shipped(self, query_obj, qinglian_build=build, **more)
        return key

    processor.query_cache_key = query_cache_key


def _answer_all(requests: list[dict[str, Any]], counts: Counter[str]) -> None:
    """Answer the requests in order: the values that a page chooses first come from one before."""
    first: dict[str, Any] = {}
    for asked in requests:
        if not _chosen(asked) <= first.keys():
            continue  # the filter offers this account nothing, and the page asks for nothing
        try:
            result = _answer(asked, first)
        except SupersetSecurityException:
            counts["refused"] += 1
        except (SupersetException, LookupError):
            counts["failed"] += 1
        else:
            counts["kept" if all(query["is_cached"] for query in result) else "made"] += 1
            if result[0]["data"] and "filter" in asked:
                first[asked["filter"]] = next(iter(result[0]["data"][0].values()))


def _chosen(asked: dict[str, Any]) -> set[str]:
    """The filters whose first value the request holds."""
    conditions = (one for query in asked["queries"] for one in query.get("filters", []))
    values = (condition.get("val") for condition in conditions)
    return {value["first_of"] for value in values if isinstance(value, dict)}


def _answer(asked: dict[str, Any], first: dict[str, Any]) -> list[dict[str, Any]]:
    dataset = db.session.query(SqlaTable).filter_by(uuid=asked["dataset"]).one_or_none()
    if dataset is None:
        raise LookupError(asked["dataset"])
    form: dict[str, Any] = {}
    if "chart" in asked:
        chart = db.session.query(Slice).filter_by(uuid=asked["chart"]).one_or_none()
        if chart is None:
            raise LookupError(asked["chart"])
        form = {**chart.form_data, "slice_id": chart.id}
    queries = [_with_first_values(query, first) for query in asked["queries"]]
    body = {
        "datasource": {"id": dataset.id, "type": "table"},
        "queries": queries,
        "form_data": form,
        "result_format": "json",
        "result_type": "full",
        "force": False,
    }
    result = _run(body)
    made: list[dict[str, Any]] = result["queries"]
    # The text is kept as it comes from the rows that are kept.
    keep_made_ahead(body, result if all(q["is_cached"] for q in made) else _run(body))
    return made


def _run(body: dict[str, Any]) -> dict[str, Any]:
    command = ChartDataCommand(ChartDataQueryContextSchema().load(body))
    command.validate()
    result: dict[str, Any] = command.run()
    return result


def _with_first_values(query: dict[str, Any], first: dict[str, Any]) -> dict[str, Any]:
    """The query with what the page's filter would hold on opening."""
    filters = [
        condition | {"val": [first[condition["val"]["first_of"]]]}
        if isinstance(condition.get("val"), dict)
        else condition
        for condition in query.get("filters", [])
    ]
    return query | {"filters": filters}
