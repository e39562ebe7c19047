"""A hospital that delivers files, the whole way to `land` and quarantine."""

import hashlib
from datetime import date
from pathlib import Path

import pytest
import yaml
from empty_warehouse import empty_warehouse

from qinglian.contracts import load_contracts
from qinglian.extract.delivered import delivered_files, refuse_changed
from qinglian.extract.errors import SourceError
from qinglian.extract.sources import SourceCatalog
from qinglian.pipeline import IngestError, ingest
from qinglian.settings import Settings, repository_root
from qinglian.warehouse.server import Server

ORG = "H50010300101"


@pytest.fixture
def hospital(tmp_path: Path, server: Server) -> Settings:
    """A hospital whose departments come as a GB18030 file; one has no name."""
    root = tmp_path / "root"
    vendor = root / "sources" / "csv_his"
    vendor.mkdir(parents=True)
    (root / "expectations").symlink_to(repository_root() / "expectations")
    contracts = load_contracts(root / "expectations")
    given = {"dept_code": "编码", "dept_name": "名称", "dept_kind": "性质", "is_active": "true"}
    columns = ", ".join(
        ":org_code as org_code"
        if c.name == "org_code"
        else f"{given.get(c.name, 'null')} as {c.name}"
        for c in contracts["his_dept"].landed_columns
    )
    (vendor / "vendor.yaml").write_text("{name: 文件, dialect: duckdb, description: test}", "utf-8")
    (vendor / "his_dept.sql").write_text(f"select {columns} from departments\n", "utf-8")
    source = {
        "source_id": "his_files", "system": "his", "vendor": "csv_his", "org_code": ORG,
        "name": "小院", "history_start": "2025-01-01",
        "connection": {
            "kind": "files", "path": str(tmp_path),
            "files": {
                "departments": {"pattern": "dept*.csv", "format": "csv", "encoding": "gb18030"}
            },
        },
    }  # fmt: skip
    (root / "sources/his_files.yaml").write_text(yaml.safe_dump(source), "utf-8")
    (tmp_path / "dept.csv").write_text(
        "编码,名称,性质\n01,内科,clinical\n02,,clinical\n", "gb18030"
    )
    settings = Settings(home=tmp_path / "state", root=root)
    empty_warehouse(server, contracts.values())
    return settings


def test_rows_of_a_file_are_loaded_or_quarantined_and_counts_add_up(
    hospital: Settings, server: Server, tmp_path: Path
) -> None:
    (report,) = ingest(hospital, server, "his_files", date(2025, 1, 31)).tables
    assert (report.extracted, report.loaded, report.quarantined) == (2, 1, 1)
    with server.connect("superuser") as connection:
        landed = connection.execute("select dept_code, dept_name from land.his_dept").fetchall()
        files = connection.execute("select source_files from ops.batch").fetchall()
    assert landed == [("01", "内科")]
    content = (tmp_path / "dept.csv").read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    assert files == [([{"name": "dept.csv", "sha256": digest, "bytes": len(content)}],)]


def test_a_file_that_is_written_to_while_it_is_read_stops_its_table(
    hospital: Settings, server: Server, tmp_path: Path
) -> None:
    source = SourceCatalog(hospital).source("his_files")
    files = delivered_files(source, "select * from departments", server.secrets)
    refuse_changed(source, "his_dept", files)
    (tmp_path / "dept.csv").write_text("编码,名称,性质\n01,外科,clinical\n", "gb18030")
    with pytest.raises(SourceError, match=r"his_dept: dept\.csv changed while it was read"):
        refuse_changed(source, "his_dept", files)


def test_a_file_in_another_encoding_loads_nothing_and_says_the_line(
    hospital: Settings, server: Server, tmp_path: Path
) -> None:
    (tmp_path / "dept.csv").write_bytes("编码,名称,性质\n01,好,clinical\n".encode())
    with pytest.raises(IngestError) as failure:
        ingest(hospital, server, "his_files", date(2025, 1, 31))
    for words in ("his_files", "his_dept", "dept.csv", "gb18030", "remedy"):
        assert words in str(failure.value)
