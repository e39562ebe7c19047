"""Detection against truth: figures on hand-made cases, and what must hold for any ranking."""

import json
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from unittest.mock import create_autospec

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import Connection
from rich.console import Console

from qinglian.evaluation import render
from qinglian.evaluation.entities import (
    RankingComparison,
    compare_rankings,
    entities_in_schemes,
    lead_scores,
    spend_quartiles,
)
from qinglian.evaluation.matching import (
    Lead,
    indicator_results,
    matches,
    red_honest_outliers,
)
from qinglian.evaluation.page import render_page
from qinglian.evaluation.ranking import (
    audit_capacity,
    average_precision,
    dense_ranks,
    precision_at,
    precision_recall,
    ranking_quality,
    roc_auc,
    shuffled_control,
)
from qinglian.evaluation.report import DataDescription, EvaluationReport
from qinglian.evaluation.truth import Scheme, Truth, TruthFileError, read_truth


def scheme(
    scheme_id: str = "RX01-01",
    case: str = "true",
    subject_id: str = "D1",
    amount: str = "100",
    strength: str | None = "strong",
    start: date = date(2025, 3, 1),
    end: date = date(2025, 4, 30),
) -> Scheme:
    return Scheme(
        scheme_id, "RX01", case, strength, "H1", "doctor", subject_id, start, end, Decimal(amount)
    )


def lead(
    subject_id: str = "D1",
    month: int = 3,
    light: str = "yellow",
    amount: str = "30",
    org_code: str = "H1",
    indicator_id: str = "RX01",
) -> Lead:
    return Lead(
        indicator_id=indicator_id,
        org_code=org_code,
        subject_type="doctor",
        subject_id=subject_id,
        dept_code="K1",
        doctor_code=subject_id,
        period_start=date(2025, month, 1),
        period_end=date(2025, month, 28),
        light=light,
        risk_gross=Decimal(amount),
        family="prescribing",
    )


def truth(*schemes: Scheme) -> Truth:
    return Truth(Path("truth.json"), 7, schemes)


class TestAveragePrecision:
    """Hand-made orders with figures worked out on paper."""

    @pytest.mark.parametrize(
        ("scores", "relevant", "expected"),
        [
            ([4, 3, 2, 1], [True, True, False, False], 1.0),
            ([4, 3, 2, 1], [False, False, True, True], (1 / 3 + 2 / 4) / 2),
            ([4, 3, 2, 1], [True, False, True, False], (1 / 1 + 2 / 3) / 2),
            ([1, 1, 1, 1], [True, False, False, False], 1 / 4),
            ([2, 1, 1, 1], [False, True, False, True], 2 / 4),
        ],
    )
    def test_worked_cases(self, scores: list[float], relevant: list[bool], expected: float) -> None:
        result = average_precision(np.array(scores, dtype=float), np.array(relevant))
        assert result == pytest.approx(expected)

    def test_nothing_relevant_has_no_figure(self) -> None:
        assert average_precision(np.array([1.0, 2.0]), np.array([False, False])) is None


class TestRocAuc:
    @pytest.mark.parametrize(
        ("scores", "relevant", "expected"),
        [
            # Pairs won of four: 4, 0, 3 (the second relevant loses to one), and two ties of four.
            ([4, 3, 2, 1], [True, True, False, False], 1.0),
            ([4, 3, 2, 1], [False, False, True, True], 0.0),
            ([4, 3, 2, 1], [True, False, True, False], 3 / 4),
            ([2, 2, 1, 1], [True, False, True, False], (1 / 2 + 1 + 0 + 1 / 2) / 4),
            ([1, 1, 1, 1], [True, False, False, False], 1 / 2),
        ],
    )
    def test_worked_cases(self, scores: list[float], relevant: list[bool], expected: float) -> None:
        result = roc_auc(np.array(scores, dtype=float), np.array(relevant))
        assert result == pytest.approx(expected)

    @pytest.mark.parametrize("relevant", [[True, True], [False, False]])
    def test_without_a_pair_there_is_no_figure(self, relevant: list[bool]) -> None:
        assert roc_auc(np.array([2.0, 1.0]), np.array(relevant)) is None

    def test_agrees_with_counting_pairs(self) -> None:
        draw = np.random.default_rng(7)
        scores = draw.integers(0, 5, 60).astype(float)
        relevant = draw.random(60) < 0.3
        pairs = [
            1.0 if own > other else 0.5 if own == other else 0.0
            for own in scores[relevant]
            for other in scores[~relevant]
        ]
        assert roc_auc(scores, relevant) == pytest.approx(np.mean(pairs))


