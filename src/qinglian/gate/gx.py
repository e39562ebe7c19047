"""Great Expectations, loaded once and quietly.

Importing it takes several seconds, so that modules of this package import it where they use it.
"""

import importlib.util
import logging
import os
import sys
from functools import cache
from typing import Any


@cache
def load_gx() -> Any:
    """The `great_expectations` module: no analytics, no deprecation chatter in the logs."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations._docs_decorators").setLevel(logging.ERROR)
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    _leave_for_later("scipy.stats")
    import great_expectations

    return great_expectations


def _leave_for_later(name: str) -> None:
    """Let a module be imported when something of it is first used.

    GX imports scipy.stats for three expectations about distributions, of which none is used here:
    a third of the time that GX takes to import, and 50 MiB.
    """
    spec = importlib.util.find_spec(name)
    if name in sys.modules or spec is None or spec.loader is None:
        return
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    parent, _, child = name.rpartition(".")
    setattr(sys.modules[parent], child, module)


def new_context() -> Any:
    """An ephemeral GX context without progress bars. It lives as long as the process.

    Contexts are expensive and not safe between threads: make one per worker thread.
    """
    gx = load_gx()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    return context
