"""Random streams: one per seed, purpose, hospital and month, so that parts do not disturb others.

A hospital's month is the same whatever other hospitals, months or scales are generated with it.
"""

from enum import IntEnum, unique

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@unique
class Purpose(IntEnum):
    """What a stream is used for. Numbers are part of the reproducible output: never renumber."""

    DOCTORS = 1
    CLINIC = 2
    WARD = 3
    BILLING = 4
    INSURANCE = 5
    PURCHASES = 6
    TENDERS = 7
    DIRT = 8
    CATALOGUE = 9
    SUPPLIERS = 10
    DIAGNOSES = 21
    ORDERS = 22
    DISPENSING = 23
    SURGERY = 24
    REPORTS = 25
    NURSING = 26
    REVIEWS = 27
    ACCESS = 28
    VISITORS = 31
    COMPLAINTS = 32
    FOLLOW_UPS = 33
    INTEGRITY = 34
    OVERSIGHT = 35
    BID_ITEMS = 41
    EXPERT_SCORES = 42
    EXPERT_PANELS = 43
    CONTRACTS = 44
    SUPPLEMENTS = 45
    INVOICES = 46
    PAYMENTS = 47
    STOCK = 48
    INPATIENT_CODING = 49
    INSURER_REVIEWS = 50
    PRESCRIBING_SCHEMES = 61
    WARD_SCHEMES = 62
    SHORT_STAYS = 63
    SECOND_OPERATIONS = 64
    ITEM_SWITCHES = 75
    DIRECT_PURCHASES = 81
    BID_SCHEMES = 82
    CLASS_SHIFTS = 83


def stream(seed: int, purpose: Purpose, hospital: int = 0, month: int = 0) -> np.random.Generator:
    """The generator of one purpose; `hospital` and `month` are 0 where it has none."""
    return np.random.default_rng(
        np.random.SeedSequence(seed, spawn_key=(int(purpose), hospital, month))
    )


def stochastic_round(values: Floats, rng: np.random.Generator) -> Ints:
    """Whole numbers whose mean is `values`, so that small factors are not lost to rounding."""
    return np.floor(values + rng.random(len(values))).astype(np.int64)


def ranks_within(groups: Ints) -> Ints:
    """Position of each row among the rows of its group, counting from 0 in row order."""
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    sizes = np.diff(np.r_[starts, len(ordered)])
    ranks = np.empty(len(groups), dtype=np.int64)
    ranks[order] = np.arange(len(groups)) - np.repeat(starts, sizes)
    return ranks


def offsets_within(counts: Ints) -> Ints:
    """0, 1, … count-1 for each count, one after the other."""
    total = int(counts.sum())
    return np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
