"""Airflow's DAG processor: it yields to everything else, with Cosmos already imported.

Each parse of a DAG file is a fork of this process, which finds the library that takes longest to
import, and takes what processor time the tasks leave.
"""

import importlib
import os
import runpy
import sys

_LIBRARIES = ("cosmos.airflow.task_group", "cosmos.config", "cosmos.constants")
_NICENESS = 10


def main() -> None:
    """`airflow dag-processor` with the arguments of this process."""
    os.nice(_NICENESS)
    for library in _LIBRARIES:
        importlib.import_module(library)
    sys.argv[:] = ["airflow", "dag-processor", *sys.argv[1:]]
    runpy.run_module("airflow", run_name="__main__")


if __name__ == "__main__":
    main()