class TestAuditCapacity:
    @pytest.mark.parametrize(
        ("entities", "capacity"), [(0, 0), (1, 1), (20, 1), (21, 2), (40, 2), (128, 7)]
    )
    def test_is_a_twentieth_rounded_up(self, entities: int, capacity: int) -> None:
        assert audit_capacity(entities) == capacity

    def test_precision_is_that_of_the_first_so_many(self) -> None:
        # Two of forty: the first is relevant, the second is not.
        quality = ranking_quality(
            [(float(-place),) for place in range(40)], [True, False, True] + [False] * 37, ()
        )
        assert (quality.capacity, quality.precision_at_capacity) == (2, 0.5)

    def test_nobody_has_no_figure(self) -> None:
        quality = ranking_quality([], [], ())
        assert (quality.capacity, quality.precision_at_capacity) == (0, None)


class TestShuffledControl:
    def test_of_one_among_n_the_mean_is_that_of_every_place(self) -> None:
        # Alone at place k average precision is 1/k; over all places of four the mean is 25/48.
        scores = [(4.0,), (3.0,), (2.0,), (1.0,)]
        control = shuffled_control(scores, [True, False, False, False], shuffles=20_000)
        assert control is not None
        assert control.mean == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4) / 4, abs=0.01)
        assert (control.low, control.high) == (1 / 4, 1)

    def test_is_the_same_every_time_and_knows_nothing_of_the_labels(self) -> None:
        scores = [(float(place),) for place in range(30)]
        first = shuffled_control(scores, [True] * 10 + [False] * 20)
        assert first == shuffled_control(scores, [True] * 10 + [False] * 20)
        assert first is not None
        assert first.low < 1 / 3 < first.high < 1

    def test_nothing_relevant_has_no_control(self) -> None:
        assert shuffled_control([(1.0,)], [False]) is None


def test_precision_and_recall_down_to_each_score() -> None:
    scores = [(3.0,), (2.0,), (2.0,), (1.0,)]
    assert precision_recall(scores, [True, False, True, False]) == (
        (0.5, 1.0),
        (1.0, 2 / 3),
        (1.0, 0.5),
    )
    assert precision_recall(scores, [False] * 4) == ()


class TestPrecisionAt:
    @pytest.mark.parametrize(
        ("scores", "relevant", "k", "expected"),
        [
            ([4, 3, 2, 1], [True, False, True, False], 1, 1.0),
            ([4, 3, 2, 1], [True, False, True, False], 2, 0.5),
            ([4, 3, 2, 1], [True, False, True, False], 3, 2 / 3),
            ([2, 1, 1, 1], [True, True, False, False], 2, (1 + 1 / 3) / 2),
            ([0, 0, 0, 0], [True, False, False, False], 2, 1 / 4),
        ],
    )
    def test_worked_cases(
        self, scores: list[float], relevant: list[bool], k: int, expected: float
    ) -> None:
        result = precision_at(np.array(scores, dtype=float), np.array(relevant), k)
        assert result == pytest.approx(expected)

    def test_fewer_entities_than_k_have_no_figure(self) -> None:
        assert precision_at(np.array([1.0]), np.array([True]), 5) is None

    def test_k_below_one_is_refused(self) -> None:
        with pytest.raises(ValueError, match="at least 1"):
            precision_at(np.array([1.0]), np.array([True]), 0)


