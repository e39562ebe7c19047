"""Matters to be rectified in the synthetic city, without a database."""

from datetime import timedelta

import pytest

from qinglian.city.calendar import history
from qinglian.city.draws import Purpose
from qinglian.city.generate import DEFAULT_SEED, months_of, people_of
from qinglian.city.office import Office, Row
from qinglian.city.organisations import hospitals
from qinglian.city.oversight import notices
from qinglian.city.planted import planted_schemes
from qinglian.city.rectifications import closed_matters
from qinglian.city.register import planted_indicators, scheme_rows
from qinglian.city.schemes import ClosedMatter, Scheme, Schemes

RELAPSE_DAYS = timedelta(days=180)
SCALE = 0.1


@pytest.fixture(scope="module")
def closed() -> list[tuple[Scheme, ClosedMatter, Row, Row]]:
    """Each planted matter, with its notice and its row in the register."""
    schemes = Schemes(planted_schemes(12))
    found = []
    for number in (1, 3, 6, 10):
        hospital = hospitals(12, SCALE)[number - 1]
        patients, staff = people_of(hospital, DEFAULT_SEED, schemes)
        for scheme, action in schemes.of(ClosedMatter, number):
            month = months_of(hospital, staff, patients, [scheme.first], DEFAULT_SEED, schemes)
            rows = closed_matters(next(month), schemes)
            place = [r["item_id"] for r in rows["rectify_item"]].index(scheme.subject_id)
            found.append((scheme, action, rows["notice"][place], rows["rectify_item"][place]))
    assert len(found) == 8
    return found


def test_matters_are_about_the_subject_of_their_scheme_and_closed_in_order(
    closed: list[tuple[Scheme, ClosedMatter, Row, Row]],
) -> None:
    others = {scheme.scheme_id: scheme for scheme in planted_schemes(12)}
    for scheme, action, notice, matter in closed:
        about = others[action.of]
        assert about.hospital == scheme.hospital
        assert matter["indicator_code"] == (action.indicator or about.indicator_id)
        assert matter["doc_id"] == notice["doc_id"]
        assert matter["object_code"]
        assert (matter["state_code"], matter["close_date"]) == ("40", action.on)
        assert notice["issue_date"] < matter["submit_date"] <= matter["review_date"] <= action.on
        assert ("sv_rectification", matter["item_id"]) in scheme.evidence


def test_only_true_matters_recur_within_half_a_year_of_their_closing(
    closed: list[tuple[Scheme, ClosedMatter, Row, Row]],
) -> None:
    others = {scheme.scheme_id: scheme for scheme in planted_schemes(12)}
    too_late_by = set()
    for scheme, action, _, _ in closed:
        about = others[action.of]
        months = [m for m in history(12) if about.covers(m) and m.first > action.on]
        in_time = [m for m in months if m.first <= action.on + RELAPSE_DAYS]
        recurs = bool(in_time) and not action.indicator
        assert recurs == (scheme.case == "true"), scheme.scheme_id
        if months and not in_time:
            too_late_by.add((months[0].first - action.on - RELAPSE_DAYS).days)
    assert too_late_by == {1}


def test_a_planted_matter_stands_in_the_register_beside_the_visits() -> None:
    schemes = Schemes(planted_schemes(12))
    hospital = hospitals(12, SCALE)[0]
    patients, staff = people_of(hospital, DEFAULT_SEED, schemes)
    scheme = schemes.of(ClosedMatter, 1)[0][0]
    month = next(months_of(hospital, staff, patients, [scheme.first], DEFAULT_SEED, schemes))
    assert scheme.subject_id == ""
    rows = scheme_rows(month, schemes)
    assert rows["rectify_item"][0]["item_id"] == scheme.subject_id
    assert rows["visit_log"]


def test_no_other_matter_names_an_indicator_with_a_planted_case() -> None:
    schemes = Schemes(planted_schemes(12))
    hospital = hospitals(12, SCALE)[0]
    _, staff = people_of(hospital, DEFAULT_SEED, schemes)
    planted = planted_indicators(hospital, schemes)

    def named(without: frozenset[str]) -> set[str | None]:
        desks = [
            (Office.open(hospital, staff, DEFAULT_SEED, Purpose.OVERSIGHT, month), month)
            for month in history(12)
        ]
        return {
            row["indicator_code"]
            for desk, month in desks
            for row in notices(desk, month, without)["rectify_item"]
        }

    assert named(frozenset()) & planted
    assert not named(planted) & planted
