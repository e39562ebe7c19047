"""A small city through real Airflow, twice: leads come out, and the second run changes nothing."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psutil
import pytest
from city_identifiers import clear_identifiers
from dashboard_page import (
    PATIENCE,
    chart,
    expect_every_chart_drawn,
    inspectors_browser,
    needs_chromium,
    open_dashboard,
    wait_for_charts,
)
from landed_again import UNDONE, add_hospital, tell_differently, tell_in_other_money
from leads_compared import differences, read_findings, read_leads, read_tests
from parsed_project import begin_with_parsed_project
from playwright.sync_api import expect
from psycopg import sql

from qinglian.contracts import load_contracts
from qinglian.landing.verify import verify
from qinglian.orchestration import ALL_DAGS, DayProgress, trigger_day, wait_for_day
from qinglian.privacy import scan_installation
from qinglian.settings import Settings, repository_root
from qinglian.warehouse.server import Server

DAY = date(2025, 12, 31)
#: Fen in a yuan.
FEN = 100
HOSPITAL, NEW_HOSPITAL = "H50010300004", "H50010300099"
#: The picture in the README: the real thing, on a small city.
PICTURE = repository_root() / "docs" / "images" / "lead_overview.png"


@pytest.fixture(scope="module")
def installation() -> Iterator[Settings]:
    """Everything started for a city of four hospitals and four months."""
    with tempfile.TemporaryDirectory(prefix="qinglian-") as folder:
        settings = Settings(home=Path(folder) / "state")
        _qinglian(settings, "city", "--hospitals", "4", "--months", "4", "--scale", "0.3")
        begin_with_parsed_project(settings.state_dir / "dbt", Server.open(settings))
        _qinglian(settings, "up")
        try:
            yield settings
        finally:
            _qinglian(settings, "down")


def test_a_day_in_airflow_ends_in_leads_and_doing_it_again_changes_nothing(
    installation: Settings,
) -> None:
    server = Server.open(installation)
    ended = _run_day(installation)
    assert ended.states == dict.fromkeys(ALL_DAGS, "success")
    assert ended.finished == ended.total > len(ALL_DAGS)
    first = _marts(server)
    assert _count(server, "select count(*) from marts.lead where is_active") > 0
    evidence = "select count(*) from marts.lead_evidence"
    assert _count(server, evidence) >= _count(server, "select count(*) from marts.lead")

    _run_day(installation)
    detections = "select count(*) from ops.detection where finished_at is not null"
    assert _count(server, detections) == 1, "there was nothing new"
    assert _marts(server) == first
    _qinglian(installation, "detect", "--date", DAY.isoformat(), "--again")
    assert _count(server, detections) == 2
    assert _marts(server) == first


@needs_chromium
def test_the_inspector_sees_the_leads_and_the_rows_behind_one(
    installation: Settings, tmp_path: Path
) -> None:
    status = json.loads(_qinglian(installation, "status", "--json"))
    url = status["superset_url"]
    password = Server.open(installation).secrets.get("SUPERSET_INSPECTOR_PASSWORD")
    with inspectors_browser(url, password, tmp_path / "chromium") as page:
        open_dashboard(page, f"{url}/superset/dashboard/lead-overview/", "集中整治总览")
        expect_every_chart_drawn(page, "集中整治总览")
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(PICTURE))
        lead = chart(page, "线索清单").locator("tbody tr").first.locator("td").first
        number = lead.inner_text()
        lead.click()
        wait_for_charts(page, "集中整治总览")
        shown = chart(page, "线索明细").locator("tbody tr td:first-child")
        expect(shown.first).to_have_text(number, timeout=PATIENCE)
        assert set(shown.all_inner_texts()) == {number}


def test_names_of_staff_stand_with_leads_and_where_only_the_entitled_read(
    installation: Settings,
) -> None:
    columns = (
        "select format('%I.%I', table_schema, table_name), format('%I', column_name)"
        " from information_schema.columns where data_type in ('text', 'character varying')"
        " and table_schema in ('quality', 'marts')"
    )
    with Server.open(installation).connect("superuser") as connection:
        assert connection.execute("select count(*) from names.lead_staff").fetchone() != (0,)
        bearers = connection.execute("select distinct doctor_name from core.dim_doctor").fetchall()
        patterns = [f"%{name}%" for (name,) in bearers if name]
        assert patterns
        found = [
            (table, column)
            for table, column in connection.execute(columns).fetchall()
            if connection.execute(
                f"select 1 from (select distinct {column} as told from {table}) as texts"
                " where told like any(%s::text[]) limit 1".encode(),
                (patterns,),
            ).fetchone()
        ]
    assert found == []


def test_nothing_was_lost_between_hospital_and_warehouse(installation: Settings) -> None:
    with Server.open(installation).connect("auditor") as connection:
        report = verify(connection, installation.landing_dir)
    assert report.faults == ()
    assert report.rows_loaded > 0


def test_an_auditor_finds_the_landed_file_behind_each_row_of_evidence(
    installation: Settings,
) -> None:
    with Server.open(installation).connect("auditor") as connection:
        origins = connection.execute(
            "select distinct source_table, table_name, file_path"
            " from marts.lead_evidence left join ops.batch using (batch_id)"
        ).fetchall()
    assert origins
    for evidence_table, landed_table, path in origins:
        assert landed_table == evidence_table
        assert (installation.landing_dir / path).is_file()


def test_no_clear_identifier_of_a_patient_arrived(installation: Settings) -> None:
    server = Server.open(installation)
    for contract in load_contracts(installation.contracts_dir).values():
        for column in contract.columns:
            if column.pseudonym is None:
                continue
            clear = sql.SQL("select count(*) from land.{} where {} !~ '^[0-9a-f]{{64}}$'").format(
                sql.Identifier(contract.table), sql.Identifier(column.name)
            )
            assert _count(server, clear) == 0, f"{contract.table}.{column.name}"


def test_no_identifier_that_the_city_knows_is_kept_anywhere(installation: Settings) -> None:
    """Landing files, warehouse, logs, data docs, and the databases of Airflow and Superset."""
    server = Server.open(installation)
    known = clear_identifiers(installation, server)
    assert all((known.id_numbers, known.phones, known.accounts, known.names))
    # Nothing is found but what is planted here, which shows that the scan does find.
    (installation.logs_dir / "planted.log").write_text(f"row {min(known.phones)}\n")
    found = scan_installation(installation, server, known).findings
    assert [(Path(finding.place).name, finding.kind) for finding in found] == [
        ("planted.log", "phone")
    ]


def test_status_tells_where_everything_is_and_no_password(installation: Settings) -> None:
    status = json.loads(_qinglian(installation, "status", "--json"))
    for name in ("airflow_url", "superset_url", "data_docs_url", "state_dir", "warehouse_dsn"):
        assert status[name], name
    assert all(service["healthy"] for service in status["services"])
    for line in installation.secrets_path.read_text().splitlines():
        assert line.split("=", 1)[1] not in json.dumps(status)


def test_neither_order_nor_batches_nor_undone_lines_nor_the_unit_of_money_change_a_lead(
    installation: Settings,
) -> None:
    """What was landed is told differently in the database, and in fen where it was yuan."""
    server = Server.open(installation)
    contracts = load_contracts(installation.contracts_dir).values()
    with server.connect("superuser") as connection:
        before, tests = read_leads(connection), read_tests(connection)
        assert before
        assert tests
        tell_in_other_money(connection, contracts, FEN)
        assert tell_differently(connection, seed=7) == UNDONE
    day = ("--date", DAY.isoformat())
    _qinglian(installation, "dbt", *day, "run", "--full-refresh", "--select", "+lead_evidence")
    with server.connect("superuser") as connection:
        assert list(differences(before, read_leads(connection), FEN)) == []
        assert read_tests(connection) == tests


def test_a_new_hospital_changes_no_finding_elsewhere_but_those_against_peers(
    installation: Settings,
) -> None:
    """The last of this installation: one more hospital, as it comes in with the next run."""
    server = Server.open(installation)
    contracts = load_contracts(installation.contracts_dir).values()
    with server.connect("superuser") as connection:
        before = read_findings(connection)
        assert before
        assert add_hospital(connection, contracts, HOSPITAL, NEW_HOSPITAL) > 0
    _qinglian(
        installation, "dbt", "--date", DAY.isoformat(), "run", "--select", "+indicator_result"
    )
    with server.connect("superuser") as connection:
        after = read_findings(connection)
    assert {f for f in after if f.org_code != NEW_HOSPITAL} == before
    assert {f for f in after if f.org_code == NEW_HOSPITAL}


def test_stopping_leaves_no_process() -> None:
    """Runs with an installation of its own that has only a database and the data docs."""
    with tempfile.TemporaryDirectory(prefix="qinglian-") as folder:
        settings = Settings(home=Path(folder) / "state")
        server = Server.open(settings)
        assert server.embedded is not None
        pid = int((server.embedded.data_dir / "postmaster.pid").read_text().split("\n", 1)[0])
        _qinglian(settings, "down")
        assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def _run_day(settings: Settings) -> DayProgress:
    """Where the day stood when it was last looked at."""
    seen: list[DayProgress] = []
    trigger_day(DAY, settings)
    wait_for_day(DAY, seen.append, 900, settings)
    return seen[-1]


def _marts(server: Server) -> dict[str, str]:
    """One hash a mart, of all there are."""
    tables = "select table_name from information_schema.tables where table_schema = 'marts'"
    with server.connect("superuser") as connection:
        names = [name for (name,) in connection.execute(tables)]
    return {name: _content(server, name) for name in names}


def _content(server: Server, mart: str) -> str:
    """One hash over all rows of a mart, whatever their order."""
    query = sql.SQL(
        "select md5(coalesce(string_agg(md5(t::text), '' order by md5(t::text)), '')) from {} t"
    ).format(sql.Identifier("marts", mart))
    with server.connect("superuser") as connection:
        row = connection.execute(query).fetchone()
        assert row is not None
        return str(row[0])


def _count(server: Server, query: str | sql.Composed) -> int:
    with server.connect("superuser") as connection:
        row = connection.execute(query).fetchone()  # type: ignore[arg-type]
        assert row is not None
        return int(row[0])


def _qinglian(settings: Settings, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "qinglian.cli", *arguments],
        env={**os.environ, "QINGLIAN_HOME": str(settings.state_dir)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout
