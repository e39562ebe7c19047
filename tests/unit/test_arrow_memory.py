"""Memory that was let go is the system's again, whatever the allocator saw before."""

import subprocess
import sys

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
