"""One embedded PostgreSQL for each process of the test session, in a folder of its own."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from parsed_project import begin_with_parsed_project
from superset_fixture import superset_site  # noqa: F401 (a fixture for integration and browser)
from xdist.scheduler import LoadScopeScheduling

from qinglian.contracts import load_contracts
from qinglian.settings import Settings
from qinglian.warehouse.schema import prepare_warehouse
from qinglian.warehouse.server import Server, prepare_server


def pytest_addoption(parser: pytest.Parser) -> None:
    """How many points of the way of the data are killed at, and which."""
    parser.addoption("--kill-points", type=int, default=6, help="points at which steps are killed")
    parser.addoption("--seed", type=int, default=7, help="which points these are")


def pytest_configure() -> None:
    """Both processes use both cores: threads of NumPy's own would only wait for one another."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


#: The longest tests start first, so that both processes end at about the same time.
_FOLDERS = ("end_to_end", "browser", "superset", "integration", "unit")
#: Files that stay in one process: they share a Superset, or start an Airflow, of which two at once
#: are more than two cores bear. The first that fits counts.
_TOGETHER = {
    # These change rights and marts as nobody else may see them, and share a Superset of their own.
    "tests/superset/test_finished_answers.py": "finished",
    "tests/superset/test_finished_pages.py": "finished",
    "tests/superset/": "superset",
    "tests/browser/": "browser",
    "tests/end_to_end/test_whole_way.py": "airflow",
    "tests/integration/test_airflow.py": "airflow",
}


class FilesTogether(LoadScopeScheduling):  # type: ignore[misc]
    """Gives each process whole files, whose tests share expensive fixtures.

    The groups of pytest-xdist's own `loadgroup` are lost with pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        groups = (group for path, group in _TOGETHER.items() if nodeid.startswith(path))
        return next(groups, nodeid.split("::", 1)[0])


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FilesTogether:
    """The scheduler of a run in several processes."""
    return FilesTogether(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the folders with the longest tests first."""
    tests = Path(__file__).parent
    items.sort(key=lambda item: _FOLDERS.index(item.path.relative_to(tests).parts[0]))


@pytest.fixture(scope="session")
def settings() -> Iterator[Settings]:
    """Settings with a state folder of the session's own.

    Not below pytest's folder: it is closed to other users, and as root PostgreSQL runs as one.
    """
    with tempfile.TemporaryDirectory(prefix="qinglian-") as folder:
        yield Settings(home=Path(folder))


@pytest.fixture(scope="session")
def server(settings: Settings) -> Iterator[Server]:
    """A running server with roles, databases and an empty warehouse."""
    opened = Server.open(settings)
    prepare_server(opened)
    contracts = load_contracts(settings.contracts_dir)
    prepare_warehouse(opened, contracts.values())
    begin_with_parsed_project(settings.state_dir / "dbt", opened)
    yield opened
    assert opened.embedded is not None
    opened.embedded.stop()


@pytest.fixture(scope="session")
def external_data() -> Path:
    """The folder with data that nobody here wrote; skips where it is absent."""
    import os

    root = Path(__file__).resolve().parents[1]
    folder = Path(os.environ.get("QINGLIAN_EXTERNAL_DATA", root.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"external data is not on this machine ({folder})")
    return folder
