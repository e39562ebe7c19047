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


_LOAD_AND_COLLECT = """
import gc
from qinglian.gate.gx import load_gx
load_gx()
assert gc.isenabled()
assert gc.get_freeze_count() > 100_000, gc.get_freeze_count()
assert len(gc.get_objects()) < 10_000, len(gc.get_objects())
"""


def test_the_collector_leaves_alone_what_gx_has_loaded() -> None:
    subprocess.run([sys.executable, "-c", _LOAD_AND_COLLECT], check=True)
