"""Who bids together, against what chance would bring about, and how they share the wins.

The null model keeps how often every bidder bids and how many bids every tender has, place by place
where places are known: two bidders with a and b of the M bids of a place are expected in
a b / (M (M - 1)) x sum n (n - 1) of its tenders with n bids together (Chung and Lu 2002). A raw
number of joint bids says only that both bid often.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import networkx
import numpy as np
from scipy.stats import poisson

from qinglian.screens.market import Market, Tender
from qinglian.screens.patterns import adjusted
from qinglian.screens.price import Floats

NO_IDENTITY = "no_bidder_identity"
#: Bids that a bidder needs before its company is judged, and tenders that a pair needs in common.
MIN_BIDS, MIN_JOINT = 4, 4
#: Largest q-value of a pair that makes an edge of the network.
MAX_Q = 0.05
#: Smallest group, and fewest of its wins, whose sequence says something.
_MIN_GROUP, _MIN_WINS = 2, 6
_PERMUTATIONS, _SEED = 2000, 20260101

Pair = tuple[str, str]


@dataclass(frozen=True)
class CoBidding:
    """Two bidders that met, and whether more often than their activity explains.

    `lift`: joint over expected. `p`: chance of so many or more joint tenders (Poisson); `q`: among
    all pairs of bidders with at least four bids each, also those that never met. `first_wins`,
    `second_wins`: in their joint tenders. `p_cover`: chance that the one who wins more of them wins
    so many were every bidder of a tender as likely to win; None unless the other wins none.
    `over_winner`, `over_winner_sd`: price of the loser over that of the winner, where one of both
    wins.
    """

    first: str
    second: str
    joint: int
    expected: float
    lift: float
    p: float
    q: float
    first_wins: int
    second_wins: int
    p_cover: float | None
    over_winner: float | None
    over_winner_sd: float | None


@dataclass(frozen=True)
class Community:
    """Bidders that significant pairs tie together, and how they share what they win.

    `changes`: how often the winner differs from the winner before, over the tenders that one of
    them wins with another of them bidding; `p_alternation`: chance of so many or more changes in a
    random order of the same wins (2,000 permutations). `share_variation`: coefficient of variation
    of their numbers of wins, 0 where all win alike. None below six such wins or without dates.
    """

    members: tuple[str, ...]
    tenders: int
    wins: int
    changes: int | None
    p_alternation: float | None
    share_variation: float | None


@dataclass(frozen=True)
class Network:
    """Pairs that met at least four times, the most surprising first, and their communities.

    `tested_pairs`: pairs the q-values allow for. `communities`: None without a significant pair.
    """

    pairs: tuple[CoBidding, ...]
    tested_pairs: int
    communities: tuple[Community, ...]


def co_bidding(market: Market) -> Network | str:
    """The network of a market's bidders, or why there is none."""
    if not market.has_bidders:
        return NO_IDENTITY
    expected = expected_joint(market.tenders)
    meetings = _meetings(market.tenders)
    tested = [pair for pair, value in sorted(expected.items()) if value > 0]
    p_values = [
        float(poisson.sf(len(meetings[pair]) - 1, expected[pair])) if pair in meetings else 1.0
        for pair in tested
    ]
    q_values = adjusted(np.array(p_values))
    pairs = [
        _pair(market, pair, meetings[pair], expected[pair], p, float(q))
        for pair, p, q in zip(tested, p_values, q_values, strict=True)
        if len(meetings.get(pair, ())) >= MIN_JOINT
    ]
    pairs.sort(key=lambda pair: (pair.p, -pair.joint, pair.first, pair.second))
    return Network(tuple(pairs), len(tested), _communities(market, pairs))


def expected_joint(tenders: Sequence[Tender]) -> dict[Pair, float]:
    """Expected number of joint tenders of every pair of bidders with at least four bids each."""
    by_place: dict[str | None, list[frozenset[str]]] = defaultdict(list)
    for tender in tenders:
        by_place[tender.place].append(frozenset(b for b in tender.bidders if b is not None))
    activity = Counter(bidder for groups in by_place.values() for g in groups for bidder in g)
    active = sorted(bidder for bidder, bids in activity.items() if bids >= MIN_BIDS)
    expected = dict.fromkeys(combinations(active, 2), 0.0)
    for groups in by_place.values():
        bids = Counter(bidder for group in groups for bidder in group)
        total = sum(bids.values())
        meeting = sum(len(group) * (len(group) - 1) for group in groups)
        if not meeting:
            continue
        here = [bidder for bidder in active if bidder in bids]
        for first, second in combinations(here, 2):
            expected[first, second] += bids[first] * bids[second] * meeting / total / (total - 1)
    return expected


def excess_by_tender(market: Market) -> Floats:
    """Mean over the pairs of a tender of (joint - expected) / sqrt(expected); NaN without a pair.

    Shape (tenders,).
    """
    expected, meetings = expected_joint(market.tenders), _meetings(market.tenders)
    excess = {
        pair: (len(meetings.get(pair, ())) - value) / np.sqrt(value)
        for pair, value in expected.items()
        if value > 0
    }
    means = []
    for tender in market.tenders:
        own = [excess[pair] for pair in _pairs(tender) if pair in excess]
        means.append(float(np.mean(own)) if own else np.nan)
    return np.array(means)


