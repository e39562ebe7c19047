"""Mails the weekly briefs to those who asked for them: each once a week, within their scope."""

from datetime import date

from qinglian.brief.make import Brief, Request, read_brief
from qinglian.brief.pdf import PrintError
from qinglian.brief.read import BriefError
from qinglian.notices.letter import brief_letter
from qinglian.notices.mail import Attachment, mail_server
from qinglian.notices.news import districts_of
from qinglian.notices.notify import Letter, NotifyReport, raise_failed, send_all
from qinglian.notices.recipients import BriefOrder, Recipient, recipients_of
from qinglian.notices.record import read_told, wait_for_others
from qinglian.settings import Settings
from qinglian.warehouse.server import Server


def mail_briefs(settings: Settings, server: Server, day: date | None = None) -> NotifyReport:
    """Send each recipient the briefs that he ordered, of the week of `day`, and record it.

    Raises MailSettingsError and RecipientsError before anything is sent; NotSentError after all
    others were sent, naming what was not sent and why.
    """
    mail_server(settings)
    report = NotifyReport()
    with server.connect("loader", autocommit=True) as lock:
        wait_for_others(lock)
        with server.connect("reader") as reader:
            districts = districts_of(reader)
        for recipient in recipients_of(settings):
            sent = read_told(lock, recipient.id).briefs
            for order in recipient.briefs:
                if not recipient.may_see(order.organisation, districts.get(order.organisation)):
                    report.failed.append((recipient.id, f"{_named(order)} 不在收件人范围内"))
                    continue
                try:
                    letter = _letter(settings, server, recipient, order, day, sent)
                except (BriefError, PrintError) as error:
                    report.failed.append((recipient.id, f"{_named(order)}: {error}"))
                    continue
                # Sent before the next is printed: a later failure keeps none of them back.
                send_all(settings, server, [letter] if letter else [], report)
    raise_failed(report)
    return report


def _letter(
    settings: Settings,
    server: Server,
    recipient: Recipient,
    order: BriefOrder,
    day: date | None,
    sent: set[tuple[str, str, str]],
) -> Letter | None:
    """The mail with the brief, None where it was sent already."""
    request = Request(
        order.organisation,
        order.department,
        day,
        None if recipient.families == "all" else recipient.families,
    )
    made = read_brief(settings, server, request)
    told = _told(order, made)
    if (told["organisation"], told["department"], told["week"]) in sent:
        return None
    attachment = Attachment(f"{made.name}.pdf", made.pdf(settings))
    return Letter(recipient, brief_letter(recipient, made.facts, attachment), "brief", told)


def _told(order: BriefOrder, made: Brief) -> dict[str, str]:
    return {
        "organisation": order.organisation,
        "department": order.department or "",
        "week": str(made.facts.week.first),
    }


def _named(order: BriefOrder) -> str:
    return order.organisation + (f"/{order.department}" if order.department else "")
