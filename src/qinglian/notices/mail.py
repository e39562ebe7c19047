"""Mails over SMTP: encrypted, and silent about addresses in whatever is logged or raised."""

import hashlib
import re
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import Literal

from qinglian.secrets_file import PREFIX, SecretsFile
from qinglian.settings import Settings

PASSWORD_SECRET = "SMTP_PASSWORD"  # noqa: S105 (the name of a secret)
#: What we take for an address: plain letters, and nothing that could end a header of a mail.
ADDRESS = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+$"
_SECONDS = 60
_LOCAL = ("localhost", "127.0.0.1", "::1")


class MailSettingsError(ValueError):
    """Mails are configured in part or dangerously; the message names the setting."""


class MailError(RuntimeError):
    """A mail was not taken; the message holds no address."""


@dataclass(frozen=True)
class MailServer:
    """The server that takes our mails."""

    host: str
    port: int
    sender: str
    security: Literal["starttls", "tls", "none"]
    user: str | None
    password: str | None = field(repr=False)
    ca_file: Path | None


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Mail:
    """A mail to one recipient; the same `key` gives the same Message-ID.

    A mail that was taken by the server and not recorded, since the process was killed between, is
    sent again: many mail programs show only one of two mails of one Message-ID.
    """

    key: str
    subject: str
    text: str
    html: str
    attachments: Sequence[Attachment] = ()


def mail_server(settings: Settings) -> MailServer:
    """The configured server. Raises MailSettingsError naming what is missing."""
    if not settings.smtp_host:
        raise MailSettingsError(
            "mails are off: set smtp_host and smtp_sender in qinglian.toml (or QINGLIAN_SMTP_HOST"
            " and QINGLIAN_SMTP_SENDER); see docs/operations.md"
        )
    if not settings.smtp_sender:
        raise MailSettingsError("smtp_sender is not set: the address that mails come from")
    if not re.fullmatch(ADDRESS, settings.smtp_sender):
        raise MailSettingsError("smtp_sender is no address like qinglian@example.org")
    password = SecretsFile(settings.secrets_path).given(PASSWORD_SECRET)
    if settings.smtp_user and not password:
        raise MailSettingsError(
            f"smtp_user has no password: add {PREFIX}{PASSWORD_SECRET}=… to {settings.secrets_path}"
        )
    if settings.smtp_security == "none" and settings.smtp_host not in _LOCAL:
        raise MailSettingsError(
            f"smtp_security is none, so that leads would go to {settings.smtp_host} for anybody to"
            " read: set it to starttls or tls; without encryption only this machine's own server is"
            " spoken to"
        )
    return MailServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_sender,
        settings.smtp_security,
        settings.smtp_user or None,
        password,
        settings.smtp_ca_file,
    )


class MailBox:
    """An open connection to the server."""

    def __init__(self, server: MailServer, smtp: smtplib.SMTP) -> None:
        self._server = server
        self._smtp = smtp

    def send(self, mail: Mail, name: str, address: str, sent_at: str) -> None:
        """Hand a mail over. Raises MailError without the address or the server's own words."""
        try:
            message = as_message(mail, self._server.sender, name, address, sent_at)
            self._smtp.send_message(message)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise MailError(_without_addresses(error)) from None


@contextmanager
def open_mail_box(server: MailServer) -> Iterator[MailBox]:
    """Connect and log in; encrypted unless it is this machine's own. Raises MailError."""
    try:
        smtp = _connected(server)
    except (smtplib.SMTPException, OSError) as error:
        raise MailError(f"{server.host}:{server.port} {_without_addresses(error)}") from None
    try:
        yield MailBox(server, smtp)
    finally:
        try:
            smtp.quit()
        except (smtplib.SMTPException, OSError):
            smtp.close()


def as_message(mail: Mail, sender: str, name: str, address: str, sent_at: str) -> EmailMessage:
    """The mail as it goes over the wire. `sent_at` is the value of its header Date."""
    message = EmailMessage()
    message["Subject"] = mail.subject
    message["From"] = Address("清廉", addr_spec=sender)
    message["To"] = Address(name, addr_spec=address)
    message["Date"] = sent_at
    digest = hashlib.sha256(mail.key.encode()).hexdigest()[:40]
    message["Message-ID"] = f"<{digest}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    for attachment in mail.attachments:
        message.add_attachment(
            attachment.content,
            maintype="application",
            subtype="pdf",
            filename=attachment.name,
        )
    return message


def _connected(server: MailServer) -> smtplib.SMTP:
    trust = ssl.create_default_context(cafile=server.ca_file)
    smtp: smtplib.SMTP
    if server.security == "tls":
        smtp = smtplib.SMTP_SSL(server.host, server.port, timeout=_SECONDS, context=trust)
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=_SECONDS)
    try:
        if server.security == "starttls":
            smtp.starttls(context=trust)
        if server.user and server.password:
            smtp.login(server.user, server.password)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _without_addresses(error: Exception) -> str:
    """Kind and code of an error: the words of servers repeat addresses."""
    codes: list[int] = []
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = sorted({code for code, _ in error.recipients.values()})
    elif isinstance(error, smtplib.SMTPResponseException):
        codes = [error.smtp_code]
    elif isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException):
        return f"{type(error).__name__}: {error.strerror or error}"
    return " ".join([type(error).__name__, *map(str, codes)])
