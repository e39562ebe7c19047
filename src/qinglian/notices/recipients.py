"""Recipients of mails: `recipients.yaml` in the state folder, an example of which lies beside this.

Each says whom he may hear of. Who says nothing of that is refused: an oversight must not send a
city's leads to one hospital.
"""

from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from qinglian.dashboards.roles import Family
from qinglian.notices.mail import ADDRESS
from qinglian.settings import Settings

FILE = "recipients.yaml"
EXAMPLE = Path(__file__).with_name("recipients.example.yaml")


class RecipientsError(ValueError):
    """The file of recipients is wrong; the message names it and what is."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BriefOrder(_Strict):
    """A brief that a recipient gets each week: of a hospital, or of one of its departments."""

    organisation: str = Field(pattern=r"^[0-9A-Za-z]{1,12}$")
    department: str | None = None


class Recipient(_Strict):
    """Who gets mails, of what, and about whom.

    `id` stands for him in logs and records. His scope is the `city`, a `district` (six digits) or
    an `organisation`, within these the `families` of indicators.
    """

    id: str = Field(pattern=r"^[a-z0-9_-]{1,40}$")
    name: str = Field(min_length=1, pattern=r"^[^\r\n]+$")
    address: str = Field(pattern=ADDRESS, repr=False)
    tell: list[Literal["leads", "gates"]] = []
    city: bool = False
    district: str | None = Field(default=None, pattern=r"^[0-9]{6}$")
    organisation: str | None = Field(default=None, pattern=r"^[0-9A-Za-z]{1,12}$")
    families: Literal["all"] | list[Family] = "all"
    briefs: list[BriefOrder] = []

    @model_validator(mode="after")
    def _one_scope(self) -> Self:
        if sum([self.city, bool(self.district), bool(self.organisation)]) != 1:
            raise ValueError(
                f"{self.id}: say one of `city: true`, `district` and `organisation`: whom he may"
                " hear of"
            )
        return self

    def may_see(self, org_code: str | None, district_code: str | None) -> bool:
        """Whether a hospital is in his scope; one whose district nobody knows is the city's."""
        if self.city:
            return True
        if self.district:
            return district_code == self.district
        return org_code is not None and org_code == self.organisation

    def may_see_family(self, family: str) -> bool:
        """Whether he may hear of leads of this family."""
        return self.families == "all" or family in self.families


class _File(_Strict):
    recipients: list[Recipient]

    @model_validator(mode="after")
    def _own_ids(self) -> Self:
        ids = [recipient.id for recipient in self.recipients]
        if twice := {one for one in ids if ids.count(one) > 1}:
            raise ValueError(f"more than one recipient is called {', '.join(sorted(twice))}")
        return self


def recipients_of(settings: Settings) -> list[Recipient]:
    """The recipients of this installation; none where it has no file of them."""
    path = settings.state_dir / FILE
    return read_recipients(path) if path.is_file() else []


def read_recipients(path: Path) -> list[Recipient]:
    """The recipients of a file. Raises RecipientsError without repeating an address."""
    try:
        return _File.model_validate(yaml.safe_load(path.read_text("utf-8"))).recipients
    except ValidationError as error:
        said = "\n".join(
            f"- {'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False)
        )
        raise RecipientsError(f"{path}:\n{said}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise RecipientsError(f"{path}{where}: this is no YAML") from None
