"""`source check` over a real database and over data that nobody here wrote."""

import os
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from psycopg import sql

from qinglian.contracts import load_contracts
from qinglian.extract.errors import SourceConfigurationError
from qinglian.onboarding.check import SourceCheck, TableCheck, check_source
from qinglian.onboarding.report import render_report
from qinglian.onboarding.support import Verdict
from qinglian.secrets_file import SecretsFile
from qinglian.settings import Settings, repository_root
from qinglian.warehouse.server import Server

ROOT = repository_root()
ORG = "H50010300101"
DATA = Path(os.environ.get("QINGLIAN_EXTERNAL_DATA") or ROOT / "../shared/data").resolve()


def indicators() -> list[dict[str, Any]]:
    """Metadata of the indicator models, straight from their YAML."""
    found = []
    for path in sorted((ROOT / "dbt_project/models/indicators").glob("*/ind_*.yml")):
        models = yaml.safe_load(path.read_text("utf-8"))["models"]
        found += [m["config"]["meta"] for m in models if m["name"].startswith("ind_")]
    return [{"optional_columns": {}} | meta for meta in found]


def check(settings: Settings, source_id: str, last_day: date, days: int) -> SourceCheck:
    secrets = SecretsFile(settings.secrets_path)
    return check_source(
        settings, secrets, "", source_id=source_id, last_day=last_day, days=days,
        indicators=indicators(),
    )  # fmt: skip


def verdicts(found: SourceCheck) -> dict[str, Verdict]:
    return {support.indicator_id: support.verdict for support in found.indicators}


def tables(found: SourceCheck) -> dict[str, TableCheck]:
    return {table.contract.table: table for table in found.tables}


MAPPINGS = {
    "his_dept": (
        "dept",
        {"dept_code": "code", "dept_name": "name", "dept_kind": "kind"},
    ),
    "his_staff": ("staff", {"staff_code": "code", "staff_name": "name", "dept_code": "dept"}),
    "his_patient": ("gone", {"patient_id": "id"}),
}


@pytest.fixture
def hospital(tmp_path: Path, server: Server) -> Settings:
    """A small PostgreSQL hospital: a code outside its list, a broken link, a missing table."""
    root = tmp_path / "root"
    vendor = root / "sources" / "small_his"
    vendor.mkdir(parents=True)
    (root / "expectations").symlink_to(ROOT / "expectations")
    (vendor / "vendor.yaml").write_text(
        "name: 小院 HIS\ndialect: postgres\ndescription: test\n"
        "cursors: {his_patient: {kind: full_reload}}\n",
        "utf-8",
    )
    contracts = load_contracts(ROOT / "expectations")
    for table, (origin, given) in MAPPINGS.items():
        columns = ", ".join(
            f"'{ORG}' as org_code" if c.name == "org_code"
            else f"{given.get(c.name, 'null')} as {c.name}"
            for c in contracts[table].landed_columns
        )  # fmt: skip
        (vendor / f"{table}.sql").write_text(f"select {columns} from small.{origin}\n", "utf-8")
    with server.connect("superuser") as connection:
        connection.execute("drop schema if exists small cascade; create schema small")
        connection.execute("create table small.dept (code text, name text, kind text)")
        connection.execute("create table small.staff (code text, name text, dept text)")
        insert = sql.SQL("insert into small.{} values (%s, %s, %s)")
        for table, rows in {
            "dept": [("K1", "内科", "clinical"), ("K2", "骨科", "no such kind")],
            "staff": [("D1", "赵秘密", "K1"), ("D2", "钱秘密", "K9")],
        }.items():
            for row in rows:
                connection.execute(insert.format(sql.Identifier(table)), row)
    source = {
        "source_id": "his_small", "system": "his", "vendor": "small_his", "org_code": ORG,
        "name": "小院", "history_start": "2025-01-01",
        "connection": {"kind": "postgresql", "url": server.url("superuser")},
    }  # fmt: skip
    (root / "sources/his_small.yaml").write_text(yaml.safe_dump(source), "utf-8")
    return Settings(home=tmp_path / "state", root=root)


