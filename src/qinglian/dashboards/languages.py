"""Which languages the dashboards are published in, and the way from one language to the other."""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from qinglian.dashboards.assets import Asset, Assets, Dashboard
from qinglian.dashboards.english import SUFFIX, Catalogue, English

#: Parts of a page that lead to its twin; a publication adds them, and no file holds them.
_ROW, _LINE = "ROW-language", "MARKDOWN-language"
_HEIGHT = 5  # of the line


def in_languages(assets: Assets, languages: Iterable[str], root: Path) -> Assets:
    """The assets in these languages, the Chinese ones always.

    With two, each page has a line that leads to its twin. Raises AssetError where the catalogue
    of the checkout `root` lacks a text.
    """
    if "en" not in languages:
        return assets
    twins = English(assets, Catalogue.read(root)).twins()
    return replace(assets, all=[_linked(asset) for asset in (*assets.all, *twins)])


def without_link(position: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of a page but those that lead to its twin."""
    own = {key: part for key, part in position.items() if key not in (_ROW, _LINE)}
    grid = own.get("GRID_ID")
    if grid and _ROW in grid.get("children", []):
        own["GRID_ID"] = grid | {"children": [c for c in grid["children"] if c != _ROW]}
    return own


def _linked(asset: Asset) -> Asset:
    if not isinstance(asset, Dashboard):
        return asset
    english = asset.slug.endswith(SUFFIX)
    slug = asset.slug.removesuffix(SUFFIX) if english else asset.slug + SUFFIX
    code = f"[{'中文页面' if english else 'This page in English'}](/superset/dashboard/{slug}/)"
    content = copy.deepcopy(asset.content)
    position, parents = content["position"], ["ROOT_ID", "GRID_ID"]
    position["GRID_ID"]["children"] = [_ROW, *position["GRID_ID"]["children"]]
    position[_ROW] = {
        "id": _ROW,
        "type": "ROW",
        "parents": parents,
        "children": [_LINE],
        "meta": {"background": "BACKGROUND_TRANSPARENT"},
    }
    position[_LINE] = {
        "id": _LINE,
        "type": "MARKDOWN",
        "parents": [*parents, _ROW],
        "children": [],
        "meta": {"width": 12, "height": _HEIGHT, "code": code},
    }
    return replace(asset, content=content)
