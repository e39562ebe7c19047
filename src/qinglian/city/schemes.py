"""Planted truth: what is irregular on purpose, what only looks so, and when.

A scheme names its hospital, months and action; the modules that make the data ask for the actions
of a hospital and month, and report back the rows that they touched.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, TypeVar

from qinglian.city.calendar import Month


@dataclass(frozen=True)
class ManyDrugs:
    """Prescriptions of one doctor with an unusual number of drugs.

    pattern: over (6 to 8 drugs), exactly_five, with_herbs, with_solvents, two_strengths, cancelled.
    """

    practice: str
    doctor: int
    per_month: int
    pattern: str


@dataclass(frozen=True)
class CostFactor:
    """Prescriptions of one doctor cost `factor` times what they would."""

    practice: str
    doctor: int
    factor: float


@dataclass(frozen=True)
class GroupCost:
    """Prescriptions of one doctor in one group cost `factor` times what they would.

    group: herb, long_term (`days` of supply on each if not 0), oncology (all of an oncologist).
    """

    practice: str
    doctor: int
    group: str
    factor: float
    days: int = 0


@dataclass(frozen=True)
class KeyShare:
    """One doctor's share of prescriptions with a key-monitored drug, and packs of it on each."""

    practice: str
    doctor: int
    share: float
    packs: float


@dataclass(frozen=True)
class KeyProduct:
    """Share of one product among the key-monitored prescriptions of a practice, month by month.

    `base` holds before the scheme starts; the last share holds until the end. `packs` of it are
    prescribed at a time, before and after.
    """

    practice: str
    generic_name: str
    base: float
    shares: tuple[float, ...]
    packs: float = 1.7


@dataclass(frozen=True)
class LongSupply:
    """Prescriptions of one doctor for `days` days, with what excuses them or not.

    pattern: plain, written_reason, long_term, smallest_pack (no line holds a pack too many).
    """

    practice: str
    doctor: int
    per_month: int
    days: int
    pattern: str


@dataclass(frozen=True)
class SplitSheets:
    """A second prescription of one doctor for the same patient, day and diagnosis.

    pattern: drugs (seven in all), same_drug (seven days on each sheet), five_drugs, herbs (on the
    second sheet), smallest_pack (the same drug, of which one pack lasts longer).
    """

    practice: str
    doctor: int
    per_month: int
    pattern: str


@dataclass(frozen=True)
class ProductFocus:
    """Part of one doctor's prescriptions of a pharmacological class that go to one product."""

    practice: str
    doctor: int
    generic_name: str
    share: float


@dataclass(frozen=True)
class OneDrug:
    """Prescriptions of one doctor on which a drug is replaced by a given one."""

    practice: str
    doctor: int
    per_month: int
    generic_name: str


@dataclass(frozen=True)
class VisitRate:
    """Part of one doctor's outpatient visits with an antibacterial or an injection.

    measure: antibacterial, injection.
    """

    practice: str
    doctor: int
    measure: str
    share: float


@dataclass(frozen=True)
class HospitalAntibacterials:
    """Part of the outpatient visits of each doctor of the hospital with an antibacterial."""

    share: float


@dataclass(frozen=True)
class EssentialShare:
    """Share of essential medicines among the lines of one doctor's outpatient prescriptions."""

    practice: str
    doctor: int
    share: float


@dataclass(frozen=True)
class NonSelected:
    """Part of one doctor's lines of a selected drug that go to another product of the same name."""

    practice: str
    doctor: int
    generic_name: str
    share: float


@dataclass(frozen=True)
class ClassShift:
    """Shares of one drug of a class with a selected generic before and after its selection holds.

    `doctor` -1 stands for all of the practice. `generic` is what is left of the selected one then;
    where there is a `shortage`, the stores have none of it.
    """

    practice: str
    doctor: int
    product: str
    before: float
    after: float
    generic: float
    shortage: bool = False


@dataclass(frozen=True)
class ReviewedAbnormal:
    """Prescriptions of one doctor that the review of a month finds abnormal (code 3-1)."""

    practice: str
    doctor: int
    per_month: int
    replied: bool = True


@dataclass(frozen=True)
class FewReviews:
    """How many prescriptions and stays a hospital reviews in a month."""

    prescriptions: int
    stays: int


@dataclass(frozen=True)
class WardAntibacterials:
    """DDDs of antibacterials for 100 days of the stays that begin in a month, in all wards."""

    density: float


