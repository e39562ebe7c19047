"""Fixtures of the integration tests."""

import pytest
from hospital import hospital  # noqa: F401 (a fixture)
from kill_points import parametrize


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests that kill run once for each point."""
    parametrize(metafunc)
