"""The assets of `superset/assets/` as typed objects, and the zip file that Superset imports."""

import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from qinglian.warehouse.server import ROLES

#: Folder of the assets -> name of the kind in Superset's REST API.
KINDS = {
    "databases": "database",
    "datasets": "dataset",
    "charts": "chart",
    "dashboards": "dashboard",
}
#: Keys of each kind that Superset's importer takes, those that it must have first. For any other it
#: answers "500 internal server error" without a word on the file.
_KEYS = {
    "databases": (
        {"database_name", "sqlalchemy_uri", "uuid", "version"},
        {"allow_csv_upload", "allow_ctas", "allow_cvas", "allow_dml", "allow_run_async"}
        | {"cache_timeout", "expose_in_sqllab", "extra", "impersonate_user"},
    ),
    "datasets": (
        {"table_name", "uuid", "version", "database_uuid", "columns", "metrics", "description"},
        {"schema", "sql", "main_dttm_col", "filter_select_enabled", "cache_timeout", "extra"}
        | {"params", "template_params", "always_filter_main_dttm", "fetch_values_predicate"},
    ),
    "charts": (
        {"slice_name", "viz_type", "params", "uuid", "version", "dataset_uuid"},
        {"description", "cache_timeout", "query_context", "certified_by", "certification_details"},
    ),
    "dashboards": (
        {"dashboard_title", "slug", "position", "metadata", "uuid", "version"},
        {"description", "css", "published", "certified_by", "certification_details"},
    ),
}
REQUIRED_KEYS = {kind: required for kind, (required, _) in _KEYS.items()}
ALLOWED_KEYS = {kind: allowed for kind, (_, allowed) in _KEYS.items()}
#: Column of the names of staff. The connection that reads it is open to no other dataset.
STAFF_NAME = "staff_name"
#: Read and write as yaml.safe_load and yaml.safe_dump do, ten times as fast.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_MASK = "XXXXXXXXXX"  # Superset's sign for "the password is kept elsewhere"
_COLUMN_KEYS = (
    *("groupby", "groupbyRows", "groupbyColumns", "all_columns", "columns", "x_axis"),
    *("source", "target", "source_category", "target_category", "entity", "series"),
)
_METRIC_KEYS = ("metric", "metrics", "timeseries_limit_metric", "x", "y", "size")


class AssetError(ValueError):
    """Assets that cannot be published; the message names each one and the remedy."""


@dataclass(frozen=True)
class Asset:
    """One YAML file of the assets folder."""

    path: Path
    kind: str
    content: dict[str, Any]

    @property
    def uuid(self) -> str:
        return str(self.content["uuid"])

    @property
    def title(self) -> str:
        """The name a person sees, whatever the kind calls it."""
        for key in ("dashboard_title", "slice_name", "table_name", "database_name"):
            if key in self.content:
                return str(self.content[key])
        raise AssetError(f"{self.path}: no title; give it the one that its kind asks for")

    def __str__(self) -> str:
        return f"{self.kind}/{self.path.name} ({self.title}, {self.uuid})"


class Dataset(Asset):
    """A table of the marts or a query over them, with its columns and metrics."""

    @property
    def physical_columns(self) -> set[str]:
        """Columns that the table or query itself must return."""
        return {c["column_name"] for c in self.content["columns"] if not c.get("expression")}

    @property
    def columns(self) -> set[str]:
        return {c["column_name"] for c in self.content["columns"]}

    @property
    def metrics(self) -> set[str]:
        return {m["metric_name"] for m in self.content["metrics"]}

    @property
    def names_staff(self) -> bool:
        """Whether its rows name members of staff, so that a role needs an entitlement to them."""
        return STAFF_NAME in self.columns

    @property
    def relation(self) -> str:
        """What stands after `from` in a query of this dataset."""
        if query := self.content.get("sql"):
            return f"({query.strip()}) as {self.title}"
        return f"{self.content['schema']}.{self.title}"


