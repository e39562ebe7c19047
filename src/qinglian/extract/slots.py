"""The connections that a source allows at once, counted over all processes of an installation."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from qinglian.extract.sources import Source
from qinglian.warehouse.server import Server

log = logging.getLogger(__name__)

_POLL_SECONDS = 0.5


@contextmanager
def source_slot(server: Server, source: Source) -> Iterator[None]:
    """Hold one of the source's connections; waits until one is free.

    A slot is an advisory lock of the warehouse, which goes with the process that dies.
    """
    connections = source.limits.connections
    if connections is None:
        yield
        return
    with server.connect("loader", autocommit=True) as connection:
        waited = False
        while True:
            for number in range(connections):
                name = f"{source.source_id} connection {number}"
                taken = connection.execute(
                    "select pg_try_advisory_lock(hashtextextended(%s, 0))", (name,)
                ).fetchone()
                if taken and taken[0]:
                    yield
                    return
            if not waited:
                log.info("%s: all %d connections are in use", source.source_id, connections)
            waited = True
            time.sleep(_POLL_SECONDS)
