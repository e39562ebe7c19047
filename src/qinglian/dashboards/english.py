"""The English set of dashboards, made from the Chinese one and a catalogue of texts.

Every asset has a twin with a UUID derived from its own. A twin reads the same rows of the same
table by a connection of its own, since Superset holds a table once a connection; it shows the
English label where the Chinese one has the Chinese, by the lists in which the pairs are kept.
What there is in Chinese only (sentences of leads, legal texts) stays so, and its header says it.
"""

import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import yaml

from qinglian.dashboards.assets import LOADER, Asset, AssetError, Assets, Chart, Dashboard, Dataset
from qinglian.dashboards.labels import Labels, value_labels

#: The catalogue, below superset/.
CATALOGUE = Path("translations") / "assets_en.yaml"
CHINESE = re.compile(r"[\u3400-\u9fff]")
#: What the slug of an English dashboard ends in.
SUFFIX = "-en"
_HELD_IN_CHINESE = " (in Chinese)"
#: English needs more lines than Chinese.
_TEXT_BOX = 1.4
#: Headers in English are wider; on a screen of usual width all columns have to fit.
_SMALLER = """
@media (max-width: 1535px) {
  [data-test="slice-container"] table.table td, [data-test="slice-container"] table.table th {
    font-size: 11px !important;
    padding: 4px 3px !important;
  }
}
@media (max-width: 1279px) {
  table.pvtTable td, table.pvtTable th { font-size: 10px !important; padding: 4px 1px !important; }
  table.pvtTable td.pvtVal { padding-left: 1px !important; }
}
"""
#: Who published a page has a Chinese name, and stands in the head of it.
_NAMELESS = '[data-test="metadata-bar"] > :first-child { display: none; }\n'
_PAGE = re.compile(r"(/superset/dashboard/[a-z-]+)/")
#: Chinese words of a literal in SQL, up to a tag of HTML within it.
_WORDS = re.compile(r"[^'<>\n]*[\u3400-\u9fff][^'<>\n]*")
_QUOTED = re.compile(r'"([^"\n]*[\u3400-\u9fff][^"\n]*)"')


def twin_uuid(uuid: str) -> str:
    """The UUID of the English twin of an asset."""
    return str(uuid5(UUID(uuid), "en"))


@dataclass
class Catalogue:
    """Chinese and English texts, and how the values of columns are put into English.

    `texts` are titles, headers and descriptions, a line each. `sql` are words in SQL. `values`
    say of a column (`column` or `dataset.column`) by which lists its values read in English, or by
    which expression. Columns in `chinese` hold sentences that there are in Chinese only. `params`
    and `widths` are what a chart (by its file) needs otherwise, since English words are longer.
    """

    texts: dict[str, str]
    sql: dict[str, str]
    values: dict[str, dict[str, Any]]
    chinese: list[str]
    params: dict[str, dict[str, Any]]
    widths: dict[str, int]
    lists: Mapping[str, Labels]
    used: set[str] = field(default_factory=set)  # texts and words that something asked for

    @classmethod
    def read(cls, root: Path) -> "Catalogue":
        """The catalogue of the checkout `root` with the lists that it names."""
        path = root / "superset" / CATALOGUE
        content = yaml.load(path.read_bytes(), Loader=LOADER)  # noqa: S506 (it is safe)
        return cls(lists=value_labels(root), **content)

    def text(self, chinese: str) -> str:
        """The text in English, line by line. Raises AssetError where a line has none."""
        return "\n".join(self._line(line) for line in chinese.split("\n"))

    def _line(self, line: str) -> str:
        if not CHINESE.search(line):
            return line
        if line not in self.texts:
            raise AssetError(f"{CATALOGUE}: no English for {line!r}; add it under texts")
        self.used.add(line)
        return self.texts[line]

    def query(self, sql: str) -> str:
        """SQL with its literals and links in English.

        What stands behind `=` is a value that the table holds in Chinese, and stays.
        """

        def words(found: re.Match[str]) -> str:
            if sql[: found.start()].endswith("= '"):
                return found[0]
            core = found[0].strip()
            if core not in self.sql:
                raise AssetError(f"{CATALOGUE}: no English for {core!r}; add it under sql")
            self.used.add(core)
            return found[0].replace(core, self.sql[core])

        english = _PAGE.sub(rf"\1{SUFFIX}/", _WORDS.sub(words, sql))
        return english.replace("（", " (").replace("）", ")")

    def rule(self, dataset: Dataset, column: str) -> dict[str, Any] | None:
        """How the values of a column are put into English; None where they stay."""
        return self.values.get(f"{dataset.title}.{column}", self.values.get(column))

    def labels(self, rule: Mapping[str, Any]) -> Labels:
        """The pairs of a rule's lists and its own."""
        pairs: Labels = {}
        for name in rule.get("lists", []):
            pairs = dict(self.lists[name]) | pairs
        pairs |= rule.get("labels", {})
        return pairs

    def value(self, chinese: str, column: str = "") -> str:
        """The English of a value of a column, or of a value or header that a colour is given to."""
        rules = [self.values[column]] if column in self.values else list(self.values.values())
        for rule in rules:
            if chinese in (pairs := self.labels(rule)):
                return pairs[chinese]
        return self.sql[chinese] if chinese in self.sql else self.text(chinese)


