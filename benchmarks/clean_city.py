"""How many leads come out where nothing irregular was planted, beside what chance lets expect.

Reads the warehouse of this installation (`QINGLIAN_HOME`) after `qinglian city --clean`, an ingest
of all sources and `qinglian detect`. Each lead is then a false one: red there must be none, and of
statistical indicators about as many as their false discovery rate allows.
"""

from dataclasses import dataclass
from decimal import Decimal

from psycopg.rows import class_row
from rich.console import Console
from rich.table import Table

from qinglian.evaluation.truth import read_truth
from qinglian.settings import get_settings
from qinglian.warehouse.server import Server

#: `families` are the groups of tests that one false discovery rate is held in: the subjects of one
#: type in the periods that begin in one month (of CH01 and BL15 also those of one measure).
_QUERY = """
    with tested as (
        select
            indicator_id,
            count(*) filter (where outcome in ('fired', 'clear', 'guarded')) as judged,
            count(p_value) as tests,
            count(distinct (subject_type, date_trunc('month', period_start), measure))
                filter (where p_value is not null) as families,
            count(*) filter (where p_value is not null and outcome = 'fired') as fired_tests
        from (
            select
                *,
                case indicator_id
                    when 'CH01' then split_part(subject_id, '|', 2)
                    when 'BL15' then split_part(subject_id, '|', 3)
                end as measure
            from indicators.indicator_result
        ) as results
        group by indicator_id
    ),

    lit as (
        select
            indicator_id,
            count(*) filter (where light = 'red') as red,
            count(*) filter (where light = 'yellow') as yellow
        from marts.lead
        where is_active
        group by indicator_id
    ),

    chance as (
        select indicator_id, sum(expected_by_chance) as expected_by_chance
        from marts.indicator_outcome
        group by indicator_id
    )

    select
        indicator.indicator_id, indicator.kind,
        coalesce(tested.judged, 0) as judged, coalesce(tested.tests, 0) as tests,
        coalesce(tested.families, 0) as families, coalesce(tested.fired_tests, 0) as fired_tests,
        coalesce(lit.red, 0) as red, coalesce(lit.yellow, 0) as yellow,
        chance.expected_by_chance,
        (select value from ref.threshold
            where indicator_id = 'ALL' and param = 'fdr_q' and scope = '*') as fdr
    from marts.indicator as indicator
    left join tested on indicator.indicator_id = tested.indicator_id
    left join lit on indicator.indicator_id = lit.indicator_id
    left join chance on indicator.indicator_id = chance.indicator_id
    order by indicator.indicator_id
"""


@dataclass(frozen=True)
class _Outcome:
    """One indicator: what it judged and tested, and its active leads by light."""

    indicator_id: str
    kind: str
    judged: int
    tests: int
    families: int
    fired_tests: int
    red: int
    yellow: int
    expected_by_chance: Decimal | None
    fdr: Decimal

    @property
    def false_alarms(self) -> float | None:
        """False alarms to expect of the tests; None where nothing was tested.

        Among tests of which none has a cause, Benjamini and Hochberg's procedure rejects
        q / (1 - q)^2 (Finner and Roters 2002, for many independent tests). Guards only lower it.
        """
        q = float(self.fdr)
        return self.families * q / (1 - q) ** 2 if self.tests else None


def main() -> None:
    """Print the leads of a clean city by indicator and light; exit 1 where one is red."""
    settings = get_settings()
    truth = read_truth(settings.city_dir / "truth.json")
    if not truth.clean:
        raise SystemExit("This city is not clean: make it with `qinglian city --clean`.")
    with Server.open(settings).connect("transformer") as connection:
        cursor = connection.cursor(row_factory=class_row(_Outcome))
        outcomes = cursor.execute(_QUERY).fetchall()
    Console(width=120).print(_table(outcomes))
    red = sum(outcome.red for outcome in outcomes)
    if red:
        raise SystemExit(f"{red} red leads where nothing irregular was planted.")


def _table(outcomes: list[_Outcome]) -> Table:
    table = Table(title="Leads of a clean city, all of them false", show_footer=True)
    stated = sum((o.expected_by_chance or Decimal() for o in outcomes), Decimal())
    totals = (
        "",
        "",
        sum(o.judged for o in outcomes),
        sum(o.red for o in outcomes),
        sum(o.yellow for o in outcomes),
        sum(o.tests for o in outcomes),
        sum(o.families for o in outcomes),
        f"{sum(o.false_alarms or 0 for o in outcomes):.2f}",
        f"{stated:.2f}",
        sum(o.fired_tests for o in outcomes),
    )
    headers = (
        "indicator",
        "kind",
        "judged",
        "red",
        "yellow",
        "tests",
        "families",
        "by chance",
        "stated",
        "fired",
    )
    for header, total in zip(headers, totals, strict=True):
        table.add_column(header, f"{total}", justify="left" if header in headers[:2] else "right")
    for o in outcomes:
        chance = "–" if o.false_alarms is None else f"{o.false_alarms:.2f}"
        stated_here = "–" if o.expected_by_chance is None else f"{o.expected_by_chance:.2f}"
        numbers = (o.judged, o.red, o.yellow, o.tests, o.families, chance, stated_here)
        table.add_row(o.indicator_id, o.kind, *map(str, numbers), str(o.fired_tests))
    return table


if __name__ == "__main__":
    main()
