"""The kinds of system that data comes from."""

from typing import Literal, get_args

System = Literal["his", "procurement", "insurance", "supervision", "reference"]

#: Each is the domain of its contracts and has a DAG `extract_<system>` and an asset of its own.
SYSTEMS: tuple[System, ...] = get_args(System)
