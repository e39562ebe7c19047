"""Which lead belongs to which planted scheme, and what follows for each indicator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from qinglian.evaluation.truth import Scheme, Truth


@dataclass(frozen=True)
class Lead:
    """One active lead of the warehouse; amounts in CNY."""

    indicator_id: str
    org_code: str
    subject_type: str
    subject_id: str
    dept_code: str | None
    doctor_code: str | None
    period_start: date
    period_end: date
    light: str
    risk_gross: Decimal
    family: str


@dataclass(frozen=True)
class IndicatorResult:
    """Detection of one indicator against the truth; shares are None without a denominator."""

    indicator_id: str
    planted: int
    found: int
    missed: tuple[str, ...]
    found_by_strength: dict[str, tuple[int, int]]
    leads: int
    leads_true: int
    leads_red: int
    amount_planted: Decimal
    amount_found: Decimal
    near_misses: int
    near_misses_fired: tuple[str, ...]
    guarded: int
    guarded_fired: tuple[str, ...]

    @property
    def recall(self) -> float | None:
        """Found schemes among the planted ones."""
        return self.found / self.planted if self.planted else None

    @property
    def precision(self) -> float | None:
        """Leads that match a true scheme among all leads."""
        return self.leads_true / self.leads if self.leads else None


def matches(lead: Lead, scheme: Scheme) -> bool:
    """Whether the lead is the scheme's: same indicator, place and subject, and some common day."""
    return (
        lead.indicator_id == scheme.indicator_id
        and lead.org_code == scheme.org_code
        and lead.subject_type == scheme.subject_type
        and lead.subject_id == scheme.subject_id
        and lead.period_start <= scheme.period_end
        and lead.period_end >= scheme.period_start
    )


def indicator_results(leads: Sequence[Lead], truth: Truth) -> tuple[IndicatorResult, ...]:
    """One result for each indicator that has a scheme or a lead."""
    indicators = {lead.indicator_id for lead in leads} | {s.indicator_id for s in truth.schemes}
    return tuple(_result(indicator, leads, truth) for indicator in sorted(indicators))


def _result(indicator_id: str, all_leads: Sequence[Lead], truth: Truth) -> IndicatorResult:
    leads = [lead for lead in all_leads if lead.indicator_id == indicator_id]
    planted = truth.of_case("true", indicator_id)
    found = [scheme for scheme in planted if _leads_of(scheme, leads)]
    near_misses = truth.of_case("near_miss", indicator_id)
    guarded = truth.of_case("guarded", indicator_id)
    return IndicatorResult(
        indicator_id=indicator_id,
        planted=len(planted),
        found=len(found),
        missed=tuple(s.scheme_id for s in planted if s not in found),
        found_by_strength=_by_strength(planted, found),
        leads=len(leads),
        leads_true=sum(any(matches(lead, scheme) for scheme in planted) for lead in leads),
        leads_red=sum(lead.light == "red" for lead in leads),
        amount_planted=sum((scheme.amount for scheme in planted), Decimal()),
        amount_found=sum((_amount_found(scheme, leads) for scheme in found), Decimal()),
        near_misses=len(near_misses),
        near_misses_fired=tuple(s.scheme_id for s in near_misses if _leads_of(s, leads)),
        guarded=len(guarded),
        guarded_fired=tuple(s.scheme_id for s in guarded if _leads_of(s, leads)),
    )


def _leads_of(scheme: Scheme, leads: Sequence[Lead]) -> list[Lead]:
    return [lead for lead in leads if matches(lead, scheme)]


def _amount_found(scheme: Scheme, leads: Sequence[Lead]) -> Decimal:
    """What the scheme's leads put at risk, at most what was planted."""
    at_risk = sum((lead.risk_gross for lead in _leads_of(scheme, leads)), Decimal())
    return min(scheme.amount, at_risk)


def _by_strength(planted: Sequence[Scheme], found: Sequence[Scheme]) -> dict[str, tuple[int, int]]:
    """Found and planted schemes of each strength."""
    return {
        strength: (
            sum(scheme.strength == strength for scheme in found),
            sum(scheme.strength == strength for scheme in planted),
        )
        for strength in sorted({scheme.strength for scheme in planted if scheme.strength})
    }


def red_honest_outliers(leads: Sequence[Lead], truth: Truth) -> tuple[str, ...]:
    """Honest outliers under a red light, of whatever indicator: there must be none."""
    red = {
        (lead.org_code, lead.subject_type, lead.subject_id) for lead in leads if lead.light == "red"
    }
    return tuple(
        scheme.scheme_id
        for scheme in truth.of_case("honest_outlier")
        if (scheme.org_code, scheme.subject_type, scheme.subject_id) in red
    )
