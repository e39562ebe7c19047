"""Tender projects of one hospital and month, with lots and independent bids."""

from dataclasses import dataclass, field

import numpy as np

from qinglian.city.calendar import DAY, Month, second_number
from qinglian.city.clinic import row_ids
from qinglian.city.draws import Bools, Ints, Purpose, stream
from qinglian.city.organisations import Hospital
from qinglian.city.suppliers import distributors
from qinglian.city.tender_bidders import without_affiliates

#: code, name, kind, domain, lowest and highest budget in CNY
SUBJECTS = (
    ("E01", "超声诊断设备采购", "goods", "equipment", 600_000, 1_900_000),
    ("E02", "检验设备采购", "goods", "equipment", 500_000, 1_500_000),
    ("R02", "免疫发光试剂遴选", "goods", "reagent", 400_000, 1_200_000),
    ("W01", "病房维修改造", "works", "repair", 200_000, 550_000),
    ("L01", "物业保洁服务", "service", "logistics", 300_000, 900_000),
    ("I01", "信息系统运维", "service", "it", 220_000, 800_000),
    ("P01", "放射防护检测服务", "service", "logistics", 220_000, 600_000),
)
#: The last category is a narrow market that hospitals enter only where a scheme wants it.
_USUAL = len(SUBJECTS) - 1


@dataclass
class Tenders:
    """One row a project (with one lot), and one row a bid; amounts in cents.

    `bid_supplier` and `winner` are positions among the bidders, -1 without a winner; `bid_rank` is
    0 of a rejected bid. `traces` are values of a bid's columns that are not its own, `like` the row
    of a bid whose lines it repeats: at the same prices where `copied`, else in proportion. The
    first `own` projects are the hospital's own, schemes add to them.
    """

    own: int
    project_id: Ints
    subject: Ints
    budget: Ints
    notice_time: Ints
    open_time: Ints
    winner: Ints
    award: Ints
    bid_project: Ints
    bid_supplier: Ints
    bid_amount: Ints
    bid_time: Ints
    bid_rank: Ints
    bid_rejected: Bools
    doc_created: Ints
    #: Set by schemes, by row: days from the opening to the contract, the reason on file, and the
    #: amounts of the contract's supplements in cents.
    signed_after: dict[int, int] = field(default_factory=dict)
    reasons: dict[int, str] = field(default_factory=dict)
    supplements: dict[int, tuple[int, ...]] = field(default_factory=dict)
    traces: dict[tuple[int, str], str] = field(default_factory=dict)
    like: dict[int, int] = field(default_factory=dict)
    copied: frozenset[int] = frozenset()


def contracted_row(tenders: Tenders, works: bool) -> int:
    """Row of the month's last own tender that is for works, or is not.

    Where no own tender is of that kind, the last one becomes it.
    """
    for row in reversed(range(tenders.own)):
        if (SUBJECTS[tenders.subject[row]][2] == "works") == works:
            return row
    row = tenders.own - 1
    tenders.subject[row] = next(
        i for i, subject in enumerate(SUBJECTS) if (subject[2] == "works") == works
    )
    return row


def tenders_of(hospital: Hospital, month: Month, seed: int) -> Tenders:
    """Two projects a month at hospitals, one at township centres; four or five bids each."""
    rng = stream(seed, Purpose.TENDERS, hospital.number, month.serial)
    count = 1 if hospital.level_rank > 1 else 2
    subject = rng.integers(0, _USUAL, count)
    low = np.array([s[4] for s in SUBJECTS])[subject]
    high = np.array([s[5] for s in SUBJECTS])[subject]
    budget = (rng.uniform(low, high) / 1000).astype(np.int64) * 100_000
    notice = second_number(month.first) + rng.integers(0, 6, count) * DAY + 9 * 3600
    opened = notice + rng.integers(20, 23, count) * DAY
    bids = rng.integers(4, 6, count)
    project = np.repeat(np.arange(count), bids)
    supplier = np.concatenate(
        [without_affiliates(rng.permutation(len(distributors())).tolist(), n) for n in bids]
    )
    amount = (budget[project] * rng.uniform(0.82, 0.985, len(project)) / 100).astype(np.int64) * 100
    rank = np.empty(len(project), dtype=np.int64)
    for p in range(count):
        rows = np.flatnonzero(project == p)
        rank[rows[np.argsort(amount[rows])]] = np.arange(len(rows)) + 1
    best = np.flatnonzero(rank == 1)
    bid_time = opened[project] - rng.integers(1, 5, len(project)) * DAY
    return Tenders(
        own=count,
        project_id=row_ids(hospital, month, count),
        subject=subject,
        budget=budget,
        notice_time=notice,
        open_time=opened,
        winner=supplier[best],
        award=amount[best],
        bid_project=project,
        bid_supplier=supplier,
        bid_amount=amount,
        bid_time=bid_time,
        bid_rank=rank,
        bid_rejected=np.zeros(len(project), dtype=bool),
        doc_created=bid_time - 9 * DAY,
    )
