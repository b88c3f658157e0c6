"""Who a bearer of a token is. What was found is believed for a second, so that a busy page does
not ask the database each time; an ended session or a disabled user is refused after that second
at the latest, and at once where this process did it."""

import hashlib
import hmac
import time
from collections.abc import Callable

from msgspec import Struct

from openfit.access.tokens import AccessTokens
from openfit.api.scopes import SCOPES
from openfit.hub import Hub
from openfit.store import keys, sessions

BELIEVED = 1.0  # seconds
MOST = 10_000
USE_NOTED_EVERY = 60_000  # ms
MEMBER = frozenset({"read", "write", "account"})


class Way(Struct, frozen=True):
    """By session or by key; `scopes` are those that the user's role leaves of it."""

    user_id: int
    scopes: frozenset[str]
    ends_at: int | None  # ms
    session_id: str | None = None
    key_hash: str | None = None


def scopes_of(role: str, said: str = keys.ALL) -> frozenset[str]:
    mine = frozenset(SCOPES) if role == "owner" else MEMBER
    return mine if said == keys.ALL else mine & frozenset(said.split())


class Ways:
    def __init__(
        self,
        hub: Hub,
        tokens: AccessTokens,
        now_ms: Callable[[], int],
        note_use: Callable[[int, str], None],
    ) -> None:
        self.hub, self.tokens, self.now_ms, self.note_use = hub, tokens, now_ms, note_use
        self.known: dict[bytes, tuple[float, Way]] = {}
        self.noted: dict[str, int] = {}
        self.demo: Way | None = None
        self.demo_key = ""

    def remembered(self, bearer: str) -> Way | None:
        """Without asking the database; None where it has to be asked."""
        found = self.known.get(hashlib.sha256(bearer.encode()).digest())
        if found is None or time.monotonic() >= found[0]:
            return None
        return found[1] if self.goes_on(found[1]) else None

    def find(self, bearer: str) -> Way | None:
        way = self.by_key(bearer) if bearer.startswith(keys.PREFIX) else self.by_session(bearer)
        if way is None:
            return None
        if len(self.known) >= MOST:
            self.known.clear()
        self.known[hashlib.sha256(bearer.encode()).digest()] = (time.monotonic() + BELIEVED, way)
        return way

    def forget(self) -> None:
        """Something ended: ask again about everybody."""
        self.known.clear()

    def goes_on(self, way: Way) -> bool:
        return way.ends_at is None or way.ends_at > self.now_ms()

    def by_key(self, key: str) -> Way | None:
        if self.demo is not None and hmac.compare_digest(key.encode(), self.demo_key.encode()):
            return self.demo
        with self.hub.engine.connect() as conn:
            row = keys.find(conn, keys.hashed(key))
        if row is None or row.disabled:
            return None
        way = Way(
            row.user_id,
            scopes_of(row.role, row.scopes),
            row.expires_at,
            key_hash=row.token_hash,
        )
        if not self.goes_on(way):
            return None
        self.note(row.user_id, row.token_hash, row.used_at)
        return way

    def note(self, user_id: int, key_hash: str, used_at: int | None) -> None:
        """When a key was used last, at most once a minute, and not while its bearer waits."""
        now, last = self.now_ms(), max(used_at or 0, self.noted.get(key_hash, 0))
        if now - last >= USE_NOTED_EVERY:
            self.noted[key_hash] = now
            self.note_use(user_id, key_hash)

    def by_session(self, token: str) -> Way | None:
        said = self.tokens.read(token, self.now_ms())
        if said is None:
            return None
        with self.hub.engine.connect() as conn:
            row = sessions.find(conn, said.user_id, said.session_id)
        if row is None or row.disabled or row.ended_at is not None:
            return None
        return Way(said.user_id, scopes_of(row.role), said.ends_at, session_id=said.session_id)
