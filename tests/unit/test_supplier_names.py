"""Names of suppliers: taken apart, compared, and measured on pairs that others have judged."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qinglian.settings import repository_root
from qinglian.suppliers.credit_code import CHARACTERS, check_character, is_credit_code
from qinglian.suppliers.name_comparison import NameLevel, compare_names
from qinglian.suppliers.names import parse_name
from qinglian.suppliers.numerals import with_digits
from qinglian.suppliers.pairs import PairsFileError, evaluate_pairs

DATA = Path(
    os.environ.get("QINGLIAN_EXTERNAL_DATA") or repository_root() / "../shared/data"
).resolve()
PAIRS = DATA / "organisation_names" / "pairs.csv"

BODIES = st.builds(
    "{}{:06d}{}".format,
    st.text(CHARACTERS, min_size=2, max_size=2),
    st.integers(0, 999_999),
    st.text(CHARACTERS, min_size=9, max_size=9),
)


@pytest.mark.parametrize(
    # Codes that companies publish in their prospectuses.
    "code",
    ["91440300708461136T", "914403001922038216"],
)
def test_codes_of_real_companies_are_right(code: str) -> None:
    assert is_credit_code(code)


@given(BODIES, st.integers(0, 16), st.sampled_from(CHARACTERS))
def test_any_one_mistaken_sign_breaks_a_credit_code(body: str, place: int, sign: str) -> None:
    code = body + check_character(body)
    assert is_credit_code(code)
    mistaken = code[:place] + sign + code[place + 1 :]
    assert is_credit_code(mistaken) == (mistaken == code)


@pytest.mark.parametrize("text", ["", "91440300708461136", "91440300708461136I", "9" * 18])
def test_what_is_no_credit_code(text: str) -> None:
    assert not is_credit_code(text)


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("brigade forty four", "brigade 44"),
        ("1st division", "1 division"),
        ("third fund xiv", "3 fund 14"),
        ("i love capital ix", "i love capital 9"),
        ("twenty thirty", "20 30"),
    ],
)
def test_numbers_are_read_however_they_are_written(words: str, read: str) -> None:
    assert with_digits(words.split()) == read.split()


@pytest.mark.parametrize(
    ("name", "stem", "place", "trade"),
    [
        ("重庆市万和医药有限责任公司", "万和", "重庆", "医药"),
        ("国药控股（重庆）有限公司", "国药", "重庆", "控股"),
        ("国药控股重庆有限公司", "国药", "重庆", "控股"),
        ("上海复星医药（集团）股份有限公司", "复星", "上海", "医药"),
        ("广西壮族自治区柳州市盛通醫療設備有限公司", "盛通", "柳州", "医疗器械"),
        ("瑞达制药", "瑞达", "", "制药"),
    ],
)
def test_a_chinese_name_has_four_parts(name: str, stem: str, place: str, trade: str) -> None:
    parsed = parse_name(name)
    assert (parsed.compact, parsed.place, parsed.trade) == (stem, place, trade)


@pytest.mark.parametrize(
    ("first", "second", "level"),
    [
        ("渝康医药有限公司", "渝康醫藥有限公司", NameLevel.SAME),
        ("渝康医药(有限公司)", "渝康医药　有限公司", NameLevel.SAME),
        ("国药控股（重庆）有限公司", "国药控股重庆有限公司", NameLevel.SAME),
        ("渝康医药有限公司", "渝康医药", NameLevel.FORM),
        ("清川渝康医药有限公司", "清川市渝康医药有限责任公司", NameLevel.SPELLING),
        ("重庆渝康医药有限公司", "重庆余康医药有限公司", NameLevel.SPELLING),
        ("重庆渝康医药有限公司", "重庆渝康医疗器械有限公司", NameLevel.RELATED),
        ("重庆渝康医药有限公司", "北京渝康医药有限公司", NameLevel.RELATED),
        ("重庆医药股份有限公司", "重庆医药股份有限公司渝中分公司", NameLevel.RELATED),
        ("清川渝康医药有限公司", "渝康医药有限公司", NameLevel.PARTIAL),
        ("渝康医药有限公司", "渝康医药股份有限公司", NameLevel.DIFFERENT),
        ("上海医疗器械有限公司", "北京医疗器械有限公司", NameLevel.DIFFERENT),
        ("重庆渝康医药有限公司", "重庆渝安医药有限公司", NameLevel.DIFFERENT),
        ("Hengrui Pharma Co., Ltd.", "HENGRUI PHARMA LIMITED", NameLevel.FORM),
        ("Zentiva, k.s. L.L.C.", "Zentiva k.s. LLC", NameLevel.SAME),
        ("ООО Медтехника", "OOO Medtekhnika", NameLevel.SAME),
        ("Hospital Supply Brigade Forty-Four", "Hospital Supply Brigade 44", NameLevel.SAME),
        ("Good Will Supplies", "Goodwill Supplies", NameLevel.SPELLING),
        ("Medtronik Holding", "Medtronic Holding", NameLevel.SPELLING),
        ("North East Surgical Supplies", "NESS", NameLevel.SPELLING),
        ("Surgical Supplies 1", "Surgical Supplies 2", NameLevel.DIFFERENT),
        ("Health Fund II L.P.", "Health Fund III L.P.", NameLevel.RELATED),
        ("Medica GmbH", "Medica AG", NameLevel.DIFFERENT),
        ("UPS Health", "UBS Health", NameLevel.DIFFERENT),
        ("Medica Services Ltd", "Medica Ltd", NameLevel.DIFFERENT),
        ("Medica", "Medica Europe GmbH", NameLevel.SPELLING),
        ("Medica GmbH", "Medica Europe GmbH", NameLevel.DIFFERENT),
        ("（ ）", "渝康医药", NameLevel.DIFFERENT),
    ],
)
def test_names_are_as_near_as_they_should_be(first: str, second: str, level: NameLevel) -> None:
    assert compare_names(first, second).level == level
    assert compare_names(second, first).level == level


NAMES = st.text(
    st.sampled_from("上海重庆市渝康医药有限公司集团分（）abcAB &.-12IVLtdé"), max_size=16
)


@given(NAMES, NAMES)
def test_comparison_is_symmetric_and_a_name_is_its_own(first: str, second: str) -> None:
    assert compare_names(first, second).level == compare_names(second, first).level
    if parse_name(first).compact:
        assert compare_names(first, first).level == NameLevel.SAME


def test_pairs_that_others_have_judged() -> None:
    if not PAIRS.is_file():
        pytest.skip(f"external data is not at {DATA}; set QINGLIAN_EXTERNAL_DATA")
    report = evaluate_pairs(PAIRS)
    assert len(report.pairs) == 266
    assert (report.same.f1 or 0) >= 0.90
    assert (report.same.precision or 0) >= 0.90


def test_the_measure_counts_what_was_joined(tmp_path: Path) -> None:
    file = tmp_path / "pairs.csv"
    file.write_text(
        "schema,name1,name2,is_match\n"
        "Company,渝康医药,渝康医药有限公司,true\n"
        "Company,渝康医药,川药医药,true\n"
        "Company,渝康医药,渝康醫藥,false\n"
        "Company,渝康医药,川药医药,false\n"
        "Person,张三,张三,false\n",
        "utf-8",
    )
    measured = evaluate_pairs(file).same
    assert (measured.true_positives, measured.false_positives, measured.false_negatives) == (
        1,
        1,
        1,
    )
    assert measured.precision == measured.recall == measured.f1 == 0.5


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("name1,name2\na,b\n", "is_match"),
        ("name1,name2,is_match\na,b,maybe\n", "maybe"),
        ("name1,name2,is_match\n", "no pair"),
    ],
)
def test_a_file_that_is_no_pairs_file_says_why(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "pairs.csv"
    file.write_text(content, "utf-8")
    with pytest.raises(PairsFileError, match=said):
        evaluate_pairs(file)
