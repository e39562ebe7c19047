"""Builders for OCDS processes, and the eleven indicators run on a list of them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from qinglian.ocds.engine import Report, compute

Process = dict[str, Any]


def bid(
    status: str, tenderer: str | Sequence[str] | None = None, amount: Any = None, **more: Any
) -> dict[str, Any]:
    """One bid; several tenderers are a consortium."""
    made: dict[str, Any] = {"status": status, **more}
    if tenderer is not None:
        names = [tenderer] if isinstance(tenderer, str) else tenderer
        made["tenderers"] = [{"id": name} for name in names]
    if amount is not None:
        made["value"] = {"amount": amount, "currency": "CNY"}
    return made


def award(*suppliers: str, status: str = "active", **more: Any) -> dict[str, Any]:
    """One award."""
    return {"status": status, "suppliers": [{"id": name} for name in suppliers], **more}


def process(
    ocid: str,
    bids: Iterable[Mapping[str, Any]] | None = None,
    awards: Iterable[Mapping[str, Any]] | None = None,
    tender: Mapping[str, Any] | None = None,
    **more: Any,
) -> Process:
    """One compiled release with only what is given."""
    made: Process = {"ocid": ocid, **more}
    if bids is not None:
        made["bids"] = {"details": list(bids)}
    if awards is not None:
        made["awards"] = list(awards)
    if tender is not None:
        made["tender"] = dict(tender)
    return made


def priced(ocid: str, winner: float, second: float, **more: Any) -> Process:
    """A process that w-<ocid> won against s-<ocid>."""
    bids = [bid("valid", f"w-{ocid}", winner), bid("valid", f"s-{ocid}", second)]
    return process(ocid, bids, [award(f"w-{ocid}")], **more)


def run(
    folder: Path, processes: Iterable[Process], settings: Mapping[str, Any], **options: Any
) -> Report:
    """Write JSON lines and compute."""
    path = folder / "processes.jsonl"
    path.write_text("".join(json.dumps(p) + "\n" for p in processes), "utf-8")
    return compute(path, settings, **options)


def flagged(report: Report, group: str, code: str) -> dict[str, float]:
    """Identifier and value of what an indicator flagged in a group."""
    found: Any = report.to_json().get(group, {})
    return {name: values[code] for name, values in found.items() if code in values}


def lots_process(bids: list[Any], awards: list[Any]) -> Process:
    """A process `a` with lots 1 and 2."""
    return process("a", bids, awards, {"lots": [{"id": "1"}, {"id": "2"}]})
