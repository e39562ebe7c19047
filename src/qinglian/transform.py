"""Runs the dbt project: staging, core, peers, indicators and marts of the warehouse.

dbt runs in this process (its start takes seconds, a second call a fraction of one) and never
phones home. The indicators' models are read off their folder, so that adding one edits no list.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from qinglian.dbt_connections import kept_connections
from qinglian.dbt_lines import NO_LOGGERS, told_lines
from qinglian.settings import Settings, get_settings
from qinglian.warehouse.server import WAREHOUSE, Server

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult

#: More than cores: in Airflow each node also waits for the API server to be told of it.
_THREADS = 4
_FAILED = ("error", "fail", "runtime error")

#: What dbt must not do without being asked: tell its maker, or look for a newer version.
_QUIET = {
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DBT_VERSION_CHECK": "false",
    "DO_NOT_TRACK": "1",
}

#: Parsing reads the profile but connects to nothing.
_NO_SERVER = {
    "QINGLIAN_DBT_HOST": "localhost",
    "QINGLIAN_DBT_PORT": "5432",
    "QINGLIAN_DBT_USER": "nobody",
    "QINGLIAN_DBT_PASSWORD": "",
    "QINGLIAN_DBT_DBNAME": WAREHOUSE,
}


#: The ranking of providers, which looks back two years, and tests that read every version of every
#: landed row, or ask what a unique index has enforced in the same build, are the weekly
#: maintenance's.
WEEKLY = "tag:weekly"

#: What a detection run builds. Unit tests of models need no data: `make test` runs them.
BUILD = ("build", "--exclude-resource-type", "unit_test", "--exclude", WEEKLY)

#: What the weekly maintenance builds and tests after it.
WEEKLY_BUILD = ("build", "--exclude-resource-type", "unit_test", "--select", WEEKLY)

#: The ranking alone, without the week's tests.
RANKING_RUN = (
    *("run", "--select", WEEKLY),
    *("--exclude", "path:models/quality", "path:models/staging", "landed_row_fate"),
)

#: Ten megabytes of manifest are written twice in a call, however small. `write_manifest` writes the
#: one that Airflow reads; results of the nodes serve `dbt retry` alone.
_NO_RESULTS = {"DBT_WRITE_JSON": "false"}

#: Commands of many nodes, of which dbt would make every line of its debug log only to drop it.
_LONG = frozenset({"build", "run", "seed", "test"})


class TransformError(RuntimeError):
    """dbt could not build or test a part of the project; the message names it and the remedy."""


def indicator_models(dbt_dir: Path) -> list[str]:
    """Names of the indicator models (`ind_*`) below `dbt_dir`/models/indicators, sorted."""
    return sorted(path.stem for path in (dbt_dir / "models" / "indicators").rglob("ind_*.sql"))


#: Names the business date of detection (ISO) to dbt.
DETECT_DATE = "QINGLIAN_DETECT_DATE"
#: Names dbt's file of an earlier parsing, of which only what has changed is parsed anew.
PARSED_PROJECT = "DBT_PARTIAL_PARSE_FILE_PATH"


def dbt_environment(server: Server) -> dict[str, str]:
    """Environment variables with which `dbt_project/profiles.yml` finds the warehouse."""
    return {
        "QINGLIAN_DBT_HOST": server.host,
        "QINGLIAN_DBT_PORT": str(server.port),
        "QINGLIAN_DBT_USER": server.user("transformer"),
        "QINGLIAN_DBT_PASSWORD": server.password("transformer"),
        "QINGLIAN_DBT_DBNAME": WAREHOUSE,
        "QINGLIAN_DBT_THREADS": str(_THREADS),
        **_QUIET,
    }


def dbt_variables(dbt_dir: Path, known_on: date | None = None) -> dict[str, object]:
    """Variables (`--vars`) of a run: the indicators there are.

    `known_on` is the knowledge date of a build aside: what had been received by its end. Variables
    that change make dbt parse the whole project anew.
    """
    variables: dict[str, object] = {"indicator_models": indicator_models(dbt_dir)}
    if known_on is not None:
        variables["known_on"] = known_on.isoformat()
    return variables


def run_dbt(
    server: Server,
    args: Sequence[str],
    detect_date: date,
    settings: Settings | None = None,
    known_on: date | None = None,
    *,
    keep_results: bool = False,
) -> None:
    """Run dbt with `args` (e.g. ``["build"]``) against the warehouse of `server`.

    `settings` say where the project and the state folder are; this process's by default. With
    `known_on` models are built aside, in schemas with a suffix and from what that day knew. With
    `keep_results` dbt leaves its manifest and results in the target folder.

    Raises:
        TransformError: a node failed; the message names each, what went wrong and what to do.
    """
    settings = settings or get_settings()
    folders = [
        *("--project-dir", str(settings.dbt_dir)),
        *("--profiles-dir", str(settings.dbt_dir)),
        *("--target-path", str(settings.state_dir / ("dbt_known" if known_on else "dbt"))),
        *("--log-path", str(settings.logs_dir / "dbt")),
    ]
    arguments = [*args, *folders, "--vars", json.dumps(dbt_variables(settings.dbt_dir, known_on))]
    environment = _environment_of(server, detect_date) | ({} if keep_results else _NO_RESULTS)
    if _LONG.isdisjoint(args) or _asks_for_a_log(args):
        _invoke(arguments, environment)
        return
    with told_lines(settings.logs_dir / "dbt", to_console="--quiet" not in args) as tell:
        _invoke(arguments, environment | NO_LOGGERS, [tell])


def _environment_of(server: Server, detect_date: date) -> dict[str, str]:
    return {**dbt_environment(server), DETECT_DATE: detect_date.isoformat()}


def write_manifest(dbt_dir: Path, target_dir: Path, server: Server | None = None) -> Path:
    """Parse the project into `target_dir`/manifest.json, without a database, and return its path.

    What was parsed with the profile of `server` serves the runs on it without parsing again.

    Raises:
        TransformError: the project does not parse.
    """
    parse_dbt(dbt_dir, target_dir, ["--quiet", "parse"], server)
    return target_dir / "manifest.json"


def parse_dbt(
    dbt_dir: Path, target_dir: Path, args: Sequence[str], server: Server | None = None
) -> None:
    """`dbt … parse` with `args` (e.g. ``["--warn-error", "parse"]``), without a database.

    Raises:
        TransformError: the project does not parse, or warns where warnings are errors.
    """
    folders = [
        *("--project-dir", str(dbt_dir)),
        *("--profiles-dir", str(dbt_dir)),
        *("--target-path", str(target_dir)),
        *("--log-path", str(target_dir)),
    ]
    variables = ["--vars", json.dumps(dbt_variables(dbt_dir))]
    profile = dbt_environment(server) if server else {**_NO_SERVER, **_QUIET}
    _invoke([*args, *folders, *variables], profile)


def compile_models(
    server: Server, dbt_dir: Path, target_dir: Path, detect_date: date
) -> list[Path]:
    """Compile all models into `target_dir` and return the files of SQL; builds nothing.

    Raises:
        TransformError: a model does not compile.
    """
    arguments = [
        "compile",
        *("--project-dir", str(dbt_dir)),
        *("--profiles-dir", str(dbt_dir)),
        *("--target-path", str(target_dir)),
        *("--log-path", str(target_dir)),
        *("--select", "resource_type:model"),
        *("--vars", json.dumps(dbt_variables(dbt_dir))),
    ]
    _invoke(arguments, _environment_of(server, detect_date))
    return sorted((target_dir / "compiled").rglob("models/**/*.sql"))


def _asks_for_a_log(args: Sequence[str]) -> bool:
    """Whether whoever calls wants another log of dbt's than lines as they are told."""
    asked = any(name.startswith(("DBT_LOG_", "DBT_DEBUG")) for name in os.environ)
    return asked or any(arg.startswith(("--log-", "--debug", "-d")) for arg in args)


