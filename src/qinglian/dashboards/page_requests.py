"""What pages ask for, as files beside the assets: written after a browser asked it."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from qinglian.dashboards.assets import Assets
from qinglian.dashboards.client import SupersetClient


def by_page(
    asked: Iterable[tuple[str, dict[str, Any]]], assets: Assets, client: SupersetClient
) -> dict[str, list[dict[str, Any]]]:
    """The requests by slug, without numbers of one Superset; what needs a filter's value last.

    `asked` has the title of the dashboard and what was sent.
    """
    uuids = {
        kind: {number: uuid for uuid, number in client.ids_by_uuid(kind).items()}
        for kind in ("chart", "dataset")
    }
    dashboards = {dashboard.title: dashboard for dashboard in assets.dashboards}
    pages: dict[str, list[dict[str, Any]]] = {}
    for title, body in asked:
        dashboard = dashboards[title]
        first = _first_values(dashboard.content["metadata"]["native_filter_configuration"])
        entry = {"dataset": uuids["dataset"][body["datasource"]["id"]]}
        form = body["form_data"]
        if chart := form.get("slice_id"):
            entry = {"chart": uuids["chart"][chart], **entry}
        elif own := form.get("native_filter_id") or form.get("nativeFilterId"):
            entry = {"filter": own, **entry}
        queries = [_with_names(query, first) for query in body["queries"]]
        pages.setdefault(dashboard.slug, []).append({**entry, "queries": queries})
    return {slug: sorted(pages[slug], key=_order) for slug in sorted(pages)}


def write(pages: dict[str, list[dict[str, Any]]], folder: Path) -> None:
    """A file a page, a request a line; files of pages that are no more go."""
    folder.mkdir(exist_ok=True)
    for file in folder.glob("*.json"):
        if file.stem not in pages:
            file.unlink()
    for slug, requests in pages.items():
        lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in requests)
        (folder / f"{slug}.json").write_text(f"[\n{lines}\n]\n", "utf-8")


def _first_values(filters: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Filter by column, of the filters that choose the first value on opening."""
    return {
        target["column"]["name"]: str(one["id"])
        for one in filters
        if one.get("controlValues", {}).get("defaultToFirstItem")
        for target in one["targets"]
    }


def _with_names(query: dict[str, Any], first: dict[str, str]) -> dict[str, Any]:
    """The query with the name of the filter in place of the value that it chose.

    What stood in the page's address, such as a key of one opening, changes no answer.
    """
    filters = [
        {**condition, "val": {"first_of": first[condition["col"]]}}
        if condition["col"] in first and condition["op"] == "IN"
        else condition
        for condition in query.get("filters", [])
    ]
    return {**query, "filters": filters, "url_params": {}}


def _order(entry: dict[str, Any]) -> tuple[bool, bool, str]:
    needs_value = "first_of" in json.dumps(entry)
    return (needs_value, "chart" in entry, entry.get("chart") or entry.get("filter") or "")
