"""The page with the names of staff in a real browser, for those who act on leads."""

from dashboard_page import needs_chromium
from page_checks import Opening

pytestmark = needs_chromium

DASHBOARD = "涉及人员"


def test_the_page_is_whole_and_chinese(opening: Opening) -> None:
    opening.expect_whole()
