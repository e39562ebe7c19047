"""Citizen identity numbers (GB 11643): their form and their check character (ISO 7064 MOD 11-2)."""

import re
from datetime import date

#: Weights of the first 17 digits, and the check character for each remainder of their sum by 11.
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"

_FORM = re.compile(r"\d{17}[\dX]")
_EARLIEST_BIRTH = date(1900, 1, 1)


def check_character(body: str) -> str:
    """The 18th character for the first 17 digits."""
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return CHECKS[total % 11]


def is_identity_number(text: str) -> bool:
    """Whether 18 characters are an identity number: a past birth date and the check character."""
    if not _FORM.fullmatch(text):
        return False
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    return _EARLIEST_BIRTH <= born <= date.today() and check_character(text[:17]) == text[17]
