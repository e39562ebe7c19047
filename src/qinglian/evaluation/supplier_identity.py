"""Identities of suppliers measured against what the city says of its register."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations

from psycopg import Connection

from qinglian.evaluation.truth import Truth
from qinglian.suppliers.quality import Quality

Pairs = set[frozenset[str]]


def supplier_identity(connection: Connection, truth: Truth) -> dict[str, Quality]:
    """Pairs of codes joined to one company (`same`), of companies to one group (`affiliated`).

    Only codes that some organisation has on file count. Empty where the truth says nothing.
    """
    rows = connection.execute(
        "select distinct supplier_code, supplier_id, supplier_group_id from core.dim_supplier"
    ).fetchall()
    return measure_suppliers(rows, truth)


def measure_suppliers(rows: Iterable[tuple[str, str, str]], truth: Truth) -> dict[str, Quality]:
    """`supplier_identity` of rows of code, company and group."""
    if truth.same_suppliers is None or truth.affiliated_suppliers is None:
        return {}
    listed = list(rows)
    on_file = {code for code, *_ in listed}
    company = {code: min(pair) for pair in _known(truth.same_suppliers, on_file) for code in pair}
    joined = _together((code, of_company) for code, of_company, _ in listed)
    grouped = _together((company.get(code, code), group) for code, _, group in listed)
    affiliated = _known(truth.affiliated_suppliers, on_file)
    behind = {frozenset(company.get(code, code) for code in pair) for pair in affiliated}
    return {
        "same": _agreement(joined, _known(truth.same_suppliers, on_file)),
        "affiliated": _agreement(grouped, behind),
    }


def _known(pairs: Iterable[frozenset[str]], on_file: set[str]) -> Pairs:
    return {pair for pair in pairs if pair <= on_file}


def _together(placed: Iterable[tuple[str, str]]) -> Pairs:
    """Pairs of different codes that stand in one place."""
    holders: dict[str, set[str]] = defaultdict(set)
    for code, place in placed:
        holders[place].add(code)
    return {frozenset(pair) for codes in holders.values() for pair in combinations(codes, 2)}


def _agreement(found: Pairs, true: Pairs) -> Quality:
    return Quality(len(found & true), len(found - true), len(true - found))