class Chart(Asset):
    """A chart and the columns and metrics that it asks of its dataset."""

    @property
    def dataset_uuid(self) -> str:
        return str(self.content["dataset_uuid"])

    @property
    def metrics(self) -> set[str]:
        """Names of saved metrics. A metric written into the chart itself is refused."""
        used = set[str]()
        for key in _METRIC_KEYS:
            for metric in _as_list(self.content["params"].get(key)):
                if not isinstance(metric, str):
                    raise AssetError(f"{self}: write the metric of {key!r} into the dataset")
                used.add(metric)
        return used

    @property
    def columns(self) -> set[str]:
        params = self.content["params"]
        used = {c for key in _COLUMN_KEYS for c in _as_list(params.get(key))}
        used |= {f["subject"] for f in params.get("adhoc_filters", [])}
        used |= {json.loads(order)[0] for order in params.get("order_by_cols", [])}
        return used

    @property
    def formatted(self) -> set[str]:
        """Columns or metrics that a format or a colour is given to."""
        params = self.content["params"]
        coloured = {rule["column"] for rule in params.get("conditional_formatting", [])}
        return set(params.get("column_config", {})) | coloured


class Dashboard(Asset):
    """A dashboard, the charts that it places and the columns that its filters name."""

    @property
    def slug(self) -> str:
        return str(self.content["slug"])

    @property
    def components(self) -> dict[str, dict[str, Any]]:
        return {k: v for k, v in self.content["position"].items() if isinstance(v, dict)}

    @property
    def chart_uuids(self) -> list[str]:
        return [c["meta"]["uuid"] for c in self.components.values() if c["type"] == "CHART"]

    @property
    def filter_targets(self) -> list[tuple[str, str, str]]:
        """(filter name, dataset UUID, column) of every native filter."""
        return [
            (f["name"], target["datasetUuid"], target["column"]["name"])
            for f in self.content["metadata"]["native_filter_configuration"]
            for target in f["targets"]
        ]


class Database(Asset):
    """A connection to the warehouse as one of its roles."""

    @property
    def role(self) -> str:
        """Short name of the role that it reads with. Raises AssetError for one without a role."""
        user = urlsplit(str(self.content["sqlalchemy_uri"])).username
        for role, name in ROLES.items():
            if name == user:
                return role
        raise AssetError(f"{self}: {user} is no role of the warehouse; name one in sqlalchemy_uri")


_CLASSES = {"databases": Database, "datasets": Dataset, "charts": Chart, "dashboards": Dashboard}


