"""Brings edits made in Superset's interface back into `superset/assets/`.

Superset exports numbers of its own, defaults, and what it derives from the rest. The files hold
none of these: what the export says beyond a file counts only where it is not a default.
"""

import copy
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from qinglian.dashboards.assets import (
    ALLOWED_KEYS,
    KINDS,
    LOADER,
    REQUIRED_KEYS,
    Asset,
    AssetError,
    Assets,
)
from qinglian.dashboards.client import SupersetClient
from qinglian.dashboards.english import twin_uuid
from qinglian.dashboards.languages import without_link
from qinglian.dashboards.yaml_edit import edited, written

#: Values that Superset writes where nothing was chosen. Others are none, or empty.
_DEFAULTS: dict[str, Any] = {
    "is_active": True,
    "is_dttm": False,
    "always_filter_main_dttm": False,
    "normalize_columns": False,
    "offset": 0,
    "default_filters": "{}",
}
#: What Superset derives, or what names a session or one Superset's own numbers.
_DERIVED = {
    "charts": {"query_context"},
    "datasets": {"catalog"},
    "params": {"datasource", "slice_id", "dashboards", "dashboardId", "url_params", "force"},
    "scopes": {"chartsInScope", "tabsInScope"},
}
#: Keys of a dashboard's metadata whose lists hold numbers of charts.
_LISTS_OF_CHARTS = {"excluded", "chartsInScope", "immune", "timed_refresh_immune_slices"}
#: Keys of a dashboard's metadata whose own keys are numbers of charts.
_BY_CHART = {"chart_configuration", "expanded_slices"}
#: Order of the keys of a dashboard's part; an empty one counts, since the page asks for it.
_PART = ("id", "type", "parents", "children", "meta")
#: What tells one entry of a list from the others.
_NAMES = ("column_name", "metric_name", "id")
_ORDER = {
    "datasets": "table_name description schema sql main_dttm_col filter_select_enabled",
    "charts": "slice_name description viz_type params uuid version dataset_uuid",
    "dashboards": "dashboard_title description slug published css uuid version position metadata",
}
_RETIRED = "retired_assets.yaml"


@dataclass
class PullReport:
    """What a pull did to the files, by name."""

    changed: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)  # not in Superset, and left as they are
    left_out: list[str] = field(default_factory=list)  # what no file can hold
    faults: list[str] = field(default_factory=list)  # what `qinglian publish` will refuse


def pull_dashboards(client: SupersetClient, folder: Path, *, retire: bool = False) -> PullReport:
    """Write into `folder` (superset/) what differs in Superset; a file without a change stays.

    Assets that are not in Superset are named, and with `retire` removed and entered in
    retired_assets.yaml. Raises AssetError for a folder that cannot be read.
    """
    assets = Assets.read(folder / "assets")
    report = PullReport()
    retired = {str(e["uuid"]) for e in yaml.safe_load((folder / _RETIRED).read_text())["retired"]}
    # Publications make the English twins from the files, so that nothing comes back from them.
    passed = retired | {twin_uuid(uuid) for uuid in (*retired, *(a.uuid for a in assets.all))}
    exported = {uuid: found for uuid, found in _export(client).items() if uuid not in passed}
    numbers = {number: uuid for uuid, number in client.ids_by_uuid("chart").items()}
    known = {asset.uuid: asset for asset in assets.all}
    own = _Numbers(assets, numbers)
    for uuid, (kind, content) in exported.items():
        asset = known.get(uuid)
        if kind == "databases":
            # Where the data lies is each installation's own, and what it may do is reviewed here.
            if asset is None:
                report.left_out.append(f"{kind} {content['database_name']}: add it by hand")
            continue
        if kind == "dashboards":
            content = own.restored(content, asset)  # noqa: PLW2901
        settled = _settled_asset(kind, asset, content, report)
        if asset is None:
            path = _new_path(assets.root, kind, content)
            path.write_text(written(_ordered(kind, settled)), "utf-8")
            report.added.append(path.relative_to(folder).as_posix())
        elif settled != asset.content:
            asset.path.write_text(edited(asset.path.read_text("utf-8"), settled), "utf-8")
            report.changed.append(asset.path.relative_to(folder).as_posix())
    _put_away([a for a in assets.all if a.uuid not in exported], folder, report, retire=retire)
    report.faults += _faults(assets.root)
    return report


