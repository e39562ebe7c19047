"""Makes a brief: the page, and the PDF of it on three sheets at the most."""

import io
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from jinja2 import Environment, PackageLoader, StrictUndefined
from pypdf import PdfReader

from qinglian.brief.content import LENGTHS, Length, groups_of, page_values, standing
from qinglian.brief.pdf import print_page
from qinglian.brief.read import Facts, Measured, read_facts, read_measured
from qinglian.notices.links import pages_address
from qinglian.settings import Settings
from qinglian.warehouse.server import Server

MOST_SHEETS = 3


@dataclass(frozen=True)
class Request:
    """What a brief is to be about, and for whom it is made.

    `day` lies in the week it tells of, None for that of the last detection; `families` are those
    that its reader may see, None for all.
    """

    organisation: str
    department: str | None = None
    day: date | None = None
    families: Collection[str] | None = None


@dataclass(frozen=True)
class Brief:
    """What a brief says, and how it is drawn."""

    facts: Facts
    measured: dict[str, Measured]
    address: str | None

    @property
    def name(self) -> str:
        """The beginning of its file's name."""
        place = self.facts.place
        parts = [place.org_code, place.dept_code, str(self.facts.week.first)]
        return "_".join(["brief", *(part for part in parts if part)])

    def html(self, length: Length = LENGTHS[0]) -> str:
        """The page: it loads nothing from anywhere."""
        values = page_values(self.facts, length, self.measured, self.address)
        environment = Environment(
            loader=PackageLoader("qinglian"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        return environment.get_template("brief.html.j2").render(values)

    def pdf(self, settings: Settings) -> bytes:
        """The page printed, shortened until it fits. Raises PrintError."""
        printed = b""
        for length in LENGTHS:
            printed = print_page(settings, self.html(length))
            if len(PdfReader(io.BytesIO(printed)).pages) <= MOST_SHEETS:
                break
        return printed


def read_brief(settings: Settings, server: Server, request: Request) -> Brief:
    """Read what a brief says, with the role that the dashboards read with. Raises BriefError."""
    with server.connect("reader") as connection:
        # One snapshot: a detection that ends meanwhile is not half in the brief.
        connection.execute("set transaction isolation level repeatable read, read only")
        facts = read_facts(
            connection, request.organisation, request.department, request.day, request.families
        )
        shown = groups_of(standing(facts))[: LENGTHS[0].subjects]
        measured = read_measured(connection, [group.first.lead_id for group in shown])
    return Brief(facts, measured, pages_address(settings))
