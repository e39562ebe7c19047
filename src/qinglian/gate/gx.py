"""Great Expectations, loaded once and quietly.

Importing it takes several seconds, so that modules of this package import it where they use it.
"""

import gc
import importlib
import importlib.util
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import Any


@cache
def load_gx() -> Any:
    """The `great_expectations` module: no analytics, no deprecation chatter in the logs."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations._docs_decorators").setLevel(logging.ERROR)
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    _leave_for_later("scipy.stats")
    _leave_for_later("altair")
    with _without_collector():
        import great_expectations

    return great_expectations


@contextmanager
def _without_collector() -> Iterator[None]:
    """Make objects that stay as long as the process, which the collector need never look at.

    It would look at all that was loaded, again and again while more is loaded and then in each
    full collection: a quarter of the import, and a tenth of a second a time afterwards.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was_enabled:
            gc.enable()


def _leave_for_later(name: str) -> None:
    """Let a module be imported when something of it is first used.

    GX imports scipy.stats for three expectations about distributions and altair for charts of its
    own, of which none is used here: half of the time that GX takes to import, and 80 MiB.
    """
    spec = importlib.util.find_spec(name)
    if name in sys.modules or spec is None:
        return
    # Not importlib's own LazyLoader: `import altair as alt` would look at its module's `__spec__`,
    # and any look loads it.
    stand_in = ModuleType(name)
    stand_in.__spec__, stand_in.__file__ = spec, spec.origin

    def load(attribute: str) -> Any:
        if sys.modules.get(name) is stand_in:
            del sys.modules[name]
        return getattr(importlib.import_module(name), attribute)

    vars(stand_in)["__getattr__"] = load
    sys.modules[name] = stand_in
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, stand_in)


def new_context() -> Any:
    """An ephemeral GX context without progress bars. It lives as long as the process.

    Contexts are expensive and not safe between threads: make one per worker thread.
    """
    gx = load_gx()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    return context