@dataclass(frozen=True)
class Assets:
    """All assets of one folder."""

    root: Path
    all: list[Asset]

    @classmethod
    def read(cls, root: Path) -> "Assets":
        """Every asset below `root`. Raises AssetError for a file without a kind or a UUID."""
        found = []
        for path in sorted(root.rglob("*.yaml")):
            kind = path.relative_to(root).parts[0]
            if path.name == "metadata.yaml" and path.parent == root:
                continue
            if kind not in KINDS:
                raise AssetError(f"{path}: not in a folder of {', '.join(KINDS)}; move it there")
            content = yaml.load(path.read_bytes(), Loader=LOADER)  # noqa: S506 (it is safe)
            if not isinstance(content, dict) or "uuid" not in content:
                raise AssetError(f"{path}: no uuid; Superset finds an asset by it, so add one")
            found.append(_CLASSES.get(kind, Asset)(path, kind, content))
        return cls(root, found)

    @cached_property
    def datasets(self) -> dict[str, Dataset]:
        return {a.uuid: a for a in self.all if isinstance(a, Dataset)}

    @property
    def charts(self) -> list[Chart]:
        return [a for a in self.all if isinstance(a, Chart)]

    @property
    def dashboards(self) -> list[Dashboard]:
        return [a for a in self.all if isinstance(a, Dashboard)]

    @property
    def databases(self) -> list[Database]:
        return [a for a in self.all if isinstance(a, Database)]

    def role_of(self, dataset: Dataset) -> str:
        """Short name of the role of the warehouse that reads the dataset."""
        uuid = dataset.content["database_uuid"]
        return next(d.role for d in self.databases if d.uuid == uuid)

    def datasets_on(self, dashboard: Dashboard) -> list[Dataset]:
        """The datasets that the charts and filters of a dashboard read."""
        charts = {chart.uuid: chart.dataset_uuid for chart in self.charts}
        used = {charts[uuid] for uuid in dashboard.chart_uuids}
        used |= {uuid for _, uuid, _ in dashboard.filter_targets}
        return [self.datasets[uuid] for uuid in sorted(used)]

    def faults(self) -> Iterator[str]:
        """A sentence for every key that Superset would refuse and every broken reference."""
        for asset in self.all:
            required, optional = _KEYS[asset.kind]
            for key in sorted(set(asset.content) - required - optional):
                yield f"{asset}: Superset does not know the key {key}; drop it"
            for key in sorted(required - set(asset.content)):
                yield f"{asset}: the key {key} is missing; add it"
        yield from self._broken_references()

    def _broken_references(self) -> Iterator[str]:
        yield from self._duplicate_uuids()
        yield from self._names_beside_others()
        for chart in self.charts:
            yield from self._broken_chart(chart)
        charts = {c.uuid for c in self.charts}
        for dashboard in self.dashboards:
            for uuid in set(dashboard.chart_uuids) - charts:
                yield f"{dashboard}: places chart {uuid}, which no file of charts/ has"
            for name, uuid, column in dashboard.filter_targets:
                dataset = self.datasets.get(uuid)
                if dataset is None or column not in dataset.columns:
                    yield f"{dashboard}: filter {name} names {column}, unknown to dataset {uuid}"

    def _names_beside_others(self) -> Iterator[str]:
        databases = {database.uuid: database for database in self.databases}
        for dataset in self.datasets.values():
            database = databases.get(str(dataset.content.get("database_uuid")))
            if database is None:
                yield f"{dataset}: its database is in no file of databases/"
            elif dataset.names_staff != (database.role == "names"):
                yield (
                    f"{dataset}: names of staff (column {STAFF_NAME}), and nothing else, are read"
                    " by the database of qinglian_names; give the dataset the other database_uuid"
                )

    def _duplicate_uuids(self) -> Iterator[str]:
        seen: dict[str, Asset] = {}
        for asset in self.all:
            if asset.uuid in seen:
                yield f"{asset}: has the UUID of {seen[asset.uuid]}; give it one of its own"
            seen[asset.uuid] = asset

    def _broken_chart(self, chart: Chart) -> Iterator[str]:
        dataset = self.datasets.get(chart.dataset_uuid)
        if dataset is None:
            yield f"{chart}: dataset {chart.dataset_uuid} is in no file of datasets/"
            return
        for column in sorted(chart.columns - dataset.columns):
            yield f"{chart}: column {column} is not in {dataset}; add it there or drop it here"
        for metric in sorted(chart.metrics - dataset.metrics):
            yield f"{chart}: metric {metric} is not in {dataset}; add it there or drop it here"
        for name in sorted(chart.formatted - chart.columns - chart.metrics):
            yield f"{chart}: formats {name}, which it does not show"

    def bundle(self, sent: Iterable[Asset], host: str, port: int, name: str) -> bytes:
        """The zip file that imports these assets, databases at this server (without a password)."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bundle:
            bundle.write(self.root / "metadata.yaml", "assets/metadata.yaml")
            for asset in sent:
                content = asset.content
                if isinstance(asset, Database):
                    uri = masked_uri(ROLES[asset.role], host, port, name)
                    content = content | {"sqlalchemy_uri": uri}
                elif asset.kind == "datasets":
                    content = content | {"columns": _with_expressions(content["columns"])}
                file = f"assets/{asset.path.relative_to(self.root).as_posix()}"
                text = yaml.dump(content, Dumper=DUMPER, allow_unicode=True, sort_keys=False)
                bundle.writestr(file, text)
        return buffer.getvalue()


def masked_uri(user: str, host: str, port: int, database: str) -> str:
    """The address of a PostgreSQL database as Superset stores it, password masked."""
    return f"postgresql+psycopg2://{user}:{_MASK}@{host}:{port}/{database}"


def _with_expressions(columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The columns, each with an expression, if only none: Superset keeps one that is not named."""
    return [{"expression": None} | column for column in columns]


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
