"""The collusion score on drawn markets: what it finds, what must not change it, bad files."""

import inspect
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from qinglian.cli import app
from qinglian.evaluation.collusion import evaluate_collusion, read_labels, resampled_figures
from qinglian.evaluation.ranking import average_precision, roc_auc
from qinglian.screens.market import Market, MarketFileError, Tender, read_market
from qinglian.screens.report import screen_market
from qinglian.screens.score import score_market, within_market


def _competitive(draw: np.random.Generator, number: int, bids: int) -> Tender:
    prices = draw.normal(1000, 80, bids)
    firms = [f"F{firm}" for firm in draw.choice(40, bids, replace=False)]
    return Tender(str(number), prices, prices, tuple(firms), time=number * 86_400.0)


def _collusive(draw: np.random.Generator, number: int, bids: int) -> Tender:
    """A winner, and covers 4 % above it within one per cent."""
    prices = np.r_[1100.0, draw.normal(1150, 8, bids - 1)]
    firms = [f"C{firm}" for firm in draw.choice(9, bids, replace=False)]
    return Tender(str(number), prices, prices, tuple(firms), time=number * 86_400.0)


def _market(seed: int, tenders: int = 90, shuffled: bool = False) -> tuple[Market, np.ndarray]:
    """A third of the tenders rigged, in the middle of the period or anywhere."""
    draw = np.random.default_rng(seed)
    rigged = np.zeros(tenders, dtype=bool)
    rigged[tenders // 3 : 2 * tenders // 3] = True
    if shuffled:
        rigged = draw.permutation(rigged)
    make = [_collusive if one else _competitive for one in rigged]
    made = tuple(make[n](draw, n, int(draw.integers(4, 9))) for n in range(tenders))
    return Market("drawn", made, {}), rigged


def _scores(market: Market, without: tuple[str, ...] = ()) -> np.ndarray:
    scores = score_market(market, without).tenders
    return np.array([np.nan if score.score is None else score.score for score in scores])


@pytest.mark.parametrize("shuffled", [False, True])
def test_a_planted_cartel_stands_out(shuffled: bool) -> None:
    market, rigged = _market(1, shuffled=shuffled)
    auc = roc_auc(_scores(market), rigged)
    assert auc is not None
    assert auc > 0.95


def test_contexts_find_what_the_own_bids_hide() -> None:
    """Weak traces in every tender of a ring add up over its tenders."""
    draw = np.random.default_rng(4)
    tenders, rigged = [], []
    for number in range(200):
        ring = bool(draw.random() < 0.3)
        prices = draw.normal(1000, 45 if ring else 60, 6)
        firms = [f"{'C' if ring else 'F'}{firm}" for firm in draw.choice(8, 6, replace=False)]
        tenders.append(Tender(str(number), prices, prices, tuple(firms)))
        rigged.append(ring)
    market, labels = Market("weak", tuple(tenders), {}), np.array(rigged)
    alone, together = (
        roc_auc(_scores(market, ("bidders",)), labels),
        roc_auc(_scores(market), labels),
    )
    assert alone is not None
    assert together is not None
    assert together > alone + 0.05


def test_contexts_without_meaning_get_no_weight() -> None:
    draw = np.random.default_rng(6)
    market = Market("even", tuple(_competitive(draw, n, 6) for n in range(200)), {})
    variances = score_market(market).variances
    assert variances["noise"] > 5 * (variances["time"] + variances["bidders"])


def test_scoring_takes_no_labels() -> None:
    assert set(inspect.signature(score_market).parameters) == {"market", "without"}
    fields = {*Market.__dataclass_fields__, *Tender.__dataclass_fields__}
    assert not {name for name in fields if "label" in name or "collus" in name}


def _changed(market: Market, factor: float) -> Market:
    return replace(
        market,
        tenders=tuple(
            replace(t, prices=t.prices * factor, offers=t.offers * factor) for t in market.tenders
        ),
    )


@settings(max_examples=8, deadline=None)
@given(st.floats(0.001, 10_000))
def test_the_unit_of_money_changes_no_score(factor: float) -> None:
    market, _ = _market(2, 45)
    np.testing.assert_allclose(_scores(_changed(market, factor)), _scores(market), atol=1e-3)


@settings(max_examples=8, deadline=None)
@given(st.permutations(range(45)))
def test_neither_names_nor_order_change_a_score(order: list[int]) -> None:
    market, _ = _market(3, 45)
    renamed = tuple(
        replace(
            market.tenders[place],
            tender_id=f"T{number}",
            offers=market.tenders[place].offers[::-1],
            bidders=tuple(f"x{bidder}" for bidder in market.tenders[place].bidders),
        )
        for number, place in enumerate(order)
    )
    again = _scores(replace(market, tenders=renamed))
    np.testing.assert_allclose(again, _scores(market)[order], atol=1e-3)


def test_a_tender_with_one_bid_is_scored_by_what_surrounds_it() -> None:
    market, _ = _market(7)
    middle = market.tenders[45]
    single = replace(middle, prices=middle.prices[:1], offers=middle.prices[:1])
    bidders = replace(single, bidders=middle.bidders[:1])
    scored = score_market(replace(market, tenders=(*market.tenders[:45], bidders)))
    last = scored.tenders[-1]
    assert last.own is None
    assert last.score is not None
    assert last.missing["cover"] == "losing_bids_have_no_spread"
    alone = replace(bidders, bidders=(), time=None)
    unknown = score_market(replace(market, tenders=(*market.tenders[:45], alone))).tenders[-1]
    assert unknown.score is None
    assert unknown.reason == "no_component_and_no_surroundings"


def test_too_small_a_market_gives_reasons_instead_of_scores() -> None:
    market, _ = _market(8, 9)
    scores = score_market(market)
    assert scores.components == ()
    assert {score.score for score in scores.tenders} == {None}
    assert scores.tenders[0].missing["spread"] == "too_few_tenders"


def test_percentiles_share_ties() -> None:
    places = within_market(np.array([2.0, np.nan, 1.0, 2.0]))
    np.testing.assert_allclose(places, [2 / 3, np.nan, 1 / 6, 2 / 3])


HEADER = "Tender,Bid_value,Competitors,Date,Consortium,Winner,Collusive_competitor\n"


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "bids.csv"
    path.write_text(text, "utf-8")
    return path


def test_members_of_a_consortium_make_one_offer(tmp_path: Path) -> None:
    rows = "1,100,A,917568000,1,1,0\n1,100,B,917568000,1,1,0\n1,120,C,917568000,0,0,0\n"
    (tender,) = read_market(_file(tmp_path, HEADER + rows)).tenders
    assert list(tender.prices) == [100, 100, 120]
    assert sorted(tender.offers) == [100, 120]
    assert tender.bidders == ("A", "B", "C")
    assert tender.winners == (0, 1)
    assert tender.time == 917568000


def test_few_columns_are_enough(tmp_path: Path) -> None:
    market = read_market(_file(tmp_path, "tender;bid_value\n1;100\n1;120\n2;90\n"))
    assert [tender.tender_id for tender in market.tenders] == ["1", "2"]
    assert not market.has_bidders
    assert market.undated_tenders == 2


def test_a_number_of_bidders_is_no_bidder(tmp_path: Path) -> None:
    market = read_market(
        _file(tmp_path, "Tender,Bid_value,Competitors\n1,9,2\n1,8,2\n2,7,2\n2,6,2\n")
    )
    assert not market.has_bidders


def test_bids_without_a_price_are_left_out_and_counted(tmp_path: Path) -> None:
    market = read_market(_file(tmp_path, "Tender,Bid_value\n1,100\n1,0\n1,\n1,NaN\n1,-5\n1,110\n"))
    assert list(market.tenders[0].prices) == [100, 110]
    assert market.unusable_prices == 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Tender,Price_x\n1,2\n", "no column for the price"),
        ("Tender,Bid_value\n1,ten\n", r"row 2, column Bid_value: 'ten' is no number; write it"),
        ("Tender,Bid_value\n1,2\n,3\n", r"row 3, column Tender: empty; every bid needs"),
        ("Tender,Bid_value\n1,2,3\n", r"row 2: more values than the header"),
        ("Tender,Bid_value\n", "no row below the header"),
        ("Tender,Bid_value\n1,0\n", "no bid has a price above zero"),
    ],
)
def test_a_bad_file_says_where_and_what_to_do(tmp_path: Path, text: str, message: str) -> None:
    path = _file(tmp_path, text)
    with pytest.raises(MarketFileError, match=message) as raised:
        read_market(path)
    assert str(path) in str(raised.value)


