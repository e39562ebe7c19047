"""Items that are made while the last one is in use: none lost, none too many, errors in place."""

import threading
from collections.abc import Iterator

import pytest

from qinglian.ahead import ahead


def test_no_more_than_one_item_waits() -> None:
    made: list[int] = []
    is_made = threading.Semaphore(0)

    def numbers() -> Iterator[int]:
        for number in range(5):
            made.append(number)
            is_made.release()
            yield number

    with ahead(numbers()) as items:
        for number in items:
            waiting = min(number + 2, 5)
            while len(made) < waiting:
                is_made.acquire()
            assert made == list(range(waiting))
    assert made == [0, 1, 2, 3, 4]


def test_an_error_comes_after_the_items_before_it() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise LookupError("the source is gone")

    seen: list[int] = []
    with pytest.raises(LookupError, match="gone"), ahead(broken()) as items:
        seen.extend(items)
    assert seen == [1]


def test_at_the_end_of_the_block_nothing_is_being_made() -> None:
    may_go_on = threading.Event()
    finished: list[str] = []

    def slow() -> Iterator[int]:
        yield 1
        may_go_on.wait()
        finished.append("second")
        yield 2

    with pytest.raises(ValueError, match="consumer"), ahead(slow()) as items:
        next(items)
        may_go_on.set()
        raise ValueError("the consumer failed")
    assert finished == ["second"]
