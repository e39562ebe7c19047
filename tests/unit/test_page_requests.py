"""The questions of pages that are kept for the warm-up name what the assets have."""

from typing import Any

import pytest

from qinglian.dashboards.assets import Assets
from qinglian.dashboards.page_requests import by_page
from qinglian.dashboards.warm_up import page_requests
from qinglian.settings import repository_root

ASSETS = Assets.read(repository_root() / "superset" / "assets")
PAGES = page_requests(repository_root())


class _Numbers:
    """Superset as far as numbers of its assets go."""

    def ids_by_uuid(self, kind: str) -> dict[str, int]:
        assets = ASSETS.charts if kind == "chart" else ASSETS.datasets.values()
        return {asset.uuid: number for number, asset in enumerate(assets, 1)}


def test_every_chart_of_a_kept_page_is_asked_for_and_none_that_is_no_more() -> None:
    dashboards = {dashboard.slug: dashboard for dashboard in ASSETS.dashboards}
    assert PAGES.keys() <= dashboards.keys()
    for slug, asked in PAGES.items():
        assert {one["chart"] for one in asked if "chart" in one} == {
            *dashboards[slug].chart_uuids
        }, f"{slug}: make page-requests"
        assert {one["dataset"] for one in asked} <= ASSETS.datasets.keys()


def test_a_question_comes_after_the_filter_whose_first_value_it_holds() -> None:
    asked = [one for page in PAGES.values() for one in page]
    assert any("first_of" in str(one) for one in asked)
    for page in PAGES.values():
        known: set[str] = set()
        for one in page:
            for condition in _conditions(one):
                if isinstance(condition.get("val"), dict):
                    assert condition["val"]["first_of"] in known
            known |= {one["filter"]} if "filter" in one else set()


@pytest.mark.parametrize(("column", "kept"), [("lead_no", False), ("family", True)])
def test_only_the_value_of_a_filter_gives_way_to_its_name(column: str, kept: bool) -> None:
    dashboard = next(d for d in ASSETS.dashboards if d.slug == "lead-detail")
    numbers = _Numbers()
    chart = dashboard.chart_uuids[0]
    condition = {"col": column, "op": "IN", "val": ["one of many"]}
    body = {
        "datasource": {"id": 1, "type": "table"},
        "form_data": {"slice_id": numbers.ids_by_uuid("chart")[chart]},
        "queries": [
            {
                "filters": [condition],
                "columns": ["lead_no"],
                "url_params": {"native_filters_key": "of one opening"},
            }
        ],
    }
    pages = by_page([(dashboard.title, body)], ASSETS, numbers)  # type: ignore[arg-type]
    ((entry,),) = pages.values()
    assert entry["chart"] == chart
    assert (_conditions(entry) == [condition]) is kept
    assert "of one opening" not in str(entry)
    assert kept or _conditions(entry)[0]["val"] == {"first_of": "NATIVE_FILTER-lead"}


def _conditions(entry: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for query in entry["queries"] for one in query.get("filters", [])]
