"""Two names of companies compared: how near they are, and which words say so."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from anyascii import anyascii
from rapidfuzz.distance import OSA

from qinglian.suppliers.names import CompanyName, alternatives, parse_name
from qinglian.suppliers.vocabulary import vocabulary

#: Signs of a place in front of a 字号 that is not said to be one.
_LONGEST_PLACE = 3


class NameLevel(IntEnum):
    """How near two names are, the nearest highest.

    From SPELLING on they are taken for one organisation's. PARTIAL may be one's, when something
    else says so. RELATED are two of one house: a branch and its company, another fund of a series,
    the same 字号 in another place or trade.
    """

    DIFFERENT = 0
    RELATED = 1
    PARTIAL = 2
    SPELLING = 3
    FORM = 4
    SAME = 5


@dataclass(frozen=True)
class NameComparison:
    """The level, and in words what agreed or differed."""

    level: NameLevel
    reason: str

    @property
    def is_same(self) -> bool:
        """Whether the names are taken for one organisation's."""
        return self.level >= NameLevel.SPELLING


@lru_cache(maxsize=100_000)
def compare_names(first: str, second: str) -> NameComparison:
    """Compare two names as written; symmetric. The nearest of alternative names counts."""
    return max(
        (
            _compare(parse_name(a), parse_name(b))
            for a in alternatives(first)
            for b in alternatives(second)
        ),
        key=lambda comparison: comparison.level,
    )


def _compare(a: CompanyName, b: CompanyName) -> NameComparison:
    if not a.compact or not b.compact:
        return NameComparison(NameLevel.DIFFERENT, "no word to compare")
    if a.kinds and b.kinds and not a.kinds & b.kinds:
        return NameComparison(NameLevel.DIFFERENT, "legal forms contradict each other")
    if a.is_han and b.is_han:
        return _compare_han(a, b)
    return _compare_words(a, b)


def _compare_han(a: CompanyName, b: CompanyName) -> NameComparison:
    """By 字号, 行政区划, 行业 and branch: one of the latter left out is no difference."""
    stem_a, stem_b = _without_place_of(a, b), _without_place_of(b, a)
    if not _sounds_same(stem_a, stem_b):
        longer, shorter = sorted((stem_a, stem_b), key=len, reverse=True)
        if longer.endswith(shorter) and len(longer) - len(shorter) <= _LONGEST_PLACE:
            return NameComparison(NameLevel.PARTIAL, "或多写地名 one may begin with a place")
        return NameComparison(NameLevel.DIFFERENT, "字号不同 trade names differ")
    if stem_a in vocabulary().industries and a.place != b.place:
        return NameComparison(
            NameLevel.DIFFERENT, "无字号，行政区划不同 no trade name, other place"
        )
    if difference := _other_part(a, b):
        return NameComparison(NameLevel.RELATED, difference)
    if stem_a != stem_b:
        return NameComparison(NameLevel.SPELLING, "字号同音 trade names sound alike")
    return _written_otherwise(a, b)


def _other_part(a: CompanyName, b: CompanyName) -> str | None:
    """Which part beside the 字号 makes two names those of two companies."""
    if a.branch != b.branch:
        return "分支机构 a branch and its company"
    if a.place and b.place and a.place != b.place:
        return "行政区划不同 same trade name, other place"
    return "行业不同 same trade name, other trade" if a.trade != b.trade else None


def _written_otherwise(a: CompanyName, b: CompanyName) -> NameComparison:
    if a.place != b.place:
        return NameComparison(NameLevel.SPELLING, "一方未写行政区划 one leaves its place out")
    if a.forms != b.forms:
        return NameComparison(NameLevel.FORM, "仅组织形式写法不同 same but for the legal form")
    return NameComparison(NameLevel.SAME, "名称相同 same name")


def _without_place_of(name: CompanyName, other: CompanyName) -> str:
    """The 字号 without the other's 行政区划 in front: only the other writes it with its level."""
    stem = name.compact.removeprefix("" if name.place else other.place)
    return stem if len(stem) > 1 else name.compact


def _sounds_same(a: str, b: str) -> bool:
    """Whether two 字号 are read alike sign by sign, as input by sound mistakes them."""
    return a == b or (len(a) == len(b) and anyascii(a) == anyascii(b))


