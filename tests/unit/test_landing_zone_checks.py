"""What cannot be replayed is told before anything is emptied."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import pytest

from qinglian.contracts import load_contracts
from qinglian.landing.ledger import GENESIS, Entry, entry_hash
from qinglian.landing.replay import ReplayError, check_landing_zone
from qinglian.settings import get_settings


def _ledger(folder: Path, *entries: tuple[str, dict[str, object]]) -> None:
    """A `ledger.jsonl` of these events and facts, all of batch 7."""
    lines, previous = [], GENESIS
    for number, (event, facts) in enumerate(entries, start=1):
        payload = json.dumps(facts)
        digest = entry_hash(number, 7, event, payload, previous)
        entry = Entry(number, 7, event, payload, previous, digest, datetime(2025, 6, 1))
        lines.append(json.dumps(asdict(entry), default=str))
        previous = digest
    (folder / "ledger.jsonl").write_text("".join(f"{line}\n" for line in lines))


def test_quarantine_that_only_the_database_knows_is_not_given_up(tmp_path: Path) -> None:
    contracts = load_contracts(get_settings().contracts_dir)
    landed = ("landed", {"table_name": "his_settle", "file_path": None})
    _ledger(tmp_path, landed, ("loaded", {"loaded": 5, "quarantined": 2}))
    with pytest.raises(ReplayError, match="batch 7 was loaded before verdicts were kept"):
        check_landing_zone(tmp_path, contracts)
    _ledger(tmp_path, landed, ("loaded", {"loaded": 5, "quarantined": 0}))
    assert len(check_landing_zone(tmp_path, contracts)) == 2


def test_a_table_without_a_contract_is_told(tmp_path: Path) -> None:
    _ledger(tmp_path, ("landed", {"table_name": "his_settle", "file_path": None}))
    with pytest.raises(ReplayError, match="his_settle, which has no contract"):
        check_landing_zone(tmp_path, {})