def _export(client: SupersetClient) -> dict[str, tuple[str, dict[str, Any]]]:
    """Kind and content of every asset by its UUID, as Superset exports them."""
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    with zipfile.ZipFile(io.BytesIO(client.download("assets/export/"))) as bundle:
        for name in sorted(bundle.namelist()):
            _, kind, *_ = (*name.split("/"), "")
            if kind in KINDS and name.endswith(".yaml"):
                content = yaml.load(bundle.read(name), Loader=LOADER)  # noqa: S506 (it is safe)
                found[str(content["uuid"])] = (kind, content)
    return found


class _Numbers:
    """The numbers by which a dashboard's file calls its charts; Superset has others."""

    def __init__(self, assets: Assets, numbers: Mapping[int, str]) -> None:
        self._numbers = numbers
        self._known = {
            (dashboard.uuid, part["meta"]["uuid"]): int(part["meta"]["chartId"])
            for dashboard in assets.dashboards
            for part in dashboard.components.values()
            if part["type"] == "CHART"
        }
        self._last = max(self._known.values(), default=0)

    def restored(self, content: Mapping[str, Any], asset: Asset | None) -> dict[str, Any]:
        """The dashboard as exported, with the numbers of its file; a new chart gets a new one."""
        restored = copy.deepcopy(dict(content))
        restored["position"] = without_link(restored["position"])
        own: dict[int, int] = {}
        for part in restored["position"].values():
            if isinstance(part, dict) and part["type"] == "CHART":
                meta = part["meta"]
                key = (asset.uuid if asset else restored["uuid"], meta["uuid"])
                if key not in self._known:
                    self._last += 1
                    self._known[key] = self._last
                own[int(meta["chartId"])] = self._known[key]
                meta["chartId"] = self._known[key]
        restored["metadata"] = _renumbered(restored.get("metadata") or {}, own)
        return restored


def _renumbered(value: Any, own: Mapping[int, int]) -> Any:
    """Metadata with other numbers of charts; charts that left the dashboard are forgotten."""
    if isinstance(value, list):
        return [_renumbered(item, own) for item in value]
    if not isinstance(value, dict):
        return value
    result: dict[str, Any] = {}
    for key, item in value.items():
        if key in _LISTS_OF_CHARTS and isinstance(item, list):
            result[key] = [own[number] for number in item if number in own]
        elif key in _BY_CHART and isinstance(item, dict):
            result[key] = {
                str(own[int(number)]): _of_chart(entry, own)
                for number, entry in item.items()
                if int(number) in own
            }
        else:
            result[key] = _renumbered(item, own)
    return result


def _of_chart(entry: Any, own: Mapping[int, int]) -> Any:
    if isinstance(entry, dict) and entry.get("id") in own:
        return _renumbered(entry, own) | {"id": own[entry["id"]]}
    return _renumbered(entry, own)


def _settled_asset(
    kind: str, asset: Asset | None, content: dict[str, Any], report: PullReport
) -> dict[str, Any]:
    """The exported content as a file holds it; keys that no import takes are told."""
    local = asset.content if asset else {}
    settled: dict[str, Any] = _settled(local, content, kind)
    required = REQUIRED_KEYS[kind]
    for key in sorted(settled.keys() - required - ALLOWED_KEYS[kind]):
        report.left_out.append(f"{kind} {asset or content['uuid']}: {key} = {settled.pop(key)!r}")
    for key in sorted(required - settled.keys()):
        settled[key] = "" if content.get(key) is None else content[key]
        if key == "slug":
            report.faults.append(f"{content['dashboard_title']}: give the dashboard a slug")
    return settled


