"""Has Superset make the answers of its pages before anybody opens them.

What the pages ask for is made by Superset's code in the browser, and an answer is found again only
by the very same question. The questions are therefore kept beside the assets, as a browser asked
them (`superset/page_requests`, written by `make page-requests`), with UUIDs in place of numbers.
Where a page chooses the first value of a filter, its question names the filter, and the value is
looked up with the rows of whoever will read the answer.
"""

import json
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qinglian.dashboards.client import SupersetClient
from qinglian.dashboards.process import ADMIN_SECRET, ADMIN_USER
from qinglian.secrets_file import SecretsFile
from qinglian.settings import Settings

FOLDER = "page_requests"
#: What a page asks of its dashboard, word for word; `tests/browser` tells when that changes.
COLUMNS = (
    "(columns:!(id,slug,url,dashboard_title,published,css,theme,json_metadata,position_json,"
    "certified_by,certification_details,changed_by_name,changed_by,changed_on,created_by,charts,"
    "owners,roles,tags,changed_on_delta_humanized,created_on_delta_humanized,is_managed_externally,"
    "uuid))"
)
#: After which no further page is begun, in seconds: a warm cache is a comfort.
PATIENCE = 120.0


@dataclass(frozen=True)
class WarmUpReport:
    """What a warm-up did."""

    readers: list[str]  # an account of each set of roles whose pages were made
    made: int  # answers
    kept: int  # answers that were there already
    texts_made: int  # what pages read of themselves
    texts_kept: int
    refused: int  # questions of pages that these accounts may not read
    failed: int
    seconds: float
    complete: bool

    def __str__(self) -> str:
        made = f"{self.made} answers and {self.texts_made} texts of pages"
        told = f"{made} made for {', '.join(self.readers) or 'nobody'} in {self.seconds:.0f} s"
        told += f", {self.kept} and {self.texts_kept} were there"
        told += f", {self.failed} failed" if self.failed else ""
        return told if self.complete else f"{told}; stopped for lack of time"


def page_requests(root: Path) -> dict[str, list[dict[str, Any]]]:
    """What each page asks for, by the slug of its dashboard; `root` is that of the repository."""
    folder = root / "superset" / FOLDER
    return {
        file.stem: json.loads(file.read_text("utf-8")) for file in sorted(folder.glob("*.json"))
    }


def warm_up(settings: Settings, url: str, patience: float = PATIENCE) -> WarmUpReport:
    """Make the answers of all pages for an account of each set of roles, as long as `patience`.

    With the first account that may read something, the texts of the pages are made as well.

    Raises SupersetError when Superset refuses or does not answer.
    """
    started = time.monotonic()
    pages = page_requests(settings.root)
    counts: Counter[str] = Counter()
    begun: list[str] = []
    complete = True
    password = SecretsFile(settings.secrets_path).get(ADMIN_SECRET)
    with SupersetClient(url, ADMIN_USER, password) as client:
        seen: set[str] = set()
        for one in client.request("GET", "warm_up/")["result"]:
            reader, reads = one["reader"], one["reads"]
            for page, asked in pages.items():
                if time.monotonic() - started > patience:
                    complete = False
                    break
                body: dict[str, Any] = {"reader": reader, "requests": asked}
                if reads not in seen:
                    body["page"] = {"slug": page, "columns": COLUMNS}
                counts.update(client.request("POST", "warm_up/", json=body)["result"])
                begun.append(reader)
            seen.add(reads)
    seconds = time.monotonic() - started
    names = ("made", "kept", "texts_made", "texts_kept", "refused", "failed")
    told = {name: counts[name] for name in names}
    return WarmUpReport(list(dict.fromkeys(begun)), **told, seconds=seconds, complete=complete)
