"""Makes the next item while the last one is being worked on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

_Item = TypeVar("_Item")
_END = object()


@contextmanager
def ahead(items: Iterator[_Item]) -> Iterator[Iterator[_Item]]:
    """The same items, each made in a thread of its own while the one before is in use.

    No more than one waits, so that memory stays bounded. Errors come where the item would have. At
    the end of the block no item is being made any more.
    """
    with ThreadPoolExecutor(1, "ahead") as worker:

        def made() -> Iterator[_Item]:
            coming = worker.submit(next, items, _END)
            while (item := coming.result()) is not _END:
                coming = worker.submit(next, items, _END)
                yield item  # type: ignore[misc]  # only the end is none of the items

        yield made()
