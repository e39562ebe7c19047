"""Secrets of one installation: generated on first use, kept in `<state>/secrets.env` (mode 0600).

A value in the environment wins over the file, so that a deployment can hand secrets in by its
own means (a vault). With QINGLIAN_SECRETS_DIR (container secrets: one file a secret, named like
it) nothing is generated: a process that lacks a secret stops instead of inventing another one.
"""

import fcntl
import os
import secrets as random_secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dotenv import dotenv_values

PREFIX = "QINGLIAN_SECRET_"
DIRECTORY_VARIABLE = "QINGLIAN_SECRETS_DIR"
_LENGTH_BYTES = 48  # 64 characters: what Airflow asks of a signing key


class MissingSecretError(RuntimeError):
    """The folder of secrets does not hold one that this process asked for."""


class SecretsFile:
    """Named secrets in one dotenv file that only its owner can read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, name: str) -> str:
        """The secret `name` (e.g. ``LOADER_PASSWORD``), generated and stored if it is new.

        Raises MissingSecretError where secrets are handed in as a folder and it is not there.
        """
        variable = PREFIX + name
        if given := _from_outside(name):
            return given
        with self._locked():
            known = dotenv_values(self._path, interpolate=False)
            value = known.get(variable)
            if not value:
                value = random_secrets.token_urlsafe(_LENGTH_BYTES)
                self._append(variable, value)
            return value

    def given(self, name: str) -> str | None:
        """The secret `name` where somebody gave it, else None: nobody can generate what another
        system has set."""
        folder = os.environ.get(DIRECTORY_VARIABLE)
        if folder and not _named_in_environment(name) and not (Path(folder) / name).exists():
            return None
        known = dotenv_values(self._path, interpolate=False)
        return _from_outside(name) or known.get(PREFIX + name) or None

    def handed_in(self, name: str) -> str:
        """The secret `name` that somebody else chose. Raises MissingSecretError when it is new."""
        value = self.given(name)
        if not value:
            raise MissingSecretError(
                f"secret {name} was given by nobody: add {PREFIX}{name}=... to {self._path}"
            )
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


def _named_in_environment(name: str) -> bool:
    variable = PREFIX + name
    return bool(os.environ.get(variable) or os.environ.get(variable + "_FILE"))


def _from_outside(name: str) -> str | None:
    """The secret where the environment or a folder hands it in."""
    variable = PREFIX + name
    if from_environment := os.environ.get(variable):
        return from_environment
    if from_file := os.environ.get(variable + "_FILE"):
        return Path(from_file).read_text("utf-8").strip()
    if folder := os.environ.get(DIRECTORY_VARIABLE):
        return _read(Path(folder) / name)
    return None


def _read(path: Path) -> str:
    try:
        value = path.read_text("utf-8").strip()
    except OSError as error:
        raise MissingSecretError(
            f"secret {path.name} cannot be read from {path} ({error.strerror}): give it to this"
            " service, e.g. under `secrets:` in docker/compose.yaml"
        ) from error
    if not value:
        raise MissingSecretError(f"secret {path.name} is empty: write its value to {path}")
    return value
