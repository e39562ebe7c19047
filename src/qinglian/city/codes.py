"""National identifiers with their check characters (GB 11643, GB 32100) and code formats."""

import re

import numpy as np
import numpy.typing as npt

from qinglian.identity_number import CHECKS, WEIGHTS
from qinglian.suppliers import credit_code

#: Formats of the identifiers that the city writes, by name.
FORMATS = {
    "organisation": re.compile(r"^H\d{11}$"),
    "doctor": re.compile(r"^D\d{12}$"),
    "western": re.compile(r"^X[A-Z]\d{2}[A-Z]{2}[A-Z]\d{3}[A-Z]\d{3}\d{4}\d{5}$"),
    "patent_tcm": re.compile(r"^Z[A-Z]\d{2}[A-Z]{2}[A-Z]\d{4}\d{4}\d{5}$"),
    "herb_piece": re.compile(r"^T\d{9}$"),
    "material": re.compile(r"^C\d{19}(\d{7})?$"),
    "service": re.compile(r"^00[1-4]\d{12}$"),
    "uscc": re.compile(r"^[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}$"),
    "icd10": re.compile(r"^[A-Z]\d{2}(\.[0-9A-Zx+*]{1,6})?$"),
}


def id_numbers(
    area: npt.NDArray[np.int64], birth: npt.NDArray[np.int64], sequence: npt.NDArray[np.int64]
) -> npt.NDArray[np.str_]:
    """18-character identity numbers: area (6), birth date as yyyymmdd (8), sequence (3), check.

    The last digit of `sequence` is odd for men and even for women. ISO 7064 MOD 11-2.
    """
    body = area * 10**11 + birth * 1000 + sequence
    total = np.zeros(len(body), dtype=np.int64)
    for place, weight in enumerate(WEIGHTS):
        total += body // 10 ** (16 - place) % 10 * weight
    whole: npt.NDArray[np.str_] = np.char.add(
        body.astype("U17"), np.array(list(CHECKS))[total % 11]
    )
    return whole


def uscc(area: int, serial: int) -> str:
    """Unified social credit code of an enterprise (category 91) in `area`. GB 32100 MOD 31-3."""
    body = f"91{area:06d}MA{serial:07d}"
    return body + credit_code.check_character(body)
