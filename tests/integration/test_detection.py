"""Detection runs when something that it reads has changed, and only then."""

import shutil
from datetime import date

import pytest
from hospital import REPOSITORY, Hospital

from qinglian.detection import begin_detection, finish_detection, note_built_by_hand

DAY = date(2025, 1, 31)


def begins(hospital: Hospital, day: date = DAY, *, again: bool = False) -> bool:
    ended = begin_detection(hospital.server, hospital.settings, day, "test", again=again)
    return ended is None


@pytest.fixture
def detected(hospital: Hospital) -> Hospital:
    """A hospital of which everything has been detected."""
    hospital.ingest()
    assert begins(hospital)
    finish_detection(hospital.server, hospital.settings, "test")
    return hospital


def test_what_is_whole_is_not_done_again_unless_asked(detected: Hospital) -> None:
    assert not begins(detected)
    assert begins(detected, again=True)


def test_an_extract_without_news_changes_nothing(detected: Hospital) -> None:
    (table,) = detected.ingest().tables
    assert table.unchanged == table.extracted > 0
    assert not begins(detected)


@pytest.mark.parametrize(
    "change",
    [
        "update settle set total = '99.00' where id = 's500'",
        "delete from settle where id = 's501'",
        "insert into settle values ('new', null, 'v9', 'n9', '2025-01-20', 'final', '7')",
        "update settle set total = 'abc' where id = 's502'",
    ],
    ids=["changed", "vanished", "new", "quarantined"],
)
def test_a_row_is_news(detected: Hospital, change: str) -> None:
    detected.sql(change)
    detected.ingest()
    assert begins(detected)


def test_the_next_day_is_news(detected: Hospital) -> None:
    assert begins(detected, date(2025, 2, 1))


def test_a_detection_that_did_not_end_is_done_again(detected: Hospital) -> None:
    assert begins(detected, again=True)
    assert begins(detected)
    finish_detection(detected.server, detected.settings, "somebody else")
    assert begins(detected)


def test_what_was_begun_first_does_not_end_what_began_later(detected: Hospital) -> None:
    begin_detection(detected.server, detected.settings, DAY, "early", again=True)
    begin_detection(detected.server, detected.settings, DAY, "late", again=True)
    finish_detection(detected.server, detected.settings, "early")
    assert begins(detected)


def test_a_model_that_was_built_by_hand_is_news(detected: Hospital) -> None:
    note_built_by_hand(detected.server, detected.settings, DAY)
    assert begins(detected)


@pytest.mark.parametrize(
    "changed",
    [
        "dbt_project/seeds/threshold.csv",
        "dbt_project/models/marts/lead.sql",
        "dbt_project/models/indicators/billing/ind_bl99_new.sql",
        "dbt_project/macros/money.sql",
        "dbt_project/materializations/table.sql",
        "expectations/marts/checks.yaml",
    ],
)
def test_a_rule_is_news(detected: Hospital, changed: str) -> None:
    root = detected.settings.root
    (root / "expectations").unlink()
    for folder in ("dbt_project", "expectations"):
        shutil.copytree(
            REPOSITORY / folder, root / folder, ignore=shutil.ignore_patterns("target", "logs")
        )
    assert begins(detected), "the installation had no project"
    finish_detection(detected.server, detected.settings, "test")
    assert not begins(detected)
    with (root / changed).open("a") as file:
        file.write("\n")
    assert begins(detected)
