"""Numbers within names, however they are written: 44, forty-four, fourth, IV."""

import re
from collections.abc import Sequence

_UNITS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = (
    *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"),
    *("tenth", "eleventh", "twelfth"),
)
_WORDS = (
    {word: value for value, word in enumerate(_UNITS)}
    | {word: 20 + 10 * place for place, word in enumerate(_TENS)}
    | {word: value for value, word in enumerate(_ORDINALS, 1)}
    | {"fourty": 40}
)
_DIGITS = re.compile(r"(\d+)(?:st|nd|rd|th)?")
_ROMAN = re.compile(r"(?=[ivx])x{0,3}(?:ix|iv|v?i{0,3})")
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10}
_FIRST_TENS = 20
_TEN = 10


def with_digits(tokens: Sequence[str]) -> list[str]:
    """The words with numbers as digits; a ten and the unit after it are one number.

    Roman numerals up to 39 count only after the first word, where a lone letter is no name.
    """
    read: list[str] = []
    open_tens = False
    for place, token in enumerate(tokens):
        value = _value(token, place)
        if value is None:
            read.append(token)
            open_tens = False
        elif open_tens and 0 < value < _TEN:
            read[-1] = str(int(read[-1]) + value)
            open_tens = False
        else:
            read.append(str(value))
            open_tens = token in _WORDS and value >= _FIRST_TENS
    return read


def _value(token: str, place: int) -> int | None:
    if digits := _DIGITS.fullmatch(token):
        return int(digits[1])
    if token in _WORDS:
        return _WORDS[token]
    return _roman(token) if place > 0 and _ROMAN.fullmatch(token) else None


def _roman(token: str) -> int:
    values = [_ROMAN_VALUES[sign] for sign in token]
    following = [*values[1:], 0]
    return sum(v if v >= after else -v for v, after in zip(values, following, strict=True))