@dataclass(frozen=True)
class WardUse:
    """Part of the patients discharged in a month who got an antibacterial in the ward."""

    share: float


@dataclass(frozen=True)
class WardCultures:
    """Patients discharged in a month with a restricted antibacterial, as part of all of them, and
    the part of those of whom a specimen was taken before.
    """

    share: float
    cultured: float


@dataclass(frozen=True)
class BilledPrice:
    """A charge item billed at `factor` times its limit plus `plus` ten-thousandths of a yuan.

    `part` is the share of lines; `children` limits it to patients below seven years.
    """

    item: str
    factor: float = 1.0
    plus: int = 0
    part: float = 1.0
    children: bool = False


@dataclass(frozen=True)
class Readmission:
    """Two stays of one patient with `gap` days between them."""

    practice: str
    day: int
    first_days: int
    gap: int
    second_days: int
    first_diagnosis: int | tuple[str, str] = 0
    second_diagnosis: int | tuple[str, str] = 0
    first_discharge_way: str = "1"
    referral: bool = False
    interim_settlement: bool = False


@dataclass(frozen=True)
class Charge:
    """One line put on a bill: `qty` pieces, of which the indicator should find `excess`.

    `item` is a service, a consumable or the generic name of a drug. In a stay it is charged at `at`
    hours of day number `day` (0 is the day of admission) or, if given, `after` hours after the
    discharge; at a visit `at` hours after registration. `other_department` charges it in the name
    of the next department; without `recorded` no order, execution, issue or report stands behind
    it. `given` names what was given or done in its stead, and only the difference of prices is too
    much.
    """

    item: str
    qty: int = 1
    day: int = 1
    at: float = 10.0
    excess: int = 0
    other_department: bool = False
    recorded: bool = True
    after: float | None = None
    given: str = ""


@dataclass(frozen=True)
class AddedCharges:
    """The same charges put on the bills of some encounters of one practice each month.

    The subject is the item of the last charge, or with `of_stay` the insured stay itself, one in
    the scheme's only month; `diagnosis` (its position in the practice) limits the stays.
    """

    practice: str
    inpatient: bool
    per_month: int
    charges: tuple[Charge, ...]
    of_stay: bool = False
    diagnosis: int | None = None


@dataclass(frozen=True)
class SplitPackage(AddedCharges):
    """Charges that are parts of a package, which is the subject, or the package itself.

    What is too much is what the charges with an excess cost beyond one package; `operated` limits
    the stays to those with an operation.
    """

    parent: str = ""
    operated: bool = False


@dataclass(frozen=True)
class SwitchedItem:
    """In `share` of the visits of a practice that were billed `item`, `dear` is done and billed.

    Between them they form the subject, with the practice's department.
    """

    practice: str
    item: str
    dear: str
    share: float


@dataclass(frozen=True)
class ScopeCharges:
    """An item charged to some insured patients of a practice each month, one piece on each of
    `days` days of a stay or once at a visit; the last `outside` pieces may not be paid for.

    `item` is a service or the generic name of a drug. who: any, adult, man, woman, employee,
    resident; `diagnosis` is the main one that the stays must have. What is `self_paid` the patient
    pays in full.
    """

    practice: str
    item: str
    per_month: int
    inpatient: bool = True
    who: str = "any"
    days: int = 1
    outside: int = 0
    diagnosis: str | None = None
    self_paid: bool = False


@dataclass(frozen=True)
class SecondOperation:
    """A second operation beside a fracture operation, at `share` thousandths of its price.

    pattern: same_incision (half the price is payable), other_incision, both_sides (the same
    operation again), return (two days later under a new anaesthesia).
    """

    pattern: str
    share: int


@dataclass(frozen=True)
class ReturnVisits:
    """Visits of one practice that follow another of the same patient, registration charged.

    `hours` are the least and the most between both. pattern: same_illness, other_illness,
    first_cancelled.
    """

    practice: str
    per_month: int
    hours: tuple[int, int]
    pattern: str = "same_illness"


@dataclass(frozen=True)
class FrequentVisits:
    """Visits of one patient in one practice and month, on as many days.

    `diagnosis` is their position in the practice.
    """

    practice: str
    visits: int
    diagnosis: int = 0


