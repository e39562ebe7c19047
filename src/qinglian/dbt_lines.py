"""What dbt tells of a long run, line by line, to the console and into its log.

dbt's own loggers make a line of every event, also of the thousands of a level that nobody asked
for, and look into each for secrets; that took a fifth of a build's own work. They are switched off
here, and what is left of their lines is written from the events themselves.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

#: Environment in which dbt has no loggers of its own.
NO_LOGGERS = {"DBT_LOG_LEVEL": "none", "DBT_LOG_LEVEL_FILE": "none"}

_LEVELS = {"info": logging.INFO, "warn": logging.WARNING, "error": logging.ERROR}
_FILE_BYTES = 10 * 2**20  # as dbt's own log
_FORMAT = "%(asctime)s [%(levelname)-5s] %(message)s"


@contextmanager
def told_lines(log_dir: Path, *, to_console: bool) -> Iterator[Callable[[Any], None]]:
    """A callback of dbt's that writes what is of use to `log_dir`/dbt.log and, if asked, prints it.

    Errors are printed in any case.
    """
    log_dir.mkdir(parents=True, exist_ok=True)
    file = RotatingFileHandler(
        log_dir / "dbt.log", maxBytes=_FILE_BYTES, backupCount=5, encoding="utf-8"
    )
    file.setFormatter(logging.Formatter(_FORMAT))

    def tell(event: Any) -> None:
        level = _LEVELS.get(str(event.info.level))
        if level is None:
            return
        text = str(event.info.msg)
        file.handle(logging.LogRecord("dbt", level, "", 0, text, None, None))
        if to_console or level == logging.ERROR:
            print(text)

    try:
        yield tell
    finally:
        file.close()
