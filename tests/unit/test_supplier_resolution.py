"""Records of suppliers joined by what they say, by their codes and by reviewers."""

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from qinglian.city.supplier_aliases import aliases, shells, supplier_truth
from qinglian.city.suppliers import AFFILIATES, distributors
from qinglian.evaluation.supplier_identity import measure_suppliers
from qinglian.evaluation.truth import read_truth
from qinglian.suppliers.clusters import Verdict
from qinglian.suppliers.credit_code import check_character
from qinglian.suppliers.model import model
from qinglian.suppliers.records import SupplierRecord
from qinglian.suppliers.resolve import resolve
from qinglian.suppliers.store import Resolution


def _code(serial: int) -> str:
    body = f"91500101MA{serial:07d}"
    return body + check_character(body)


def _record(org: str, code: str, name: str, **said: object) -> SupplierRecord:
    return SupplierRecord(f"{org}:{code}", org, code, "distributor", name, **said)  # type: ignore[arg-type]


#: Companies that have nothing to do with each other, so that a value's frequency means something.
OTHERS = [
    _record(
        "H9",
        f"Z{i}",
        f"重庆{a}{b}医药有限公司",
        uscc=_code(i),
        phone=f"p{i}",
        legal_rep=f"r{i}",
        account=f"a{i}",
        address=f"d{i}",
    )
    for i, (a, b) in enumerate((a, b) for a in "甲乙丙丁戊己" for b in "山水木火土金石")
]
FULL = _record(
    "H1",
    "S1",
    "重庆渝康医药有限公司",
    uscc=_code(900),
    phone="phone",
    legal_rep="rep",
    account="account",
    address="address",
)


def _resolved(*records: SupplierRecord, said: tuple[Verdict, ...] = ()) -> Resolution:
    return resolve([*records, *OTHERS], said, model())


def _ids(found: Resolution) -> Mapping[str, str]:
    return {record: supplier for record, *_, supplier in found.members}


def _outcome(found: Resolution, first: SupplierRecord, second: SupplierRecord) -> str | None:
    pair = tuple(sorted((first.record_id, second.record_id)))
    return next((outcome for a, b, _, outcome, _ in found.matches if (a, b) == pair), None)


def _alias(name: str, **said: object) -> SupplierRecord:
    return _record("H2", "A7", name, **said)


def _are_one(first: SupplierRecord, second: SupplierRecord, *said: Verdict) -> bool:
    ids = _ids(_resolved(first, second, said=said))
    return ids[first.record_id] == ids[second.record_id]


def test_a_company_under_other_spellings_is_one() -> None:
    assert _are_one(FULL, _alias("重慶渝康醫藥有限公司"))
    assert _are_one(FULL, _alias("重庆市渝康医药有限责任公司", phone="phone"))
    assert _are_one(FULL, _alias("渝康医药", phone="phone"))
    assert _are_one(FULL, _alias("重庆余康医药有限公司", account="account"))
    assert _are_one(FULL, _alias("渝康（重庆）医药有限公司", uscc=FULL.uscc))


def test_a_company_that_changed_its_name_keeps_its_code() -> None:
    renamed = _alias("四川天府医药有限公司", uscc=FULL.uscc, phone="phone", account="account")
    assert _are_one(FULL, renamed)


def test_two_credit_codes_are_two_companies_whatever_else_agrees() -> None:
    twin = replace(FULL, record_id="H2:S9", org_code="H2", supplier_code="S9", uscc=_code(901))
    found = _resolved(FULL, twin)
    assert _ids(found)["H1:S1"] != _ids(found)["H2:S9"]
    assert _outcome(found, FULL, twin) == "other_code"


def test_a_record_between_two_codes_joins_one_of_them() -> None:
    twin = replace(FULL, record_id="H2:S9", org_code="H2", supplier_code="S9", uscc=_code(901))
    ids = _ids(_resolved(FULL, twin, _alias(FULL.name, phone="phone")))
    assert ids["H1:S1"] != ids["H2:S9"]


def test_shared_keys_alone_make_affiliates_and_no_merge() -> None:
    shell = _alias(
        "四川天府医药有限公司",
        phone="phone",
        address="address",
        legal_rep="rep",
        account="account",
    )
    found = _resolved(FULL, shell)
    assert _outcome(found, FULL, shell) == "review"
    assert _ids(found)["H2:A7"] == "H2:A7"
    assert {(a, b, relation) for a, b, relation, _ in found.affiliations} == {
        (FULL.uscc, "H2:A7", relation)
        for relation in ("same_account", "same_legal_rep", "same_phone_and_address")
    }


