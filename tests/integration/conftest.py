"""Fixtures of the integration tests."""

from hospital import hospital  # noqa: F401 (a fixture)
