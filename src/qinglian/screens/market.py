"""The bids of one market, read from a table with a row a bid.

Labels are no part of a market: nothing that is computed from it can see them.
"""

import csv
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np

from qinglian.screens.price import Floats

#: Names that a column goes by, compared without case and signs. The first two roles are needed.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "tender": ("tender", "tenderid", "lot", "lotid", "lotno", "auction"),
    "price": ("bidvalue", "bidamount", "bidprice", "price", "amount"),
    "bidder": ("competitors", "competitor", "bidder", "bidderid", "suppliercode", "firm"),
    "consortium": ("consortium",),
    "winner": ("winner", "iswinner"),
    "date": ("date", "opentime", "bidtime", "day", "year"),
    "estimate": ("pretenderestimatepte", "pretenderestimate", "pte", "estimate"),
    "over_estimate": ("differencebidpte",),
    "place": ("site", "place", "region", "buyer", "orgcode"),
}
_NEEDED = ("tender", "price")

#: Unix seconds outside 1900 to 2100 are no date: files write a missing one as the smallest number.
_FIRST_SECOND, _LAST_SECOND = -2_208_988_800, 4_102_444_800
_SECONDS_A_DAY = 86_400
_MISSING = frozenset({"", "na", "nan", "null", "none", "nat"})


class MarketFileError(ValueError):
    """A file of bids cannot be read; the message names file, column, row and remedy."""


@dataclass(frozen=True)
class Tender:
    """One tender (or lot). Rows that share a consortium's number are one offer by several firms.

    `prices`: every recorded bid; `offers`: one price an offer; both in the order of the rows.
    `bidders`: who bid at the price of the same place, None where unknown, empty without identities.
    `winners`: places in `prices` of the recorded winner. `time`: Unix seconds.
    `level`: lowest price as a multiple of the buyer's estimate.
    """

    tender_id: str
    prices: Floats
    offers: Floats
    bidders: tuple[str | None, ...] = ()
    winners: tuple[int, ...] = ()
    time: float | None = None
    level: float | None = None
    place: str | None = None


@dataclass(frozen=True)
class Market:
    """The tenders of one market, and what its file does not say.

    `columns`: the file's column for each role it has. `unusable_prices`: bids left out since they
    state no price above zero.
    """

    name: str
    tenders: tuple[Tender, ...]
    columns: Mapping[str, str]
    unusable_prices: int = 0
    undated_tenders: int = 0

    @property
    def bids(self) -> int:
        """Number of bids with a price."""
        return sum(len(tender.prices) for tender in self.tenders)

    @property
    def has_bidders(self) -> bool:
        """Whether bids say whose they are."""
        return any(tender.bidders for tender in self.tenders)


Row = Mapping[str, str]


