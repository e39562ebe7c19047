"""Folders for rows on their way, which outlive no process for long.

Rows of a hospital lie in them while they are read and compared. A process that ends removes its
own; what a killed one leaves, the next to need a folder removes.
"""

import fcntl
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_LOCK = "lock"


@contextmanager
def scratch_folder(root: Path | None = None) -> Iterator[Path]:
    """A new folder below `root` that only this account may read, removed at the end.

    Without `root` it lies below a folder of this account's in the system's folder for temporary
    files. Folders whose process is gone are removed first: a process holds a lock on its own, which
    goes with it. Raises PermissionError where the folder for temporary files holds one of that name
    which is another account's.
    """
    root = root or _temporary_root()
    with _nobody_else(root):
        _remove_abandoned(root)
        folder = root / uuid.uuid4().hex
        folder.mkdir(mode=0o700)
        own = _open(folder / _LOCK)
        fcntl.flock(own, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        own.close()


def remove_abandoned(root: Path) -> None:
    """Remove the folders below `root` whose process is gone, where no other will be needed."""
    with _nobody_else(root):
        _remove_abandoned(root)


@contextmanager
def _nobody_else(root: Path) -> Iterator[None]:
    """Between making a folder and locking it nobody may look for abandoned ones."""
    root.mkdir(parents=True, exist_ok=True)
    with _open(root / _LOCK) as everybody:
        fcntl.flock(everybody, fcntl.LOCK_EX)
        yield


def _temporary_root() -> Path:
    root = Path(tempfile.gettempdir()) / f"qinglian-{os.getuid()}"
    root.mkdir(mode=0o700, exist_ok=True)
    if root.lstat().st_uid != os.getuid():
        raise PermissionError(f"{root} belongs to another account; remove it, or set TMPDIR")
    return root


def _remove_abandoned(root: Path) -> None:
    for folder in root.iterdir():
        if folder.is_dir() and not _is_in_use(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_in_use(folder: Path) -> bool:
    try:
        with _open(folder / _LOCK) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # held, or another account's
        return True
    except FileNotFoundError:  # its process has just removed it
        return False
    return False


def _open(path: Path) -> IO[bytes]:
    return path.open("ab")
