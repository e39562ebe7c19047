"""Secrets of one installation: generated on first use, kept in `<state>/secrets.env` (mode 0600).

A value in the environment wins over the file, so that a deployment can hand secrets in by its
own means (container secrets, a vault).
"""

import fcntl
import os
import secrets as random_secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dotenv import dotenv_values

PREFIX = "QINGLIAN_SECRET_"
_LENGTH_BYTES = 48  # 64 characters: what Airflow asks of a signing key


class SecretsFile:
    """Named secrets in one dotenv file that only its owner can read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, name: str) -> str:
        """The secret `name` (e.g. ``LOADER_PASSWORD``), generated and stored if it is new."""
        variable = PREFIX + name
        if from_environment := os.environ.get(variable):
            return from_environment
        if from_file := os.environ.get(variable + "_FILE"):
            return Path(from_file).read_text("utf-8").strip()
        with self._locked():
            known = dotenv_values(self._path)
            value = known.get(variable)
            if not value:
                value = random_secrets.token_urlsafe(_LENGTH_BYTES)
                self._append(variable, value)
            return value

    def _append(self, variable: str, value: str) -> None:
        with os.fdopen(
            os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a"
        ) as f:
            f.write(f"{variable}={value}\n")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Two processes that start together must not generate the same secret twice."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)
