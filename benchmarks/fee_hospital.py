"""A hospital with any number of fee lines, and an installation of its own that reads it.

PostgreSQL makes the lines itself from their number, so that the same number gives the same lines.
One line in a hundred is reversed by another, one in a thousand breaks a rule and has to be found.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from qinglian.contracts import Contract, load_contracts
from qinglian.extract.reader import bind
from qinglian.extract.sources import SourceCatalog
from qinglian.extract.window import next_window
from qinglian.settings import Settings, repository_root
from qinglian.warehouse.schema import prepare_warehouse
from qinglian.warehouse.server import WAREHOUSE, Server, ensure_database, prepare_server

DATABASE = "bench_his"
SOURCE = "bench_his"
TABLE = "his_fee"
BARE_TABLE = "bare_fee"
AS_OF = date(2025, 12, 31)
#: One line in so many has an amount that is not quantity times price.
ONE_WRONG_IN = 1000

_LINES = """
create table fee_line as
with numbered as (
    select n, n % 100 = 99 as is_reversal, (1 + n % 5)::numeric(16,4) as count,
        (1 + n % 997)::numeric(16,6) / 4 as price
    from generate_series(1, {rows}) as n
),
priced as (
    select *, case when is_reversal then -1 else 1 end * count as qty,
        case when n % {wrong} = 0 then 1000 else 0 end as error
    from numbered
)
select
    'H50010300101' as org_code,
    'F' || n as fee_id,
    case when is_reversal then 'F' || (n - 1) end as orig_fee_id,
    case when n % 3 = 0 then 'I' else 'O' end as encounter_type,
    'V' || (n / 20) as encounter_id,
    'P' || (n / 200) as patient_id,
    timestamp '2025-01-01' + n * (interval '364 days' / {rows}) as fee_time,
    timestamp '2025-01-01' + n * (interval '364 days' / {rows}) as post_time,
    'service' as item_kind,
    'S' || (n % 2000) as item_code,
    '诊疗项目' || (n % 2000) as item_name,
    '001' || lpad((n % 2000)::text, 12, '0') as med_list_codg,
    '05' as item_category,
    qty,
    '次' as unit,
    price as unit_price,
    (qty * price + error)::numeric(16,2) as amount,
    case when n % 3 = 0 then 'O' || (n / 4) end as order_id,
    null::text as order_exec_id,
    null::text as rx_item_id,
    case when n % 7 = 0 then 'R' || n end as report_id,
    null::text as surgery_id,
    'D' || (n % 40) as bill_dept_code,
    'DR' || (n % 600) as bill_doctor_code,
    'D' || (n % 37) as exec_dept_code,
    null::text as exec_staff_code,
    'OP' || (n % 50) as operator_code,
    'FS' || n as feedetl_sn,
    true as hi_uploaded,
    'ST' || (n / 20) as settle_id,
    null::text as udi,
    null::text as batch_no,
    false as is_auto_billed,
    false as waived,
    null::timestamp as src_updated_at
from priced
"""


@dataclass(frozen=True)
class FeeHospital:
    """The hospital's fee lines and the installation, all below one folder."""

    settings: Settings
    server: Server

    @classmethod
    def at(cls, folder: Path) -> "FeeHospital":
        """The hospital of `folder`, with its server running."""
        settings = Settings(home=folder / "state", root=folder / "root")
        return cls(settings, Server.open(settings))

    @property
    def contract(self) -> Contract:
        return load_contracts(self.settings.contracts_dir)[TABLE]

    @property
    def mapping_sql(self) -> str:
        """The mapping SQL over the whole year, as the ingest binds it."""
        catalog = SourceCatalog(self.settings)
        source = catalog.source(SOURCE)
        window = next_window(self.contract.cursor, AS_OF, source.history_start, None)
        return bind(catalog.mapping_sql(source)[TABLE], source, window)

    def prepare(self, rows: int) -> None:
        """Create warehouse, hospital and the empty table of the bare pipe."""
        prepare_server(self.server)
        prepare_warehouse(self.server, [self.contract])
        with self.server.connect("superuser", "postgres", autocommit=True) as connection:
            ensure_database(connection, DATABASE, self.server.user("owner"))
            connection.execute(f"grant connect on database {DATABASE} to city_reader")
        self._run(
            DATABASE,
            _LINES.format(rows=rows, wrong=ONE_WRONG_IN),
            "grant select on fee_line to city_reader",
            "vacuum analyze fee_line",
        )
        columns = ", ".join(f"{c.name} {c.physical_type}" for c in self.contract.landed_columns)
        self._run(
            WAREHOUSE,
            f"create table land.{BARE_TABLE} ({columns})",
            f"grant insert on land.{BARE_TABLE} to {self.server.user('loader')}",
        )

    def settle(self) -> None:
        """Write out what the step before left to be written, so that the next one does not pay."""
        self._run(WAREHOUSE, "checkpoint")

    def count(self, query: str) -> int:
        """The one number that a query on the warehouse gives."""
        with self.server.connect("superuser") as connection:
            row = connection.execute(query).fetchone()
        return int(row[0]) if row and row[0] is not None else 0

    def _run(self, database: str, *statements: str) -> None:
        with self.server.connect("superuser", database, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


def write_configuration(folder: Path) -> None:
    """Source and vendor of the hospital below `folder`/root, with the repository's contracts."""
    root = folder / "root"
    vendor = root / "sources" / SOURCE
    vendor.mkdir(parents=True)
    (root / "expectations").symlink_to(repository_root() / "expectations")
    source = {
        "source_id": SOURCE,
        "system": "his",
        "vendor": SOURCE,
        "org_code": "H50010300101",
        "name": "测速医院",
        "history_start": "2025-01-01",
        "connection": {
            "kind": "postgresql",
            "url": f"postgresql://city_reader:{{secret:CITY_READER_PASSWORD}}"
            f"@{{demo_server}}/{DATABASE}",
        },
    }
    (root / "sources" / f"{SOURCE}.yaml").write_text(yaml.safe_dump(source), "utf-8")
    (vendor / "vendor.yaml").write_text(
        yaml.safe_dump({"name": "测速", "dialect": "postgres", "description": "one table"})
    )
    names = _names(load_contracts(root / "expectations")[TABLE])
    (vendor / f"{TABLE}.sql").write_text(
        f"select {', '.join(names)} from fee_line"
        " where fee_time >= :window_start and fee_time < :window_end\n"
    )


def _names(contract: Contract) -> Sequence[str]:
    return [column.name for column in contract.landed_columns]
