"""GX validation results on disk: the latest check of each source and table, for the data docs."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from qinglian.settings import Settings

_META = "qinglian"


@dataclass(frozen=True)
class CheckInfo:
    """What was checked, as the data docs show it."""

    source_id: str
    table_name: str
    table_name_zh: str
    batch_id: int | None
    checked_at: str
    rows: int
    quarantined: int
    duplicates: int
    tombstones: int

    @property
    def passed(self) -> int:
        """Rows that may be loaded."""
        return self.rows - self.quarantined - self.duplicates - self.tombstones


def results_dir(settings: Settings) -> Path:
    """Where this installation keeps its validation results."""
    return settings.state_dir / "quality"


def save_result(folder: Path, info: CheckInfo, result: dict[str, Any]) -> Path:
    """Write one validation result (GX's JSON form), replacing that source and table's older one.

    The file appears at once or not at all, since the docs may be built meanwhile.
    """
    folder = folder / info.source_id
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{info.table_name}.json"
    result = {**result, "meta": {**result["meta"], _META: asdict(info)}}
    # What a crash leaves is overwritten by the table's next check.
    growing = target.with_suffix(".writing")
    with growing.open("w", encoding="utf-8") as stream:
        json.dump(result, stream, ensure_ascii=False)
    growing.replace(target)
    return target


def saved_result(
    folder: Path, source_id: str, table: str
) -> tuple[CheckInfo, dict[str, Any]] | None:
    """The saved result of one source and table, None before its first check."""
    path = folder / source_id / f"{table}.json"
    return _read(path) if path.is_file() else None


def saved_results(folder: Path) -> Iterator[tuple[CheckInfo, dict[str, Any]]]:
    """The saved results, sorted by source and table."""
    for path in sorted(folder.glob("*/*.json")):
        yield _read(path)


def _read(path: Path) -> tuple[CheckInfo, dict[str, Any]]:
    result = json.loads(path.read_text("utf-8"))
    return CheckInfo(**result["meta"].pop(_META)), result
