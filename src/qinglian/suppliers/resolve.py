"""The resolution of suppliers: reads all records, joins them, keeps what it found and why."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from qinglian.suppliers import store
from qinglian.suppliers.affiliates import Affiliation, find_affiliations
from qinglian.suppliers.clusters import Outcome, Verdict, cluster
from qinglian.suppliers.matching import Match, evidence_json, find_matches
from qinglian.suppliers.model import Model, model
from qinglian.suppliers.records import SupplierRecord, digest, read_records
from qinglian.warehouse.server import Server

#: Number of the advisory lock that a resolution holds.
_ONE_AT_A_TIME = 7_100_003


@dataclass(frozen=True)
class ResolutionReport:
    """Records and suppliers of the latest resolution; `was_needed` unless nothing had changed."""

    records: int
    suppliers: int
    was_needed: bool


def resolve_suppliers(server: Server, at: datetime, as_of: date) -> ResolutionReport:
    """Resolve anew when records, reviewers' decisions or the model changed since the last time.

    `at` is when that is, `as_of` the business date whose shareholders count.
    """
    with server.connect("loader") as connection:
        connection.execute("select pg_advisory_xact_lock(%s)", (_ONE_AT_A_TIME,))
        records = read_records(connection, as_of)
        said = store.verdicts(connection)
        input_digest = digest([*records, *map(_as_record, said)])
        if store.latest_digest(connection) == (input_digest, model().version):
            row = connection.execute(
                "select records, suppliers from ops.supplier_resolution"
                " order by resolution_id desc limit 1"
            ).fetchone() or (0, 0)
            return ResolutionReport(row[0], row[1], was_needed=False)
        found = resolve(records, said, model())
        store.save(connection, found, input_digest, model().version, at)
    return ResolutionReport(len(records), found.suppliers, was_needed=True)


def _as_record(verdict: Verdict) -> SupplierRecord:
    """A decision is part of what the digest covers."""
    return SupplierRecord(verdict.first, None, verdict.second, "", verdict.action)


def resolve(
    records: Sequence[SupplierRecord], said: Sequence[Verdict], parameters: Model
) -> store.Resolution:
    """Suppliers, matches and affiliations of some records. Pure: same input, same result."""
    judged = {record for verdict in said for record in (verdict.first, verdict.second)}
    profile_of = {r.record_id: _profile(r, judged) for r in records}
    by_profile: dict[str, list[SupplierRecord]] = defaultdict(list)
    for record in sorted(records, key=lambda record: record.record_id):
        by_profile[profile_of[record.record_id]].append(record)
    profiles = {profile: same[0] for profile, same in by_profile.items()}
    matches = find_matches(profiles, parameters)
    verdicts = [
        (profile_of[v.first], profile_of[v.second], v.action)
        for v in said
        if v.first in profile_of and v.second in profile_of
    ]
    groups, outcomes = cluster(profiles, matches, verdicts, parameters)
    suppliers = dict(_identified(groups, by_profile))
    return store.Resolution(
        members=_members(suppliers),
        matches=_matches(profiles, matches, outcomes),
        affiliations=_fewest(find_affiliations(suppliers, parameters)),
        suppliers=len(suppliers),
    )


def _profile(record: SupplierRecord, judged: set[str]) -> str:
    """A record that a reviewer spoke of is compared by itself, whoever says the same."""
    return record.profile + (f"|{record.record_id}" if record.record_id in judged else "")


def _identified(
    groups: Iterable[Sequence[str]], by_profile: Mapping[str, Sequence[SupplierRecord]]
) -> Iterable[tuple[str, list[SupplierRecord]]]:
    """Supplier ids: the credit code, else the smallest record id; a split may leave one twice."""
    taken: set[str] = set()
    for group in groups:
        records = [record for profile in group for record in by_profile[profile]]
        codes = sorted({record.uscc for record in records if record.uscc} - taken)
        supplier_id = codes[0] if codes else min(_own_ids(records))
        taken.add(supplier_id)
        yield supplier_id, records


def _own_ids(records: Sequence[SupplierRecord]) -> list[str]:
    known = [r.record_id for r in records if r.org_code is not None]
    return known or [r.record_id for r in records]


def _members(
    suppliers: Mapping[str, Sequence[SupplierRecord]],
) -> list[tuple[str, str | None, str | None, str, str, str]]:
    return sorted(
        (r.record_id, r.org_code, r.supplier_code, r.role, r.name, supplier_id)
        for supplier_id, records in suppliers.items()
        for r in records
    )


def _matches(
    profiles: Mapping[str, SupplierRecord], matches: Sequence[Match], outcomes: Sequence[Outcome]
) -> list[tuple[str, str, float, str, str]]:
    """Rows of pairs worth keeping: improbable ones say nothing."""
    rows = []
    for match, outcome in zip(matches, outcomes, strict=True):
        if outcome == Outcome.APART:
            continue
        a, b = sorted((profiles[match.first].record_id, profiles[match.second].record_id))
        rows.append((a, b, match.probability, str(outcome), evidence_json(match)))
    return rows


def _fewest(found: Iterable[Affiliation]) -> list[tuple[str, str, str, int]]:
    """One row a pair and relation: that of the value which fewest share."""
    rows: dict[tuple[str, str, str], int] = {}
    for a in found:
        rows.setdefault((a.first, a.second, a.relation), a.shared_by)
    return [(*key, shared_by) for key, shared_by in rows.items()]
