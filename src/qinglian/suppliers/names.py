"""A company's name taken apart: what names it, its legal form, its place, its trade."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from anyascii import anyascii
from rapidfuzz.distance import OSA

from qinglian.suppliers.numerals import with_digits
from qinglian.suppliers.vocabulary import vocabulary

if TYPE_CHECKING:
    from opencc import OpenCC

_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"\w+")
_LETTERS_OR_DIGITS = re.compile(r"\d+(?:st|nd|rd|th)\b|[^\W\d]+|\d+")
_CAPITAL_INSIDE = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])")
_INITIALS = re.compile(r"\b(?:\w\.){2,}\w?\b|\b(?:\w\.)+\w\b\.?")
_APOSTROPHE_S = re.compile(r"['’`]s\b", re.IGNORECASE)
_APOSTROPHES = re.compile(r"['’‘`ʼ]")
_BRACKETED = re.compile(r"[(（\[【〔]([^()（）\[\]【】〔〕]*)[)）\]】〕]")
#: 行政区划 at the start of a Chinese name: a place with the suffix of its level.
_PLACE = re.compile(r"^(?:\w{2,7}?自治区|\w{2,3}?省|\w{2,6}?自治州|\w{2,3}?市|\w{2,3}?[区县])")
_BRANCH = re.compile(r"(?:第?[一二三四五六七八九十\d]+|\w{0,4}?)(?:分公司|营业部|经营部|办事处)$")
_LONGEST_FORM = 6
#: A long form may be misspelt by one letter; in a short one that would be another form.
_LONG_FORM = 12
_ACRONYM = 4
_INITIAL = 1
#: Signs of a 字号 (企业名称登记管理规定实施办法 art. 10).
_SHORTEST_STEM = 2


@dataclass(frozen=True)
class CompanyName:
    """Parts of a name.

    `words` name the company (a Chinese name has its 字号 as the only one), `forms` are the kinds of
    its legal forms, `numbers` its digits, `acronyms` those of its words that were all capitals,
    `place` and `trade` the 行政区划 and 行业 of a Chinese name, `branch` the branch's own name.
    """

    words: tuple[str, ...]
    forms: frozenset[str] = frozenset()
    numbers: tuple[str, ...] = ()
    acronyms: frozenset[str] = frozenset()
    place: str = ""
    trade: str = ""
    branch: str = ""
    is_han: bool = False

    @property
    def kinds(self) -> frozenset[str]:
        """What its legal forms say beyond that it is a company."""
        return self.forms - {"company"}

    @property
    def compact(self) -> str:
        """All naming words in one."""
        return "".join(self.words)


@lru_cache(maxsize=20_000)
def parse_name(text: str) -> CompanyName:
    """Take a name apart; a text without any letter gives no words."""
    clean = unicodedata.normalize("NFKC", text).strip()
    return _parse_han(clean) if _HAN.search(clean) else _parse_latin(clean)


def alternatives(text: str) -> list[str]:
    """The names that a text gives, one after a spaceless slash: `Al-Qa'ida/Islamic Army`."""
    parts = [part.strip() for part in re.split(r"(?<=\w{3})/(?=\w{3})", text)]
    return [part for part in parts if part] or [text]


def _parse_latin(text: str) -> CompanyName:
    single_case = text.isupper() or text.islower()
    tokens = _tokens(text)
    acronyms = frozenset(
        token.casefold()
        for token in tokens
        if not single_case and token.isupper() and _INITIAL < len(token) <= _ACRONYM
    )
    plain = [_spelt(t) for t in _ascii(tokens)]
    words, forms = _without_forms([w for t in plain for w in t.split()])
    fillers = vocabulary().fillers
    kept = with_digits([w for w in words if w not in fillers]) or words
    return CompanyName(
        words=tuple(w for w in kept if not w.isdigit()),
        forms=forms,
        numbers=tuple(w for w in kept if w.isdigit()),
        acronyms=acronyms,
    )


def _tokens(text: str) -> list[str]:
    """Words; letters with full stops are one (G.m.b.H.), and capitals inside begin another."""
    joined = _APOSTROPHES.sub("", _APOSTROPHE_S.sub("", text))
    joined = _INITIALS.sub(lambda match: match[0].replace(".", "") + " ", joined)
    joined = joined.replace("&", " and ").replace("A/S", "AS").replace("%", " per cent ")
    return _WORD.findall(_CAPITAL_INSIDE.sub(" ", joined))


def _ascii(tokens: Sequence[str]) -> list[str]:
    """Letters of any script as lower-case Latin ones."""
    return [w for t in tokens for w in _LETTERS_OR_DIGITS.findall(anyascii(t).casefold())]


def _spelt(token: str) -> str:
    return vocabulary().spellings.get(token, token)


def _without_forms(words: Sequence[str]) -> tuple[list[str], frozenset[str]]:
    """The words that are no legal form, and the kinds of the forms; the longest form wins."""
    rest: list[str] = []
    kinds: set[str] = set()
    place = 0
    while place < len(words):
        for length in range(min(_LONGEST_FORM, len(words) - place), 0, -1):
            kind = _form("".join(words[place : place + length]))
            if kind:
                kinds.add(kind)
                place += length
                break
        else:
            rest.append(words[place])
            place += 1
    # A name of nothing but forms is a name all the same.
    return (rest, frozenset(kinds)) if rest else (list(words), frozenset())


def _form(compact: str) -> str | None:
    forms = vocabulary().forms
    if compact in forms:
        return forms[compact]
    if len(compact) < _LONG_FORM:
        return None
    long_forms = (form for form in forms if len(form) >= _LONG_FORM)
    return next(
        (forms[f] for f in long_forms if OSA.distance(f, compact, score_cutoff=1) <= 1), None
    )


def _parse_han(text: str) -> CompanyName:
    simple = re.sub(r"\s", "", _simplifier().convert(text)).casefold()
    places = [_plain_place(p) for p in _BRACKETED.findall(simple)]
    bare = _BRACKETED.sub("", simple)
    branch = ""
    form_end = max((bare.find(f) + len(f) for f in _han_forms() if f in bare), default=0)
    if form_end and (found := _BRANCH.search(bare, form_end)):
        branch, bare = found[0], bare[:form_end]
    body, form = _without_han_form(bare)
    place, body = _without_place(body)
    trade, stem = _without_trade(body)
    kinds = [k for k in places if k not in _han_forms()]
    forms = {form} | {vocabulary().forms[k] for k in places if k in _han_forms()}
    return CompanyName(
        words=(stem,) if stem else (),
        forms=frozenset(f for f in forms if f),
        numbers=tuple(re.findall(r"\d+", stem)),
        place=place or "".join(kinds),
        trade=trade,
        branch=branch,
        is_han=True,
    )


@cache
def _simplifier() -> "OpenCC":
    from opencc import OpenCC

    return OpenCC("t2s")


@cache
def _han_forms() -> tuple[str, ...]:
    """Chinese legal forms, the longest first."""
    forms = (form for form in vocabulary().forms if _HAN.search(form))
    return tuple(sorted(forms, key=len, reverse=True))


def _without_han_form(text: str) -> tuple[str, str | None]:
    for form in _han_forms():
        if text.endswith(form) and len(text) > len(form):
            return text[: -len(form)], vocabulary().forms[form]
    return text, None


def _plain_place(text: str) -> str:
    return re.sub(r"(?:省|市|区|县|(?:壮族|回族|维吾尔)?自治区|特别行政区)$", "", text)


def _without_place(text: str) -> tuple[str, str]:
    """The 行政区划, its last level without suffix, and the rest, of which at least 2 signs stay.

    It stands in front, or behind as in 国药控股重庆有限公司, there by the name of a province alone.
    """
    provinces = vocabulary().provinces
    place = next(
        (p for p in provinces if text.endswith(p) and len(text) - len(p) >= _SHORTEST_STEM), ""
    )
    text = text.removesuffix(place)
    while True:
        found = _PLACE.match(text)
        known = next((p for p in provinces if text.startswith(p)), "")
        taken = found[0] if found else known
        if not taken or len(text) - len(taken) < _SHORTEST_STEM:
            return place, text
        place, text = _plain_place(taken), text[len(taken) :]


def _without_trade(text: str) -> tuple[str, str]:
    """The 行业 at the end, one spelling for each, and the 字号 that is left of the name."""
    words = vocabulary()
    trades: list[str] = []
    while True:
        trade = next((t for t in words.industries if text.endswith(t)), None)
        if trade is None or len(text) - len(trade) < _SHORTEST_STEM:
            return "".join(reversed(trades)), text
        trades.append(words.industry_spellings.get(trade, trade))
        text = text[: -len(trade)]