def _settled(local: Any, value: Any, name: str = "") -> Any:
    """`value` without what says nothing beyond `local`, in the order of `local`."""
    if name == "position":
        return {key: _ordered_part(part) for key, part in value.items()}
    if isinstance(value, dict):
        known = local if isinstance(local, dict) else {}
        derived = _DERIVED.get(name, set()) | _DERIVED["scopes"]
        return {
            key: _settled(known.get(key), item, key)
            for key, item in value.items()
            if key in known or not (key in derived or _is_default(key, item))
            if not (key in known and item is None and known[key] is not None)
        }
    if isinstance(value, list):
        return _settled_list(local if isinstance(local, list) else [], value, name)
    return value


def _settled_list(local: list[Any], value: list[Any], name: str) -> list[Any]:
    if name in _LISTS_OF_CHARTS:
        # A set of charts, in whatever order.
        return local if sorted(local, key=str) == sorted(value, key=str) else value
    label = next((n for n in _NAMES if value and all(_has(item, n) for item in value)), None)
    if label is None:
        padded = [*local, *[None] * len(value)]
        return [_settled(old, new) for old, new in zip(padded, value, strict=False)]
    known = {item[label]: item for item in local if _has(item, label)}
    settled = [_settled(known.get(item[label]), item) for item in value]
    if name not in ("columns", "metrics"):
        return settled  # their order is shown
    places = {item: place for place, item in enumerate(known)}
    return sorted(settled, key=lambda item: (places.get(item[label], len(places)), item[label]))


def _ordered_part(part: Any) -> Any:
    if not isinstance(part, dict):
        return part
    keys = [*(k for k in _PART if k in part), *(k for k in part if k not in _PART)]
    return {key: part[key] for key in keys}


def _has(item: Any, label: str) -> bool:
    return isinstance(item, dict) and label in item


def _is_default(key: str, value: Any) -> bool:
    if key in _DEFAULTS:
        return bool(value == _DEFAULTS[key])
    return value is None or (isinstance(value, str | list | dict) and not value)


def _ordered(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    """A new file's keys in the order of the others."""
    order = [key for key in _ORDER[kind].split() if key in content]
    return {key: content[key] for key in (*order, *(k for k in content if k not in order))}


def _new_path(root: Path, kind: str, content: Mapping[str, Any]) -> Path:
    """A file for a new asset, named after its slug, table or title."""
    labels = ("slug", "table_name", "slice_name", "dashboard_title")
    title = next(str(content[label]) for label in labels if content.get(label))
    name = re.sub(r"\W+", "_", title.lower()).strip("_") or str(content["uuid"])
    folder = root / kind / "warehouse" if kind == "datasets" else root / kind
    path, number = folder / f"{name}.yaml", 1
    while path.exists():
        number += 1
        path = folder / f"{name}_{number}.yaml"
    return path


def _put_away(gone: Iterable[Asset], folder: Path, report: PullReport, *, retire: bool) -> None:
    """Name the assets that Superset does not have, or remove them and say so to publications."""
    path = folder / _RETIRED
    retired = yaml.safe_load(path.read_text("utf-8"))["retired"]
    for asset in gone:
        name = asset.path.relative_to(folder).as_posix()
        if not retire or asset.kind == "databases":
            report.missing.append(name)
            continue
        asset.path.unlink()
        reason = f"在界面上删除：{asset.title}"
        retired.append({"kind": asset.kind, "uuid": asset.uuid, "reason": reason})
        report.retired.append(name)
    if report.retired:
        path.write_text(edited(path.read_text("utf-8"), {"retired": retired}), "utf-8")


def _faults(root: Path) -> Iterator[str]:
    try:
        yield from Assets.read(root).faults()
    except AssetError as error:
        yield str(error)
