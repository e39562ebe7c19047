"""`qinglian notify`: tell recipients by mail what is new."""

from typing import Annotated

import typer
from rich.console import Console

console = Console()


def notify(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只显示将发给谁什么 Print what would go to whom")
    ] = False,
    briefs: Annotated[
        bool, typer.Option("--briefs", help="改发本周简报 Send the weekly briefs instead")
    ] = False,
) -> None:
    """Send new red leads and failed quality gates by mail to the recipients of recipients.yaml."""
    if dry_run and briefs:
        raise typer.BadParameter("--dry-run shows news; `qinglian brief` makes a brief to look at")
    from qinglian.notices.mail import MailSettingsError
    from qinglian.notices.news import NoNewsError
    from qinglian.notices.notify import NotSentError
    from qinglian.notices.recipients import RecipientsError

    try:
        _print_letters() if dry_run else _send(briefs=briefs)
    except (MailSettingsError, NoNewsError, NotSentError, RecipientsError) as error:
        console.print(f"[red]{error}", soft_wrap=True)
        raise typer.Exit(1) from None


def _send(*, briefs: bool) -> None:
    from qinglian.pipeline import mail_weekly_briefs, notify_recipients, settings_and_server

    settings, _ = settings_and_server()
    send = mail_weekly_briefs if briefs else notify_recipients
    console.print(str(send(settings.now().date())), soft_wrap=True, markup=False)


def _print_letters() -> None:
    from qinglian.notices.notify import letters
    from qinglian.pipeline import settings_and_server

    waiting = letters(*settings_and_server())
    for letter in waiting:
        console.rule(f"{letter.recipient.id} {letter.recipient.name}: {letter.mail.subject}")
        console.print(letter.mail.text, soft_wrap=True, markup=False, highlight=False)
    if not waiting:
        console.print("没有新的内容 nothing is new")
