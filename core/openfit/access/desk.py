"""What the serving process knows about ways in, wired once."""

import logging
import secrets
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection

from openfit.access.booking import Booking
from openfit.access.codes import Codes
from openfit.access.keyring import Keyring
from openfit.access.limits import Doors
from openfit.access.mail import Mailer
from openfit.access.oidc import Provider
from openfit.access.passwords import Passwords
from openfit.access.sessions import Sessions
from openfit.access.tickets import Tickets
from openfit.access.tokens import AccessTokens
from openfit.access.totp import SecondFactor
from openfit.access.ways import Way, Ways, scopes_of
from openfit.errors import HubError
from openfit.hub import Hub, now_ms, owner_id
from openfit.store import keys
from openfit.store.engine import retrying, write

log = logging.getLogger("openfit.access")
Answer = TypeVar("Answer")


class Access:
    def __init__(self, hub: Hub, now: Callable[[], int] = now_ms) -> None:
        self.hub, self.now = hub, now
        self.keyring = Keyring.of(hub.config)
        self.tokens = AccessTokens(self.keyring.access)
        self.passwords = Passwords()
        self.sessions = Sessions(self.keyring, self.tokens)
        self.codes = Codes(self.keyring)
        self.second = SecondFactor(self.keyring, self.codes)
        self.doors = Doors()
        self.mailer = Mailer.from_settings(hub.config.smtp_url, hub.config.mail_from)
        self.provider = Provider.from_settings(hub.config)
        self.ways = Ways(hub, self.tokens, lambda: self.now(), self.note_use)
        self.tickets = Tickets(self.ways, lambda: self.now())
        self.booking = Booking(hub)
        # Passwords are worked out beside the requests of others, what nobody waits for behind.
        self.pool = ThreadPoolExecutor(2, thread_name_prefix="openfit-sign-in")
        self.behind = ThreadPoolExecutor(1, thread_name_prefix="openfit-behind")
        if hub.config.demo and hub.config.is_local:
            self.open_demo()

    def settled(self, work: Callable[[Connection], Answer | HubError]) -> Answer:
        """Do it in one transaction; a refusal that it returns is raised after what it wrote is
        kept, such as that a try was counted."""

        def transaction() -> Answer | HubError:
            with write(self.hub.engine) as conn:
                return work(conn)

        outcome = retrying(transaction)
        if isinstance(outcome, HubError):
            raise outcome
        return outcome

    def later(self, work: Callable[[Connection], Any]) -> None:
        """Write something that nobody waits for."""
        self.behind.submit(self.settled, work).add_done_callback(complain)

    def settle(self) -> None:
        """Return when what was to be written later is."""
        self.behind.submit(lambda: None).result()

    def close(self) -> None:
        self.booking.flush()
        for pool in (self.pool, self.behind):
            pool.shutdown(wait=True)
        if self.mailer is not None:
            self.mailer.close()

    def note_use(self, user_id: int, key_hash: str) -> None:
        at = self.now()
        self.later(lambda conn: keys.note_use(conn, user_id, key_hash, at))

    def open_demo(self) -> None:
        """A key that lives as long as this process: the demo's data is made up."""
        self.ways.demo_key = "of_demo_" + secrets.token_urlsafe(24)
        owner = owner_id(self.hub)
        self.ways.demo = Way(owner, scopes_of("owner"), None, key_hash="demo")


def complain(done: "Future[Any]") -> None:
    if error := done.exception():
        log.error("what nobody waits for failed", exc_info=error)
