"""Quarantined rows are corrected, released or discarded, and the source's next word still wins."""

import json

import psycopg
import pytest
from hospital import Hospital
from typer.testing import CliRunner

from qinglian.contracts import Contract, load_contracts
from qinglian.quarantine.decisions import Author, DecisionError
from qinglian.quarantine.fix import discard_rows, fix_row
from qinglian.quarantine.release import ReleaseReport, release_rows
from qinglian.quarantine.rows import Filters, QuarantinedRow, find_rows, masked

AUTHOR = Author("李敏", "与医院财务科核对单据")
LATEST = """
select count(*) from (
    select distinct on (settle_id) * from land.his_settle order by settle_id, _batch_id desc
) as latest where not src_is_deleted and {}
"""


def _contract(hospital: Hospital) -> Contract:
    return load_contracts(hospital.settings.contracts_dir)["his_settle"]


def _row(hospital: Hospital, key: str) -> QuarantinedRow:
    with hospital.server.connect("steward", autocommit=True) as connection:
        rows = find_rows(connection, Filters())
    return max(
        (r for r in rows if r.landed["settle_id"] == key or r.corrected["settle_id"] == key),
        key=lambda r: r.batch_id,
    )


def _fix(hospital: Hospital, key: str, **values: str | None) -> None:
    fix_row(
        hospital.settings,
        hospital.server,
        _contract(hospital),
        _row(hospital, key),
        values,
        AUTHOR,
    )


def _release(hospital: Hospital, *keys: str) -> ReleaseReport:
    rows = [_row(hospital, key) for key in keys]
    (batch,) = {row.batch_id for row in rows}
    chosen = Filters(batch_id=batch, row_numbers=tuple(row.row_number for row in rows))
    return release_rows(hospital.settings, hospital.server, chosen, AUTHOR)


def _latest(hospital: Hospital, condition: str) -> int:
    return hospital.count(LATEST.format(condition))


def test_a_corrected_row_flows_on_and_the_unchanged_source_does_not_undo_it(
    hospital: Hospital,
) -> None:
    hospital.sql("update settle set total = 'abc' where id = 's10'")
    hospital.ingest()
    with pytest.raises(DecisionError, match=r"total_amount.*numeric\(16,2\)"):
        _fix(hospital, "s10", total_amount="12.345")
    with pytest.raises(DecisionError, match="settle_kind may not be empty"):
        _fix(hospital, "s10", settle_kind=None)
    with pytest.raises(DecisionError, match="no column total"):
        _fix(hospital, "s10", total="1")

    stays = _release(hospital, "s10")
    assert stays.released == 0
    assert "his_settle_type" in stays.refused[_row(hospital, "s10").name]

    _fix(hospital, "s10", total_amount="15.00", insur_amount="15.00")
    report = _release(hospital, "s10")
    assert (report.released, report.refused) == (1, {})
    (batch,) = report.batch_ids
    assert _latest(hospital, "settle_id = 's10' and total_amount = 15.00") == 1
    assert hospital.count(
        f"select count(*) from ops.batch where batch_id = {batch} and extracted = 1"
        " and loaded = 1 and file_sha256 is not null and state = 'loaded'"
    )
    with pytest.raises(DecisionError, match="released already"):
        _fix(hospital, "s10", total_amount="16.00")
    assert _release(hospital, "s10").released == 0

    for _ in range(2):  # the source still says 'abc'
        (table,) = hospital.ingest().tables
        assert (table.unchanged, table.loaded, table.quarantined, table.vanished) == (1000, 0, 0, 0)
    decisions = [d["action"] for d in _row(hospital, "s10").decisions]
    assert decisions == ["refuse", "fix", "release"]
    (fixed,) = [d for d in _row(hospital, "s10").decisions if d["action"] == "fix"]
    assert fixed["before_values"] == {"total_amount": "abc", "insur_amount": "abc"}
    assert (fixed["decided_by"], fixed["reason"]) == (AUTHOR.name, AUTHOR.reason)
    assert hospital.verify().ok

    hospital.sql("update settle set total = '18' where id = 's10'")
    hospital.ingest()
    assert _latest(hospital, "settle_id = 's10' and total_amount = 18") == 1
    hospital.sql("update settle set total = 'abc' where id = 's10'")
    (table,) = hospital.ingest().tables
    assert table.quarantined == 1, "after a newer version the old error is a new one"
    assert hospital.verify().ok


def test_a_row_that_the_hospital_has_corrected_meanwhile_is_not_released(
    hospital: Hospital,
) -> None:
    hospital.sql("update settle set kind = null where id in ('s10', 's11')")
    hospital.ingest()
    hospital.sql("update settle set kind = 'refund' where id = 's10'")
    hospital.sql("delete from settle where id = 's11'")
    hospital.ingest()
    old = _row(hospital, "s10")
    _fix(hospital, "s10", settle_kind="final")
    report = _release(hospital, "s10")
    assert "newer" in report.refused[old.name]
    assert _latest(hospital, "settle_id = 's10' and settle_kind = 'refund'") == 1


