"""The clear identifiers of a synthetic city, as its source databases hold them."""

from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from qinglian.contracts import Contract, load_contracts
from qinglian.extract.reader import bind, read_batches
from qinglian.extract.sources import SourceCatalog
from qinglian.extract.window import Window
from qinglian.privacy import KnownValues
from qinglian.settings import Settings
from qinglian.warehouse.server import Server

_ALWAYS = Window(datetime(2000, 1, 1), datetime(2100, 1, 1))
#: Columns that show a name by design: inspectors have to know whom a lead is about.
_SHOWN = "shown"


def clear_identifiers(settings: Settings, server: Server) -> KnownValues:
    """What the mapping SQL of all the city's databases gives before it is replaced by keys.

    Names of staff are shown on purpose and are no findings, whoever else bears them.
    """
    catalog, contracts = SourceCatalog(settings), load_contracts(settings.contracts_dir)
    found: dict[str, set[str]] = {
        kind: set() for kind in ("id_number", "phone", "bank_account", "name", _SHOWN)
    }
    address = f"{server.host}:{server.port}"
    for source in catalog.sources():
        if source.connection.kind == "files":
            continue
        for table, sql in catalog.mapping_sql(source).items():
            kinds = _kinds(contracts[table])
            if not kinds:
                continue
            query = bind(sql, source, _ALWAYS)
            for batch in read_batches(source, table, query, server.secrets, address):
                for column, kind in kinds.items():
                    texts = pc.unique(batch.column(column).cast(pa.string())).to_pylist()
                    found[kind] |= {text.strip() for text in texts if text and text.strip()}
    return KnownValues(
        id_numbers=frozenset(text.upper() for text in found["id_number"]),
        phones=frozenset(found["phone"]),
        accounts=frozenset(found["bank_account"]),
        names=frozenset(found["name"] - found[_SHOWN]),
    )


def _kinds(contract: Contract) -> dict[str, str]:
    """Columns with identifiers of persons, and the kind of each."""
    return {
        column.name: column.pseudonym or _SHOWN
        for column in contract.columns
        if column.pseudonym or column.classification == "direct_identifier"
    }