def _compare_words(a: CompanyName, b: CompanyName) -> NameComparison:
    if a.numbers != b.numbers:
        return _compare_numbers(a, b)
    if sorted(a.words) == sorted(b.words):
        if a.forms == b.forms:
            return NameComparison(NameLevel.SAME, "same words")
        return NameComparison(NameLevel.FORM, "same words, the legal form apart")
    near = _nearness(a, b)
    if near is None:
        return NameComparison(NameLevel.DIFFERENT, "words differ")
    return NameComparison(NameLevel.SPELLING, near)


def _compare_numbers(a: CompanyName, b: CompanyName) -> NameComparison:
    """Names whose numbers differ are two organisations', if perhaps of one house."""
    vehicle = vocabulary().vehicles & set(a.words) & set(b.words)
    if vehicle and sorted(a.words) == sorted(b.words):
        return NameComparison(NameLevel.RELATED, "another number of one series")
    return NameComparison(NameLevel.DIFFERENT, "numbers differ")


def _nearness(a: CompanyName, b: CompanyName) -> str | None:
    """Why different words may be one name's, or None."""
    rest_a, rest_b = _left_over(a.words, b.words)
    if a.compact == b.compact or _is_one_typo(a.compact, b.compact, len(rest_a), len(rest_b)):
        return "same letters, divided otherwise"
    scopes = _scopes(rest_b if not a.forms else []) | _scopes(rest_a if not b.forms else [])
    rest_a, rest_b = ([w for w in rest if w not in scopes] for rest in (rest_a, rest_b))
    if not rest_a and not rest_b:
        return f"a trading name without {' '.join(sorted(scopes))}"
    return _typos(rest_a, rest_b, a.acronyms | b.acronyms) or _initials(a, b)


def _scopes(words: Sequence[str]) -> frozenset[str]:
    return vocabulary().scopes.intersection(words)


def _left_over(a: Sequence[str], b: Sequence[str]) -> tuple[list[str], list[str]]:
    """The words of each that the other has not."""
    rest_a, rest_b = list(a), list(b)
    for word in a:
        if word in rest_b:
            rest_a.remove(word)
            rest_b.remove(word)
    return rest_a, rest_b


#: Letters of a word for each mistake that may be in it, and the shortest word with one.
_LETTERS_A_TYPO = 4.5
_SHORTEST_TYPED = 3
_SHORTEST_DIVIDED = 8
_FEWEST_INITIALS = 3


def _allowed(length: int) -> int:
    """How many mistakes a word of so many letters may have: none, 1 from 3, 2 from 9 on."""
    return 0 if length < _SHORTEST_TYPED else max(1, int(length / _LETTERS_A_TYPO))


def _typos(a: Sequence[str], b: Sequence[str], acronyms: frozenset[str]) -> str | None:
    """The pairs of misspelt words, when each word has its counterpart; acronyms have none."""
    if len(a) != len(b):
        return None
    pairs, left = [], list(b)
    for word in a:
        nearest = min(left, key=lambda other: OSA.distance(word, other))
        if word in acronyms or nearest in acronyms:
            return None
        if OSA.distance(word, nearest) > _allowed(min(len(word), len(nearest))):
            return None
        left.remove(nearest)
        pairs.append(f"{word}~{nearest}")
    return "misspelt: " + ", ".join(pairs)


def _is_one_typo(a: str, b: str, parts_a: int, parts_b: int) -> bool:
    """Whether one mistake and another division into words make two names one."""
    divided = parts_a != parts_b and min(len(a), len(b)) >= _SHORTEST_DIVIDED
    return divided and min(parts_a, parts_b) > 0 and OSA.distance(a, b, score_cutoff=1) <= 1


def _initials(a: CompanyName, b: CompanyName) -> str | None:
    """Whether one name is the initials of the other's three or more words."""
    for short, long in ((a, b), (b, a)):
        letters = "".join(word[0] for word in long.words)
        if len(short.words) == 1 and short.words[0] == letters and len(letters) >= _FEWEST_INITIALS:
            return f"{short.words[0]} is the initials"
    return None
