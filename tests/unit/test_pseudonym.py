"""Clear identifiers must never leave the extract, and one person must keep one key."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from qinglian.extract.pseudonym import (
    Pseudonymiser,
    normalise_account,
    normalise_id_number,
    normalise_phone,
)


def test_old_id_number_is_upgraded_with_its_check_digit() -> None:
    # GB 11643-1999, example of the standard: 11010519491231002X
    assert normalise_id_number("110105491231002") == "11010519491231002X"


def test_spelling_of_an_id_number_does_not_matter() -> None:
    assert normalise_id_number(" 11010519491231002x ") == "11010519491231002X"


def test_phone_and_account_are_normalised() -> None:
    assert normalise_phone("+86 138-0013-8000") == "13800138000"
    assert normalise_account("6222 0210-0111 2233") == "6222021001112233"


def test_a_batch_keeps_no_clear_value() -> None:
    batch = pa.record_batch(
        {
            "person_key": ["11010519491231002X", None, "110105491231002", ""],
            "sex": ["1", "2", "1", "2"],
        }
    )
    replaced = Pseudonymiser("key").replace(batch, {"person_key": "id_number"})
    keys = replaced.column("person_key").to_pylist()
    assert keys[0] == keys[2]
    assert keys[0] is not None
    assert len(keys[0]) == 64
    assert keys[1] is None
    assert keys[3] is None
    assert replaced.column("sex").to_pylist() == ["1", "2", "1", "2"]


@given(st.text(min_size=1).filter(str.strip))
def test_another_installation_gives_another_key(value: str) -> None:
    ours = Pseudonymiser("ours").key_of("id_number", value)
    assert ours != Pseudonymiser("theirs").key_of("id_number", value)
    assert ours == Pseudonymiser("ours").key_of("id_number", value)
