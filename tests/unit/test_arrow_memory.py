"""Memory that was let go is the system's again, whatever the allocator saw before."""

import subprocess
import sys
from pathlib import Path

import pytest

#: Prints how many MiB more than before stay with a process that has let 100 MiB go, in buffers of
#: 2 MiB with something small behind each. A buffer of 24 MiB that was freed before them tells glibc
#: to take such buffers from its heap, where the small ones hold them.
_CHILD = """
import ctypes
import psutil
from qinglian.arrow_memory import return_memory_at_once

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]

def held():
    return psutil.Process().memory_info().rss >> 20

def filled(mib):
    buffer = libc.malloc(mib << 20)
    ctypes.memset(buffer, 1, mib << 20)
    return buffer

return_memory_at_once()
libc.free(filled(24))
before = held()
buffers, small = [], []
for _ in range(50):
    buffers.append(filled(2))
    small.append(libc.malloc(2000))
while buffers:
    libc.free(buffers.pop(0))
print(held() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc has these thresholds")
def test_what_a_driver_has_freed_is_given_back_at_once() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _CHILD], capture_output=True, text=True, check=True
    )

    assert int(done.stdout) < 20


#: Prints how many MiB a window of 300,000 rows has given back once its first part is written.
_COMPARED = """
import sys
from pathlib import Path
import psutil
import pyarrow as pa
from qinglian.arrow_memory import return_memory_at_once
from qinglian.contracts import load_contracts
from qinglian.landing.spool import Spool, duckdb_type
from qinglian.settings import repository_root

ROWS, AT_ONCE = 300_000, 10_000
contract = load_contracts(repository_root() / "expectations")["his_fee"]
types = {"varchar": pa.string(), "timestamp": pa.timestamp("us"), "boolean": pa.bool_()}

def batch(first):
    columns = {
        c.name: pa.nulls(AT_ONCE, types.get(duckdb_type(c.physical_type), pa.int64()))
        for c in contract.landed_columns
    }
    columns |= {"org_code": pa.array(["H50010300101"] * AT_ONCE)}
    columns |= {"fee_id": pa.array([f"F{n}" for n in range(first, first + AT_ONCE)])}
    return pa.record_batch(columns)

def held():
    return psutil.Process().memory_info().rss >> 20

return_memory_at_once()
known = pa.table({"_row_key": [""], "_row_hash": [""], "src_is_deleted": [False]})
folder = Path(sys.argv[1])
with Spool(folder / "spool", contract, 64) as spool:
    spool.fill(batch(first) for first in range(0, ROWS, AT_ONCE))
    spool.compare(known, known, find_vanished=False, batch_rows=1000)
    compared = held()
    spool.write_part(folder / "part.parquet", {})
    print(compared - held())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="DuckDB's allocator is another one elsewhere")
def test_a_comparison_gives_its_memory_back_before_parts_are_written(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _COMPARED, str(tmp_path)], capture_output=True, text=True, check=True
    )

    assert int(done.stdout) > 20