def _pairs(tender: Tender) -> Iterable[Pair]:
    return combinations(sorted({b for b in tender.bidders if b is not None}), 2)


def _meetings(tenders: Sequence[Tender]) -> dict[Pair, list[int]]:
    """Places in `tenders` of the joint tenders of every pair that met."""
    meetings: dict[Pair, list[int]] = defaultdict(list)
    for place, tender in enumerate(tenders):
        for pair in _pairs(tender):
            meetings[pair].append(place)
    return dict(meetings)


def winners(tender: Tender) -> frozenset[str]:
    """The recorded winners of a tender; where none is recorded, who bid the lowest price."""
    places = tender.winners or tuple(np.flatnonzero(tender.prices == tender.prices.min()))
    known = (tender.bidders[place] for place in places if tender.bidders)
    return frozenset(bidder for bidder in known if bidder is not None)


def _pair(
    market: Market, pair: Pair, joint: Sequence[int], expected: float, p: float, q: float
) -> CoBidding:
    tenders = [market.tenders[place] for place in joint]
    won = [winners(tender) for tender in tenders]
    wins = [sum(bidder in names for names in won) for bidder in pair]
    p_cover = None
    if min(wins) == 0 < max(wins):
        chances = [1 / len({b for b in tender.bidders if b is not None}) for tender in tenders]
        p_cover = wins_by_chance(chances, max(wins))
    over = np.array(
        [
            _price(tender, loser) / _price(tender, winner)
            for tender, names in zip(tenders, won, strict=True)
            for winner, loser in (pair, pair[::-1])
            if winner in names and loser not in names
        ]
    )
    return CoBidding(
        *pair,
        joint=len(tenders),
        expected=expected,
        lift=len(tenders) / expected,
        p=p,
        q=q,
        first_wins=wins[0],
        second_wins=wins[1],
        p_cover=p_cover,
        over_winner=float(over.mean()) if len(over) else None,
        over_winner_sd=float(over.std(ddof=1)) if len(over) > 1 else None,
    )


def _price(tender: Tender, bidder: str) -> float:
    return min(
        float(price)
        for name, price in zip(tender.bidders, tender.prices, strict=True)
        if name == bidder
    )


def wins_by_chance(chances: Sequence[float], wins: int) -> float:
    """Chance of at least `wins` successes in independent trials (Poisson binomial, exact)."""
    distribution = np.array([1.0])
    for chance in chances:
        distribution = np.convolve(distribution, [1 - chance, chance])
    return float(min(1.0, distribution[wins:].sum()))


def _communities(market: Market, pairs: Sequence[CoBidding]) -> tuple[Community, ...]:
    """Greedy modularity (Clauset, Newman and Moore 2004) over the significant pairs."""
    graph = networkx.Graph()
    for pair in pairs:
        if pair.q <= MAX_Q:
            graph.add_edge(pair.first, pair.second, weight=pair.joint - pair.expected)
    if not graph.number_of_edges():
        return ()
    groups = networkx.algorithms.community.greedy_modularity_communities(graph, weight="weight")
    sorted_groups = sorted((tuple(sorted(group)) for group in groups), key=lambda g: (-len(g), g))
    return tuple(_community(market, group) for group in sorted_groups if len(group) >= _MIN_GROUP)


def _community(market: Market, members: tuple[str, ...]) -> Community:
    own = frozenset(members)
    met = [t for t in market.tenders if len(own.intersection(t.bidders)) >= _MIN_GROUP]
    won = [(t.time, winners(t) & own) for t in met]
    single = [(time, next(iter(names))) for time, names in won if len(names) == 1]
    dated = sorted((time, name) for time, name in single if time is not None)
    wins = Counter(name for _, name in single)
    enough = len(dated) >= _MIN_WINS and len(dated) == len(single)
    changes, p = alternation([name for _, name in dated]) if enough else (None, None)
    share = np.array([wins[name] for name in members], dtype=float)
    return Community(
        members,
        tenders=len(met),
        wins=len(single),
        changes=changes,
        p_alternation=p,
        share_variation=float(share.std() / share.mean()) if len(single) >= _MIN_WINS else None,
    )


def alternation(sequence: Sequence[str]) -> tuple[int, float]:
    """Changes of the winner from one tender to the next, and the chance of so many or more.

    The chance is over random orders of the same wins, drawn with a fixed seed, the order seen
    counted with them: taking turns changes the winner more often than chance.
    """
    codes = np.unique(list(sequence), return_inverse=True)[1].reshape(-1)
    changes = int(np.count_nonzero(np.diff(codes)))
    draw = np.random.default_rng(_SEED)
    drawn = draw.permuted(np.tile(codes, (_PERMUTATIONS, 1)), axis=1)
    as_many = int(np.sum(np.count_nonzero(np.diff(drawn, axis=1), axis=1) >= changes))
    return changes, (as_many + 1) / (_PERMUTATIONS + 1)


def linked_pairs(network: Network, tender: Tender) -> tuple[CoBidding, ...]:
    """The pairs of one tender that meet significantly more often than chance explains."""
    own = frozenset(tender.bidders)
    return tuple(
        pair
        for pair in network.pairs
        if pair.q <= MAX_Q and pair.first in own and pair.second in own
    )