def test_a_file_that_is_not_there_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(MarketFileError, match="cannot be opened"):
        read_market(tmp_path / "none.csv")


def test_a_label_of_one_bid_is_the_tenders(tmp_path: Path) -> None:
    rows = "1,5,A,1,0,0,0\n1,6,B,1,0,0,1.0\n2,5,A,1,0,0,0\n3,5,A,1,0,0,\n"
    column, labels = read_labels(_file(tmp_path, HEADER + rows))
    assert column == "Collusive_competitor"
    assert labels == {"1": {True, False}, "2": {False}, "3": frozenset()}


def test_labels_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MarketFileError, match=r"row 2, column Collusive_competitor: 'maybe'"):
        read_labels(_file(tmp_path, HEADER + "1,5,A,1,0,0,maybe\n"))
    with pytest.raises(MarketFileError, match="no column for the label"):
        evaluate_collusion(_file(tmp_path, "Tender,Bid_value\n1,2\n1,3\n"))
    with pytest.raises(MarketFileError, match="all tenders have the same label"):
        evaluate_collusion(_file(tmp_path, HEADER + "1,5,A,1,0,0,1\n1,6,B,1,0,0,1\n"))


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.booleans(), st.integers(1, 3)), min_size=2, max_size=12
    ).filter(lambda rows: len({label for _, label, _ in rows}) == 2)
)
def test_resampled_figures_are_those_of_repeated_tenders(
    rows: list[tuple[int, bool, int]],
) -> None:
    scores, labels, times = (np.array(column) for column in zip(*rows, strict=True))
    found = resampled_figures(scores.astype(float), labels, times[np.newaxis, :])
    repeated = np.repeat(scores, times).astype(float), np.repeat(labels, times)
    assert found[0, 0] == pytest.approx(roc_auc(*repeated))
    assert found[1, 0] == pytest.approx(average_precision(*repeated))


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    market, rigged = _market(9, 60)
    rows = [
        f"{tender.tender_id},{price:.2f},{bidder},{tender.time},0,0,{int(label)}\n"
        for tender, label in zip(market.tenders, rigged, strict=True)
        for price, bidder in zip(tender.prices, tender.bidders, strict=True)
    ]
    return _file(tmp_path, HEADER + "".join(rows))


