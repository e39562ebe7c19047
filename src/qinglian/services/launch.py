"""Become one of the services: `python -m qinglian.services.launch <program>`.

supervisord starts this instead of the program itself, so that passwords and keys are read from
the secrets file at that moment and stand in no configuration file.
"""

import os
import sys

from qinglian.services.ports import load_ports
from qinglian.services.programs import programs
from qinglian.services.supervisor import Supervisor
from qinglian.settings import get_settings
from qinglian.warehouse.server import Server


def launch(name: str) -> None:
    """Replace this process by the program `name` of the installation in QINGLIAN_HOME."""
    settings = get_settings()
    ports = load_ports(settings.state_dir)
    if ports is None:
        raise SystemExit(f"{settings.state_dir} has no ports.json: run `qinglian up`")
    known = {program.name: program for program in programs(settings, ports)}
    program = known[name]
    # Opening the server also starts it again where somebody has killed it.
    environment = program.environment(settings, Server.open(settings))
    os.execve(  # noqa: S606 - the process supervisord watches has to be the program itself
        program.command[0],
        program.command,
        {**os.environ, **environment, **Supervisor.of(settings).marker},
    )


if __name__ == "__main__":
    launch(sys.argv[1])
