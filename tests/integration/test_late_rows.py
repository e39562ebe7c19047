"""A bid, order and receipt that come late change the leads they are about, and no other."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

from landed_warehouse import Warehouse
from one_indicator import checkout_with

from qinglian.settings import Settings
from qinglian.transform import run_dbt
from qinglian.warehouse.server import Server

NIGHT_ONE, NIGHT_TWO = date(2025, 6, 10), date(2025, 6, 11)
BUYER, TENDERER, STORE = "H50010300701", "H50010300702", "H50010300703"
#: They buy as well, so that the category of `BUYER` has peers, and nothing else happens there.
OTHERS = tuple(f"H5001030071{n}" for n in range(4))
INDICATORS = (
    "ind_pr01_supplier_concentration",
    "ind_pr05_low_competition",
    "ind_pr07_linked_bidders",
    "ind_pr13_invoice_mismatch",
)
#: Model by model: the rows that come late touch nothing that is built from batches alone.
BUILD = ("build", "--select", "+lead", "--exclude-resource-type", "unit_test")
SOLD = {"order_time": datetime(2025, 3, 3), "status": "done", "item_kind": "material", "qty": 1}
ACCOUNT = "a" * 64


def _orders(org: str, category: str, **lines: int) -> list[dict[str, Any]]:
    """So many lines of each supplier, of ten thousand."""
    return [
        {
            "org_code": org,
            "category_code": category,
            "order_id": f"{category}-{supplier}-{line}",
            "supplier_code": supplier,
            "amount": 10_000,
            **SOLD,
        }
        for supplier, count in lines.items()
        for line in range(count)
    ]


def _project(name: str) -> dict[str, Any]:
    """An open tender; each is in a category of its own."""
    return {
        "org_code": TENDERER,
        "project_id": name,
        "project_name": name,
        "category_code": name,
        "method": "open",
        "open_time": datetime(2025, 3, 5),
    }


def _bid(project: str, supplier: str, account: str | None = None) -> dict[str, Any]:
    return {
        "org_code": TENDERER,
        "project_id": project,
        "lot_no": "1",
        "supplier_code": supplier,
        "bid_amount": 9_000,
        "is_valid": True,
        "is_winner": supplier == "S1",
        "deposit_account_key": account,
    }


def _invoice(name: str) -> dict[str, Any]:
    """A thousand, for the receipt of the same name."""
    return {
        "org_code": STORE,
        "invoice_key": name,
        "invoice_no": name,
        "chain_level": 2,
        "invoice_date": date(2025, 3, 10),
        "amount": 1_000,
        "receipt_id": name,
    }


def _receipt(name: str, supplier: str, line: int, amount: int) -> dict[str, Any]:
    return {
        "org_code": STORE,
        "receipt_id": name,
        "line_no": line,
        "receipt_time": datetime(2025, 3, 8),
        "supplier_code": supplier,
        "item_kind": "material",
        "amount": amount,
    }


def _first_night(warehouse: Warehouse) -> None:
    """Two leads of each kind, of which a late row is to change one."""
    orgs = (BUYER, TENDERER, STORE, *OTHERS)
    warehouse.batch("his_org", NIGHT_ONE, [{"org_code": org, "org_name": org} for org in orgs])
    orders = [
        *_orders(BUYER, "stents", A=8, B=2, C=2),
        *_orders(BUYER, "lenses", A=8, B=2, C=2),
        *_orders(STORE, "stents", A=9, B=3),
    ]
    for org in OTHERS:
        for category in ("stents", "lenses"):
            orders += _orders(org, category, A=3, B=3, C=3, D=3)
    orders += _orders(TENDERER, "lenses", A=3, B=3, C=3, D=3)
    warehouse.batch("pr_order", NIGHT_ONE, orders)
    warehouse.batch("pr_project", NIGHT_ONE, [_project("T1"), _project("T2")])
    lots = [
        {
            "org_code": TENDERER,
            "project_id": project,
            "lot_no": "1",
            "outcome": "awarded",
            "winner_supplier_code": "S1",
            "award_amount": 9_000,
        }
        for project in ("T1", "T2")
    ]
    warehouse.batch("pr_lot", NIGHT_ONE, lots)
    bids = [_bid(project, supplier) for project in ("T1", "T2") for supplier in ("S1", "S2")]
    bids[0]["deposit_account_key"] = ACCOUNT
    warehouse.batch("pr_bid", NIGHT_ONE, bids)
    warehouse.batch("pr_invoice", NIGHT_ONE, [_invoice("R1"), _invoice("R2")])
    receipts = [_receipt("R1", "S1", 1, 600), _receipt("R2", "S2", 1, 600)]
    warehouse.batch("pr_receipt", NIGHT_ONE, receipts)


def _late(warehouse: Warehouse) -> None:
    """One row each, of a time that had long been read."""
    order = {**_orders(BUYER, "stents", D=1)[0], "amount": 60_000}
    warehouse.batch("pr_order", NIGHT_TWO, [order])
    warehouse.batch("pr_bid", NIGHT_TWO, [_bid("T1", "S3", ACCOUNT)])
    warehouse.batch("pr_receipt", NIGHT_TWO, [_receipt("R1", "S1", 2, 400)])


def _without_first_day(lead: dict[str, Any]) -> dict[str, Any]:
    """A build from nothing knows the first day from the register, which detections keep."""
    return {name: value for name, value in lead.items() if name != "first_seen_at"}


def test_late_rows_change_their_own_leads_and_a_rebuild_agrees(
    warehouse: Warehouse, server: Server, settings: Settings, tmp_path: Path
) -> None:
    settings = settings.model_copy(update={"root": checkout_with(tmp_path, *INDICATORS)})
    _first_night(warehouse)
    run_dbt(server, BUILD, NIGHT_ONE, settings)
    before = warehouse.lead_rows("marts")
    assert {(lead["org_code"], lead["subject_id"]) for lead in before} == {
        (BUYER, "stents|distributor"),
        (BUYER, "lenses|distributor"),
        (STORE, "stents|distributor"),
        (TENDERER, "T1#1"),
        (TENDERER, "T2#1"),
        (STORE, "other_amount|S1"),
        (STORE, "other_amount|S2"),
    }

    _late(warehouse)
    run_dbt(server, BUILD, NIGHT_TWO, settings)
    after = warehouse.lead_rows("marts")
    assert _changes(before, after) == {
        # A fourth company sells: the first has 80 of 180 thousand.
        ("gone", "PR01", BUYER, "stents|distributor"),
        # Three bidders are enough, and the third pays its deposit from the winner's account.
        ("gone", "PR05", TENDERER, "T1#1"),
        ("new", "PR07", TENDERER, "S1|S3"),
        # All that was invoiced has come.
        ("gone", "PR13", STORE, "other_amount|S1"),
    }

    run_dbt(server, BUILD, NIGHT_TWO, settings, known_on=NIGHT_TWO)
    rebuilt = warehouse.lead_rows(f"marts_known_{NIGHT_TWO:%Y%m%d}")
    assert list(map(_without_first_day, rebuilt)) == list(map(_without_first_day, after))


def _changes(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> set[tuple[str, str, str, str]]:
    """What came, went, or says something else than before but on which day it was seen last."""
    old, new = ({lead["lead_id"]: lead for lead in leads} for leads in (before, after))

    def of(how: str, leads: dict[str, Any], ids: set[str]) -> set[tuple[str, str, str, str]]:
        told = (leads[lead_id] for lead_id in ids)
        return {(how, t["indicator_id"], t["org_code"], t["subject_id"]) for t in told}

    other = {
        lead_id
        for lead_id in old.keys() & new.keys()
        if {**old[lead_id], "last_seen_at": None} != {**new[lead_id], "last_seen_at": None}
    }
    return (
        of("gone", old, old.keys() - new.keys())
        | of("new", new, new.keys() - old.keys())
        | of("other", new, other)
    )
