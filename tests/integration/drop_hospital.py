"""A hospital with departments and nursing days that delivers its files to a drop folder."""

from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import openpyxl
import yaml

from qinglian.contracts import Contract, load_contracts
from qinglian.drop.folder import DropReport
from qinglian.pipeline import collect
from qinglian.settings import Settings, repository_root
from qinglian.warehouse.server import Server

NUMBERS = count(1)
AS_OF = date(2025, 3, 31)
HEADER = "编码,名称,性质\n"
DEPARTMENTS = HEADER + "01,内科,clinical\n02,外科,clinical\n"
MAPPINGS = {
    "his_dept": (
        {"dept_code": "编码", "dept_name": "名称", "dept_kind": "性质", "is_active": "true"},
        "departments",
    ),
    "his_nursing_day": (
        {
            "adm_id": "stay",
            "care_date": "day",
            "vitals_cnt": "vitals",
            "nursing_record_cnt": "records",
        },
        "nursing where cast(day as timestamp) >= cast(:window_start as timestamp)"
        " and cast(day as timestamp) < cast(:window_end as timestamp)",
    ),
}


def mapping_sql(contract: Contract) -> str:
    """The SQL that reads a table of `MAPPINGS` from its files."""
    given, origin = MAPPINGS[contract.table]
    columns = ", ".join(
        ":org_code as org_code"
        if c.name == "org_code"
        else f"{given.get(c.name, 'null')} as {c.name}"
        for c in contract.landed_columns
    )
    return f"select {columns} from {origin}\n"


class DropHospital:
    """A hospital of its own with departments and nursing days, and its drop folder."""

    def __init__(self, folder: Path, server: Server, **drop: Any) -> None:
        number = next(NUMBERS)
        self.server, self.source_id = server, f"his_drop_{number}"
        self.root = folder / "drop"
        (self.root / "incoming").mkdir(parents=True)
        root = folder / "root"
        self.settings = Settings(home=folder / "state", root=root)
        vendor = root / "sources/file_his"
        vendor.mkdir(parents=True)
        (root / "expectations").symlink_to(repository_root() / "expectations")
        contracts = load_contracts(root / "expectations")
        (vendor / "vendor.yaml").write_text("{name: 文件, dialect: duckdb, description: test}")
        for table in MAPPINGS:
            (vendor / f"{table}.sql").write_text(mapping_sql(contracts[table]), "utf-8")
        source = {
            "source_id": self.source_id, "system": "his", "vendor": "file_his",
            "org_code": f"H5001030{number:04}", "name": "小院", "history_start": "2025-01-01",
            "connection": {
                "kind": "files", "path": str(self.root), "drop": {"quiet_seconds": 0} | drop,
                "files": {
                    "departments": {
                        "pattern": "dept*.csv", "format": "csv", "encoding": "gb18030",
                        "last_only": True,
                    },
                    "nursing": {"pattern": "nursing_*.xlsx", "format": "excel"},
                },
            },
        }  # fmt: skip
        self.yaml.write_text(yaml.safe_dump(source), "utf-8")

    @property
    def yaml(self) -> Path:
        return self.settings.root / f"sources/{self.source_id}.yaml"

    def deliver(self, name: str, text: str, encoding: str = "gb18030") -> Path:
        path = self.root / "incoming" / name
        path.write_bytes(text.encode(encoding))
        return path

    def deliver_nursing(self, name: str, *days: str) -> None:
        workbook = openpyxl.Workbook()
        for row in (("stay", "day", "vitals", "records"), *(("A1", d, 4, 2) for d in days)):
            workbook.active.append(row)
        workbook.save(self.root / "incoming" / name)

    def collect(self) -> DropReport:
        return collect(self.settings, self.server, self.source_id, AS_OF)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query in which `%s` is the source."""
        with self.server.connect("superuser") as connection:
            return connection.execute(sql, (self.source_id,)).fetchall()

    def batches(self) -> int:
        ((number,),) = self.ask("select count(*) from ops.batch where source_id = %s")
        return int(number)

    def deliveries(self) -> list[tuple[Any, ...]]:
        return self.ask(
            "select file_name, verdict from ops.delivery where source_id = %s order by delivery_id"
        )

    def names(self) -> list[str]:
        """Departments as they stand: the last version of each that is not deleted."""
        rows = self.ask(
            "select dept_name from (select distinct on (dept_code) * from land.his_dept"
            " where _src_system = %s order by dept_code, _batch_id desc) as last"
            " where not src_is_deleted order by 1"
        )
        return [name for (name,) in rows]
