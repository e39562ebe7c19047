"""What a generation run made."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class CityReport:
    """Rows by database and table, time and memory of one generation run."""

    databases: list[str] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    schemes: int = 0
    dirty_rows: int = 0
    seconds: float = 0.0
    peak_memory_mib: float = 0.0
    sources_dir: Path = Path()
    rule_library: Path = Path()
    truth_path: Path = Path()

    @property
    def total_rows(self) -> int:
        return sum(self.rows.values())
