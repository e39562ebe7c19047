"""Fee lines as the records behind them see them: net of reversals, in smallest units."""

from dataclasses import dataclass

import numpy as np

from qinglian.city.billing import Bills
from qinglian.city.draws import Bools, Ints
from qinglian.city.drugs import drugs
from qinglian.city.lines import DRUG, MATERIAL, Lines
from qinglian.city.services import materials


@dataclass
class NetLines:
    """One entry a fee line.

    `source` is the row of the line itself or, for a reversal, of the line that it cancels. `net` is
    what reversals left of a line in hundredths (0 for a reversal), `ratio` smallest units per unit.
    """

    gross: Bools
    source: Ints
    net: Ints
    ratio: Ints

    @property
    def undone(self) -> Bools:
        """Lines that were reversed as a whole."""
        whole: Bools = self.gross & (self.net == 0)
        return whole


def net_lines(bills: Bills) -> NetLines:
    """Reversals put down to the lines that they cancel."""
    lines = bills.lines
    rows = np.arange(len(lines))
    gross = lines.original == 0
    # Fee identifiers of a month run on without gaps.
    source = np.where(gross, rows, lines.original - bills.fee_id[:1])
    net = np.bincount(source, weights=lines.qty, minlength=len(lines)).astype(np.int64)
    return NetLines(gross, source, np.where(gross, net, 0), _ratios(lines))


def _ratios(lines: Lines) -> Ints:
    ratio = np.ones(len(lines), dtype=np.int64)
    for kind, goods in ((DRUG, drugs()), (MATERIAL, materials())):
        mine = (lines.kind == kind) & ~lines.in_min_unit
        ratio[mine] = np.array([g.pack_ratio for g in goods])[lines.item[mine]]
    return ratio


def ward_end(dscg_time: Ints, history_end: int) -> Ints:
    """Last moment of stays: discharge, or the end of the history for a patient still in."""
    return np.where(dscg_time > 0, dscg_time, history_end)
