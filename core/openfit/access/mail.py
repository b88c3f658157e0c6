"""Mail by SMTP, sent behind the request, so that how long it takes tells nobody anything."""

import logging
import smtplib
import ssl
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from threading import BoundedSemaphore
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from openfit.access.addresses import normal
from openfit.config import LOOPBACK
from openfit.errors import HubError, SetupError

log = logging.getLogger("openfit.mail")

TIMEOUT = 20.0  # seconds
WAITING = 100
PORTS = {"smtp": 587, "smtps": 465}


class Server(Struct, frozen=True):
    """`smtps` speaks TLS from the start; `smtp` goes over to it, except to this very machine."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = ""

    @classmethod
    def parse(cls, url: str) -> "Server":
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/"):
            raise SetupError(
                "OPENFIT_SMTP_URL is not an address of a mail server. Write it as "
                "smtp://user:password@host:587 or smtps://user:password@host:465."
            )
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(parts.scheme, parts.hostname, port or PORTS[parts.scheme], user, password)


class Mailer:
    def __init__(self, server: Server, sender: str) -> None:
        self.server, self.sender = server, sender
        self.pool = ThreadPoolExecutor(1, thread_name_prefix="openfit-mail")
        self.room = BoundedSemaphore(WAITING)

    @classmethod
    def from_settings(cls, url: str | None, sender: str | None) -> "Mailer | None":
        if not url and not sender:
            return None
        if not url or not sender:
            raise SetupError("Mail needs both OPENFIT_SMTP_URL and OPENFIT_MAIL_FROM.")
        try:
            return cls(Server.parse(url), normal(sender))
        except HubError as error:
            if isinstance(error, SetupError):
                raise
            raise SetupError("OPENFIT_MAIL_FROM is not a mail address.") from error

    def send(self, to: str, subject: str, text: str) -> None:
        """Hand over; more than a hundred that wait are not sent, and the log says so."""
        message = compose(self.sender, to, subject, text)
        if not self.room.acquire(blocking=False):
            log.warning("a mail was not sent: %d are waiting", WAITING)
            return
        self.pool.submit(self.deliver, message)

    def deliver(self, message: EmailMessage) -> None:
        try:
            transmit(self.server, message)
        except (OSError, smtplib.SMTPException) as error:
            log.warning("a mail was not sent: %s", type(error).__name__)
        finally:
            self.room.release()

    def close(self) -> None:
        """One that is on its way arrives; those that wait are not sent."""
        self.pool.shutdown(wait=True, cancel_futures=True)

    def settle(self) -> None:
        """Return when all that was handed over is on its way."""
        self.pool.submit(lambda: None).result()


def compose(sender: str, to: str, subject: str, text: str) -> EmailMessage:
    """EmailMessage refuses a line end in a header; addresses are checked before that."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"OpenFit <{sender}>", normal(to), subject
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=sender.split("@")[1])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message


def transmit(server: Server, message: EmailMessage) -> None:
    context = ssl.create_default_context()
    if server.scheme == "smtps":
        with smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=context) as smtp:
            hand_over(smtp, server, message)
        return
    with smtplib.SMTP(server.host, server.port, timeout=TIMEOUT) as smtp:
        smtp.ehlo()
        if server.host not in LOOPBACK or smtp.has_extn("starttls"):
            smtp.starttls(context=context)
        hand_over(smtp, server, message)


def hand_over(smtp: smtplib.SMTP, server: Server, message: EmailMessage) -> None:
    if server.user:
        smtp.login(server.user, server.password)
    smtp.send_message(message)
