"""The rule library: sample files of the city on their way to `land`, and what is missing."""

import csv
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import yaml
from empty_warehouse import empty_warehouse

from qinglian.city.rule_samples import write_rule_samples
from qinglian.contracts import load_contracts
from qinglian.pipeline import IngestError, IngestReport, ingest
from qinglian.settings import Settings, repository_root
from qinglian.warehouse.server import Server

REPOSITORY = repository_root()
SOURCE_ID = "reference_test"


@dataclass
class Library:
    """A folder of rule sets and the installation that reads it."""

    settings: Settings
    server: Server
    folder: Path
    rows: dict[str, int]

    def ingest(self) -> IngestReport:
        return ingest(self.settings, self.server, SOURCE_ID, date(2025, 12, 31))

    def file(self, table: str) -> Path:
        return self.folder / f"{table}_sample.csv"

    def landed(self, table: str) -> int:
        return self._count(f"select count(*) from land.{table} where _src_system = '{SOURCE_ID}'")

    def last_run(self) -> tuple[str, str | None]:
        with self.server.connect("auditor") as connection:
            row = connection.execute(
                "select status, message from ops.run where source_id = %s order by run_id desc",
                (SOURCE_ID,),
            ).fetchone()
        assert row is not None
        return row

    def _count(self, query: str) -> int:
        with self.server.connect("superuser") as connection:
            row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return int(row[0])


@pytest.fixture
def library(tmp_path: Path, server: Server) -> Iterator[Library]:
    """The city's sample files; what an earlier test landed of them is removed."""
    root = tmp_path / "root"
    (root / "sources").mkdir(parents=True)
    (root / "expectations").symlink_to(REPOSITORY / "expectations")
    shutil.copytree(REPOSITORY / "sources/rule_library", root / "sources/rule_library")
    folder = tmp_path / "rules"
    source = {
        "source_id": SOURCE_ID,
        "system": "reference",
        "vendor": "rule_library",
        "name": "规则库",
        "connection": {"kind": "files", "path": str(folder)},
        "history_start": "2025-01-01",
    }
    (root / "sources/reference.yaml").write_text(yaml.safe_dump(source, allow_unicode=True))
    settings = Settings(home=tmp_path / "state", root=root)
    empty_warehouse(server, load_contracts(settings.contracts_dir).values())
    yield Library(settings, server, folder, write_rule_samples(folder))


def test_every_sample_is_loaded_and_a_second_night_finds_nothing_new(library: Library) -> None:
    first = library.ingest()
    assert {t.table: t.loaded for t in first.tables} == library.rows
    second = library.ingest()
    assert {t.table: t.unchanged for t in second.tables} == library.rows
    assert second.loaded == 0


def test_a_missing_file_is_told_and_keeps_no_other_table_out(library: Library) -> None:
    library.ingest()
    library.file("ref_mutex_pair").unlink()
    library.file("ref_holiday").write_text(library.file("ref_holiday").read_text())
    reports = {t.table: t for t in library.ingest().tables}
    told = reports.pop("ref_mutex_pair").not_read
    assert told is not None
    for words in ("reference set missing", SOURCE_ID, "ref_mutex_pair*.csv", "remedy"):
        assert words in told
    assert all(
        t.not_read is None and t.extracted == library.rows[t.table] for t in reports.values()
    )
    assert library.last_run() == ("success", told)
    assert library.landed("ref_mutex_pair") == library.rows["ref_mutex_pair"], "they stay in force"


def test_an_absent_folder_is_told_table_by_table(library: Library) -> None:
    shutil.rmtree(library.folder)
    report = library.ingest()
    assert {t.table for t in report.tables} == library.rows.keys()
    for table in report.tables:
        assert table.not_read is not None
        assert "reference set missing" in table.not_read
        assert str(library.folder) in table.not_read


def test_a_missing_file_of_any_other_product_is_a_fault(library: Library) -> None:
    path = library.settings.root / "sources/rule_library/vendor.yaml"
    vendor = yaml.safe_load(path.read_text())
    del vendor["missing_files"]
    path.write_text(yaml.safe_dump(vendor, allow_unicode=True))
    library.file("ref_mutex_pair").unlink()
    with pytest.raises(IngestError, match=r"(?s)ref_mutex_pair.*No files found.*put the file"):
        library.ingest()
    assert library.landed("ref_swap_pair") == library.rows["ref_swap_pair"]


def test_a_release_of_its_own_file_stands_beside_the_earlier_one(library: Library) -> None:
    library.ingest()
    rows = _rows(library.file("ref_swap_pair"))
    _write(library.folder / "ref_swap_pair_2.csv", [row | {"version": "2"} for row in rows])
    report = {t.table: t for t in library.ingest().tables}["ref_swap_pair"]
    assert (report.unchanged, report.loaded, report.vanished) == (len(rows), len(rows), 0)


def test_a_file_without_a_column_stops_its_table_alone(library: Library) -> None:
    rows = _rows(library.file("ref_freq_limit"))
    _write(
        library.folder / "ref_freq_limit_2.csv",
        [{k: v for k, v in row.items() if k != "max_qty"} | {"version": "2"} for row in rows],
    )
    with pytest.raises(IngestError, match=r"ref_freq_limit.*max_qty"):
        library.ingest()
    assert library.landed("ref_freq_limit") == 0
    assert library.landed("ref_swap_pair") == library.rows["ref_swap_pair"]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