ranked = st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=40)


class TestRankingInvariants:
    @given(ranked)
    def test_order_of_rows_does_not_matter(self, rows: list[tuple[int, bool]]) -> None:
        forward = ranking_quality([(s,) for s, _ in rows], [r for _, r in rows], (3,))
        rows = rows[::-1]
        backward = ranking_quality([(s,) for s, _ in rows], [r for _, r in rows], (3,))
        assert forward == backward

    @given(ranked)
    def test_only_the_order_of_scores_matters(self, rows: list[tuple[int, bool]]) -> None:
        relevant = [r for _, r in rows]
        plain = ranking_quality([(s,) for s, _ in rows], relevant, (3,))
        stretched = ranking_quality([(float(np.exp(s)) - 7,) for s, _ in rows], relevant, (3,))
        assert plain == stretched

    @given(ranked)
    def test_bounds_and_base_rate(self, rows: list[tuple[int, bool]]) -> None:
        relevant = [r for _, r in rows]
        quality = ranking_quality([(s,) for s, _ in rows], relevant, (1, len(rows)))
        assert quality.precision_at[len(rows)] == pytest.approx(quality.base_rate)
        if quality.average_precision is not None:
            assert 0 < quality.average_precision <= 1

    @given(st.lists(st.booleans(), min_size=1, max_size=40).filter(any))
    def test_equal_scores_give_the_base_rate_and_the_truth_gives_one(
        self, relevant: list[bool]
    ) -> None:
        equal = ranking_quality([(0,)] * len(relevant), relevant, ())
        assert equal.average_precision == pytest.approx(equal.base_rate)
        assert ranking_quality([(float(r),) for r in relevant], relevant, ()).average_precision == 1

    @given(ranked.filter(lambda rows: any(r for _, r in rows)))
    def test_raising_a_relevant_entity_never_lowers_the_figure(
        self, rows: list[tuple[int, bool]]
    ) -> None:
        relevant = [r for _, r in rows]
        before = ranking_quality([(s,) for s, _ in rows], relevant, ()).average_precision
        first = relevant.index(True)
        raised = [(s if i != first else 99,) for i, (s, _) in enumerate(rows)]
        after = ranking_quality(raised, relevant, ()).average_precision
        assert before is not None
        assert after is not None
        assert after >= before - 1e-12

    def test_tuples_compare_from_left_to_right(self) -> None:
        assert dense_ranks([(1, 0, 5), (0, 9, 9), (1, 0, 5), (1, 1, 0)]).tolist() == [1, 0, 1, 2]

    def test_scores_and_labels_of_different_length_are_refused(self) -> None:
        with pytest.raises(ValueError, match="2 scores for 1 entities"):
            ranking_quality([(1,), (2,)], [True], ())


