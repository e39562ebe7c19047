"""What Superset answers to the questions of a page, asked with the rights of an account."""

import functools
from typing import Any

from superset_fixture import SupersetSite

from qinglian.dashboards.client import SupersetClient
from qinglian.dashboards.warm_up import COLUMNS, page_requests
from qinglian.settings import repository_root


@functools.cache
def questions() -> dict[str, list[dict[str, Any]]]:
    """What each page asks for, by its slug; the tests of each page hold this against the page."""
    return page_requests(repository_root())


def make_answers(site: SupersetSite, reader: str) -> dict[str, dict[str, int]]:
    """Make an account's answers, and the texts of its pages, as a warm-up does.

    By page how many were made, kept, refused or failed.
    """
    with SupersetClient(site.url, "admin", site.password("admin")) as admin:
        return {
            slug: admin.request(
                "POST",
                "warm_up/",
                json={
                    "reader": reader,
                    "requests": asked,
                    "page": {"slug": slug, "columns": COLUMNS},
                },
            )["result"]
            for slug, asked in questions().items()
        }
