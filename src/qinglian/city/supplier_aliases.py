"""Distributors that hospitals enter a second time in other spellings, and shells behind them."""

from dataclasses import dataclass, replace
from functools import cache

from qinglian.city.codes import uscc
from qinglian.city.suppliers import AFFILIATES, Supplier, distributors

#: Position of a distributor, the second spelling, and what was entered with it.
_ALIASES = (
    (0, "清川市渝康医药有限责任公司", ("phone",)),
    (1, "清川川药醫藥有限公司", ("address",)),
    (3, "同舟医药", ("phone", "account")),
    (4, "清川瑞达医药（有限公司）", ()),
    (6, "清川德源医药 有限责任公司", ("account",)),
    (8, "清川圣通医药有限公司", ("account", "owner_id")),  # 盛通, mistaken by sound
    (10, "清川九鼎医药", ("phone", "address")),
    (11, "（清川）嘉信医药有限公司", ("phone",)),
)
#: Position of a distributor, the shell's name, and what it shares with the distributor.
_SHELLS = (
    (0, "清川恒昌商贸有限公司", ("phone", "address")),
    (3, "清川鸿远医疗科技有限公司", ("account",)),
    (7, "清川博济医疗器械有限公司", ("owner_id", "phone", "address")),
    (11, "清川信达健康咨询有限公司", ("owner_id",)),
)
_SHELL_AREA = 500_119  # beyond the areas of distributors, whose groups keep their names
_SHARED = ("phone", "address", "account", "owner_id")


@dataclass(frozen=True)
class Planted:
    """A supplier in the platform's register and the code of the distributor behind it."""

    supplier: Supplier
    behind: str


@cache
def aliases() -> tuple[Planted, ...]:
    """Distributors entered again without a credit code; no order names these entries."""
    return tuple(
        Planted(_alias(i, distributors()[place], name, kept), distributors()[place].code)
        for i, (place, name, kept) in enumerate(_ALIASES)
    )


@cache
def shells() -> tuple[Planted, ...]:
    """Companies of their own that share what owners and affiliates share; they sell nothing."""
    return tuple(
        Planted(_shell(i, distributors()[place], name, shared), distributors()[place].code)
        for i, (place, name, shared) in enumerate(_SHELLS)
    )


def filed_besides(hospital: int) -> list[str]:
    """Codes of the second spellings and shells that a hospital has on file."""
    return [
        entry.supplier.code
        for number, entry in enumerate((*aliases(), *shells()))
        if (hospital + number) % 2 == 0
    ]


def supplier_truth() -> dict[str, list[list[str]]]:
    """Pairs of codes that are one company's, and of those that belong together, for the truth."""
    registered = [[distributors()[a].code, distributors()[b].code] for a, b, _ in AFFILIATES]
    return {
        "same": [[entry.behind, entry.supplier.code] for entry in aliases()],
        "affiliated": [[e.behind, e.supplier.code] for e in shells()] + registered,
    }


def _alias(number: int, company: Supplier, name: str, kept: tuple[str, ...]) -> Supplier:
    left_out = {field: "" for field in _SHARED if field not in kept}
    return replace(company, code=f"A{number + 1:04d}", uscc="", name=name, **left_out)


def _shell(number: int, company: Supplier, name: str, shared: tuple[str, ...]) -> Supplier:
    own = {field: "" for field in _SHARED if field not in shared}
    return replace(
        company,
        code=f"X{number + 1:04d}",
        uscc=uscc(_SHELL_AREA, 500 + number),
        name=name,
        **own,
    )
