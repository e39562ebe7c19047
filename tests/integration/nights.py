"""Nights of a hospital, and all that they leave in the warehouse, in a form to compare."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from drop_hospital import DEPARTMENTS, mapping_sql
from fault_child import AUTHOR, SETTLEMENTS, WORK, Child, Kill
from hospital import DATABASE, SETTLE_SQL, Hospital

from qinglian.contracts import load_contracts
from qinglian.quarantine.fix import fix_row
from qinglian.quarantine.rows import find_rows


def _spoil(hospital: Hospital) -> None:
    """Rows of every fate: text in a number, a missing value, a repeat, a conflict of versions."""
    hospital.sql("update settle set total = 'abc' where id = 's10'")
    hospital.sql("update settle set kind = null where id = 's11'")
    hospital.sql("insert into settle select * from settle where id = 's12'")
    hospital.sql(
        "insert into settle values ('s13', null, 'v', 'n', '2025-01-02', 'final', '1234.00')"
    )


def _change(hospital: Hospital) -> None:
    """A correction, a deletion, a late row."""
    hospital.sql("update settle set total = '99.00' where id = 's500'")
    hospital.sql("delete from settle where id = 's501'")
    hospital.sql("insert into settle values ('new', null, 'v9', 'n9', '2025-01-20', 'final', '7')")


def _fix(hospital: Hospital) -> None:
    """A person corrects one of the rows in quarantine; the others go on breaking their rules."""
    contract = load_contracts(hospital.settings.contracts_dir)["his_settle"]
    with hospital.server.connect("steward", autocommit=True) as connection:
        rows = find_rows(connection, SETTLEMENTS)
    (text,) = [row for row in rows if row.landed["settle_id"] == "s10"]
    values = {"total_amount": "15.00", "insur_amount": "15.00"}
    fix_row(hospital.settings, hospital.server, contract, text, values, AUTHOR)


@dataclass(frozen=True)
class Night:
    """What happens before a step, and the step (see `fault_child`)."""

    happens: Callable[[Hospital], None]
    work: str
    as_of: date

    def start(self, hospital: Hospital, kill: Kill | None = None, **options: Any) -> Child:
        """The step, in a process of its own."""
        settings, server = hospital.settings, hospital.server
        return Child(self.work, settings, server, self.as_of, kill, **options)

    def run(self, hospital: Hospital) -> None:
        """The step in this process, and what follows it."""
        WORK[self.work](hospital.settings, hospital.server, self.as_of)
        self.finish(hospital)

    def finish(self, hospital: Hospital) -> None:
        """What a release that was killed left waiting is loaded by the next ingest."""
        if self.work == "release":
            hospital.ingest(self.as_of)


NIGHTS = (
    Night(_spoil, "ingest", date(2025, 1, 31)),
    Night(_change, "ingest", date(2025, 2, 1)),
    Night(_fix, "release", date(2025, 2, 1)),
)


def _rewrite(hospital: Hospital) -> None:
    """Corrections, deletions and late rows in such numbers that they land in two parts."""
    number = "cast(substr(id, 2) as int)"
    of_source = "id ~ '^s[0-9]+$'"
    hospital.sql(
        f"update settle set total = '99' where {of_source} and {number} between 101 and 450"
    )
    hospital.sql(f"delete from settle where {of_source} and {number} between 601 and 900")
    hospital.sql(
        "insert into settle select 'late' || i, null, 'v' || i, 'l' || i,"
        " timestamp '2025-01-05' + i * interval '1 minute', 'final', '5.00'"
        " from generate_series(1, 50) i"
    )


def _spoil_in_july(hospital: Hospital) -> None:
    """All but one row are older than what a night looks back on in July."""
    _spoil(hospital)
    hospital.sql("insert into settle values ('july', null, 'v', 'n', '2025-07-30', 'final', '1')")


def _rewrite_december_too(hospital: Hospital) -> None:
    """Rows appear in a month that no night has read."""
    _rewrite(hospital)
    hospital.sql(
        "insert into settle select 'old' || i, null, 'v' || i, 'o' || i,"
        " timestamp '2024-12-05' + i * interval '1 hour', 'final', '5.00'"
        " from generate_series(1, 60) i"
    )


def _deliver(hospital: Hospital) -> None:
    """Settlements of two halves of the month, and departments."""
    _spoil(hospital)
    _deliver_settlements(hospital, "settle_1.csv", "at < '2025-01-10'")
    _deliver_settlements(hospital, "settle_2.csv", "at >= '2025-01-10'")
    _put(hospital, "dept_1.csv", DEPARTMENTS.encode("gb18030"))


def _deliver_corrections(hospital: Hospital) -> None:
    """The first half again under its name, a third file, a repetition, other departments."""
    _rewrite(hospital)
    _deliver_settlements(hospital, "settle_1.csv", "at < '2025-01-10'")
    _put(hospital, "dept_1.csv", DEPARTMENTS.encode("gb18030"))
    _put(hospital, "dept_2.csv", DEPARTMENTS.replace("外科", "骨科").encode("gb18030"))
    hospital.sql("insert into settle values ('third', null, 'v', 'n', '2025-01-30', 'final', '3')")
    _deliver_settlements(hospital, "settle_3.csv", "id = 'third'")


def _deliver_settlements(hospital: Hospital, name: str, which: str) -> None:
    query = (
        "select id, red_of, visit, invoice, cast(at as text) as paid_at, kind, total"
        f" from settle where {which} order by at, id"
    )
    with (
        hospital.server.connect("superuser", DATABASE) as connection,
        connection.cursor().copy(f"copy ({query}) to stdout (format csv, header)") as rows,
    ):
        _put(hospital, name, b"".join(bytes(row) for row in rows))


def _put(hospital: Hospital, name: str, content: bytes) -> None:
    (hospital.drop_folder / "incoming" / name).write_bytes(content)


def _nothing(_: Hospital) -> None:
    """A night like any other."""


def _read_what_was_added(hospital: Hospital) -> None:
    """Let the vendor's settlements be read once and never again."""
    cursor = {"kind": "append_only", "column": "settle_time"}
    hospital.write_vendor(dialect="postgres", cursors={"his_settle": cursor})