@dataclass(frozen=True)
class RepeatedSupply:
    """One patient who comes to a practice on some days of a month and gets the same drugs again.

    `days` count from 0; each sheet holds `drugs` for `supply` days, and nothing else. With a
    `partner` the patient is a resident (number `person` of those whom all hospitals know) who does
    the same there on the days `elsewhere`. `limit` is how many days may be on hand. pattern: plain,
    long_term, strength_change (the last sheet has another strength), travel (the reason is written
    on the sheets), same_class (each sheet holds several drugs of one class).
    """

    practice: str
    days: tuple[int, ...]
    drugs: tuple[str, ...]
    supply: int = 7
    pattern: str = "plain"
    limit: int = 7
    diagnosis: int = 0
    partner: int = 0
    person: int = 0
    elsewhere: tuple[int, ...] = ()


@dataclass(frozen=True)
class TakenHome:
    """`packs` of each drug that one patient of a practice takes home from the ward.

    `after` so many days (0: never) the patient comes to the clinic and gets a week of the first
    drug; `travel` writes on the sheet why.
    """

    practice: str
    drugs: tuple[str, ...]
    packs: int = 1
    after: int = 0
    travel: bool = False


@dataclass(frozen=True)
class RepeatedScan:
    """Residents scanned at a practice `gap` days after the same practice of the `partner` did so.

    `persons` are numbers of those whom all hospitals know, `first` the day of the month (from 0) of
    the first scan; `item` is done first, then `again`, for another illness or not.
    """

    practice: str
    partner: int
    persons: tuple[int, ...]
    first: int
    gap: int
    item: str = "ct"
    again: str = "ct"
    other_illness: bool = False


@dataclass(frozen=True)
class RefundsBy:
    """Refunds to outpatients by one of the two cashiers.

    kind: unapproved, own_approval, cash (for what the insurance had paid), late, thirty_days (after
    the settlement), not_done (late, for a service that was not given).
    """

    cashier: int
    per_month: int
    kind: str


@dataclass(frozen=True)
class EmptyDays:
    """So many days of one stay of a practice without care or records; `on_leave` if permitted."""

    practice: str
    days: int
    on_leave: bool = False


@dataclass(frozen=True)
class ShortStays:
    """Stays of one practice that are short and for examinations alone, so many a month.

    pattern: exams (at most three days), four_days, treated (an eighth of the bill), transfer, left
    (against advice), outstanding (the reports never come).
    """

    practice: str
    per_month: int
    pattern: str = "exams"


@dataclass(frozen=True)
class CostGroup:
    """Quantities of a group of charges (drug, consumable) in a practice's stays, times `factor`.

    `measure` is what stands out then; `stays` limits it to so many stays a month.
    """

    practice: str
    group: str
    factor: float
    measure: str
    stays: int = 0


@dataclass(frozen=True)
class CodedStay:
    """How the list or the group of one settled stay of a practice is dearer than the stay was.

    pattern: unsupported (a complication without records), supported (with them), beside_another
    (unsupported, beside a supported one), without_effect (unsupported, and the group is the same),
    operation (never done), endoscopy (needs no record), new_technology (in theatre, without a
    record), women_only and men_only (diagnoses of a man), ungrouped_main, ungrouped_other, low_rate
    (less than half of the standard), half_rate (a little more), low_rate_technology (low, with a
    new technology), main_listed (the list's main diagnosis is `listed`, that of the front page one
    that begins with one of `fronts`), operation_again (the stay of an operation of that month).
    """

    practice: str
    pattern: str
    fronts: tuple[str, ...] = ()
    listed: str = ""


@dataclass(frozen=True)
class HighGroups:
    """Share of a practice's graded stays in the higher group of their family, with records."""

    practice: str
    share: float


@dataclass(frozen=True)
class Upload:
    """A defect, or what looks like one, in what one encounter uploaded.

    kind: phantom, missing, dearer_code, more_quantity, other_day, total, late_reversal, merged,
    rounding, self_pay.
    """

    kind: str
    inpatient: bool


@dataclass(frozen=True)
class PurchaseShares:
    """Shares of a category's purchases by distributor or by item (and so by manufacturer)."""

    category: str
    level: str
    shares: tuple[float, ...]
    suppliers: tuple[int, ...] = ()


@dataclass(frozen=True)
class PaidPrice:
    """The price paid for one item from one of the category's suppliers, against its reference."""

    category: str
    item: int
    supplier: int
    factor: float
    smallest_unit: bool = False


@dataclass(frozen=True)
class PaidBelow:
    """All suppliers of a category ask `factor` of an item's reference, and the charge stays.

    `item` is a position in the category.
    """

    category: str
    item: int
    factor: float


