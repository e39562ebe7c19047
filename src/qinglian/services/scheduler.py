"""Airflow's scheduler with the libraries of our tasks already imported.

Every task is a fork of a worker and every worker a fork of the scheduler, so that what is imported
here is there in each task at once, in memory that they share. Great Expectations alone takes a
core three seconds to import, in each ingest of each hospital. Only libraries are imported ahead:
our own modules are read when a task starts, as DAG files are.
"""

import importlib
import runpy
import sys

from qinglian.gate.gx import load_gx

_LIBRARIES = (
    "adbc_driver_postgresql.dbapi",
    "connectorx",
    "duckdb",
    "open_data_contract_standard.model",
    "openpyxl",
    "pandas",
    "psycopg",
    "pyarrow.parquet",
    "sqlglot",
)


def main() -> None:
    """`airflow scheduler` with the arguments of this process."""
    load_gx()
    for library in _LIBRARIES:
        importlib.import_module(library)
    sys.argv[:] = ["airflow", "scheduler", *sys.argv[1:]]
    runpy.run_module("airflow", run_name="__main__")


if __name__ == "__main__":
    main()
