"""No page is left out: each has a file of this folder, which opens it."""

import re
from pathlib import Path

from dashboard_page import assets


def test_every_page_has_a_file_that_looks_at_it() -> None:
    files = [path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py")]
    titles = [
        found[1]
        for text in files
        if "opening.expect_whole(" in text
        and (found := re.search(r'^DASHBOARD = "(.+)"', text, re.M))
    ]
    assert sorted(titles) == sorted(dashboard.title for dashboard in assets().dashboards)
