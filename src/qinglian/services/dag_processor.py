"""Airflow's DAG processor: it yields to everything else, with Cosmos already imported.

For each task that ends in the triggerer Airflow parses the task's DAG file again, to look for a
callback. With a task a model that would be as much work as dbt's own: it takes what processor time
is left, and each parse, a fork of this process, finds the library that takes longest to import.
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
