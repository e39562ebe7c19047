"""Suppliers that belong together: one owner, one legal representative, one account or place."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from qinglian.suppliers.model import Model
from qinglian.suppliers.records import SupplierRecord


@dataclass(frozen=True)
class Affiliation:
    """Two suppliers, what joins them, and how many suppliers the shared value joins."""

    first: str
    second: str
    relation: str
    shared_by: int


def find_affiliations(
    suppliers: Mapping[str, Iterable[SupplierRecord]], model: Model
) -> list[Affiliation]:
    """Affiliations of suppliers (id -> records), in order.

    A phone or an address alone joins nobody: offices and agents are shared by strangers.
    """
    holders: dict[tuple[str, object], set[str]] = defaultdict(set)
    for supplier_id, records in suppliers.items():
        for record in records:
            for value in _values(record, model):
                holders[value].add(supplier_id)
    return sorted(
        (
            Affiliation(first, second, relation, len(sharing))
            for (relation, _), sharing in holders.items()
            if 1 < len(sharing) <= model.most_suppliers
            for first, second in combinations(sorted(sharing), 2)
        ),
        key=lambda a: (a.first, a.second, a.relation, a.shared_by),
    )


def _values(record: SupplierRecord, model: Model) -> Iterator[tuple[str, object]]:
    for person, share in record.owners:
        if share >= model.share_pct:
            yield "same_shareholder", person
    if record.legal_rep:
        yield "same_legal_rep", record.legal_rep
    if record.account:
        yield "same_account", record.account
    if record.phone and record.address:
        yield "same_phone_and_address", (record.phone, record.address)
