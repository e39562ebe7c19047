"""Procurement limits that hold in the city, by kind of purchase."""

import numpy as np
import pyarrow as pa

from qinglian.city import arrow as a
from qinglian.city.calendar import Month, day_number
from qinglian.city.organisations import CITY_AREA

_CATALOGUE = "《清川市政府集中采购目录及标准》"
_HOUSE_RULES = "《清川市公立医院院内采购管理办法》"
#: Kind of purchase, kind of limit (1 open tender, 2 decentralised, 3 within the house), yuan.
LIMITS = (
    ("goods", "1", 2_000_000, _CATALOGUE),
    ("service", "1", 2_000_000, _CATALOGUE),
    ("works", "1", 4_000_000, _CATALOGUE),
    ("goods", "2", 300_000, _CATALOGUE),
    ("service", "2", 300_000, _CATALOGUE),
    ("works", "2", 600_000, _CATALOGUE),
    ("goods", "3", 50_000, _HOUSE_RULES),
    ("service", "3", 50_000, _HOUSE_RULES),
    ("works", "3", 100_000, _HOUSE_RULES),
)
_VALID_FROM = day_number(Month(2023, 1).first)


def limit_table() -> pa.Table:
    """The platform's limits, all in force without an end."""
    kind, limit, yuan, source = (list(column) for column in zip(*LIMITS, strict=True))
    begin = np.full(len(LIMITS), _VALID_FROM)
    return pa.table(
        {
            "region_code": a.constant(CITY_AREA, len(LIMITS)),
            "category_kind": a.texts(kind),
            "limit_type": a.texts(limit),
            "amount": a.decimals(np.array(yuan) * 100, 18, 2),
            "source_doc": a.texts(source),
            "valid_from": a.days(begin),
            "valid_to": a.days(begin, np.ones(len(LIMITS), dtype=bool)),
        }
    )
