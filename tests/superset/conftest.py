"""Fixtures of the tests that ask a running Superset."""

from superset_readers import admin, metadata, users  # noqa: F401 (fixtures)
