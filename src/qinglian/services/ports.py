"""Ports of the services: free ones, chosen once and kept in `<state>/ports.json`."""

import json
import socket
from collections.abc import Collection
from pathlib import Path

from pydantic import BaseModel

HOST = "127.0.0.1"


class Ports(BaseModel, frozen=True):
    """One port a service that answers HTTP."""

    airflow: int
    superset: int


def load_ports(state_dir: Path) -> Ports | None:
    """The ports of the last start, or None before the first."""
    path = _path(state_dir)
    return Ports.model_validate_json(path.read_text("utf-8")) if path.exists() else None


def choose_ports(state_dir: Path) -> Ports:
    """The ports to start with: the kept ones where they are free, new ones otherwise.

    To be called while none of the services runs, since a port that one of them holds counts as
    taken. Addresses stay the same from start to start, so that bookmarks do too.
    """
    kept = load_ports(state_dir)
    known = kept.model_dump() if kept else {}
    chosen: dict[str, int] = {}
    for service in Ports.model_fields:
        port = known.get(service)
        usable = port is not None and port not in chosen.values() and _is_free(port)
        chosen[service] = port if port is not None and usable else _free_port(chosen.values())
    ports = Ports(**chosen)
    if ports != kept:
        state_dir.mkdir(parents=True, exist_ok=True)
        _path(state_dir).write_text(json.dumps(chosen, indent=2) + "\n", "utf-8")
    return ports


def _path(state_dir: Path) -> Path:
    return state_dir / "ports.json"


def _free_port(taken: Collection[int]) -> int:
    while True:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port: int = probe.getsockname()[1]
        if port not in taken:
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # Connections of the last run in TIME_WAIT do not hinder a server, so not us either.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
