"""Tickets: what a browser fetches by an address alone, once and at once.

A download that the browser itself keeps on disk carries no header, so its address has to open it.
A ticket opens one thing, once, within a minute, and only while the sign-in or key that asked for
it still goes on. Tickets live in this process: who restarts the hub asks again.
"""

import hashlib
import secrets
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from openfit.access.ways import Ways
from openfit.errors import NotFound

LIFE = 60_000  # ms
MOST_OF_ONE = 8
PREFIX = "ofd_"  # known to logs and replays as a secret


class Ticket(Struct, frozen=True):
    user_id: int
    bearer: str
    opens: Any
    ends_at: int  # ms


class Tickets:
    def __init__(self, ways: Ways, now_ms: Callable[[], int]) -> None:
        self.ways, self.now_ms = ways, now_ms
        self.known: dict[bytes, Ticket] = {}  # the oldest first

    def issue(self, user_id: int, bearer: str, opens: Any) -> tuple[str, int]:
        """A new one, and when it ends. Of one person's the latest few are good."""
        self.sweep()
        mine = [key for key, one in self.known.items() if one.user_id == user_id]
        for key in mine[: max(0, len(mine) - MOST_OF_ONE + 1)]:
            self.known.pop(key, None)
        word, ends_at = PREFIX + secrets.token_urlsafe(32), self.now_ms() + LIFE
        self.known[digest(word)] = Ticket(user_id, bearer, opens, ends_at)
        return word, ends_at

    def use(self, word: str) -> Any:
        """What it opens. It is used up by this, whatever comes of it."""
        ticket = self.known.pop(digest(word), None)
        if ticket is None or ticket.ends_at <= self.now_ms() or not self.stands(ticket):
            raise NotFound(
                "This download was fetched already, or was not begun within its minute.",
                code="no_ticket",
                next_step="Begin it again from the page.",
            )
        return ticket.opens

    def stands(self, ticket: Ticket) -> bool:
        """Whether who asked for it would still be let in."""
        way = self.ways.remembered(ticket.bearer) or self.ways.find(ticket.bearer)
        return way is not None and way.user_id == ticket.user_id and "read" in way.scopes

    def sweep(self) -> None:
        now = self.now_ms()
        for key in [key for key, one in list(self.known.items()) if one.ends_at <= now]:
            self.known.pop(key, None)


def digest(word: str) -> bytes:
    return hashlib.sha256(word.encode()).digest()
