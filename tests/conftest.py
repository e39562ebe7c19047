"""One embedded PostgreSQL for each process of the test session, in a folder of its own."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from superset_fixture import superset_site  # noqa: F401 (a fixture for integration and browser)

from qinglian.contracts import load_contracts
from qinglian.settings import Settings
from qinglian.warehouse.schema import prepare_warehouse
from qinglian.warehouse.server import Server, prepare_server


def pytest_addoption(parser: pytest.Parser) -> None:
    """How many points of the way of the data are killed at, and which."""
    parser.addoption("--kill-points", type=int, default=5, help="points at which steps are killed")
    parser.addoption("--seed", type=int, default=7, help="which points these are")


#: The longest tests start first, so that both processes end at about the same time.
_FOLDERS = ("end_to_end", "integration", "browser", "unit")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep in one process what shares an expensive fixture: a file, all of Superset, Airflow.

    Two installations of Airflow at once are more than two cores bear.
    """
    tests = Path(__file__).parent
    items.sort(key=lambda item: _FOLDERS.index(item.path.relative_to(tests).parts[0]))
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            uses_superset = "superset_site" in getattr(item, "fixturenames", ())
            group = "superset" if uses_superset else str(item.path.relative_to(tests))
            item.add_marker(pytest.mark.xdist_group(group))


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
