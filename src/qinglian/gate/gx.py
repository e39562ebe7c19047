"""Great Expectations, loaded once and quietly.

Importing it takes several seconds, so that modules of this package import it where they use it.
"""

import logging
import os
from functools import cache
from typing import Any


@cache
def load_gx() -> Any:
    """The `great_expectations` module: no analytics, no deprecation chatter in the logs."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations._docs_decorators").setLevel(logging.ERROR)
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    import great_expectations

    return great_expectations


def new_context() -> Any:
    """An ephemeral GX context without progress bars. It lives as long as the process.

    Contexts are expensive and not safe between threads: make one per worker thread.
    """
    gx = load_gx()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    return context
