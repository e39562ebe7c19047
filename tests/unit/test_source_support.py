"""What `source check` says of an indicator from one source alone."""

from typing import Any

import pytest

from qinglian.contracts import load_contracts
from qinglian.onboarding.support import Given, Support, Verdict, support_of
from qinglian.settings import repository_root

CONTRACTS = load_contracts(repository_root() / "expectations")
META: dict[str, Any] = {
    "indicator_id": "XS01",
    "name_zh": "对账",
    "required_columns": {"his_fee": ["amount", "qty"], "yb_fee_list_d": ["cnt"]},
    "optional_columns": {},
}
WHOLE = Given(9, {"amount": 9, "qty": 9})
WITHOUT_QTY = Given(9, {"amount": 9}, constant_null=frozenset({"qty"}))
EMPTY_QTY = Given(9, {"amount": 9, "qty": 0})
NO_ROWS = Given(0, {})
FAILED = Given(0, {}, failed=True)
INSURANCE = Given(3, {"cnt": 3})


def verdict(**given: Given) -> Support:
    (found,) = support_of([META], given, CONTRACTS, "his")
    return found


@pytest.mark.parametrize(
    ("his_fee", "alone", "together"),
    [
        (WHOLE, Verdict.OTHER_SOURCE, Verdict.SUPPORTED),
        (WITHOUT_QTY, Verdict.OTHER_SOURCE, Verdict.LIMITED),
        (EMPTY_QTY, Verdict.OTHER_SOURCE, Verdict.DOUBTFUL),
        (NO_ROWS, Verdict.OTHER_SOURCE, Verdict.DOUBTFUL),
        (FAILED, Verdict.UNSUPPORTED, Verdict.UNSUPPORTED),
    ],
)
def test_what_another_system_gives_is_not_called_limited(
    his_fee: Given, alone: Verdict, together: Verdict
) -> None:
    without = verdict(his_fee=his_fee)
    assert without.verdict is alone
    assert any("yb_fee_list_d" in reason and "其他来源" in reason for reason in without.reasons)
    assert any("his_fee" in reason for reason in without.reasons) == (his_fee is not WHOLE)
    assert verdict(his_fee=his_fee, yb_fee_list_d=INSURANCE).verdict is together


def test_a_table_of_the_own_system_that_is_not_mapped_is_the_sources_own_lack() -> None:
    found = verdict(yb_fee_list_d=INSURANCE)
    assert found.verdict is Verdict.UNSUPPORTED