def _read_whole(hospital: Hospital) -> None:
    """Let the vendor's settlements be read whole every night."""
    hospital.write_vendor(dialect="postgres", cursors={"his_settle": {"kind": "full_reload"}})
    hospital.write_mapping(SETTLE_SQL.partition("where")[0])


def _read_from_a_drop_folder(hospital: Hospital) -> None:
    """Let the hospital deliver its settlements and departments as files."""
    (hospital.drop_folder / "incoming").mkdir(parents=True)
    hospital.write_vendor(dialect="duckdb")
    hospital.write_mapping(
        SETTLE_SQL.replace("at as settle_time", "paid_at as settle_time")
        .replace("where at >=", "where cast(paid_at as timestamp) >=")
        .replace("and at <", "and cast(paid_at as timestamp) <")
    )
    contract = load_contracts(hospital.settings.contracts_dir)["his_dept"]
    hospital.write_mapping(mapping_sql(contract), "his_dept")
    connection = {
        "kind": "files",
        "path": str(hospital.drop_folder),
        "drop": {"quiet_seconds": 0},
        "files": {
            "settle": {"pattern": "settle_*.csv", "format": "csv"},
            "departments": {
                "pattern": "dept*.csv", "format": "csv", "encoding": "gb18030", "last_only": True
            },
        },
    }  # fmt: skip
    hospital.write_source("", connection=connection)


@dataclass(frozen=True)
class Way:
    """Nights of a hospital that is read in one way; what is killed of them is its `work`."""

    name: str
    nights: tuple[Night, ...]
    work: str = "ingest"
    configure: Callable[[Hospital], None] = _nothing

    def begin(self, hospital: Hospital) -> None:
        """The hospital before the first night."""
        hospital.reset()
        self.configure(hospital)


ORDINARY = Way("ordinary", NIGHTS)
_MORNING, _AFTER = date(2025, 1, 31), date(2025, 2, 1)
_JULY = date(2025, 7, 31)
#: Ways of reading a table that kills of ordinary nights never meet.
WAYS = (
    Way(
        "deep_reload",
        (
            Night(_spoil_in_july, "ingest", _JULY),
            Night(_rewrite, "deep_reload", _JULY),
            Night(_change, "ingest", date(2025, 8, 1)),
        ),
        "deep_reload",
    ),
    Way(
        "drop",
        (
            Night(_deliver, "collect", _MORNING),
            Night(_deliver_corrections, "collect", _AFTER),
            Night(_nothing, "collect", _AFTER),
        ),
        "collect",
        _read_from_a_drop_folder,
    ),
    Way(
        "deletions",
        (Night(_spoil, "ingest", _MORNING), Night(_rewrite, "ingest", _AFTER)),
    ),
    Way(
        "backfill",
        (
            Night(_spoil, "ingest", date(2025, 1, 10)),
            Night(_rewrite_december_too, "backfill", _MORNING),
            Night(_change, "ingest", _AFTER),
        ),
        "backfill",
    ),
    Way(
        "append_only",
        (Night(_spoil, "ingest", date(2025, 1, 10)), Night(_change, "ingest", _AFTER)),
        configure=_read_what_was_added,
    ),
    Way(
        "full_reload",
        (Night(_spoil, "ingest", _MORNING), Night(_rewrite, "ingest", _AFTER)),
        configure=_read_whole,
    ),
)

