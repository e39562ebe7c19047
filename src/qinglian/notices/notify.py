"""Tells each recipient what is new to him, once: a rerun sends nothing twice, and what could not be
sent is sent by the next run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from qinglian.contracts import load_contracts
from qinglian.notices.letter import news_letter
from qinglian.notices.links import pages_address
from qinglian.notices.mail import Mail, MailBox, MailError, mail_server, open_mail_box
from qinglian.notices.news import World, news_for, read_world
from qinglian.notices.recipients import Recipient, recipients_of
from qinglian.notices.record import Kind, Told, enter, read_told, wait_for_others
from qinglian.settings import Settings
from qinglian.warehouse.server import Server


class NotSentError(RuntimeError):
    """Mails were not sent; the message names recipients by their ids and no address."""


@dataclass(frozen=True)
class Letter:
    """A mail that waits for its recipient, and what the record of it says."""

    recipient: Recipient
    mail: Mail
    kind: Kind
    told: Mapping[str, Any]


@dataclass
class NotifyReport:
    """Which mails went out and which did not, each with its recipient's id."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)

    def __str__(self) -> str:
        told = [f"{who}: {what}" for who, what in (*self.sent, *self.failed)]
        return "; ".join(told) or "没有新的内容 nothing is new"


def letters(settings: Settings, server: Server) -> list[Letter]:
    """What would go to whom; sends and records nothing.

    Raises RecipientsError for a wrong file, NoNewsError before the first detection.
    """
    world = _world(settings, server)
    with server.connect("auditor", autocommit=True) as connection:
        return [
            letter
            for recipient in _asking(settings)
            if (letter := _letter(settings, recipient, _told(connection, recipient, world), world))
        ]


def notify(settings: Settings, server: Server) -> NotifyReport:
    """Send each recipient what is new to him, and record it.

    Raises MailSettingsError, RecipientsError and NoNewsError before anything is sent; NotSentError
    after all others were sent, naming who did not get his.
    """
    mail_server(settings)
    recipients = _asking(settings)
    report = NotifyReport()
    with server.connect("loader", autocommit=True) as lock:
        wait_for_others(lock)
        world = _world(settings, server)
        for recipient in recipients:
            if not read_told(lock, recipient.id).begun:
                begin = world.begin()
                told = {"leads_from": str(begin.leads_from), "runs_from": begin.runs_from}
                enter(settings, server, recipient.id, "begin", told, settings.now())
        send_all(settings, server, letters(settings, server), report)
    raise_failed(report)
    return report


def raise_failed(report: NotifyReport) -> None:
    """Raise NotSentError where a mail did not go out."""
    if report.failed:
        raise NotSentError(f"not sent, the next run tries again: {report}")


def send_all(
    settings: Settings, server: Server, waiting: Sequence[Letter], report: NotifyReport
) -> None:
    """Send mails over one connection and record each; the report tells of both ends."""
    if not waiting:
        return
    unsent = list(waiting)
    try:
        with open_mail_box(mail_server(settings)) as box:
            while unsent:
                _send(settings, server, box, unsent.pop(0), report)
    except MailError as error:
        report.failed += [(letter.recipient.id, str(error)) for letter in unsent]


def _send(
    settings: Settings, server: Server, box: MailBox, letter: Letter, report: NotifyReport
) -> None:
    recipient = letter.recipient
    now = format_datetime(datetime.now(ZoneInfo(settings.timezone)))
    try:
        box.send(letter.mail, recipient.name, recipient.address, now)
    except MailError as error:
        report.failed.append((recipient.id, str(error)))
        return
    enter(settings, server, recipient.id, letter.kind, letter.told, settings.now())
    report.sent.append((recipient.id, letter.mail.subject))


def _asking(settings: Settings) -> list[Recipient]:
    return [recipient for recipient in recipients_of(settings) if recipient.tell]


def _world(settings: Settings, server: Server) -> World:
    with server.connect("reader") as reader, server.connect("auditor") as auditor:
        return read_world(reader, auditor, settings.landing_dir)


def _told(connection: Connection, recipient: Recipient, world: World) -> Told:
    told = read_told(connection, recipient.id)
    return told if told.begun else world.begin()


def _letter(settings: Settings, recipient: Recipient, told: Told, world: World) -> Letter | None:
    news = news_for(recipient, told, world)
    if not news:
        return None
    contracts = load_contracts(settings.contracts_dir)
    tables_zh = {name: contract.name_zh for name, contract in contracts.items()}
    mail = news_letter(recipient, news, world.detected_on, pages_address(settings), tables_zh)
    return Letter(recipient, mail, "news", news.told())
