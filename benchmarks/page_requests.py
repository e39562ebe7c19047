"""Write what the pages ask for into `superset/page_requests`, for the warm-up of the cache.

Asks the installation of `QINGLIAN_HOME`, which has to run with the dashboards of this checkout. A
browser opens each dashboard and each of its tabs as the inspector does. Run it after a change of a
dashboard, chart or filter, and commit what it writes; the test of the page in `tests/browser` fails
where pages ask for something else.
"""

from benchmarks.chart_answers import note_requests
from qinglian.dashboards.assets import Assets
from qinglian.dashboards.client import SupersetClient
from qinglian.dashboards.page_requests import by_page, write
from qinglian.dashboards.process import ADMIN_SECRET, ADMIN_USER
from qinglian.dashboards.warm_up import FOLDER
from qinglian.pipeline import superset_url
from qinglian.secrets_file import SecretsFile
from qinglian.settings import get_settings


def main() -> None:
    """Note, write, say which files there are."""
    settings = get_settings()
    url = superset_url(settings)
    asked, _ = note_requests(settings, url, "inspector")
    password = SecretsFile(settings.secrets_path).get(ADMIN_SECRET)
    assets = Assets.read(settings.root / "superset" / "assets")
    with SupersetClient(url, ADMIN_USER, password) as client:
        pages = by_page(((one.dashboard, one.body) for one in asked), assets, client)
    write(pages, settings.root / "superset" / FOLDER)
    for slug, requests in pages.items():
        print(f"{slug}: {len(requests)} requests")


if __name__ == "__main__":
    main()
