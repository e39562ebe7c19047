"""Fixtures of the integration tests."""

import pytest
from hospital import hospital  # noqa: F401 (a fixture)
from kill_points import parametrize
from landed_warehouse import warehouse  # noqa: F401 (a fixture)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests that kill run once for each point."""
    parametrize(metafunc)
