"""Memory of processes that hold many rows for a moment: given back when the rows are gone."""

import ctypes

import pyarrow as pa


def return_memory_at_once() -> None:
    """Let Arrow give memory back to the system when rows are let go, where its build can.

    The pool that Arrow takes by itself keeps what was freed: of a table that comes and goes in
    parts, that is several parts more than are ever in use.
    """
    if "jemalloc" in pa.supported_memory_backends():
        pa.set_memory_pool(pa.jemalloc_memory_pool())
        pa.jemalloc_set_decay_ms(0)


def return_free_memory() -> None:
    """Give back what drivers and pandas have freed; the C library would keep it for later."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc alone
    if trim is not None:
        trim(0)
