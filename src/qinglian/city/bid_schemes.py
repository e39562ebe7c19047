"""Tenders that schemes add to a hospital's month: bidders, prices, and traces of who was behind."""

from dataclasses import replace

import numpy as np

from qinglian.city.calendar import DAY, Month, second_number
from qinglian.city.clinic import row_ids
from qinglian.city.draws import Floats, Purpose, stream
from qinglian.city.organisations import Hospital
from qinglian.city.schemes import ANYBODY, PlannedTender, Scheme, Schemes
from qinglian.city.suppliers import AFFILIATES, distributors
from qinglian.city.tender_bidders import bidders
from qinglian.city.tenders import SUBJECTS, Tenders

#: Identifiers of these tenders follow those of a hospital's own, every second number.
_FIRST_ID = 500
_YUAN = 100
#: Columns of a bid by the name of a trace; what follows an underline is how it is shared.
_COLUMNS = {
    "account": "deposit_account",
    "mac": "upload_mac",
    "disk": "disk_serial",
    "lock": "lock_no",
    "ip": "upload_ip",
    "agent": "agent_id",
    "author": "doc_author",
    "editor": "doc_editor",
    "simhash": "doc_simhash",
    "hash": "doc_hash",
}
#: Values that the bids of many firms show: what a template or a public terminal leaves.
_COMMON = {"author": "Administrator", "mac": "MAC0000", "ip": "10.99.0.8", "disk": "DSK0000"}
#: What a bid whose lines are another's comes to beside that.
_COPIED = 1.012
#: Fingerprints of texts that are nearly one, alike, and not alike: bits in which they differ.
_APART = {"near": 0b101, "alike": 0xFF, "unlike": 0xFFF}


def tender_subject(action: PlannedTender) -> tuple[str, str]:
    """Type and name of what a scheme is about; a lot gets its name while it is written."""
    if action.about.startswith("lot"):
        return action.about, ""
    pair = sorted(bidders()[position].code for position in action.bidders[:2])
    if action.about == "bidder_group":
        return "bidder_group", min(bidders()[position].code for position in action.bidders[:3])
    return action.about, "|".join(pair)


def with_planned_tenders(
    hospital: Hospital, tenders: Tenders, month: Month, seed: int, schemes: Schemes
) -> Tenders:
    """The month's tenders, those of the schemes after the hospital's own."""
    for place, (scheme, action) in enumerate(schemes.of(PlannedTender, hospital.number, month)):
        if action.outcome == "again":
            # The first try in which too few bid ends before the second is announced.
            first = replace(action, outcome="failed")
            tenders = _with(hospital, tenders, month, seed, scheme, first, 2 * place)
        tenders = _with(hospital, tenders, month, seed, scheme, action, 2 * place + 1)
    return tenders


def _with(
    hospital: Hospital,
    tenders: Tenders,
    month: Month,
    seed: int,
    scheme: Scheme,
    action: PlannedTender,
    place: int,
) -> Tenders:
    number = int(row_ids(hospital, month, 1, _FIRST_ID + 2 * place)[0])
    rng = stream(seed, Purpose.BID_SCHEMES, number % 10**9, month.serial)
    project, first_bid = len(tenders.project_id), len(tenders.bid_project)
    action = replace(action, bidders=_bidders(action, rng))
    subject = next(i for i, row in enumerate(SUBJECTS) if row[0] == action.category)
    low, high = SUBJECTS[subject][4:]
    budget = int(rng.uniform(low, high) / 1000) * 1000 * _YUAN
    prices = (budget * _shares(action, month, rng) / _YUAN).astype(np.int64) * _YUAN
    if action.prices == "thousands":
        prices = prices[0] // (1000 * _YUAN) * 1000 * _YUAN + np.arange(len(prices)) * 1000 * _YUAN
    count = len(action.bidders)
    rejected = np.isin(np.arange(count), action.rejected)
    failed = action.outcome == "failed"
    rank = np.zeros(count, dtype=np.int64)
    if not failed:
        order = np.argsort(np.where(rejected, np.iinfo(np.int64).max, prices), kind="stable")
        rank[order[: count - rejected.sum()]] = np.arange(count - rejected.sum()) + 1
    supplier = np.array(action.bidders)
    # A first try is announced so early that the second falls into the month as well.
    notice = second_number(month.first) + 9 * 3600 - (40 * DAY if failed else 0) + DAY
    opened = notice + 21 * DAY
    time = opened - rng.integers(1, 5, count) * DAY + rng.integers(-240, 240, count) * 60
    created = time - 9 * DAY
    for trace, sharing in action.shared:
        kind = trace.partition("_")[2]
        if trace in ("ip", "ip_common"):
            time[list(sharing)] = time[sharing[0]] + np.arange(len(sharing)) * 240
        if trace.startswith(("author", "editor")) and kind != "apart":
            created[list(sharing)] = created[sharing[0]] + np.arange(len(sharing)) * 180
    best = int(np.argmax(rank == 1))
    added = Tenders(
        own=0,
        project_id=np.array([number]),
        subject=np.array([subject]),
        budget=np.array([budget]),
        notice_time=np.array([notice]),
        open_time=np.array([opened]),
        winner=np.array([-1 if failed else supplier[best]]),
        award=np.array([0 if failed else prices[best]]),
        bid_project=np.full(count, project),
        bid_supplier=supplier,
        bid_amount=prices,
        bid_time=time,
        bid_rank=rank,
        bid_rejected=rejected,
        doc_created=created,
        traces=_traces(action, number, first_bid),
        like={first_bid + 1: first_bid} if action.lines != "own" else {},
        copied=frozenset({first_bid + 1} if action.lines == "copied" else ()),
    )
    _record(scheme, action, added, month)
    return _joined(tenders, added)


