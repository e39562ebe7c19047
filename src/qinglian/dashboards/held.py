"""What Superset holds, what the last publication left there, and so what has to be sent again."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from qinglian.dashboards import assets as assets_module
from qinglian.dashboards.assets import Asset, Assets, Chart, Dashboard
from qinglian.dashboards.client import SupersetClient
from qinglian.file_hash import sha256_of

PATH = "publication/"


@dataclass(frozen=True)
class Held:
    """What Superset holds, as `superset/qinglian_publication.py` tells it."""

    version: str  # of Superset, which may import the same file otherwise
    assets: dict[str, dict[str, tuple[int, str]]]  # kind -> UUID -> number, digest of the rows
    charts: dict[int, int]  # number -> that of its dataset
    dashboards: list[dict[str, Any]]
    roles: dict[str, dict[str, Any]]  # by name
    permissions: dict[tuple[str, str], int]  # action, resource -> number
    rules: list[dict[str, Any]]
    users: dict[str, dict[str, Any]]  # by name

    @classmethod
    def read(cls, client: SupersetClient) -> Self:
        """What Superset holds now."""
        return cls.of(client.request("GET", PATH)["result"])

    @classmethod
    def of(cls, told: dict[str, Any]) -> Self:
        """What Superset has told."""
        return cls(
            version=told["version"],
            assets={
                kind: {uuid: (number, digest) for uuid, (number, digest) in found.items()}
                for kind, found in told["assets"].items()
            },
            charts={chart["id"]: chart["datasource_id"] for chart in told["charts"]},
            dashboards=told["dashboards"],
            roles={role["name"]: role for role in told["roles"]},
            permissions={(p["action"], p["resource"]): p["id"] for p in told["permissions"]},
            rules=told["rules"],
            users={user["username"]: user for user in told["users"]},
        )

    def numbers(self, kind: str) -> dict[str, int]:
        """Number by UUID of all assets of a kind."""
        return {uuid: number for uuid, (number, _) in self.assets[kind].items()}

    def datasets_on(self, dashboard: Mapping[str, Any]) -> set[int]:
        """Numbers of the datasets that the charts and filters of a dashboard read."""
        return {self.charts[chart] for chart in dashboard["charts"]} | set(dashboard["datasets"])


class LastPublication:
    """Digests of what each asset was, in the files and in Superset, when it was published last.

    They stand in the state folder. Where they are lost, everything is sent again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, list[str]] = {}
        with suppress(FileNotFoundError, ValueError):  # where nothing was published from here
            self._known = dict(json.loads(path.read_text("utf-8")))

    def outdated(self, assets: Assets, held: Held, given: Mapping[str, Any]) -> list[Asset]:
        """The assets that are another than then, in the files or in Superset.

        `given` is what an asset is sent with beside its file, by UUID.
        """
        now = _states(assets, held, given)
        return [asset for asset in assets.all if self._known.get(asset.uuid) != now[asset.uuid]]

    def remember(self, assets: Assets, held: Held, given: Mapping[str, Any]) -> None:
        """Write down what Superset holds of these assets, which were all published."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        states = _states(assets, held, given)
        self._path.write_text(json.dumps(states, indent=1) + "\n", "utf-8")


def _states(assets: Assets, held: Held, given: Mapping[str, Any]) -> dict[str, list[str]]:
    """By UUID, the digests of what an asset is in the files and of what it is in Superset."""
    way = [held.version, sha256_of(Path(assets_module.__file__))]  # in which files are sent
    numbers = {uuid: n for found in held.assets.values() for uuid, (n, _) in found.items()}
    return {
        asset.uuid: [
            _digest([way, asset.content, given.get(asset.uuid), _named(assets, asset, numbers)]),
            held.assets[asset.kind].get(asset.uuid, (0, ""))[1],
        ]
        for asset in assets.all
    }


def _named(assets: Assets, asset: Asset, numbers: Mapping[str, int]) -> list[Any]:
    """What Superset writes into an asset of others: their numbers, and of a dataset its name."""
    named: Iterable[str] = ()
    more: list[Any] = []
    if isinstance(asset, Chart):
        named = [asset.dataset_uuid]
        more = [assets.datasets[asset.dataset_uuid].title]
    elif isinstance(asset, Dashboard):
        named = sorted({*asset.chart_uuids, *(uuid for _, uuid, _ in asset.filter_targets)})
    elif asset.kind == "datasets":
        named = [str(asset.content["database_uuid"])]
    return [*more, *(numbers.get(uuid) for uuid in named)]


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
