"""Columns of a record batch with values that Arrow and DuckDB can hold and the warehouse cannot."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

#: Years before 1 and after 9999 and the infinities have no place in Python or Excel, let alone in a
#: hospital: they count as no time at all.
FIRST_MOMENT = "0001-01-01"
LAST_MOMENT = "9999-12-31 23:59:59.999999"
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896
_UNITS_A_DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000}


def misfitting_columns(batch: pa.RecordBatch) -> Iterator[str]:
    """Names of columns with a zero character or a time out of range somewhere.

    It may name a text column without one, and never misses one that has one.
    """
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if _has_zero(column) or _leaves_the_calendar(column):
            yield name


def _has_zero(column: pa.Array) -> bool:
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return False
    texts = column.buffers()[2]
    if texts is None or texts.size == 0:
        return False
    # The smallest byte: looking for the zero itself would copy the texts or compare row by row.
    return bool(np.frombuffer(texts, np.uint8).min() == 0)


def _leaves_the_calendar(column: pa.Array) -> bool:
    if pa.types.is_date32(column.type):
        unit = 1
    elif pa.types.is_timestamp(column.type) and column.type.unit in _UNITS_A_DAY:
        unit = _UNITS_A_DAY[column.type.unit]
    else:
        return False  # nanoseconds end in 2262 already
    ends = pc.min_max(column).values()
    return any(
        end.is_valid and not _FIRST_DAY * unit <= end.value < (_LAST_DAY + 1) * unit for end in ends
    )