#: What a night leaves, but for numbers of batches and times of day. A window that was read in two
#: pieces has other batches; of what it read, each row is in one of them.
_CONTENTS = {
    "land": "select cast(to_jsonb(t) - '_batch_id' - '_extracted_at' as text)"
    " from land.his_settle as t",
    "departments": "select cast(to_jsonb(t) - '_batch_id' - '_extracted_at' as text)"
    " from land.his_dept as t",
    "quarantine": 'select row_key, row_hash, rule_ids, cast("row" as text), status'
    " from ops.quarantine",
    # A release that is run again refuses the same rows again, and says so again.
    "decisions": "select distinct q.row_key, q.row_hash, d.action, cast(d.before_values as text),"
    " cast(d.after_values as text), d.message, d.released_row_key, d.decided_by, d.reason"
    " from ops.quarantine_decision as d"
    " inner join ops.quarantine as q using (batch_id, row_number)",
    "counts": "select sum(duplicates), sum(quarantined), sum(loaded), sum(vanished),"
    " sum(control_total), bool_and(state = 'loaded') from ops.batch",
    "windows": "select cursor_kind, min(window_start), max(window_end) from ops.batch group by 1",
    "columns": "select table_name, column_name, type_family from ops.source_column",
    "months": "select org_code, business_month, sum(rows), sum(quarantined), sum(duplicates),"
    " sum(vanished), sum(amount), sum(quarantined_amount), sum(duplicate_amount),"
    " sum(vanished_amount) from ops.batch_month group by 1, 2",
    "failures of months": "select rule_id, org_code, business_month, sum(failed),"
    " sum(not_evaluated) from ops.quality_month group by 1, 2, 3",
    "back-dated changes": "select row_key_hash, kind, month_start, business_time, before_hash,"
    " after_hash, amount_before, amount_after from ops.backdated_change",
    # A file that was taken by a look that was killed before the file left `incoming/` is found
    # there again, and called a repetition.
    "deliveries": "select distinct file_name, file_sha256, file_bytes, verdict, problem"
    " from ops.delivery where verdict <> 'repeated'",
    "verdicts": "select rule_id, sum(evaluated), sum(failed), bool_and(success)"
    " from ops.quality_result where level = 'row' group by rule_id",
}

Contents = dict[str, list[tuple[Any, ...]]]


def contents(hospital: Hospital) -> Contents:
    """Rows of each part of the warehouse, sorted."""
    with hospital.server.connect("superuser") as connection:
        return {
            part: sorted(connection.execute(query).fetchall(), key=str)
            for part, query in _CONTENTS.items()
        }


def check_whole(hospital: Hospital) -> None:
    """Ledger, files and counts agree, and nothing is left over of what was under way."""
    assert hospital.verify().faults == ()
    assert hospital.count("select count(*) from ops.run where status = 'running'") == 0
    state = hospital.settings.state_dir
    if hospital.drop_folder.exists():
        check_drop_folder(hospital)
    with hospital.server.connect("auditor") as connection:
        named = connection.execute(
            "select file_path from ops.batch where file_path is not null"
            " union select payload::jsonb ->> 'verdict_path' from ops.ledger_entry"
            " where payload::jsonb ? 'verdict_path'"
        ).fetchall()
    landed = {
        str(path.relative_to(hospital.settings.landing_dir)) for path in _files(state / "landing")
    }
    assert landed == {path for (path,) in named} | {"ledger.jsonl"}
    assert {path.name for path in _files(state / "spool")} == {"lock"}, "rows are left in a spool"
    assert {path.suffix for path in _files(state / "quality")} == {".json"}


def check_drop_folder(hospital: Hospital) -> None:
    """Every delivered file is kept once, the ones that count are there, and none is under way."""
    folder = hospital.drop_folder
    assert list((folder / "incoming").iterdir()) == []
    assert all(link.is_symlink() and link.is_file() for link in (folder / "current").iterdir())
    with hospital.server.connect("auditor") as connection:
        kept = connection.execute("select distinct kept_at from ops.delivery").fetchall()
    files = [*_files(folder / "archive"), *_files(folder / "rejected")]
    found = {str(path.relative_to(folder)) for path in files}
    assert found == {path for (path,) in kept} | {"archive/.taking/lock"}


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
