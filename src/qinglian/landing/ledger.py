"""The ledger: what was delivered, landed and loaded, as a chain that shows any later change.

Every entry holds the hash of the entry before it. `ops.batch` is the present state of a batch, for
joins; `ops.ledger_entry` is the proof.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from qinglian.warehouse.transaction import Transaction

GENESIS = "0" * 64
#: The batch of an entry that is about none.
NO_BATCH = 0
#: Advisory lock of whoever adds to the chain.
CHAIN_LOCK = 7_100_001


@dataclass(frozen=True)
class Entry:
    """One link of the chain."""

    entry_no: int
    batch_id: int
    event: str
    payload: str
    previous_hash: str
    entry_hash: str
    written_at: datetime

    def computed_hash(self) -> str:
        """The hash that this entry must have for what it says."""
        return entry_hash(
            self.entry_no, self.batch_id, self.event, self.payload, self.previous_hash
        )


def entry_hash(entry_no: int, batch_id: int, event: str, payload: str, previous_hash: str) -> str:
    """SHA-256 over an entry's content and the hash of the entry before it, as 64 hex digits."""
    text = "\n".join((str(entry_no), str(batch_id), event, payload, previous_hash))
    return hashlib.sha256(text.encode()).hexdigest()


def lock(transaction: Transaction) -> None:
    """Wait until nobody else adds to the chain; others wait until the transaction ends."""
    transaction.execute(f"select pg_advisory_xact_lock({CHAIN_LOCK})")


def append(transaction: Transaction, batch_id: int, event: str, facts: Mapping[str, Any]) -> None:
    """Add an entry within the caller's transaction; writers queue for the chain until it ends."""
    lock(transaction)
    last = transaction.one(
        "select entry_no, entry_hash from ops.ledger_entry order by entry_no desc limit 1"
    )
    number, previous = (last[0] + 1, last[1]) if last else (1, GENESIS)
    payload = canonical(facts)
    link = entry_hash(number, batch_id, event, payload, previous)
    transaction.execute(
        "insert into ops.ledger_entry"
        " (entry_no, batch_id, event, payload, previous_hash, entry_hash)"
        f" values ({number}, {batch_id}, $1, $2, $3, $4)",
        *(event, payload, previous, link),
    )


def canonical(facts: Mapping[str, Any]) -> str:
    """JSON with sorted keys; dates and decimals as text, so that it reads the same everywhere."""
    return json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)


def entries(connection: Connection) -> list[Entry]:
    """The whole chain in order."""
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            "select entry_no, batch_id, event, payload, previous_hash, entry_hash, written_at"
            " from ops.ledger_entry order by entry_no"
        )
        return [Entry(**row) for row in cursor]
