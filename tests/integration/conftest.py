"""Fixtures of the integration tests."""

import shutil

import pytest
from hospital import hospital  # noqa: F401 (a fixture)
from kill_points import parametrize
from landed_warehouse import warehouse  # noqa: F401 (a fixture)
from small_project import project  # noqa: F401 (a fixture)

from qinglian.settings import Settings


@pytest.fixture(scope="module", autouse=True)
def landing_zone_of_the_session(settings: Settings) -> None:
    """It belongs to the database, whose schemas many files drop: each file begins without."""
    shutil.rmtree(settings.landing_dir, ignore_errors=True)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests that kill run once for each point."""
    parametrize(metafunc)
