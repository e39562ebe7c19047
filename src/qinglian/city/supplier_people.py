"""Owners, directors and agents of distributors and traders, as registers and tenders name them."""

import numpy as np
import pyarrow as pa

from qinglian.city import arrow as a
from qinglian.city.people import identity_numbers
from qinglian.city.suppliers import AFFILIATES, distributors
from qinglian.city.tender_bidders import SHARED_DIRECTOR, bidders, trader

LEGAL_REP, SHAREHOLDER, DIRECTOR, SUPERVISOR, BID_AGENT, CONTACT, SALES_REP = (
    f"0{code}" for code in range(1, 8)
)
#: Numbers of these persons, beyond those of patients and of the owners themselves.
_PEOPLE_BLOCK = 90_100_000
_WHOLE = 1_000_000
_FOUNDED = 12_000


def people_table() -> pa.Table:
    """One row a person and role. Affiliates share a legal representative or a main owner."""
    known = [*range(len(distributors())), *range(trader(0), len(bidders()))]
    rows = [row for position in known for row in _people(position)]
    supplier, person, role, share = (list(column) for column in zip(*rows, strict=True))
    shares = np.array(share)
    since = np.array([_FOUNDED + position * 97 for position in supplier])
    return pa.table(
        {
            "supplier_code": a.texts([bidders()[position].code for position in supplier]),
            "person_id": a.texts(person),
            "role_code": a.texts(role),
            "share_percent": a.decimals(shares, 7, 4, shares == 0),
            "since": a.days(since),
            "until": a.days(since, np.ones(len(rows), dtype=bool)),
        }
    )


def _people(position: int) -> list[tuple[int, str, str, int]]:
    """Supplier, identity number, role, share in ten-thousandths of a per cent (0 for none)."""
    representative = bidders()[position].owner_id
    main = 510_000 + position * 7 % 20 * 10_000
    second = (_WHOLE - main) * 3 // 5
    owners = [
        (_main_owner(position), main),
        (_person(position, 1), second),
        (_person(position, 2), _WHOLE - main - second),
    ]
    plain = [
        (representative, LEGAL_REP),
        (representative, DIRECTOR),
        (_person(_with_director_of(position), 3), DIRECTOR),
        (_person(position, 4), SUPERVISOR),
        (representative, BID_AGENT),  # who signs for the company in its tenders
        (_person(position, 5), CONTACT),
        (_person(position, 6), SALES_REP),
        (_person(position, 7), SALES_REP),
    ]
    return [
        *((position, person, SHAREHOLDER, share) for person, share in owners),
        *((position, person, role, 0) for person, role in plain),
    ]


def _main_owner(position: int) -> str:
    """The legal representative owns the company, unless one controller stands behind two."""
    for first, second, relation in AFFILIATES:
        if relation == "same_controller" and position in (first, second):
            return _person(first, 0)
    return bidders()[position].owner_id


def _with_director_of(position: int) -> int:
    first, second = (trader(number) for number in SHARED_DIRECTOR)
    return first if position == second else position


def _person(position: int, place: int) -> str:
    return str(identity_numbers(np.array([_PEOPLE_BLOCK + position * 1000 + place * 10 + 5]))[0])
