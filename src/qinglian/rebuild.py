"""`qinglian rebuild`: the warehouse made anew from the landing zone, without touching a source."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from qinglian.contracts import load_contracts
from qinglian.detection import note_built_by_hand
from qinglian.landing.journal import Journal
from qinglian.landing.leads import record_leads
from qinglian.landing.replay import (
    ReplayError,
    ReplayReport,
    check_landing_zone,
    digests,
    empty_warehouse,
    replay,
)
from qinglian.landing.verifications import Verifications
from qinglian.pipeline import identify
from qinglian.run_record import recorded_run
from qinglian.settings import Settings
from qinglian.transform import BUILD, run_dbt
from qinglian.warehouse.schema import prepare_warehouse
from qinglian.warehouse.server import Server, prepare_server


@dataclass(frozen=True)
class RebuildReport:
    """What was loaded, and how many tables were compared with what they held before."""

    replayed: ReplayReport
    tables_compared: int


def rebuild(
    settings: Settings, server: Server, *, replace: bool, tell: Callable[[str], None]
) -> RebuildReport:
    """Fill `land` and `ops` from the landing zone.

    An empty database is filled, one that an ended rebuild left half full is completed. A full one
    is emptied first where `replace` says so, after every file was found whole, and compared with
    what it held. Raises ReplayError, JournalError, and says in either what to do.
    """
    contracts = load_contracts(settings.contracts_dir)
    prepare_server(server)
    prepare_warehouse(server, contracts.values())
    before = None
    with server.connect("owner", autocommit=True) as connection:
        held = connection.execute("select count(*) from ops.ledger_entry").fetchone()
        if replace:
            Journal(settings.landing_dir).catch_up(connection)
            tell("核对落地文件 checking every landed file")
            check_landing_zone(settings.landing_dir, contracts)
            before = digests(connection, contracts.values())
            empty_warehouse(connection, contracts.values())
        elif held and held[0] == len(Journal(settings.landing_dir).read()):
            raise ReplayError(
                "the warehouse has everything that the landing zone has; to make it anew in spite"
                " of that: `qinglian rebuild --replace`"
            )
    tell("重放台账 replaying the ledger")
    with server.connect("owner", autocommit=True) as connection:
        Verifications(settings.landing_dir).restore(connection)
    replayed = replay(server, settings.landing_dir, contracts)
    with server.connect("owner", autocommit=True) as connection:
        after = digests(connection, contracts.values())
    differing = [t for t in after if before is not None and before[t] != after[t]]
    if differing:
        raise ReplayError(
            "rebuilt tables differ from what they held before: "
            + "; ".join(f"{t}: {before[t]} before, {after[t]} now" for t in differing if before)
        )
    return RebuildReport(replayed, len(before or ()))


def build_marts_anew(settings: Settings, server: Server, as_of: date) -> None:
    """All models from the start. The register of leads keeps when each was first seen."""
    note_built_by_hand(server, settings, as_of)
    with recorded_run(settings, server, "detect", None, as_of):
        identify(settings, server, as_of)
        run_dbt(server, [*BUILD, "--full-refresh"], as_of, settings)
        record_leads(settings, server)