class TestMatching:
    def test_last_and_first_common_day_match(self) -> None:
        assert matches(lead(month=3), scheme(start=date(2025, 3, 28), end=date(2025, 5, 1)))
        assert not matches(lead(month=3), scheme(start=date(2025, 3, 29), end=date(2025, 5, 1)))
        assert matches(lead(month=3), scheme(start=date(2025, 1, 1), end=date(2025, 3, 1)))
        assert not matches(lead(month=3), scheme(start=date(2025, 1, 1), end=date(2025, 2, 28)))

    @pytest.mark.parametrize(
        "other", [lead(subject_id="D2"), lead(org_code="H2"), lead(indicator_id="RX03")]
    )
    def test_another_subject_place_or_indicator_does_not(self, other: Lead) -> None:
        assert not matches(other, scheme())

    def test_figures_of_one_indicator(self) -> None:
        schemes = truth(
            scheme("found", amount="50"),
            scheme("missed", subject_id="D2", strength="weak"),
            scheme("near", case="near_miss", subject_id="D3"),
            scheme("guard", case="guarded", subject_id="D4"),
            scheme("quiet_guard", case="guarded", subject_id="D5"),
        )
        leads = [
            lead(month=3),
            lead(month=4),
            lead(subject_id="D3"),
            lead(subject_id="D4"),
            lead(subject_id="D9"),
        ]
        (result,) = indicator_results(leads, schemes)
        assert (result.planted, result.found, result.recall) == (2, 1, 0.5)
        assert result.missed == ("missed",)
        assert result.found_by_strength == {"strong": (1, 1), "weak": (0, 1)}
        assert (result.leads, result.leads_true, result.precision) == (5, 2, 0.4)
        assert (result.amount_planted, result.amount_found) == (Decimal(150), Decimal(50))
        assert result.near_misses_fired == ("near",)
        assert (result.guarded, result.guarded_fired) == (2, ("guard",))

    def test_an_indicator_without_schemes_or_leads_has_no_share(self) -> None:
        (without_leads,) = indicator_results([], truth(scheme()))
        assert (without_leads.recall, without_leads.precision) == (0.0, None)
        (without_schemes,) = indicator_results([lead()], truth())
        assert (without_schemes.recall, without_schemes.precision) == (None, 0.0)

    def test_an_honest_outlier_may_be_yellow_and_not_red(self) -> None:
        schemes = truth(scheme("honest", case="honest_outlier"))
        assert red_honest_outliers([lead(light="yellow")], schemes) == ()
        assert red_honest_outliers([lead(light="red", subject_id="D2")], schemes) == ()
        assert red_honest_outliers([lead(light="red", indicator_id="BL03")], schemes) == ("honest",)


class TestEntities:
    def test_score_counts_red_leads_then_indicators_then_amount(self) -> None:
        leads = [lead(light="red"), lead(month=4), lead(subject_id="D2", indicator_id="RX03")]
        assert lead_scores(leads, "doctor") == {
            ("H1", "D1"): (1.0, 1.0, 60.0),
            ("H1", "D2"): (0.0, 1.0, 30.0),
        }
        assert lead_scores(leads, "department") == {("H1", "K1"): (1.0, 2.0, 90.0)}
        assert lead_scores(leads, "hospital") == {("H1", ""): (1.0, 2.0, 90.0)}

    def test_all_rankings_judge_the_same_entities(self) -> None:
        spend = {("H1", f"D{i}"): Decimal(i) for i in range(10)}
        leads = lead_scores([lead(subject_id="D1"), lead(subject_id="gone")], "doctor")
        scores = {("H1", "D2"): (3.0,), ("H1", "D1"): (2.0,), ("H1", "D3"): (0.0,)}
        in_schemes = {("H1", "D1"), ("H1", "gone")}
        comparison = compare_rankings("doctor", spend, scores, leads, in_schemes)
        by_score, by_leads, by_spend = comparison.rankings
        assert comparison.unscored == 7
        for ranking in comparison.rankings:
            assert (ranking.quality.entities, ranking.quality.relevant) == (10, 1)
        # D1 comes second by score, first by leads, ninth by spend.
        assert by_score.quality.average_precision == pytest.approx(1 / 2)
        assert by_leads.quality.average_precision == 1
        assert by_spend.quality.average_precision == pytest.approx(1 / 9)
        assert by_spend.quality.roc_auc == pytest.approx(1 / 9)

    def test_quartiles_run_from_least_to_most_spend(self) -> None:
        spend = {("H1", f"D{i}"): Decimal(i) for i in range(8)}
        assert [spend_quartiles(spend)["H1", f"D{i}"] for i in range(8)] == [
            *(0, 0, 1, 1, 2, 2, 3, 3)
        ]
        assert spend_quartiles({}) == {}
        comparison = compare_rankings("doctor", spend, {}, {}, {("H1", "D7"), ("H1", "D2")})
        by_spend = comparison.rankings[2]
        relevant = [(quality.relevant, quality.entities) for quality in by_spend.quartiles]
        assert relevant == [(0, 2), (1, 2), (0, 2), (1, 2)]
        # D2 is the smaller of its quartile, D7 the greater.
        figures = [quality.average_precision for quality in by_spend.quartiles]
        assert figures == [None, 1 / 2, None, 1]

    def test_equal_spend_is_parted_the_same_way_every_time(self) -> None:
        spend = {("H1", code): Decimal(1) for code in "dcba"}
        assert spend_quartiles(spend) == {
            ("H1", "a"): 0, ("H1", "b"): 1, ("H1", "c"): 2, ("H1", "d"): 3,
        }  # fmt: skip

    def test_a_doctor_is_in_a_scheme_with_a_product_or_a_measure_too(self) -> None:
        alone = scheme(subject_id="D1")
        with_product = replace(alone, subject_type="doctor_product", subject_id="D2|drug|maker")
        with_measure = replace(alone, subject_type="doctor_series", subject_id="D4|log_amount_herb")
        elsewhere = replace(alone, subject_type="charge_item", subject_id="D3")
        connection = create_autospec(Connection)
        schemes = [alone, with_product, with_measure, elsewhere]
        found = entities_in_schemes(connection, schemes, "doctor")
        assert found == {("H1", "D1"), ("H1", "D2"), ("H1", "D4")}
        assert entities_in_schemes(connection, [elsewhere], "hospital") == {("H1", "")}

    def test_a_department_is_in_a_scheme_with_a_measure_of_its_costs_too(self) -> None:
        alone = replace(scheme(subject_id="K1"), subject_type="department")
        with_measure = replace(
            alone, subject_type="department_cost", subject_id="K2|inpatient|drug_share"
        )
        hospital = replace(alone, subject_type="hospital_cost", subject_id="H1|inpatient|ct_share")
        connection = create_autospec(Connection)
        connection.execute.return_value.fetchall.return_value = []
        found = entities_in_schemes(connection, [alone, with_measure, hospital], "department")
        assert found == {("H1", "K1"), ("H1", "K2")}