def read_rows(path: Path) -> tuple[list[Row], tuple[str, ...]]:
    """The rows of a CSV file (comma or semicolon, UTF-8) and its column names.

    Raises `MarketFileError` where the file is absent, empty, no text, or a row is too long.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = file.readline()
            file.seek(0)
            delimiter = ";" if ";" in header and "," not in header else ","
            reader = csv.DictReader(file, delimiter=delimiter, strict=True)
            rows = list(reader)
            names = tuple(reader.fieldnames or ())
    except OSError as error:
        raise MarketFileError(
            f"{path}: cannot be opened ({error.strerror}); give the path of a CSV file"
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise MarketFileError(
            f"{path}: cannot be read as CSV in UTF-8 ({error}); save it as such"
        ) from error
    for number, row in enumerate(rows, start=2):
        if None in row:
            raise MarketFileError(
                f"{path}, row {number}: more values than the header has columns; "
                "put texts that hold the delimiter in double quotes"
            )
    if not rows:
        raise MarketFileError(f"{path}: no row below the header; a row a bid is needed")
    return [{key: (value or "").strip() for key, value in row.items()} for row in rows], names


def find_column(names: Iterable[str], aliases: Sequence[str]) -> str | None:
    """The first column that goes by one of the aliases, in the order of the aliases."""
    plain = {_plain(name): name for name in names}
    return next((plain[alias] for alias in aliases if alias in plain), None)


def is_missing(text: str) -> bool:
    """Whether a cell says that there is nothing."""
    return text.lower() in _MISSING


def read_market(path: Path) -> Market:
    """The market of a CSV file with a row a bid; see `COLUMNS` for what it may hold.

    Bids without a price above zero are left out and counted. Raises `MarketFileError` without a
    column for tender or price, for a price that is no number, and for a row without its tender.
    """
    rows, names = read_rows(path)
    found = {role: find_column(names, aliases) for role, aliases in COLUMNS.items()}
    columns = {role: name for role, name in found.items() if name is not None}
    for role in _NEEDED:
        if role not in columns:
            raise MarketFileError(
                f"{path}: no column for the {role}; name one {COLUMNS[role][0]!r} or another of "
                f"{', '.join(COLUMNS[role])}. Columns: {', '.join(names)}"
            )
    grouped: dict[str, list[_Bid]] = {}
    unusable = 0
    for number, row in enumerate(rows, start=2):
        bid = _Bid.read(path, number, row, columns)
        if bid.price > 0:
            grouped.setdefault(bid.tender_id, []).append(bid)
        else:
            unusable += 1
    if not grouped:
        raise MarketFileError(
            f"{path}, column {columns['price']}: no bid has a price above zero; "
            "amounts belong here, in one currency"
        )
    if "bidder" in columns and not _identifies(grouped.values()):
        del columns["bidder"]
    tenders = tuple(_tender(name, bids, "bidder" in columns) for name, bids in grouped.items())
    undated = sum(tender.time is None for tender in tenders)
    return Market(path.name, tenders, columns, unusable, undated)


@dataclass(frozen=True)
class _Bid:
    """One row; `price` is 0 where none above zero is stated."""

    tender_id: str
    price: float
    bidder: str | None
    consortium: str | None
    won: bool
    time: float | None
    level: float | None
    place: str | None

    @classmethod
    def read(cls, path: Path, number: int, row: Row, columns: Mapping[str, str]) -> "_Bid":
        def cell(role: str) -> str | None:
            text = row[columns[role]] if role in columns else ""
            return None if is_missing(text) else text

        def amount(role: str) -> float | None:
            text = cell(role)
            if text is None:
                return None
            try:
                return float(text.replace(",", ""))
            except ValueError:
                raise MarketFileError(
                    f"{path}, row {number}, column {columns[role]}: {text!r} is no number; "
                    "write it with a decimal point and without units, or leave it empty"
                ) from None

        tender_id = cell("tender")
        if tender_id is None:
            raise MarketFileError(
                f"{path}, row {number}, column {columns['tender']}: empty; "
                "every bid needs the number of its tender"
            )
        price = amount("price")
        price = price if price is not None and math.isfinite(price) and price > 0 else 0.0
        estimate, over = amount("estimate"), amount("over_estimate")
        level = price / estimate if estimate is not None and estimate > 0 else None
        if level is None and over is not None:
            level = 1 + over
        consortium = cell("consortium")
        return cls(
            tender_id,
            price,
            cell("bidder"),
            None if _says_no(consortium) else consortium,
            not _says_no(cell("winner")),
            _time(cell("date")),
            level,
            cell("place"),
        )


def _identifies(tenders: Iterable[Sequence[_Bid]]) -> bool:
    """Whether the column says who bid: a number of bidders is the same on all rows of a tender."""
    several = [bids for bids in tenders if len(bids) > 1]
    same = sum(len({bid.bidder for bid in bids}) == 1 for bids in several)
    return not several or same < len(several) / 2


def _tender(tender_id: str, bids: Sequence[_Bid], has_bidders: bool) -> Tender:
    offers = {(bid.consortium, bid.price) for bid in bids if bid.consortium is not None}
    alone = [bid.price for bid in bids if bid.consortium is None]
    lowest = min(bids, key=lambda bid: bid.price)
    times = [bid.time for bid in bids if bid.time is not None]
    places = Counter(bid.place for bid in bids if bid.place is not None)
    return Tender(
        tender_id,
        prices=np.array([bid.price for bid in bids]),
        offers=np.array(alone + sorted(price for _, price in offers)),
        bidders=tuple(bid.bidder for bid in bids) if has_bidders else (),
        winners=tuple(place for place, bid in enumerate(bids) if bid.won),
        time=min(times) if times else None,
        level=lowest.level,
        place=max(sorted(places), key=places.__getitem__) if places else None,
    )


def _says_no(text: str | None) -> bool:
    return text is None or text.lower() in {"0", "0.0", "false", "no"}


def _time(text: str | None) -> float | None:
    """Unix seconds of a number or a date; None for what is neither, or no time of a tender."""
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        day = _day(text)
        if day is None:
            return None
        seconds = float((day - date(1970, 1, 1)).days * _SECONDS_A_DAY)
    return seconds if _FIRST_SECOND <= seconds <= _LAST_SECOND else None


def _day(text: str) -> date | None:
    """2005-01-31, 2005/01/31 (a time may follow), 31.01.2005 or 31/01/2005."""
    first = text[:10].replace("/", "-").replace(".", "-")
    for layout in ("%Y-%m-%d", "%d-%m-%Y"):
        try:
            return datetime.strptime(first, layout).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    return None


def _plain(name: str) -> str:
    return "".join(sign for sign in name.lower() if sign.isalnum())
