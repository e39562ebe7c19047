"""The parameters of the resolution, from `model.yaml`."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

import yaml

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Level:
    """One level of agreement: its probability among records of one company and of two."""

    m: float
    u: float
    by_frequency: bool = False


@dataclass(frozen=True)
class Model:
    """Comparisons by field and level, thresholds, and a version that tells any change."""

    version: str
    prior: float
    merge_at: float
    review_at: float
    population: int
    comparisons: Mapping[str, Mapping[str, Level]]
    share_pct: Decimal
    most_suppliers: int


@cache
def model() -> Model:
    """The model of this package. Its version ends in a digest of all that decides."""
    text = (_FOLDER / "model.yaml").read_text("utf-8")
    raw = yaml.safe_load(text)
    digest = hashlib.sha256(text.encode())
    for name in ("legal_forms.yaml", "words.yaml"):
        digest.update((_FOLDER / name).read_bytes())
    return Model(
        version=f"{raw['version']}-{digest.hexdigest()[:12]}",
        prior=raw["prior"],
        merge_at=raw["merge_at"],
        review_at=raw["review_at"],
        population=raw["population"],
        comparisons={
            field: {level: Level(**values) for level, values in levels.items()}
            for field, levels in raw["comparisons"].items()
        },
        share_pct=Decimal(str(raw["affiliates"]["share_pct"])),
        most_suppliers=raw["affiliates"]["most_suppliers"],
    )
