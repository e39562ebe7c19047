"""A changed value touches the lines that say it, and no other."""

import random
from difflib import unified_diff
from typing import Any

import pytest
import yaml

from qinglian.dashboards.yaml_edit import edited, written
from qinglian.settings import repository_root

TEXT = """\
# What this is for.
name: 红色线索
description: 证据已闭合，或 '同一' 对象。
css: |
  .a { color: red }

  /* why */
  .b { color: blue }
params:
  groupby:
    - lead_no  # the number
    - light_zh
    - state
  metrics: [gross, fund]
  filters:
    - {clause: WHERE, subject: is_active}
    - clause: HAVING
      subject: gross
  # Colours of the lights.
  colours: {红: '#c62f38',   黄: '#eba91c'}
uuid: 7c1ea200-0000-4000-8000-00000000c001
version: 1.0.0
"""


def _changed(**values: Any) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(TEXT)
    return content | values


def _difference(after: str) -> list[str]:
    """Lines that went and came, without what stands around them."""
    lines = unified_diff(TEXT.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in lines if line[0] in "+-" and line[:3] not in ("+++", "---")]


def _params(**values: Any) -> dict[str, Any]:
    return _changed(params=_changed()["params"] | values)


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        (_changed(), []),
        (_changed(name="红灯"), ["-name: 红色线索", "+name: 红灯"]),
        (_changed(name="a: b"), ["-name: 红色线索", "+name: 'a: b'"]),
        (_changed(name="一\n二"), ["-name: 红色线索", "+name: |-", "+  一", "+  二"]),
        (
            _changed(css=_changed()["css"].replace("blue", "green")),
            ["-  .b { color: blue }", "+  .b { color: green }"],
        ),
        (
            _params(groupby=["lead_no", "district", "light_zh"]),
            ["+    - district", "-    - state"],
        ),
        (
            _params(groupby=["org", "light_zh", "state"]),
            ["-    - lead_no  # the number", "+    - org  # the number"],
        ),
        (
            _params(metrics=["gross", "fund", "leads"]),
            ["-  metrics: [gross, fund]", "+  metrics: [gross, fund, leads]"],
        ),
        (
            _params(filters=[{"clause": "WHERE", "subject": "state"}, {"clause": "HAVING"}]),
            [
                "-    - {clause: WHERE, subject: is_active}",
                "+    - {clause: WHERE, subject: state}",
                "-      subject: gross",
            ],
        ),
        (
            _params(colours={"黄": "#eba91c", "红": "#ff0000"}),
            [
                "-  colours: {红: '#c62f38',   黄: '#eba91c'}",
                "+  colours: {红: '#ff0000', 黄: '#eba91c'}",
            ],
        ),
        (_params(row_limit=100), ["+  row_limit: 100"]),
        (
            {k: v for k, v in _changed().items() if k != "uuid"},
            ["-uuid: 7c1ea200-0000-4000-8000-00000000c001"],
        ),
        (
            _params(groupby=[]),
            [
                "-  groupby:",
                "-    - lead_no  # the number",
                "-    - light_zh",
                "-    - state",
                "+  groupby: []",
            ],
        ),
    ],
)
def test_a_change_is_as_small_as_it_is(value: dict[str, Any], lines: list[str]) -> None:
    after = edited(TEXT, value)
    assert yaml.safe_load(after) == value
    assert _difference(after) == lines
    assert "# What this is for." in after
    assert "# Colours of the lights." in after


def test_a_key_is_added_where_it_belongs() -> None:
    content = _changed()
    value = {"name": content.pop("name"), "slug": "red", **content}
    assert _difference(edited(TEXT, value)) == ["+slug: red"]
    assert edited(TEXT, value).index("slug:") < edited(TEXT, value).index("description:")


NEW_VALUES = ["新的: 值", "一行\n二行\n", 7, None, True, ["a", {"b": "c, d"}], {}, "  x"]
FILES = sorted((repository_root() / "superset" / "assets" / "dashboards").glob("*.yaml"))


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_changed_in_a_dashboard_is_what_the_file_then_says(seed: int) -> None:
    draws = random.Random(seed)  # noqa: S311 (a test)
    text = FILES[seed % len(FILES)].read_text("utf-8")
    value = yaml.load(text, Loader=yaml.CSafeLoader)
    for _ in range(6):
        _change_something(value, draws)
    assert yaml.safe_load(edited(text, value)) == value
    assert yaml.safe_load(written(value)) == value


def _change_something(value: Any, draws: random.Random) -> None:
    """One change somewhere below: another value, one more, or one less."""
    while True:
        key = draws.choice(list(value) if isinstance(value, dict) else range(len(value)))
        below = value[key]
        if isinstance(below, dict | list) and below and draws.random() < 0.85:
            value = below
            continue
        new = draws.choice(NEW_VALUES)
        match draws.randrange(3):
            case 0:
                value[key] = new
            case 1 if isinstance(value, dict):
                value[f"new_{key}"] = new
            case 1:
                value.insert(key, new)
            case _ if len(value) > 1:
                del value[key]
        return
