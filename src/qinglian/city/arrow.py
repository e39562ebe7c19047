"""Arrow columns from numpy arrays, without a Python object per value.

Money is carried as whole cents, prices as ten-thousandths of a yuan, quantities as hundredths.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qinglian.city.draws import Bools, Ints, offsets_within

US = 1_000_000


def decimals(values: Ints, precision: int, scale: int, missing: Bools | None = None) -> pa.Array:
    """Decimal column from integers that are already scaled by 10**scale."""
    words = np.empty((len(values), 2), dtype=np.int64)
    words[:, 0] = values
    words[:, 1] = values >> 63
    array = pa.Array.from_buffers(
        pa.decimal128(precision, scale), len(values), [None, pa.py_buffer(words)]
    )
    return array if missing is None else blank(array, missing)


def money(cents: Ints, missing: Bools | None = None) -> pa.Array:
    """numeric(16,2) from whole cents."""
    return decimals(cents, 16, 2, missing)


def price(ten_thousandths: Ints, missing: Bools | None = None) -> pa.Array:
    """numeric(16,6) from ten-thousandths of a yuan."""
    return decimals(ten_thousandths * 100, 16, 6, missing)


def quantity(hundredths: Ints, missing: Bools | None = None) -> pa.Array:
    """numeric(16,4) from hundredths."""
    return decimals(hundredths * 100, 16, 4, missing)


def integers(values: Ints, missing: Bools | None = None) -> pa.Array:
    """bigint column."""
    return pa.array(values, pa.int64(), mask=missing)


def smallints(values: Ints, missing: Bools | None = None) -> pa.Array:
    """integer column."""
    return pa.array(values.astype(np.int32), pa.int32(), mask=missing)


def flags(values: Bools) -> pa.Array:
    """boolean column."""
    return pa.array(values.astype(bool))


def moments(seconds: Ints, missing: Bools | None = None) -> pa.Array:
    """timestamp column from seconds since 1970 in local time."""
    return pa.array(seconds * US, pa.timestamp("us"), mask=missing)


def days(numbers: Ints, missing: Bools | None = None) -> pa.Array:
    """date column from days since 1970."""
    return pa.array(numbers.astype(np.int32), pa.date32(), mask=missing)


def words(values: Sequence[str | None], index: Ints, missing: Bools | None = None) -> pa.Array:
    """Text column that takes entry `index` of a short list."""
    return pa.array(values, pa.string()).take(pa.array(index, pa.int64(), mask=missing))


def constant(value: str, rows: int) -> pa.Array:
    """Text column with one value."""
    return pa.repeat(pa.scalar(value, pa.string()), rows)


def labels(prefix: str, numbers: Ints, missing: Bools | None = None) -> pa.Array:
    """Text column of `prefix` followed by a number."""
    text = pc.cast(pa.array(numbers, pa.int64(), mask=missing), pa.string())
    return pc.binary_join_element_wise(pa.scalar(prefix), text, "") if prefix else text


def texts(values: Sequence[object] | np.ndarray) -> pa.Array:
    """Text column from Python strings."""
    return pa.array(values, pa.string())


def blank(array: pa.Array, missing: Bools) -> pa.Array:
    """`array` with nulls where `missing`."""
    return pc.if_else(pa.array(~missing), array, pa.scalar(None, array.type))


def line_amount(qty: Ints, unit_price: Ints) -> Ints:
    """Cents of quantity (hundredths) times price (ten-thousandths), rounded half away from zero."""
    product = qty * unit_price
    amount: Ints = np.sign(product) * ((np.abs(product) + 5000) // 10000)
    return amount


def joined_pieces(heads: Sequence[pa.Array], base: Ints, pieces: Ints) -> pa.Array:
    """Text column with the identifiers of numbered pieces, ascending and divided by "|".

    Row i has `pieces[i]` identifiers, null for none. `heads` are texts, one entry a piece, that
    stand before the number: `base[i]` followed by three digits that count from 0.
    """
    count = np.repeat(base, pieces) * 1000 + offsets_within(pieces)
    digits = pc.utf8_lpad(pc.cast(pa.array(count, pa.int64()), pa.string()), 16, "0")
    names = pc.binary_join_element_wise(*heads, digits, "")
    offsets = np.r_[0, np.cumsum(pieces)].astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(offsets), names)
    return blank(pc.binary_join(lists, "|"), pieces == 0)
