"""Superset's REST API as far as publishing needs it."""

from types import TracebackType
from typing import Any, Self

import httpx
from tenacity import retry, retry_if_exception, stop_after_delay, wait_exponential

_PAGE = 100  # Superset answers with no more, whatever is asked for
#: Lists of assets cannot be ordered by id; these columns can, and are unique but for namesakes.
_ORDER = {
    "chart": "slice_name",
    "dashboard": "dashboard_title",
    "database": "database_name",
    "dataset": "table_name",
    "rowlevelsecurity": "name",
}
#: What is asked of each asset in a list. Unasked, Superset works out much that nobody here reads,
#: such as pictures' digests and times in words: a third of its work in a publication.
_READ = {
    "chart": ("id", "uuid", "slice_name", "datasource_id", "dashboards.id"),
    "dashboard": ("id", "uuid", "slug", "roles.id", "roles.name"),
    "database": ("id", "uuid"),
    "dataset": ("id", "uuid", "table_name"),
}
_BUSY = {429, 502, 503, 504}
_PATIENCE = 75  # seconds; logins are counted by the minute


class SupersetError(RuntimeError):
    """Superset refused a request; the message holds its answer."""


def _passes(error: BaseException) -> bool:
    """Whether the same request may succeed a moment later."""
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code in _BUSY
    return isinstance(error, httpx.TransportError)


def _words(response: httpx.Response) -> str:
    """What Superset says of an error; its page for an internal one says nothing."""
    if response.headers.get("content-type", "").startswith("text/html"):
        return "no reason given; it stands in the log of the Superset server"
    return response.text[:2000]


class SupersetClient:
    """A session logged in as one user. Every request is repeated while Superset is busy."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=120, follow_redirects=True)
        answer = self.request(
            "POST",
            "security/login",
            json={"username": username, "password": password, "provider": "db", "refresh": False},
        )
        self._http.headers["Authorization"] = f"Bearer {answer['access_token']}"
        token = self.request("GET", "security/csrf_token/")["result"]
        self._http.headers.update({"X-CSRFToken": token, "Referer": url})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def request(self, method: str, path: str, **arguments: Any) -> Any:
        """The JSON answer of `/api/v1/<path>`. Raises SupersetError with Superset's own words."""
        return self._answer(method, path, **arguments).json()

    def _answer(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        try:
            return self._send(method, f"/api/v1/{path}", **arguments)
        except httpx.HTTPStatusError as error:
            raise SupersetError(
                f"Superset answered {error.response.status_code} to {method} {path}: "
                + _words(error.response)
            ) from error
        except httpx.TransportError as error:
            raise SupersetError(
                f"No answer from Superset at {self._http.base_url} ({error}); is it running?"
            ) from error

    def download(self, path: str) -> bytes:
        """The file that `/api/v1/<path>` answers. Raises SupersetError as :meth:`request` does."""
        return self._answer("GET", path).content

    def items(self, path: str) -> list[dict[str, Any]]:
        """Every entry of a list, of assets with what is read of them.

        Pages follow a stated order: without one, PostgreSQL may show a row on two pages and
        another on none. Raises SupersetError when that happens all the same.
        """
        order = _ORDER.get(path, "id")
        read = f"columns:!({','.join(_READ[path])})," if path in _READ else ""
        entries: dict[int, dict[str, Any]] = {}
        page, total = 0, 1
        while page * _PAGE < total:
            query = (
                f"({read}order_column:{order},order_direction:asc,page:{page},page_size:{_PAGE})"
            )
            answer = self.request("GET", f"{path}/", params={"q": query})
            entries |= {entry["id"]: entry for entry in answer["result"]}
            page, total = page + 1, answer["count"]
        if len(entries) != total:
            raise SupersetError(
                f"Superset lists {len(entries)} of {total} entries of {path}; they changed while "
                "they were read, so publish again"
            )
        return list(entries.values())

    def ids_by_uuid(self, kind: str) -> dict[str, int]:
        """UUID -> id of every asset of a kind (chart, dashboard, dataset, database)."""
        return {str(entry["uuid"]): entry["id"] for entry in self.items(kind)}

    @retry(
        retry=retry_if_exception(_passes),
        stop=stop_after_delay(_PATIENCE),
        wait=wait_exponential(multiplier=0.5, max=10),
        reraise=True,
    )
    def _send(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        response = self._http.request(method, path, **arguments)
        response.raise_for_status()
        return response
