"""Memory of processes that hold many rows for a moment: given back when the rows are gone."""

import ctypes

import pyarrow as pa

#: Options of glibc's mallopt, by their numbers in malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
#: Buffers of drivers and of COPY are larger than this, and blocks of DuckDB too.
_LARGE = 1 << 17


def return_memory_at_once() -> None:
    """Let Arrow and the C library give memory back to the system when rows are let go.

    The pool that Arrow takes by itself keeps what was freed: of a table that comes and goes in
    parts, that is several parts more than are ever in use. So does glibc, which by itself takes
    a large buffer that was freed as a sign that more of that size will come, and then keeps them,
    in each of its threads' arenas: with a fixed threshold it never does.
    """
    if "jemalloc" in pa.supported_memory_backends():
        pa.set_memory_pool(pa.jemalloc_memory_pool())
        pa.jemalloc_set_decay_ms(0)
    change = getattr(ctypes.CDLL(None), "mallopt", None)  # of glibc alone
    if change is not None:
        change(_MMAP_THRESHOLD, _LARGE)
        change(_TRIM_THRESHOLD, _LARGE)


def return_free_memory() -> None:
    """Give back what drivers and pandas have freed; the C library would keep it for later."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc alone
    if trim is not None:
        trim(0)