def test_a_check_names_what_does_not_fit_and_shows_no_value(
    hospital: Settings, server: Server
) -> None:
    found = check(hospital, "his_small", date(2025, 1, 31), 7)
    assert not found.ok
    of = tables(found)
    assert of["his_patient"].problem is not None
    assert "gone" in of["his_patient"].problem.message
    assert of["his_dept"].sample.rows == of["his_staff"].sample.rows == 2
    failed = {rule.rule_id: rule.failed for rule in of["his_dept"].sample.rules if rule.failed}
    assert 1 in failed.values(), failed
    (join,) = [j for j in found.joins if j.join.child == "his_staff"]
    assert (join.filled, join.resolved) == (2, 1)
    assert verdicts(found)["RX01"] is Verdict.UNSUPPORTED
    report = render_report(found)
    assert "`his_patient` 无法读取" in report
    assert "`his_staff.dept_code` 共 2 行，其中 1 行" in report
    for value in ("赵秘密", "K9", "no such kind", str(server.superuser_password)):
        assert value not in report


def test_a_check_lands_nothing_and_leaves_no_file(
    hospital: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    check(hospital, "his_small", date(2025, 1, 31), 7)
    assert {path.name for path in temporary.rglob("*") if path.is_file()} <= {"lock"}
    assert not hospital.landing_dir.exists()


def test_a_missing_column_and_a_wrong_dialect_are_named(hospital: Settings) -> None:
    mapping = hospital.root / "sources/small_his/his_dept.sql"
    mapping.write_text(mapping.read_text("utf-8").replace("as dept_kind", "as kind"), "utf-8")
    dept = tables(check(hospital, "his_small", date(2025, 1, 31), 7))["his_dept"]
    assert (dept.sample.missing, dept.sample.unexpected) == (("dept_kind",), ("kind",))
    assert not dept.readable
    assert any("lacks dept_kind" in fault for fault in dept.faults)
    vendor = hospital.root / "sources/small_his/vendor.yaml"
    vendor.write_text(vendor.read_text("utf-8").replace("postgres", "oracle"), "utf-8")
    with pytest.raises(SourceConfigurationError, match="is written in oracle"):
        check(hospital, "his_small", date(2025, 1, 31), 7)


#: What the whole way over these data computes, and what it cannot.
REAL = {
    "synthea": (date(2019, 12, 31), 365, {"RX01": True, "BL03": True}),
    "medicare_claims": (date(2009, 6, 30), 30, {"BL06": True, "BL03": False}),
    "ocds_rio": (date(2013, 6, 30), 365, {"PR01": True}),
    "tuva_claims": (date(2018, 12, 31), 365, {"BL06": True, "BL03": False}),
    "nhs_prescribing": (date(2017, 10, 31), 62, {"BL06": False, "XS01": False, "PR01": False}),
}


@pytest.mark.parametrize("source_id", REAL)
def test_real_layouts_pass_with_a_truthful_report(
    source_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not (DATA / source_id).is_dir():
        pytest.skip(f"external data is not at {DATA}; set QINGLIAN_EXTERNAL_DATA")
    monkeypatch.setenv("QINGLIAN_EXTERNAL_DATA", str(DATA))
    settings = Settings(home=tmp_path, source_dirs=[ROOT / "sources/examples/sources"])
    last_day, days, runs = REAL[source_id]
    found = check(settings, source_id, last_day, days)
    assert found.ok, [(t.contract.table, t.problem, t.faults) for t in found.tables]
    blocked = (Verdict.UNSUPPORTED, Verdict.UNRELATED)
    assert {i: verdicts(found)[i] not in blocked for i in runs} == runs
    assert found.source.name in render_report(found)