def _invoke(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    callbacks: Sequence[Callable[[Any], None]] = (),
) -> None:
    # dbt takes seconds to import; only those who run it wait for it.
    from dbt.cli.main import dbtRunner

    with _environment(environment), kept_connections():
        result = dbtRunner(callbacks=list(callbacks)).invoke(list(arguments))
    if not result.success:
        raise TransformError(_explain(arguments, result, environment))


def _explain(
    arguments: Sequence[str], result: "dbtRunnerResult", environment: Mapping[str, str]
) -> str:
    command = f"dbt {arguments[0]}"
    if result.exception is not None:
        return (
            f"{command} did not run: {result.exception}\n"
            "Remedy: correct the file named above; `dbt parse` checks it without a database."
        )
    outcomes = getattr(result.result, "results", [])
    failed = [outcome for outcome in outcomes if str(outcome.status) in _FAILED]
    lines = [f"{command} failed in {len(failed)} of {len(outcomes)} nodes:"]
    lines += [f"- {_describe(outcome.node, outcome.message, environment)}" for outcome in failed]
    lines.append("Nodes that read these were skipped and keep their last good state.")
    return "\n".join(lines)


def _describe(node: object, message: str | None, environment: Mapping[str, str]) -> str:
    kind = str(getattr(node, "resource_type", "node"))
    name = getattr(node, "name", "?")
    path = getattr(node, "original_file_path", "?")
    # A data test says in its description what its failure means to a reader who knows no SQL.
    meaning = getattr(node, "description", "") if kind == "test" else ""
    remedy = (
        "see the rows with `dbt show --inline` of the compiled test and correct their source"
        if kind == "test"
        else f"correct the model or its input, then `qinglian detect` or `dbt build -s {name}+`"
    )
    said = (message or "").strip()
    rows = _first_rows(node, environment)
    parts = [f"{kind} {name} ({path})", meaning, said, rows, f"Remedy: {remedy}"]
    return ": ".join(part for part in parts if part)


def _first_rows(node: object, environment: Mapping[str, str], limit: int = 10) -> str:
    """The first rows that a data test found, where its `meta` says that they name nobody."""
    query = getattr(node, "compiled_code", None)
    if not query or not getattr(node, "meta", {}).get("shows_rows"):
        return ""
    given = {
        part: environment[f"QINGLIAN_DBT_{part.upper()}"]
        for part in ("host", "port", "user", "password", "dbname")
    }
    try:
        with psycopg.connect(make_conninfo(**given), row_factory=dict_row) as connection:
            rows = connection.execute(
                f"select * from ({query}) as found limit {limit}".encode()
            ).fetchall()
    except psycopg.Error:
        return ""
    return "; ".join(
        ", ".join(f"{name} {value}" for name, value in row.items() if value is not None)
        for row in rows
    )


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for the duration of one call of dbt."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
