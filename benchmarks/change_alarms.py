"""How often CH01's CUSUM alarms where nothing changed, and how often it sees what did.

Draws series of independent months for many doctors and judges the watched months as
`peers.peer_prescribing_change` does, before the false discovery rate and the other guards. The
parameters are those of `ref.threshold`; the months of baseline are what a deployment has.
"""

import csv

import numpy as np
from rich.console import Console
from rich.table import Table

from qinglian.settings import repository_root

_SERIES = 200_000
_BASELINES = (6, 9, 12)
#: Rise of the watched months in standard deviations of one month.
_RISES = (0.0, 1.0, 2.0, 3.0, 4.0)


def main() -> None:
    """Print the share of alarms by months of baseline and size of the rise."""
    parameters = _parameters()
    table = Table(title=f"Share of {_SERIES:,} series with an alarm")
    table.add_column("rise, sd")
    for baseline in _BASELINES:
        table.add_column(f"{baseline} months of baseline", justify="right")
    for rise in _RISES:
        shares = [_alarms(parameters, baseline, rise) for baseline in _BASELINES]
        table.add_row(f"{rise:.0f}", *(f"{share:.4f}" for share in shares))
    Console().print(table)


def _parameters() -> dict[str, float]:
    path = repository_root() / "dbt_project" / "seeds" / "threshold.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return {
            row["param"]: float(row["value"])
            for row in csv.DictReader(lines)
            if row["indicator_id"] == "CH01"
        }


def _alarms(parameters: dict[str, float], baseline: int, rise: float) -> float:
    """Share of series whose largest run that ends in the last month passes the limit.

    The usual deviation is 1: the median of the doctors, known beside each one's own estimate.
    """
    watched = int(parameters["watch_months"])
    months = np.random.default_rng(7).standard_normal((_SERIES, baseline + watched))
    past, recent = months[:, :baseline], months[:, baseline:] + rise
    deviation = np.maximum(past.std(axis=1, ddof=1), 1.0)[:, None]
    distance = (recent - past.mean(axis=1)[:, None]) / deviation
    steps = np.minimum(distance, parameters["max_step"]) - parameters["slack"]
    runs = np.cumsum(steps[:, ::-1], axis=1)
    return float((runs.max(axis=1) > parameters["limit"]).mean())


if __name__ == "__main__":
    main()
