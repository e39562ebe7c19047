"""The words that names of companies are made of, from `legal_forms.yaml` and `words.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Vocabulary:
    """Legal forms by their words (Latin ones without spaces), and the other word lists."""

    forms: Mapping[str, str]
    fillers: frozenset[str]
    spellings: Mapping[str, str]
    scopes: frozenset[str]
    vehicles: frozenset[str]
    industries: tuple[str, ...]
    industry_spellings: Mapping[str, str]
    provinces: tuple[str, ...]


@cache
def vocabulary() -> Vocabulary:
    """The lists of this package, read once."""
    forms = _read("legal_forms.yaml")
    words = _read("words.yaml")
    return Vocabulary(
        forms={
            phrase.replace(" ", "").replace("/", ""): kind
            for kind, phrases in forms.items()
            for phrase in phrases
        },
        fillers=frozenset(words["fillers"]),
        spellings={k.replace(" ", ""): v for k, v in words["spellings"].items()},
        scopes=frozenset(words["scopes"]),
        vehicles=frozenset(words["vehicles"]),
        industries=tuple(sorted(words["industries"], key=len, reverse=True)),
        industry_spellings=words["industry_spellings"],
        provinces=tuple(words["provinces"]),
    )


def _read(name: str) -> Any:
    return yaml.safe_load((_FOLDER / name).read_text("utf-8"))
