"""Which records are one company's: probable pairs joined, unless codes or reviewers forbid it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from qinglian.suppliers.matching import Match
from qinglian.suppliers.model import Model
from qinglian.suppliers.records import SupplierRecord


class Outcome(StrEnum):
    """What became of a pair."""

    MERGED = "merged"
    CONFIRMED = "confirmed"
    SPLIT = "split"
    OTHER_CODE = "other_code"
    REVIEW = "review"
    APART = "apart"


@dataclass(frozen=True)
class Verdict:
    """What a reviewer said of two records: `confirm` that they are one company's, or `split`."""

    first: str
    second: str
    action: str


@dataclass
class _Group:
    profiles: set[str]
    codes: set[str] = field(default_factory=set)


class Clusters:
    """Groups of profiles; joining keeps two credit codes and two split records apart."""

    def __init__(self, profiles: Mapping[str, SupplierRecord]) -> None:
        self._group = {
            profile: _Group({profile}, {record.uscc} if record.uscc else set())
            for profile, record in profiles.items()
        }
        self._splits: set[frozenset[str]] = set()

    def keep_apart(self, first: str, second: str) -> None:
        """Never join the groups of these two."""
        self._splits.add(frozenset((first, second)))

    def forbidden(self, first: str, second: str) -> Outcome | None:
        """Why the groups of two profiles must stay apart."""
        one, two = self._group[first], self._group[second]
        if one is two:
            return None
        if any(
            (a in one.profiles and b in two.profiles) or (b in one.profiles and a in two.profiles)
            for a, b in map(tuple, self._splits)
        ):
            return Outcome.SPLIT
        return Outcome.OTHER_CODE if one.codes and two.codes and one.codes != two.codes else None

    def join(self, first: str, second: str) -> None:
        """Make the groups of two profiles one."""
        one, two = self._group[first], self._group[second]
        if one is two:
            return
        one.profiles |= two.profiles
        one.codes |= two.codes
        for profile in two.profiles:
            self._group[profile] = one

    def groups(self) -> list[list[str]]:
        """The profiles of each group, in order."""
        distinct = {id(group): group for group in self._group.values()}
        return sorted(sorted(group.profiles) for group in distinct.values())


def cluster(
    profiles: Mapping[str, SupplierRecord],
    matches: Sequence[Match],
    verdicts: Iterable[tuple[str, str, str]],
    model: Model,
) -> tuple[list[list[str]], list[Outcome]]:
    """Groups of profiles, and the outcome of each match.

    `verdicts` are profile, profile and action, the last word on each pair. What reviewers confirmed
    is joined first, then the matches, which come with the most probable first.
    """
    clusters = Clusters(profiles)
    said = {frozenset((a, b)): action for a, b, action in verdicts if a != b}
    for pair, action in said.items():
        if action == "split":
            clusters.keep_apart(*pair)
    for pair, action in said.items():
        if action == "confirm" and clusters.forbidden(*pair) != Outcome.SPLIT:
            clusters.join(*pair)
    outcomes = [_decide(clusters, match, said, model) for match in matches]
    return clusters.groups(), outcomes


def _decide(
    clusters: Clusters, match: Match, said: Mapping[frozenset[str], str], model: Model
) -> Outcome:
    verdict = said.get(frozenset((match.first, match.second)))
    if verdict is not None:
        return Outcome.CONFIRMED if verdict == "confirm" else Outcome.SPLIT
    forbidden = clusters.forbidden(match.first, match.second)
    if match.probability < model.review_at:
        return Outcome.APART
    if forbidden is not None:
        return forbidden
    if match.probability < model.merge_at or not match.may_merge:
        return Outcome.REVIEW
    clusters.join(match.first, match.second)
    return Outcome.MERGED
