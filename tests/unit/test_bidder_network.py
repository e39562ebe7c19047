"""Co-bidding against a null of activity, cover pairs and taking turns, on drawn markets."""

from itertools import combinations

import numpy as np
import pytest

from qinglian.screens.market import Market, Tender
from qinglian.screens.network import (
    NO_IDENTITY,
    Network,
    alternation,
    co_bidding,
    excess_by_tender,
    expected_joint,
    wins_by_chance,
)

ACTIVITY = np.linspace(1.0, 6.0, 40)


def _tender(number: int, bidders: list[str], prices: list[float], place: str = "x") -> Tender:
    own = np.array(prices, dtype=float)
    return Tender(str(number), own, own, tuple(bidders), time=number * 86_400.0, place=place)


def _competitive(seed: int, tenders: int = 300) -> list[Tender]:
    """Firms that bid as often as they like, with whom it happens, at prices of their own."""
    draw = np.random.default_rng(seed)
    chances = ACTIVITY / ACTIVITY.sum()
    made = []
    for number in range(tenders):
        size = int(draw.integers(3, 8))
        firms = draw.choice(len(ACTIVITY), size, replace=False, p=chances)
        made.append(
            _tender(number, [f"F{firm}" for firm in firms], list(draw.normal(1000, 50, size)))
        )
    return made


def _network(tenders: list[Tender]) -> Network:
    found = co_bidding(Market("drawn", tuple(tenders), {}))
    assert isinstance(found, Network)
    return found


@pytest.mark.parametrize("seed", range(5))
def test_chance_makes_no_network(seed: int) -> None:
    found = _network(_competitive(seed))
    assert found.tested_pairs == 40 * 39 / 2
    assert [pair for pair in found.pairs if pair.q <= 0.05] == []
    assert found.communities == ()


def test_expected_joint_tenders_are_those_of_chance() -> None:
    """Over many draws the mean number of joint tenders is the expected one."""
    seen: dict[tuple[str, str], list[float]] = {}
    for seed in range(40):
        tenders = _competitive(seed, 100)
        expected = expected_joint(tenders)
        joint = dict.fromkeys(expected, 0)
        for tender in tenders:
            for pair in combinations(sorted(b for b in tender.bidders if b), 2):
                if pair in joint:
                    joint[pair] += 1
        for pair, value in expected.items():
            seen.setdefault(pair, []).append(joint[pair] - value)
    total = np.mean([np.mean(differences) for differences in seen.values()])
    assert abs(total) < 0.05


def test_a_ring_that_takes_turns_is_found() -> None:
    """Three firms of middling activity bid together 24 times, win in turn, 5 % below the others."""
    tenders = _competitive(11)
    ring = ["R1", "R2", "R3"]
    for turn in range(24):
        prices = [1050.0 + turn, 1060.0 + turn, 1055.0 + turn]
        prices[turn % 3] = 1000.0
        tenders.append(_tender(1000 + turn, ring, prices))
    found = _network(tenders)
    significant = {(pair.first, pair.second) for pair in found.pairs if pair.q <= 0.05}
    assert significant == set(combinations(ring, 2))
    (community,) = found.communities
    assert community.members == tuple(ring)
    assert community.wins == 24
    assert community.changes == 23
    assert community.p_alternation is not None
    assert community.p_alternation < 0.01
    assert community.share_variation == pytest.approx(0)
    excess = excess_by_tender(Market("ring", tuple(tenders), {}))
    assert excess[300:].min() > np.nanmax(excess[:300])


def test_a_cover_bidder_never_wins_where_its_winner_is() -> None:
    tenders = [
        _tender(number, ["A", "B", "C"], [1000.0, 1050.0, 1200.0 + number]) for number in range(8)
    ]
    pair = next(p for p in _network(tenders).pairs if (p.first, p.second) == ("A", "B"))
    assert (pair.first_wins, pair.second_wins) == (8, 0)
    assert pair.p_cover == pytest.approx((1 / 3) ** 8)
    assert pair.over_winner == pytest.approx(1.05)
    assert pair.over_winner_sd == pytest.approx(0, abs=1e-12)


def test_bidders_of_two_places_are_not_expected_to_meet() -> None:
    here = [_tender(n, ["A", "B", "C"], [1, 2, 3], "north") for n in range(5)]
    there = [_tender(5 + n, ["D", "E", "F"], [1, 2, 3], "south") for n in range(5)]
    expected = expected_joint(here + there)
    assert expected["A", "D"] == 0
    # 15 bids, 5 tenders with 3 x 2 ordered pairs: 5 x 5 x 30 / (15 x 14)
    assert expected["A", "B"] == pytest.approx(5 * 5 * 30 / (15 * 14))


def test_wins_by_chance_is_the_binomial_where_all_chances_are_equal() -> None:
    assert wins_by_chance([0.5] * 4, 3) == pytest.approx(5 / 16)
    assert wins_by_chance([0.2, 0.7], 2) == pytest.approx(0.14)
    assert wins_by_chance([0.2, 0.7], 0) == pytest.approx(1)


def test_blocks_of_one_winner_are_no_alternation() -> None:
    assert alternation(list("AAAABBBB"))[0] == 1
    assert alternation(list("AAAABBBB"))[1] > 0.9
    assert alternation(list("ABABABAB"))[1] < 0.1


def test_without_bidders_there_is_no_network() -> None:
    own = np.array([1.0, 2.0])
    assert co_bidding(Market("none", (Tender("1", own, own),), {})) == NO_IDENTITY