def test_a_phone_that_many_give_joins_nobody() -> None:
    agent = [replace(other, phone="phone", address="address") for other in OTHERS]
    alias = _alias("渝康医药", phone="phone", address="address")
    found = resolve([FULL, alias, *agent], (), model())
    assert _ids(found)["H2:A7"] == "H2:A7"
    assert not found.affiliations


def test_owners_of_a_quarter_join_affiliates_and_smaller_ones_do_not() -> None:
    def relations(share: str) -> list[str]:
        records = [
            replace(FULL, owners=(("person", Decimal(share)),)),
            replace(
                OTHERS[0], record_id="H1:S2", uscc=_code(950), owners=(("person", Decimal(25)),)
            ),
        ]
        cleared = replace(
            records[1], phone=None, legal_rep=None, account=None, name="四川天府医药有限公司"
        )
        return [relation for _, _, relation, _ in _resolved(records[0], cleared).affiliations]

    assert relations("25.0000") == ["same_shareholder"]
    assert relations("24.9999") == []


def test_a_wrong_name_with_the_right_code_alone_is_left_to_a_reviewer() -> None:
    other = _alias("四川天府医药有限公司", uscc=FULL.uscc)
    found = _resolved(FULL, other)
    assert _ids(found)["H1:S1"] != _ids(found)["H2:A7"]


def test_reviewers_have_the_last_word_and_it_holds() -> None:
    alias = _alias("重庆市渝康医药有限责任公司", phone="phone")
    split = Verdict(*sorted((FULL.record_id, alias.record_id)), "split")
    assert not _are_one(FULL, alias, split)
    stranger = _alias("四川天府医药有限公司")
    confirm = Verdict(*sorted((FULL.record_id, stranger.record_id)), "confirm")
    assert _are_one(FULL, stranger, confirm)
    same = replace(FULL, record_id="H2:S1", org_code="H2")
    assert _are_one(FULL, same)
    assert not _are_one(FULL, same, Verdict("H1:S1", "H2:S1", "split"))


def test_a_split_holds_over_a_third_record() -> None:
    alias = _alias("重庆渝康医药有限公司", phone="phone")
    third = _record("H3", "B1", "重庆渝康医药有限公司", account="account")
    split = Verdict("H1:S1", "H2:A7", "split")
    ids = _ids(_resolved(FULL, alias, third, said=(split,)))
    assert ids["H1:S1"] != ids["H2:A7"]


def test_the_order_of_the_records_changes_nothing() -> None:
    records = [FULL, replace(FULL, record_id="H0:S1"), _alias("渝康医药", phone="phone"), *OTHERS]
    assert resolve(records, (), model()) == resolve(records[::-1], (), model())


def test_planted_spellings_and_shells_of_the_city_are_found(tmp_path: Path) -> None:
    path = tmp_path / "truth.json"
    path.write_text(json.dumps({"suppliers": supplier_truth()}), "utf-8")
    entries = [*distributors(), *(entry.supplier for entry in (*aliases(), *shells()))]
    records = [
        _record(
            "H1",
            entry.code,
            entry.name,
            uscc=entry.uscc or None,
            legal_rep=entry.owner_id or None,
            phone=entry.phone or None,
            account=entry.account or None,
            address=entry.address or None,
        )
        for entry in entries
    ]
    found = resolve(records, (), model())
    group = {supplier: supplier for *_, supplier in found.members}
    for first, second, *_ in found.affiliations:
        group[second] = group[first]
    # Which one controller stands behind is registered, and not on the suppliers' own records.
    controlled = [distributors()[place].uscc for place in AFFILIATES[0][:2]]
    group[controlled[1]] = group[controlled[0]]
    rows = [(code or "", company, group[company]) for _, _, code, _, _, company in found.members]
    measured = measure_suppliers(rows, read_truth(path))
    for kind in ("same", "affiliated"):
        assert (measured[kind].f1 or 0) >= 0.97, measured[kind]


def test_every_level_of_the_model_is_a_probability_and_the_levels_are_whole() -> None:
    for levels in model().comparisons.values():
        assert abs(sum(level.m for level in levels.values()) - 1) < 1e-9
        assert abs(sum(level.u for level in levels.values()) - 1) < 1e-3
    assert 0 < model().review_at < model().merge_at < 1