class English:
    """Makes the twins of a set of assets."""

    def __init__(self, assets: Assets, catalogue: Catalogue) -> None:
        self._assets = assets
        self._catalogue = catalogue
        self._widths = {
            chart.uuid: catalogue.widths[chart.path.stem]
            for chart in assets.charts
            if chart.path.stem in catalogue.widths
        }

    def twins(self) -> list[Asset]:
        """A twin of every asset. Raises AssetError where the catalogue lacks a text."""
        return [self._twin(asset) for asset in self._assets.all]

    def _twin(self, asset: Asset) -> Asset:
        content = copy.deepcopy(asset.content) | {"uuid": twin_uuid(asset.uuid)}
        if isinstance(asset, Dataset):
            content = self._dataset(asset, content)
        elif isinstance(asset, Chart):
            content = self._chart(asset, content)
        elif isinstance(asset, Dashboard):
            content = self._dashboard(asset, content)
        else:
            name = f"{content['database_name']} (English)"
            content |= {"database_name": name, "expose_in_sqllab": False}
        path = asset.path.with_name(f"{asset.path.stem}_en.yaml")
        return type(asset)(path, asset.kind, content)

    def _dataset(self, dataset: Dataset, content: dict[str, Any]) -> dict[str, Any]:
        names = self.names(dataset)
        columns = {column["column_name"]: column for column in content["columns"]}
        physical = {old: new for old, new in names.items() if new in columns}
        content["columns"] = [
            self._column(dataset, column, names, physical)
            for name, column in columns.items()
            if name not in physical.values()
        ]
        for metric in content["metrics"]:
            self._told(metric)
            metric["expression"] = self._expression(metric["expression"], physical)
        content["description"] = self._catalogue.text(content["description"])
        if "sql" in content:
            content["sql"] = self._catalogue.query(content["sql"])
        content["database_uuid"] = twin_uuid(str(content["database_uuid"]))
        return content

    def names(self, dataset: Dataset) -> dict[str, str]:
        """Column -> its name in the twin, of those that are in English there.

        A code stays one where its label has a column of its own (`fate` beside `fate_zh`).
        """
        known = dataset.columns
        return {
            name: english
            for name in sorted(known)
            if (
                (english := f"{name.removesuffix('_zh')}_en") in known and f"{name}_zh" not in known
            )
            or self._catalogue.rule(dataset, name) is not None
        }

    def _column(
        self,
        dataset: Dataset,
        column: dict[str, Any],
        names: Mapping[str, str],
        physical: Mapping[str, str],
    ) -> dict[str, Any]:
        name = column["column_name"]
        self._told(column)
        if name in self._catalogue.chinese and name not in names:
            column["verbose_name"] += _HELD_IN_CHINESE
        if expression := column.get("expression"):
            rule = self._catalogue.rule(dataset, name) or {}
            column["expression"] = rule.get("expression") or self._expression(expression, physical)
        elif name in names and name not in physical:
            column["expression"] = self._values(dataset, name)
        if name in names:
            column["column_name"] = names[name]
        return column

    def _told(self, part: dict[str, Any]) -> None:
        for key in ("verbose_name", "description"):
            if part.get(key):
                part[key] = self._catalogue.text(part[key])

    def _expression(self, sql: str, physical: Mapping[str, str]) -> str:
        for old, new in physical.items():
            sql = re.sub(rf"\b{old}\b(?!\s*=\s*')", new, sql)
        return self._catalogue.query(sql)

    def _values(self, dataset: Dataset, name: str) -> str:
        """SQL of a column's values in English; what no list has stays as it is."""
        rule = self._catalogue.rule(dataset, name) or {}
        if "expression" in rule:
            return str(rule["expression"])
        otherwise = name
        for chinese, english in self._phrases(rule):
            otherwise = f"replace({otherwise}, {_literal(chinese)}, {_literal(english)})"
        pairs = self._catalogue.labels(rule)
        if not pairs:
            return otherwise
        cases = " ".join(
            f"when {_literal(chinese)} then {_literal(english)}"
            for chinese, english in pairs.items()
        )
        return f"case {name} {cases} else {otherwise} end"

    def _phrases(self, rule: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Phrases of a rule, the longest first, so that none is taken for a part of another.

        They are few: Superset reads no SQL that nests some thirty calls.
        """
        phrases: Labels = rule.get("phrases", {})
        return sorted(phrases.items(), key=lambda pair: (-len(pair[0]), pair[0]))

    def _chart(self, chart: Chart, content: dict[str, Any]) -> dict[str, Any]:
        names = self.names(self._assets.datasets[chart.dataset_uuid])
        content["slice_name"] = self._catalogue.text(content["slice_name"])
        if content.get("description"):
            content["description"] = self._catalogue.text(content["description"])
        content["params"] = self._walk(content["params"], names)
        content["params"] |= self._catalogue.params.get(chart.path.stem, {})
        content["dataset_uuid"] = twin_uuid(chart.dataset_uuid)
        return content

    def _dashboard(self, dashboard: Dashboard, content: dict[str, Any]) -> dict[str, Any]:
        for key in ("dashboard_title", "description"):
            content[key] = self._catalogue.text(content[key])
        content["slug"] += SUFFIX
        content["css"] = _QUOTED.sub(
            lambda found: f'"{self._catalogue.text(found[1])}"', content.get("css") or ""
        )
        content["css"] += _SMALLER + _NAMELESS + "".join(self._whole_months(dashboard))
        for part in content["position"].values():
            if isinstance(part, dict):
                self._place(part.get("meta", {}), part["type"])
        metadata = content["metadata"]
        metadata["native_filter_configuration"] = [
            self._filter(entry) for entry in metadata["native_filter_configuration"]
        ]
        content["metadata"] = self._walk(metadata, {})
        return content

    def _whole_months(self, dashboard: Dashboard) -> Iterator[str]:
        """Style by which a month or period in a table, which has a hyphen, is not broken."""
        for chart in self._assets.charts:
            params = chart.content["params"]
            if chart.uuid not in dashboard.chart_uuids or params["viz_type"] != "table":
                continue
            columns = [*params.get("groupby", []), *params.get("all_columns", [])]
            for place, column in enumerate(columns, start=1):
                if column in ("month", "period"):
                    title = self._catalogue.text(chart.title)
                    yield (
                        f'[data-test-chart-name="{title}"] td:nth-child({place})'
                        " { white-space: nowrap; }\n"
                    )

    def _place(self, meta: dict[str, Any], kind: str) -> None:
        for key in ("text", "sliceName", "code"):
            if meta.get(key):
                meta[key] = self._catalogue.text(meta[key])
        if kind == "CHART":
            uuid = str(meta["uuid"])
            meta["uuid"] = twin_uuid(uuid)
            meta["width"] = self._widths.get(uuid, meta["width"])
        elif kind == "MARKDOWN":
            meta["height"] = round(meta["height"] * _TEXT_BOX)

    def _filter(self, entry: dict[str, Any]) -> dict[str, Any]:
        names: dict[str, str] = {}
        for target in entry["targets"]:
            names |= self.names(self._assets.datasets[str(target["datasetUuid"])])
            target["datasetUuid"] = twin_uuid(str(target["datasetUuid"]))
        entry["name"] = self._catalogue.text(entry["name"])
        walked: dict[str, Any] = self._walk(entry, names)
        return walked

    def _walk(self, value: Any, names: Mapping[str, str], column: str = "") -> Any:
        """A part of a chart or dashboard with columns by their names and values in English."""
        if isinstance(value, dict):
            column = str(value.get("subject") or value.get("column") or "")
            return {
                self._walk(key, names, column): self._walk(item, names, column)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self._walk(item, names, column) for item in value]
        if not isinstance(value, str):
            return value
        if value in names:
            return names[value]
        if value.startswith('["') and (order := json.loads(value))[0] in names:
            return json.dumps([names[order[0]], *order[1:]])
        return self._catalogue.value(value, column) if CHINESE.search(value) else value


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
