"""Who may bid in tenders: distributors, the shells behind some of them, and equipment traders."""

from functools import cache

from qinglian.city.supplier_aliases import shells
from qinglian.city.suppliers import AFFILIATES, Supplier, company, distributors

#: Firms that sell nothing on the platform's catalogue and live on tenders.
_TRADER_STEMS = (
    "天成",
    "云岭",
    "松柏",
    "海纳",
    "启明",
    "泰和",
    "长风",
    "百川",
    "星河",
    "鼎新",
    "安澜",
    "朗月",
    "青峰",
    "东篱",
)
_FIRST_SERIAL, _FIRST_OWNER = 700, 300
#: Positions in `traders` of two companies with a director in common.
SHARED_DIRECTOR = (10, 11)


@cache
def traders() -> tuple[Supplier, ...]:
    """Traders in equipment, in the order that schemes refer to."""
    return tuple(
        company(
            f"T{i + 1:04d}",
            _FIRST_SERIAL + i,
            f"{stem}医疗设备有限公司",
            "distributor",
            _FIRST_OWNER + i,
        )
        for i, stem in enumerate(_TRADER_STEMS)
    )


@cache
def bidders() -> tuple[Supplier, ...]:
    """All who may bid; the numbers of bidders are positions in this list."""
    return (*distributors(), *(entry.supplier for entry in shells()), *traders())


def shell(number: int) -> int:
    """Position among the bidders of a shell."""
    return len(distributors()) + number


def trader(number: int) -> int:
    """Position among the bidders of a trader."""
    return len(distributors()) + len(shells()) + number


def without_affiliates(drawn: list[int], count: int) -> list[int]:
    """The first `count` of the distributors drawn, none beside an affiliate of its own.

    Companies under one control or one head may not bid for the same lot, and honest ones do not.
    """
    chosen: list[int] = []
    for position in drawn:
        kin = {b if position == a else a for a, b, _ in AFFILIATES if position in (a, b)}
        if len(chosen) < count and not kin & set(chosen):
            chosen.append(position)
    return chosen
