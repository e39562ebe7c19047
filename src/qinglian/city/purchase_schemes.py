"""What schemes do to projects, contracts and payments; their subjects come while writing."""

from dataclasses import dataclass

from qinglian.city.schemes import NamedWhileWriting

PETTY, INTRA, SINGLE = "petty", "intra_hospital", "single_source"


@dataclass(frozen=True)
class SplitPurchases(NamedWhileWriting):
    """One department's purchases of a category, `yuan` each, on `days` after the scheme's start.

    `suppliers` and `reasons` go round. `by_year` gives them one budget project, which is the
    subject; else the department and category are. `excess` is what exceeds the limit, in yuan.
    """

    practice: str
    subject: str
    method: str
    yuan: tuple[int, ...]
    days: tuple[int, ...]
    suppliers: tuple[int, ...]
    by_year: bool = False
    reasons: tuple[str | None, ...] = (None,)
    excess: int = 0


@dataclass(frozen=True)
class SingleSource(NamedWhileWriting):
    """One purchase a month from a single source, published `publicity_days` before its contract.

    `suppliers` go round. about: project (each one), supplier (all from the first one), hospital
    (the share of single sources among all purchases).
    """

    practice: str
    yuan: int
    suppliers: tuple[int, ...]
    publicity_days: int
    reason: str | None
    about: str = "project"


@dataclass(frozen=True)
class BunchedPurchases(NamedWhileWriting):
    """Petty purchases a month at `yuan` each, from suppliers and departments that go round."""

    yuan: tuple[int, ...]


@dataclass(frozen=True)
class TenderTimes(NamedWhileWriting):
    """The hospital's last own tender of the month has one of its times moved.

    `notice` is how many days lie between notice and deadline, `late_bid` hours after the deadline
    at which the winner bids, `signed` days from the opening to the contract (the result is told
    after two and published until the fifth), `reason` what is on file. 0 leaves a time as it is;
    `rule` is what it is about.
    """

    rule: str
    notice: int = 0
    late_bid: int = 0
    signed: int = 0
    reason: str | None = None


@dataclass(frozen=True)
class LateFramework(NamedWhileWriting):
    """The year's framework of a category and its first supplier is signed on a day of the year."""

    needs_all_months = False

    category: str
    day: int


@dataclass(frozen=True)
class BackdatedOrders(NamedWhileWriting):
    """Orders of a category at its first supplier are written `after` days after the delivery."""

    needs_all_months = False

    category: str
    after: int


@dataclass(frozen=True)
class GrownContract(NamedWhileWriting):
    """The contract of the month's last own tender grows by supplements.

    `shares` are parts of its amount that supplements add, `paid` what is paid beyond all of it. The
    final account of works settles otherwise: the tender is for works or for something else.
    """

    shares: tuple[float, ...] = ()
    paid: float = 0.0
    works: bool = False
