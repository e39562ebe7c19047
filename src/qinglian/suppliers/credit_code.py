"""Unified social credit codes (统一社会信用代码, GB 32100-2015): form and check character."""

import re

#: The 31 characters of a code, each of which stands for its place here; I, O, S, V and Z are left
#: out, since they are misread.
CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"

_FORM = re.compile(rf"[{CHARACTERS}]{{2}}\d{{6}}[{CHARACTERS}]{{10}}")


def check_character(body: str) -> str:
    """The 18th character for the first 17: the sum weighted by powers of 3, modulo 31."""
    total = sum(CHARACTERS.index(sign) * pow(3, i, 31) for i, sign in enumerate(body))
    return CHARACTERS[-total % 31]


def is_credit_code(text: str) -> bool:
    """Whether 18 characters are a code with a right check character."""
    return bool(_FORM.fullmatch(text)) and check_character(text[:17]) == text[17]
