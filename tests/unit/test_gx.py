"""What importing GX brings with it."""

import subprocess
import sys

_LOAD = """
import sys
from qinglian.gate.gx import load_gx
load_gx()
import qinglian.gate.rule_expectation
assert "great_expectations" in sys.modules
assert not [name for name in sys.modules if name.startswith(("scipy.stats.", "altair."))]
from scipy.stats import norm
assert norm.cdf(0) == 0.5
import scipy
assert scipy.stats.norm is norm
import altair as alt
assert alt.Chart({"values": []}).mark_bar().to_dict()["mark"] == {"type": "bar"}
"""


def test_gx_does_not_load_what_only_other_expectations_need() -> None:
    subprocess.run([sys.executable, "-c", _LOAD], check=True)