class TestTruthFile:
    def test_reads_what_the_city_writes(self, tmp_path: Path) -> None:
        raw = {
            "scheme_id": "RX01-01",
            "indicator_id": "RX01",
            "case": "near_miss",
            "strength": None,
            "org_code": "H1",
            "subject_type": "doctor",
            "subject_id": "D1",
            "period_start": "2025-03-01",
            "period_end": "2025-04-30",
            "amount": 1234.56,
            "note": "…",
            "evidence": [],
        }
        path = tmp_path / "truth.json"
        path.write_text(json.dumps({"seed": 7, "schemes": [raw]}), "utf-8")
        read = read_truth(path)
        assert (read.seed, read.clean) == (7, False)
        assert read.of_case("near_miss", "RX01")[0].amount == Decimal("1234.56")
        assert read.of_case("true") == ()

    def test_a_clean_city_says_so(self, tmp_path: Path) -> None:
        path = tmp_path / "truth.json"
        path.write_text(json.dumps({"seed": 7, "clean": True, "schemes": []}), "utf-8")
        assert read_truth(path).clean

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("not json", "make the city first"),
            ('{"schemes": [{"scheme_id": "X"}]}', "X: KeyError"),
        ],
    )
    def test_says_what_is_wrong(self, tmp_path: Path, content: str, message: str) -> None:
        path = tmp_path / "truth.json"
        path.write_text(content, "utf-8")
        with pytest.raises(TruthFileError, match=message):
            read_truth(path)

    def test_an_unknown_case_is_refused(self, tmp_path: Path) -> None:
        row = {
            "scheme_id": "X", "indicator_id": "RX01", "case": "maybe", "org_code": "H1",
            "subject_type": "doctor", "subject_id": "D1",
            "period_start": "2025-03-01", "period_end": "2025-03-31",
        }  # fmt: skip
        path = tmp_path / "truth.json"
        path.write_text(json.dumps({"schemes": [row]}), "utf-8")
        with pytest.raises(TruthFileError, match="case 'maybe'"):
            read_truth(path)


