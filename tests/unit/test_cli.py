"""The `qinglian` command answers at once: libraries are loaded by the commands that need them."""

import subprocess
import sys

#: Each takes from a fifth of a second to several seconds to import.
HEAVY = (
    *("adbc_driver_postgresql", "airflow", "connectorx", "dbt", "duckdb", "great_expectations"),
    *("matplotlib", "networkx", "pandas", "pyarrow", "scipy", "splink", "superset"),
)


def test_the_command_line_itself_loads_nothing_heavy() -> None:
    names = f"[name for name in {HEAVY!r} if name in sys.modules]"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, qinglian.cli; print({names})"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
