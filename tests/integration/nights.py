"""Three nights of a hospital, and all that they leave in the warehouse, in a form to compare."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from fault_child import AUTHOR, SETTLEMENTS, Child, Kill
from hospital import Hospital

from qinglian.contracts import load_contracts
from qinglian.quarantine.fix import fix_row
from qinglian.quarantine.release import release_rows
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
        if self.work == "release":
            release_rows(hospital.settings, hospital.server, SETTLEMENTS, AUTHOR)
        else:
            hospital.ingest(self.as_of)
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

#: What a night leaves, but for numbers of batches and times of day. A window that was read in two
#: pieces has other batches; of what it read, each row is in one of them.
_CONTENTS = {
    "land": "select cast(to_jsonb(t) - '_batch_id' - '_extracted_at' as text)"
    " from land.his_settle as t",
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


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
