"""Scores that experts gave to bids: their means are the scores that decide the ranks."""

import numpy as np
import pyarrow as pa

from qinglian.city import arrow as a
from qinglian.city.calendar import DAY
from qinglian.city.draws import Ints, Purpose, stream
from qinglian.city.his_columns import MonthData
from qinglian.city.people import identity_numbers
from qinglian.city.tender_bidders import bidders
from qinglian.city.ward import END

EXPERTS = 5
#: Price, technical and service; full marks in ten-thousandths of a point.
FULL_MARKS = np.array([300_000, 500_000, 200_000])
_CRITERIA = len(FULL_MARKS)
#: How far an expert's technical and service marks may lie from the panel's mean.
_SPREAD = np.array([12_000, 4_000])
_EXPERT_BLOCK, _EXPERT_COUNT = 90_200_000, 60


def bid_score(rank: Ints) -> Ints:
    """Mean score of a bid by its rank, in ten-thousandths of a point."""
    return 950_000 - rank * 31_000


def expert_scores_of(data: MonthData) -> Ints:
    """Scores as an array of bids by experts by criteria, in ten-thousandths of a point.

    Price marks follow from the bids; what is left of the mean is divided between the other two
    criteria, about which experts differ without moving the mean.
    """
    t = data.tenders
    rng = stream(data.seed, Purpose.EXPERT_SCORES, data.hospital.number, data.month.serial)
    bids = len(t.bid_project)
    price = FULL_MARKS[0] * t.award[t.bid_project] // t.bid_amount
    rest = bid_score(t.bid_rank) - price
    technical = rest * 5 // 7
    means = np.stack([technical, rest - technical], axis=1)
    apart = rng.integers(-_SPREAD, _SPREAD + 1, (bids, EXPERTS - 1, 2))
    apart = np.concatenate([apart, -apart.sum(axis=1, keepdims=True)], axis=1)
    scores = np.empty((bids, EXPERTS, _CRITERIA), dtype=np.int64)
    scores[:, :, 0] = price[:, None]
    scores[:, :, 1:] = means[:, None, :] + apart
    return scores


def expert_score_table(data: MonthData) -> pa.Table:
    """The platform's score sheets of bids that were ranked; the last expert is the hospital's."""
    t, scores = data.tenders, expert_scores_of(data)
    count = scores.size
    bids = np.repeat(np.arange(len(t.bid_project)), EXPERTS * _CRITERIA)
    expert = np.tile(np.repeat(np.arange(EXPERTS), _CRITERIA), len(t.bid_project))
    criterion = np.tile(np.arange(_CRITERIA), len(t.bid_project) * EXPERTS)
    project = t.bid_project[bids]
    table = pa.table(
        {
            "tender_no": a.labels("ZB", t.project_id[project]),
            "package_no": a.constant("1", count),
            "hospital_code": a.constant(data.hospital.org_code, count),
            "supplier_code": a.words([s.code for s in bidders()], t.bid_supplier[bids]),
            "expert_id": a.words(_panels(data), project * EXPERTS + expert),
            "is_owner": a.words(["0", "1"], (expert == EXPERTS - 1).astype(np.int64)),
            "factor_code": a.words(["01", "02", "03"], criterion),
            "score": a.decimals(scores.ravel(), 9, 4),
            "full_score": a.decimals(FULL_MARKS[criterion], 9, 4),
            "updt_time": a.moments(np.minimum(t.open_time[project] + 3 * DAY, END)),
        }
    )
    return table.filter(pa.array(t.bid_rank[bids] > 0))


def _panels(data: MonthData) -> list[str]:
    """Identity numbers of each project's experts: four of the city's pool, one of the hospital."""
    rng = stream(data.seed, Purpose.EXPERT_PANELS, data.hospital.number, data.month.serial)
    pool = identity_numbers(_EXPERT_BLOCK + np.arange(_EXPERT_COUNT) * 10 + 5)
    people: list[str] = []
    for project_id in data.tenders.project_id.tolist():
        chosen = rng.permutation(_EXPERT_COUNT)[: EXPERTS - 1]
        people += pool[chosen].tolist()
        people.append(data.staff.id_numbers[project_id % data.staff.doctors])
    return people