def _bidders(action: PlannedTender, rng: np.random.Generator) -> tuple[int, ...]:
    """Strangers take the places that a scheme leaves open: distributors without affiliates."""
    affiliated = {position for first, second, _ in AFFILIATES for position in (first, second)}
    named = set(action.bidders) | affiliated
    others = [p for p in rng.permutation(len(distributors())).tolist() if p not in named]
    return tuple(others.pop() if position == ANYBODY else position for position in action.bidders)


def _shares(action: PlannedTender, month: Month, rng: np.random.Generator) -> Floats:
    """Prices as shares of the budget, in the order of the bidders."""
    count = len(action.bidders)
    free: Floats = rng.uniform(0.82, 0.985, count)
    start, step = rng.uniform(0.84, 0.88), rng.uniform(0.02, 0.026)
    match action.prices:
        case "identical":
            free[1] = free[0]
        case "arithmetic":
            free = np.float64(start) + np.float64(step) * np.arange(count)
        case "geometric":
            free = np.float64(start) * np.float64(1 + step) ** np.arange(count)
        case "uneven":
            free = start + step * np.cumsum(np.resize([0.0, 1.0, 1.08, 0.92], count))
        case "cover" | "two_in_turn" | "three_in_turn":
            turns = {"cover": 1, "two_in_turn": 2, "three_in_turn": 3}[action.prices]
            above = rng.uniform(1.03, 1.09, count)
            above[month.serial % turns] = 1.0
            free = start * above
    if action.lines == "copied":
        # Only the last line, a fifteenth or more of the whole, makes up for the difference.
        free[1] = free[0] * _COPIED
    return free


def _traces(action: PlannedTender, number: int, first_bid: int) -> dict[tuple[int, str], str]:
    """Values of columns by row of a bid: those who share have what the first of them has."""
    found = {}
    for trace, sharing in action.shared:
        name, _, kind = trace.partition("_")
        holder = action.bidders[sharing[0]]
        for order, place in enumerate(sharing):
            key = first_bid + place, _COLUMNS[name]
            if kind == "common":
                found[key] = _COMMON[name]
            elif name == "simhash":
                found[key] = str((number << 12) ^ (_APART[kind] if order else 0))
            elif name == "agent":
                found[key] = bidders()[holder].owner_id
            elif name == "account":
                found[key] = bidders()[holder].account
            elif name == "ip":
                found[key] = f"10.20.1.{10 + holder}"
            else:
                found[key] = f"{name}{number}{holder}"
    return found


def _record(scheme: Scheme, action: PlannedTender, added: Tenders, month: Month) -> None:
    """Tell the truth of the lot: what it is called, who bid, what was awarded."""
    if action.outcome == "failed" and getattr(scheme.action, "outcome", "") == "again":
        return
    lot = f"ZB{added.project_id[0]}#1"
    if scheme.subject_type.startswith("lot"):
        scheme.subject_id = lot
    keys = [f"{lot}#{bidders()[position].code}" for position in action.bidders]
    # Of a pair or group at risk is what one of it was awarded, of a lot whatever was.
    meant = {"bidder_pair": 2, "bidder_group": 3}.get(action.about, len(action.bidders))
    at_risk = int(added.award[0]) if added.winner[0] in action.bidders[:meant] else 0
    scheme.record(month, "pr_bid", keys, at_risk)


def _joined(tenders: Tenders, added: Tenders) -> Tenders:
    arrays = {
        name: np.concatenate([getattr(tenders, name), getattr(added, name)])
        for name, value in vars(tenders).items()
        if isinstance(value, np.ndarray)
    }
    return Tenders(
        own=tenders.own,
        **arrays,
        signed_after=tenders.signed_after,
        reasons=tenders.reasons,
        supplements=tenders.supplements,
        traces=tenders.traces | added.traces,
        like=tenders.like | added.like,
        copied=tenders.copied | added.copied,
    )
