"""Rows of a fee table as sources really send them: one strategy a kind of corruption.

Each gives the rows that it adds to a delivery and what has to become of them.
"""

from dataclasses import dataclass

from hypothesis import strategies as st

Row = dict[str, str | None]

LOADED = "loaded"
DUPLICATE = "duplicate"

#: Texts that are something else to a program that does not keep its hands off them.
ACTIVE_TEXTS = (
    "'; drop table land.his_fee; --",
    "' or '1'='1",
    "$$; select pg_sleep(9); $$",
    "{{ 7 * 7 }} {% raw %}",
    "{path} :org_code :window_start {secret:LOADER_PASSWORD}",
    "%s %(x)s $1 ?",
    "=1+1",
    '=HYPERLINK("http://example.invalid","x")',
    "=cmd|' /C calc'!A0",
    "+1",
    "-1+2",
    "@SUM(A1)",
    "<script>alert(1)</script>",
    "\\copy land.his_fee to '/tmp/x'",
    "\\N",
    "NULL",
    'a"b,c;d|e',
)

_WORDS = st.sampled_from(
    ["abc", "十二", "1,2,3x", "12 元", "--", "0x1G", "#REF!", "#N/A", "1e", "=2"]
)
_NO_TIMES = st.sampled_from(
    ["0000-00-00 00:00:00", "2025-02-30", "2025-13-01", "2025-01-05 24:61:00", "5/1/2025 x", "昨天"]
)
_NO_NUMBERS = st.sampled_from(["NaN", "nan", "Infinity", "-Infinity", "inf", "1e400"])
#: Control characters are left to the strategies of single formats, not all of which can hold them.
TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co"), exclude_characters="\ufeff"),
    min_size=1,
    max_size=20,
).filter(lambda text: text.strip() == text and text != "")


@dataclass(frozen=True)
class Corruption:
    """Rows to deliver and the fate of each: the id of a rule, or a constant above."""

    rows: tuple[Row, ...]
    fates: tuple[str, ...]


def _one(fate: str, **changes: str | None) -> Corruption:
    return Corruption((changes,), (fate,))


def _number(fate: str, values: st.SearchStrategy[str]) -> st.SearchStrategy[Corruption]:
    columns = st.sampled_from(["qty", "unit_price", "amount"])
    return st.builds(lambda column, value: _one(fate, **{column: value}), columns, values)


def _time(fate: str, values: st.SearchStrategy[str]) -> st.SearchStrategy[Corruption]:
    return values.map(lambda value: _one(fate, fee_time=value))


def _day(year: int) -> st.SearchStrategy[str]:
    return st.builds(
        lambda month, day: f"{year:04}-{month:02}-{day:02} 08:00:00",
        st.integers(1, 12),
        st.integers(1, 28),
    )


def _twins(amounts: tuple[str, str]) -> Corruption:
    """Two rows of one key."""
    rows = tuple({"fee_id": "twin", "unit_price": a, "amount": a} for a in amounts)
    return Corruption(rows, ("his_fee_key_unique",) * 2)


def _key_with_a_meaning(text: str) -> Corruption:
    """A sound row and one for the quarantine, which both are known by the text."""
    sound = {"fee_id": f"{text} twin"}
    broken = {"fee_id": f"{text} twin'", "qty": "-1", "unit_price": "7", "amount": "-7"}
    return Corruption((sound, broken), (LOADED, "his_fee_reversal_has_original"))


_AMOUNTS = st.integers(1, 99_999).map(lambda cents: f"{cents // 100}.{cents % 100:02}")

KINDS: dict[str, st.SearchStrategy[Corruption]] = {
    "no number": _number("his_fee_type", _WORDS),
    "no finite number": _number("his_fee_type", _NO_NUMBERS),
    "more digits than the column": _number(
        "his_fee_type", st.integers(10**16, 10**60).map(str) | st.just("1e30")
    ),
    "a fraction of a cent": st.integers(1, 9).map(
        lambda digit: _one("his_fee_type", amount=f"1.00{digit}")
    ),
    "as large as the column": st.sampled_from(["99999999999999.99", "-99999999999999.99"]).map(
        lambda amount: _one("his_fee_amount_identity", amount=amount)
    ),
    "no time": _time("his_fee_type", _NO_TIMES),
    "year 0001": _time("his_fee_time_range", _day(1)),
    "year 9999": _time("his_fee_time_range", _day(9999)),
    "out of all calendars": _time(
        "his_fee_type",
        st.sampled_from(["infinity", "-infinity", "99999-01-01 00:00:00", "0044-03-15 (BC)"]),
    ),
    "no yes or no": st.sampled_from(["是", "2x", "yess"]).map(
        lambda value: _one("his_fee_type", hi_uploaded=value)
    ),
    "too long": st.text("IO", min_size=2, max_size=4).map(
        lambda value: _one("his_fee_type", encounter_type=value)
    ),
    "unknown code": st.sampled_from("XYZ住").map(
        lambda value: _one("his_fee_kind_values", encounter_type=value)
    ),
    "no key": st.just(_one("his_fee_required_fee_id", fee_id=None)),
    "no time given": st.just(_one("his_fee_required_fee_time", fee_time=None)),
    "negative without an original": _AMOUNTS.map(
        lambda a: _one("his_fee_reversal_has_original", qty="-1", unit_price=a, amount=f"-{a}")
    ),
    "one key, two contents": st.tuples(_AMOUNTS, _AMOUNTS)
    .filter(lambda amounts: amounts[0] != amounts[1])
    .map(_twins),
    "sent more than once": st.integers(2, 4).map(
        lambda n: Corruption(({"fee_id": "twin"},) * n, (LOADED, *(DUPLICATE,) * (n - 1)))
    ),
    "a text with a meaning": st.sampled_from(ACTIVE_TEXTS).map(
        lambda text: _one(LOADED, item_name=text)
    ),
    "a key with a meaning": st.sampled_from(ACTIVE_TEXTS).map(_key_with_a_meaning),
    "any text": TEXTS.map(lambda text: _one(LOADED, item_name=text)),
}

#: One delivery holds every kind.
DELIVERIES = st.fixed_dictionaries(
    {kind: st.lists(strategy, min_size=2, max_size=2) for kind, strategy in KINDS.items()}
)