#: Among the bidders of a tender: a distributor drawn for each tender anew.
ANYBODY = -1


@dataclass(frozen=True)
class PlannedTender:
    """A tender of every month of the scheme, by category; `bidders` are numbers of bidders.

    about: what the truth names, of the first two bidders or of the lot. prices: free, identical
    (the first two), arithmetic, geometric, uneven (steps that differ a little), thousands (equal
    steps of 1,000), cover (all well above the first), two_in_turn and three_in_turn (all well above
    one of the first, which changes with the month). shared: the traces that bidders (places in
    `bidders`) have in common. lines: own, proportional, copied (the second bidder's after the
    first's). rejected: places of rejected bids. outcome: awarded, failed, again (a first try
    failed, and the second is the one meant).
    """

    about: str
    category: str
    bidders: tuple[int, ...]
    prices: str = "free"
    shared: tuple[tuple[str, tuple[int, ...]], ...] = ()
    lines: str = "own"
    rejected: tuple[int, ...] = ()
    outcome: str = "awarded"


@dataclass(frozen=True)
class NamedWhileWriting:
    """An action whose subject is known, and noted in its scheme, when its rows are written.

    One that `needs_all_months` means nothing in a part of them, and is then not planted at all.
    """

    needs_all_months: ClassVar[bool] = True


@dataclass(frozen=True)
class StockGap:
    """What the stores say of one item's use beside what is billed of it, each month.

    `item` is a consumable or the generic name of a drug; the part is `share` of the month's use or
    so many `pieces`. pattern: billed_more (they never left), used_more (they left unbilled), late
    (they are booked in the next month), not_booked (consigned pieces came and were used, and the
    stores booked neither).
    """

    item: str
    share: float = 0.0
    pieces: int = 0
    pattern: str = "billed_more"


@dataclass(frozen=True)
class ImplantTrace:
    """Pieces of a traced consumable, so many lines a month, whose records do not go together.

    pattern: not_used (billed, no issue), not_received (no delivery), twice (an earlier piece billed
    again), dearer (a cheaper model was delivered), late (delivered ten days after use), in_time
    (seven days after), as_set (delivered without identification).
    """

    item: str
    pattern: str
    per_month: int = 1


@dataclass(frozen=True)
class MissingReports:
    """Examinations or tests that outpatients were billed, so many a month, and their reports.

    pattern: none (there is no report), late (a report so many days after its time), in_time (on the
    last day), registered (registered, and never written).
    """

    item: str
    per_month: int
    pattern: str = "none"


@dataclass(frozen=True)
class DeniedStay:
    """One insured stay of a practice of which the patient, called after discharge, says no.

    pattern: stay (was not there), surgery (was billed an operation and had none), no_surgery
    (denies one that was not billed), relative (a relative answered), second_call (says yes when
    called again).
    """

    practice: str
    pattern: str = "stay"


@dataclass(frozen=True)
class RepeatedTrace:
    """Packs of a traced drug that outpatients were sold under the codes of packs sold before.

    So many sales a month. pattern: again (another patient), resold (the first patient had brought
    it back).
    """

    drug: str
    per_month: int
    pattern: str = "again"


@dataclass(frozen=True)
class RepVisits:
    """A representative shows one doctor a product on some working days (from 0) of each month.

    From the day after the first visit on, the product stands on `share` of the doctor's
    prescriptions (0: as ever), with `everybody` on those of the whole practice. With
    `second_strength` it is the other strength of the drug, new at the hospital, and `share` that of
    the first one's lines.
    """

    practice: str
    doctor: int
    generic_name: str
    days: tuple[int, ...]
    share: float = 0.0
    everybody: bool = False
    second_strength: bool = False


@dataclass(frozen=True)
class SupplierRole:
    """A member of staff, or a declared relative, supervises one of a category's suppliers.

    `who` is buyer, pharmacist, cashier or a practice, `ordinal` which of them; `until` is when the
    role ended.
    """

    who: str
    ordinal: int
    category: str
    supplier: int
    relative: bool = False
    until: date | None = None


@dataclass(frozen=True)
class DoctorQuantities:
    """Queries of quantities by doctor on some working days of a month, at an hour.

    `statement` is 0 for sums that are exported, 1 for a review that is exported, 2 for a review,
    3 for the standing report.
    """

    who: str
    ordinal: int
    days: tuple[int, ...]
    hour: int
    rows: int
    statement: int


