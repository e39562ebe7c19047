"""A mail server on this machine that keeps what it is given, and refuses when it is told to."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from qinglian.settings import Settings


class Sink:
    """What came in, by address, and whom it refuses."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, EmailMessage]] = []
        self.refused: set[str] = set()
        self.port = 0

    async def handle_RCPT(  # noqa: N802 (the name that aiosmtpd calls)
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address in self.refused:
            return f"550 no such mailbox {address}"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.mails += [(address, message) for address in envelope.rcpt_tos]
        return "250 OK"

    def texts(self, address: str) -> list[str]:
        """The plain texts of the mails to an address, in order."""
        return [_body(message, "plain") for to, message in self.mails if to == address]

    def pages(self, address: str) -> list[str]:
        """The same as HTML."""
        return [_body(message, "html") for to, message in self.mails if to == address]


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


@contextmanager
def listening(sink: Sink, **options: Any) -> Iterator[None]:
    """Take mails on a free port; `options` are those of aiosmtpd's server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        sink.port = probe.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port, **options)
    controller.start()
    try:
        yield
    finally:
        controller.stop(no_assert=True)


def mailing(settings: Settings, sink: Sink, **more: Any) -> Settings:
    """Settings of an installation that sends its mails to the sink."""
    values = {
        "smtp_host": "127.0.0.1",
        "smtp_port": sink.port,
        "smtp_security": "none",
        "smtp_sender": "qinglian@example.org",
        "pages_url": "http://pages.example.org/",
    }
    return settings.model_copy(update=values | more)
