"""`qinglian source new` and `source check` as a data engineer types them, up to loaded rows."""

import csv
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from click.testing import Result
from psycopg import sql
from typer.testing import CliRunner

from qinglian.cli import app
from qinglian.contracts import load_contracts
from qinglian.settings import Settings, get_settings, repository_root
from qinglian.warehouse.schema import prepare_warehouse
from qinglian.warehouse.server import Server

Command = Callable[..., Result]
CONTRACTS = load_contracts(repository_root() / "expectations")
DEPARTMENTS = (
    {"dept_code": "01", "dept_name": "内科", "dept_kind": "clinical", "is_active": "true"},
    {"dept_code": "02", "dept_name": "外科", "dept_kind": "clinical", "is_active": "true"},
)
STAFF = ({"staff_code": "D1", "staff_name": "赵秘密", "dept_code": "01", "is_active": "true"},)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with contracts and models and no sources."""
    folder = tmp_path / "root"
    (folder / "sources").mkdir(parents=True)
    for name in ("expectations", "dbt_project"):
        (folder / name).symlink_to(repository_root() / name)
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, settings: Settings, server: Server) -> Path:
    """A state folder on the session's server and an empty warehouse; dbt parses once for all."""
    folder = tmp_path_factory.mktemp("state")
    shutil.copy(settings.secrets_path, folder / "secrets.env")
    with server.connect("superuser") as connection:
        connection.execute("drop schema if exists land cascade; drop schema if exists ops cascade")
    prepare_warehouse(server, CONTRACTS.values())
    return folder


@pytest.fixture
def qinglian(
    root: Path, home: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Command]:
    """The command in a checkout of its own."""
    monkeypatch.setenv("QINGLIAN_HOME", str(home))
    monkeypatch.setenv("QINGLIAN_ROOT", str(root))
    monkeypatch.setenv("QINGLIAN_DATABASE_URL", server.url("superuser", "postgres"))
    get_settings.cache_clear()
    yield lambda *words: CliRunner().invoke(app, list(words))
    get_settings.cache_clear()


def keep_only(vendor: Path, *tables: str) -> None:
    """Delete the skeletons of tables that the product cannot give, as they say."""
    for path in vendor.glob("*.sql"):
        if path.stem not in tables:
            path.unlink()


def connect(file: Path, **connection: object) -> None:
    source = yaml.safe_load(file.read_text("utf-8"))
    source["connection"] |= connection
    file.write_text(yaml.safe_dump(source, allow_unicode=True), "utf-8")


def write_csv(folder: Path, table: str, rows: tuple[dict[str, str], ...]) -> None:
    names = [c.name for c in CONTRACTS[table].landed_columns if c.name != "org_code"]
    with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)


def test_a_hospital_of_files_from_its_scaffold_to_loaded_rows(
    qinglian: Command, root: Path, tmp_path: Path, server: Server
) -> None:
    new = ("source", "new", "his_small", "--vendor", "small_his", "--kind", "files")
    made = qinglian(*new, "--org-code", "H50010300101", "--name", "小院")
    assert made.exit_code == 0, made.output
    assert str(root / "sources/his_small.yaml") in made.output
    again = qinglian(*new)
    assert again.exit_code == 1
    assert "exists" in again.output

    keep_only(root / "sources/small_his", "his_dept", "his_staff")
    delivered = tmp_path / "delivered"
    delivered.mkdir()
    connect(root / "sources/his_small.yaml", path=str(delivered))
    write_csv(delivered, "his_dept", DEPARTMENTS)
    missing = qinglian("source", "check", "his_small")
    assert missing.exit_code == 1
    assert "his_staff.csv" in missing.output

    write_csv(delivered, "his_staff", STAFF)
    report = tmp_path / "report.md"
    checked = qinglian("source", "check", "his_small", "--output", str(report))
    assert checked.exit_code == 0, checked.output
    text = report.read_text("utf-8")
    assert "| `his_dept` | 科室 | 整表 | 2 | 可读取 |" in text
    assert "| `his_staff.dept_code` | 科室 `his_dept` | 1 | 1 | 100% | 整表 |" in text
    assert "未提供表 门诊处方（his_rx）" in text
    assert "赵秘密" not in text

    loaded = qinglian("ingest", "his_small")
    assert loaded.exit_code == 0, loaded.output
    with server.connect("superuser") as connection:
        assert connection.execute(
            "select dept_code, dept_name from land.his_dept order by 1"
        ).fetchall() == [("01", "内科"), ("02", "外科")]
        assert connection.execute("select staff_code from land.his_staff").fetchall() == [("D1",)]


def test_a_hospital_on_postgresql_is_checked_and_a_dropped_column_is_named(
    qinglian: Command, root: Path, server: Server
) -> None:
    made = qinglian("source", "new", "his_pg", "--vendor", "pg_his", "--org-code", "H50010300102")
    assert made.exit_code == 0, made.output
    keep_only(root / "sources/pg_his", "his_dept")
    connect(root / "sources/his_pg.yaml", url=server.url("superuser"))
    names = [c.name for c in CONTRACTS["his_dept"].landed_columns if c.name != "org_code"]
    columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(n)) for n in names)
    with server.connect("superuser", autocommit=True) as connection:
        try:
            connection.execute(sql.SQL("create table public.his_dept ({})").format(columns))
            connection.execute(
                "insert into public.his_dept (dept_code, dept_name, dept_kind, is_active)"
                " values ('01', '内科', 'no such kind', 'true')"
            )
            checked = qinglian("source", "check", "his_pg")
            assert checked.exit_code == 0, checked.output
            report = get_settings().state_dir / "source_checks/his_pg.md"
            assert "`his_dept_kind_values`" in report.read_text("utf-8")
            connection.execute("alter table public.his_dept drop column dept_name")
            broken = qinglian("source", "check", "his_pg")
        finally:
            connection.execute("drop table if exists public.his_dept")
    assert broken.exit_code == 1
    for words in ("his_pg", "his_dept", "dept_name", "处理办法"):
        assert words in broken.output
    assert "不可读取" in report.read_text("utf-8")


def test_an_unknown_source_is_refused_with_those_that_are_known(qinglian: Command) -> None:
    qinglian("source", "new", "his_known", "--vendor", "known_his")
    refused = qinglian("source", "check", "his_unknown")
    assert refused.exit_code == 1
    assert "his_known" in refused.output