def test_the_labels_of_a_file_change_no_score(labelled: Path) -> None:
    before = screen_market(read_market(labelled), with_subgroups=False).scores
    labelled.write_text(labelled.read_text("utf-8").replace(",1\n", ",0\n"), "utf-8")
    assert screen_market(read_market(labelled), with_subgroups=False).scores == before


def test_evaluate_collusion_as_a_command(labelled: Path) -> None:
    result = CliRunner().invoke(app, ["evaluate", "collusion", str(labelled), "--json"])
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert (report["tenders"], report["collusive"]) == (60, 20)
    assert report["base_rate"] == pytest.approx(1 / 3)
    by_name = {(m["kind"], m["name"]): m["figures"] for m in report["measured"]}
    score = by_name["score", "score"]
    assert [figure["min_bids"] for figure in score] == [2, 3, 4]
    assert score[-1]["roc_auc"] > 0.95
    low, high = score[-1]["roc_auc_interval"]
    assert low <= score[-1]["roc_auc"] <= high
    assert {"cv", "rd", "co_bidding_excess", "identical_pairs"} <= {n for _, n in by_name}
    assert ("baseline", "number_of_bids") in by_name
    assert ("group", "cv_4_median") in by_name
    text = CliRunner().invoke(app, ["evaluate", "collusion", str(labelled)])
    assert text.exit_code == 0
    assert "number_of_bids" in text.stdout


def test_screens_as_a_command(labelled: Path, tmp_path: Path) -> None:
    table = tmp_path / "screens.csv"
    result = CliRunner().invoke(app, ["screens", str(labelled), "--json", "--csv", str(table)])
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert len(report["tenders"]) == 60
    first = report["tenders"][0]
    assert 0 < first["score"] < 1
    assert set(first["percentiles"]) == {"spread", "losing_spread", "cover"}
    assert first["missing"] == {"level": "no_estimate"}
    assert isinstance(report["network"]["pairs"], list)
    lines = table.read_text("utf-8-sig").splitlines()
    assert len(lines) == 61
    assert lines[0].startswith("tender_id,bids,offers,score")


def test_a_bad_file_ends_the_commands(tmp_path: Path) -> None:
    path = _file(tmp_path, "Tender,Bid_value\n1,ten\n")
    for command in (["screens"], ["evaluate", "collusion"]):
        result = CliRunner().invoke(app, [*command, str(path)])
        assert result.exit_code == 1
        assert "'ten' is no number" in result.output.replace("\n", "")