@dataclass(frozen=True)
class SharedDuty:
    """One of the two buyers has a second duty in own orders of a category.

    duty: acceptor, keeper, approver.
    """

    buyer: int
    category: str
    duty: str


@dataclass(frozen=True)
class LongPost:
    """A member of staff (`who` as in SupplierRole) has held a key post for so many months."""

    who: str
    ordinal: int
    months: int


@dataclass(frozen=True)
class WinnersDonation:
    """Who wins the lot of the scheme `of` gave `amount` CNY, so many days before the opening.

    kind: 1 money, 2 equipment. The winner gives as much to the `others`, of a scheme whose lot is
    won by the first bidder.
    """

    of: str
    days: int
    amount: int
    kind: str = "1"
    others: tuple[int, ...] = ()


@dataclass(frozen=True)
class ClosedMatter:
    """A matter to be rectified, about the subject of the scheme `of`, that was closed `on` a day.

    The scheme's only month is that of the closing. `indicator` is the one it is about, where that
    is not the other scheme's own.
    """

    of: str
    on: date
    indicator: str = ""


@dataclass(frozen=True)
class Background:
    """Nothing planted: the plain data hold what the scheme describes."""


Action = (
    ManyDrugs
    | CostFactor
    | GroupCost
    | KeyShare
    | KeyProduct
    | LongSupply
    | SplitSheets
    | ProductFocus
    | WardAntibacterials
    | OneDrug
    | VisitRate
    | HospitalAntibacterials
    | EssentialShare
    | NonSelected
    | ClassShift
    | ReviewedAbnormal
    | FewReviews
    | BilledPrice
    | Readmission
    | AddedCharges
    | ScopeCharges
    | SecondOperation
    | SwitchedItem
    | EmptyDays
    | ShortStays
    | CostGroup
    | CodedStay
    | HighGroups
    | ReturnVisits
    | FrequentVisits
    | RepeatedSupply
    | TakenHome
    | RepeatedScan
    | WardUse
    | WardCultures
    | RefundsBy
    | Upload
    | PurchaseShares
    | PaidPrice
    | PaidBelow
    | NamedWhileWriting
    | StockGap
    | ImplantTrace
    | MissingReports
    | DeniedStay
    | RepeatedTrace
    | RepVisits
    | SupplierRole
    | DoctorQuantities
    | SharedDuty
    | LongPost
    | WinnersDonation
    | ClosedMatter
    | PlannedTender
    | Background
)
A = TypeVar("A")


@dataclass
class Scheme:
    """One planted case; subject, amount and evidence are filled in while the data are made."""

    scheme_id: str
    indicator_id: str
    case: str
    strength: str | None
    hospital: int
    first: Month
    last: Month
    action: Action
    note: str
    org_code: str = ""
    subject_type: str = ""
    subject_id: str = ""
    amount_cents: int = 0
    evidence: list[tuple[str, str]] = field(default_factory=list)
    #: The month of the encounter, where the scheme is about one encounter.
    reported: Month | None = None
    #: Months in which rows were really written; empty where the history does not reach.
    written: set[Month] = field(default_factory=set)

    def covers(self, month: Month) -> bool:
        return self.first <= month <= self.last

    def fits(self, first: Month) -> bool:
        """Whether it can be planted in a history that begins with `first`."""
        whole = isinstance(self.action, NamedWhileWriting) and self.action.needs_all_months
        return self.first >= first if whole else self.last >= first

    def record(self, month: Month, table: str, keys: Iterable[object], cents: int = 0) -> None:
        """Note rows that the scheme touched; the first hundred keys are kept."""
        self.written.add(month)
        self.amount_cents += cents
        for key in keys:
            if len(self.evidence) < _KEPT_EVIDENCE:
                self.evidence.append((table, str(key)))


_KEPT_EVIDENCE = 100


class Schemes:
    """All schemes of a run, asked for by hospital, month and kind of action."""

    def __init__(self, schemes: list[Scheme]) -> None:
        self.all = schemes

    def of(
        self, kind: type[A], hospital: int, month: Month | None = None
    ) -> list[tuple[Scheme, A]]:
        """Schemes of a hospital whose action is of `kind` and which cover `month`, if given."""
        return [
            (scheme, scheme.action)
            for scheme in self.all
            if scheme.hospital == hospital
            and isinstance(scheme.action, kind)
            and (month is None or scheme.covers(month))
        ]
