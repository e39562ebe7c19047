"""Donations before awards in the synthetic city, without a database."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest

from qinglian.city.calendar import DAY, Month
from qinglian.city.generate import DEFAULT_SEED, months_of, people_of
from qinglian.city.his_columns import MonthData
from qinglian.city.office import Row
from qinglian.city.organisations import hospitals
from qinglian.city.planted import planted_schemes
from qinglian.city.register import scheme_rows
from qinglian.city.schemes import Scheme, Schemes, WinnersDonation
from qinglian.city.tender_bidders import bidders

SCALE = 0.1
WINDOW_DAYS = 180
MAX_VALID_BIDS = 2
MIN_HOSPITALS = 3


@dataclass(frozen=True)
class Given:
    """A planted donation with the lot that its donor won."""

    scheme: Scheme
    row: Row
    days: int
    valid_bids: int
    winner: str


def _months(number: int, months: list[Month], schemes: Schemes) -> list[MonthData]:
    hospital = hospitals(12, SCALE)[number - 1]
    patients, staff = people_of(hospital, DEFAULT_SEED, schemes)
    return list(months_of(hospital, staff, patients, months, DEFAULT_SEED, schemes))


@pytest.fixture(scope="module")
def given() -> list[Given]:
    """The planted donations of three hospitals."""
    schemes = Schemes(planted_schemes(12))
    found = []
    for number in (1, 2, 4):
        planted = schemes.of(WinnersDonation, number)
        months = _months(number, [scheme.first for scheme, _ in planted], schemes)
        for (scheme, action), data in zip(planted, months, strict=True):
            rows = scheme_rows(data, schemes)["donation"]
            lot = next(s for s in schemes.all if s.scheme_id == action.of).subject_id
            place = [f"ZB{p}#1" for p in data.tenders.project_id.tolist()].index(lot)
            row = next(r for r in rows if ("sv_donation", r["donation_no"]) in scheme.evidence)
            opened = np.datetime64(int(data.tenders.open_time[place]) // DAY, "D").astype(date)
            bids = data.tenders.bid_project == place
            found.append(
                Given(
                    scheme,
                    row,
                    (opened - row["donate_date"]).days,
                    int((bids & ~data.tenders.bid_rejected).sum()),
                    bidders()[int(data.tenders.winner[place])].code,
                )
            )
            assert scheme.subject_id == f"{lot}|{row['supplier_code']}"
    assert len(found) == 7
    return found


def test_winners_give_so_many_days_before_the_opening(given: list[Given]) -> None:
    for found in given:
        assert isinstance(found.scheme.action, WinnersDonation)
        assert found.row["supplier_code"] == found.winner
        assert found.days == found.scheme.action.days
    donors = [found.winner for found in given if found.scheme.case == "true"]
    assert len(donors) == len(set(donors)), "who gives to many hospitals is guarded"
    assert WINDOW_DAYS in {found.days for found in given if found.scheme.case == "true"}


def test_few_bids_are_valid_where_the_prices_show_nothing(given: list[Given]) -> None:
    for found in given:
        assert isinstance(found.scheme.action, WinnersDonation)
        few = found.valid_bids <= MAX_VALID_BIDS
        patterned = found.scheme.action.of.startswith("PR06")
        expected = found.scheme.case != "near_miss" and not patterned
        assert few == expected, found.scheme.scheme_id


def test_only_the_guarded_donor_gives_to_three_hospitals() -> None:
    schemes = Schemes(planted_schemes(12))
    donors: dict[str, set[int]] = {}
    for number in (1, 2, 3):
        for data in _months(number, [Month(2025, 6), Month(2025, 9)], schemes):
            for row in scheme_rows(data, schemes)["donation"]:
                donors.setdefault(row["supplier_code"], set()).add(number)
    many = [code for code, where in donors.items() if len(where) >= MIN_HOSPITALS]
    (scheme,) = (
        s for s in schemes.all if isinstance(s.action, WinnersDonation) and s.action.others
    )
    assert many == [scheme.subject_id.partition("|")[2]]


def test_a_donor_to_three_hospitals_needs_three() -> None:
    def named(count: int) -> set[str]:
        return {s.scheme_id for s in planted_schemes(count) if s.indicator_id == "XS11"}

    assert named(3) - named(2) >= {"XS11-10"}
    assert "XS11-01" in named(2)