class TestReport:
    def report(self) -> EvaluationReport:
        leads = [lead(), lead(subject_id="D3", light="red")]
        schemes = truth(scheme(), scheme("near", case="near_miss", subject_id="D3"))
        spend = {("H1", "D1"): Decimal(1), ("H1", "D2"): Decimal(2)}
        compared = compare_rankings(
            "doctor", spend, {("H1", "D1"): (2.5,)}, lead_scores(leads, "doctor"), {("H1", "D1")}
        )
        return EvaluationReport(
            data=DataDescription(
                "127.0.0.1:5432/qinglian", "truth.json", 7, False, 2, 12,
                date(2025, 1, 1), date(2025, 12, 1), 1000, 2, date(2026, 1, 31),
            ),
            indicators=indicator_results(leads, schemes),
            honest_outliers=1,
            honest_outliers_red=("RX03-honest",),
            rankings=(compared, RankingComparison("hospital", 0, compared.rankings)),
        )  # fmt: skip

    def test_json_holds_the_figures_and_the_data(self) -> None:
        content = json.loads(json.dumps(self.report().to_json()))
        assert content["data"]["seed"] == 7
        assert content["data"]["first_month"] == "2025-01-01"
        assert content["indicators"][0]["recall"] == 1.0
        assert content["indicators"][0]["precision"] == 0.5
        assert content["indicators"][0]["amount_found"] == "30"
        by_score, _, by_spend = content["rankings"][0]["rankings"]
        assert (by_score["method"], by_spend["method"]) == ("score", "spend")
        assert by_score["quality"]["base_rate"] == 0.5
        assert by_score["quality"]["precision_at"]["5"] is None
        assert (by_score["quality"]["roc_auc"], by_spend["quality"]["roc_auc"]) == (1.0, 0.0)
        assert by_score["control"]["shuffles"] == 1000

    def test_text_names_data_figures_and_faults(self) -> None:
        console = Console(width=160, record=True)
        console.print(render(self.report()))
        text = console.export_text()
        assert "seed 7" in text
        assert "RX01" in text
        assert "near misses fired: near" in text
        assert "honest outliers red: 1/1 RX03-honest" in text

    def test_page_holds_figures_and_plots_and_loads_nothing(self) -> None:
        page = render_page(self.report())
        assert "seed 7" in page
        assert "RX01 临界误报 near misses fired: near" in page
        # Control and indicators, and two plots for each kind of entity.
        assert page.count("<svg") == page.count("</svg>") == 6
        assert "得分 score" in page
        assert not re.search(r"<(script|link|img|iframe)|@import|url\(\s*['\"]?http", page)
        assert re.findall(r"(?:src|href)=\"(?!#)[^\"]*\"", page) == []

    def test_a_clean_city_is_called_so(self) -> None:
        report = self.report()
        clean = replace(report, data=replace(report.data, clean=True))
        console = Console(width=500, record=True)
        console.print(render(clean))
        said = "Nothing irregular was planted, the cases are honest: all 2 leads are false, 1 red."
        assert said in console.export_text()
        assert said in render_page(clean)
        assert "Nothing irregular was planted" not in render_page(report)

    def test_without_true_schemes_the_page_has_no_figures_but_stands(self) -> None:
        nobody = compare_rankings("doctor", {("H1", "D1"): Decimal(1)}, {}, {}, set())
        for ranking in nobody.rankings:
            assert (ranking.control, ranking.precision_recall) == (None, ())
            assert ranking.quality.average_precision is None
        page = render_page(replace(self.report(), rankings=(nobody,), indicators=()))
        assert page.count("<svg") == 4

    def test_page_of_the_same_report_is_the_same(self) -> None:
        assert render_page(self.report()) == render_page(self.report())
