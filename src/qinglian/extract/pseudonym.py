"""Direct identifiers become keyed HMACs in memory, before anything is written.

The key is a secret of the installation and is kept outside the warehouse. The same person gives the
same key in every system, since values are normalised first.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from qinglian.identity_number import check_character

_OLD_ID_LENGTH = 15


def normalise_id_number(value: str) -> str:
    """Citizen id number as 18 characters, upper case; 15-digit ones are upgraded (GB 11643).

    A value of another form (passport, foreign card) is only trimmed and upper-cased.
    """
    text = value.strip().upper()
    if len(text) == _OLD_ID_LENGTH and text.isdigit():
        body = text[:6] + "19" + text[6:]
        return body + check_character(body)
    return text


def normalise_phone(value: str) -> str:
    """Digits only, without the country code of China."""
    digits = "".join(c for c in value if c.isdigit())
    return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits  # noqa: PLR2004


def normalise_account(value: str) -> str:
    """Bank account without spaces and dashes."""
    return "".join(c for c in value if c.isalnum()).upper()


NORMALISERS: Mapping[str, Callable[[str], str]] = {
    "id_number": normalise_id_number,
    "phone": normalise_phone,
    "bank_account": normalise_account,
    "name": str.strip,
}


class Pseudonymiser:
    """Replaces clear identifiers by HMAC-SHA256 of their normalised value, as 64 hex digits."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def key_of(self, kind: str, value: str) -> str | None:
        """Key of one clear value; None for an empty one."""
        normal = NORMALISERS[kind](value)
        if not normal:
            return None
        return hmac.new(self._key, normal.encode(), hashlib.sha256).hexdigest()

    def replace(self, batch: pa.RecordBatch, kinds: Mapping[str, str]) -> pa.RecordBatch:
        """`batch` with each column of `kinds` (column -> kind of identifier) replaced by keys."""
        for column, kind in kinds.items():
            index = batch.schema.get_field_index(column)
            if index < 0:
                continue
            encoded = pc.dictionary_encode(pc.cast(batch.column(index), pa.string()))
            keys = pa.array(
                [
                    self.key_of(kind, value) if value else None
                    for value in encoded.dictionary.to_pylist()
                ],
                pa.string(),
            )
            batch = batch.set_column(index, column, keys.take(encoded.indices))
        return batch