def test_a_row_released_under_another_key_or_day_has_not_vanished(hospital: Hospital) -> None:
    hospital.sql("update settle set id = null where id = 's10'")
    hospital.ingest()
    with hospital.server.connect("steward", autocommit=True) as connection:
        (row,) = find_rows(connection, Filters())
    contract = _contract(hospital)
    taken = {"settle_id": "s11"}
    fix_row(hospital.settings, hospital.server, contract, row, taken, AUTHOR)
    assert _release(hospital, "s11").released == 0, "s11 is another row"
    row = _row(hospital, "s11")
    fix_row(hospital.settings, hospital.server, contract, row, {"settle_id": "s10"}, AUTHOR)
    assert _release(hospital, "s10").released == 1
    (table,) = hospital.ingest().tables
    assert (table.unchanged, table.loaded, table.vanished) == (1000, 0, 0)
    assert _latest(hospital, "settle_id = 's10'") == 1

    hospital.sql("update settle set id = 's10', total = '33' where id is null")
    (table,) = hospital.ingest().tables
    assert (table.loaded, table.vanished) == (1, 0)
    assert _latest(hospital, "settle_id = 's10' and total_amount = 33") == 1
    assert hospital.verify().ok


def test_of_two_versions_of_a_key_one_is_released_and_the_other_discarded(
    hospital: Hospital,
) -> None:
    hospital.sql("insert into settle values ('s13', null, 'v', 'n', '2025-01-02', 'final', '1234')")
    hospital.ingest()
    with hospital.server.connect("steward", autocommit=True) as connection:
        rows = find_rows(connection, Filters(rule_id="his_settle_key_unique"))
    right, wrong = sorted(rows, key=lambda r: r.landed["total_amount"] != "1234.00")
    settings, server = hospital.settings, hospital.server
    both = Filters(rule_id="his_settle_key_unique")
    assert len(release_rows(settings, server, both, AUTHOR).refused) == 2
    one = Filters(batch_id=right.batch_id, row_numbers=(right.row_number,))
    assert release_rows(settings, server, one, AUTHOR).released == 1
    other = Filters(batch_id=wrong.batch_id, row_numbers=(wrong.row_number,))
    assert "newer" in release_rows(settings, server, other, AUTHOR).refused[wrong.name]
    assert discard_rows(settings, server, both, AUTHOR) == 1
    (table,) = hospital.ingest().tables
    assert (table.unchanged, table.loaded, table.quarantined) == (1001, 0, 0)
    assert _latest(hospital, "settle_id = 's13' and total_amount = 1234") == 1


def test_only_the_steward_decides_and_nobody_rewrites(hospital: Hospital) -> None:
    hospital.sql("update settle set kind = null where id = 's10'")
    hospital.ingest()
    filters = Filters(table="his_settle")
    assert discard_rows(hospital.settings, hospital.server, filters, AUTHOR) == 1
    forbidden = {
        "loader": (
            "update ops.quarantine set status = 'released'",
            "insert into ops.quarantine_decision (batch_id, row_number) values (1, 1)",
        ),
        "steward": (
            "update ops.quarantine set \"row\" = '{}'",
            "update ops.quarantine_decision set reason = 'x'",
            "delete from ops.quarantine_decision",
            "insert into land.his_settle (org_code) values ('x')",
            "select total_amount from land.his_settle",
        ),
    }
    for role, statements in forbidden.items():
        for statement in statements:
            with (
                hospital.server.connect(role) as connection,
                pytest.raises(psycopg.errors.InsufficientPrivilege),
            ):
                connection.execute(statement)


def test_personal_columns_are_masked(hospital: Hospital) -> None:
    contracts = load_contracts(hospital.settings.contracts_dir)
    patient = contracts["his_patient"]
    values = {c.name: "secret" for c in patient.landed_columns}
    for personal in (False, True):
        shown = masked(patient, values, personal=personal)
        classes = {c.classification for c in patient.landed_columns if shown[c.name] == "secret"}
        assert "direct_identifier" not in classes
        assert ("quasi_identifier" in classes) == personal


def test_the_command_lists_and_fixes(hospital: Hospital, monkeypatch: pytest.MonkeyPatch) -> None:
    from qinglian import pipeline
    from qinglian.cli import app

    monkeypatch.setattr(
        pipeline, "settings_and_server", lambda: (hospital.settings, hospital.server)
    )
    hospital.sql("update settle set kind = 'gift' where id = 's10'")
    hospital.ingest()
    runner = CliRunner()
    listed = runner.invoke(app, ["quarantine", "list", "--table", "his_settle", "--json"])
    (row,) = json.loads(listed.stdout)
    assert row["landed"]["settle_kind"] == "gift"
    assert any("his_settle_kind_values" in rule for rule in row["rules"])
    place = [str(row["batch_id"]), str(row["row_number"])]
    about = ["--by", "李敏", "--reason", "单据核对"]
    for command in (
        ["fix", *place, "--set", "settle_kind=final", *about],
        ["release", "--table", "his_settle", *about],
        ["show", *place],
    ):
        result = runner.invoke(app, ["quarantine", *command])
        assert result.exit_code == 0, result.output
    assert "settle_kind: gift → final" in result.output
    refused = runner.invoke(app, ["quarantine", "show", *place, "--personal"])
    assert refused.exit_code == 1
    nothing = runner.invoke(app, ["quarantine", "discard", *about])
    assert nothing.exit_code == 1, "a filter is needed"
