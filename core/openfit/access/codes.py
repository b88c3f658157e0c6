"""Six digits that prove that somebody reads a mailbox. They live ten minutes and are used once.

Five tries an hour for an address, over all its codes; five codes an hour. That is counted in this
process for every address alike, known or not, and kept with the account over restarts.
"""

import hmac
import secrets
from typing import Any

from sqlalchemy import Connection, Row

from openfit.access.keyring import Keyring
from openfit.access.limits import SENT, TRIES, WINDOW
from openfit.store import codes as rows

LIFE = 600_000  # ms
SIGN_IN, EMAIL, TOTP = "sign_in", "email", "totp"


class Codes:
    def __init__(self, keyring: Keyring) -> None:
        self.keyring = keyring

    def make(
        self, conn: Connection, user_id: int, purpose: str, now_ms: int, about: str = ""
    ) -> str | None:
        """A new code in place of the last one; None after too many within the hour."""
        row = window(rows.find(conn, user_id, purpose), now_ms)
        if row["sent"] >= SENT or row["tries"] >= TRIES:
            return None
        code = f"{secrets.randbelow(1_000_000):06d}"
        rows.put(
            conn,
            user_id,
            purpose,
            **row | {"sent": row["sent"] + 1},
            code_hash=self.keyring.code_hash(purpose, user_id, about, code),
            made_at=now_ms,
            expires_at=now_ms + LIFE,
        )
        return code

    def opens(
        self, row: Row[Any] | None, user_id: int, purpose: str, code: str, now_ms: int, about: str
    ) -> bool:
        """Whether this is the live code; the work is the same where there is none."""
        given = self.keyring.code_hash(purpose, user_id, about, code.strip())
        wanted = (row.code_hash if row is not None else None) or "none"
        same = hmac.compare_digest(given, wanted)
        counted = window(row, now_ms)
        return same and row is not None and row.expires_at > now_ms and counted["tries"] < TRIES

    def count_try(self, conn: Connection, user_id: int, purpose: str, now_ms: int) -> None:
        found = rows.find(conn, user_id, purpose)
        counted = window(found, now_ms)
        rows.put(
            conn,
            user_id,
            purpose,
            **counted | {"tries": counted["tries"] + 1},
            code_hash=found.code_hash if found else None,
            made_at=found.made_at if found else now_ms,
            expires_at=found.expires_at if found else now_ms,
        )

    def exhausted(self, conn: Connection, user_id: int, purpose: str, now_ms: int) -> bool:
        return bool(window(rows.find(conn, user_id, purpose), now_ms)["tries"] >= TRIES)


def window(row: Row[Any] | None, now_ms: int) -> dict[str, int]:
    """What counts of the current hour."""
    if row is None or now_ms - row.counted_from >= WINDOW * 1000:
        return {"tries": 0, "sent": 0, "counted_from": now_ms}
    return {"tries": row.tries, "sent": row.sent, "counted_from": row.counted_from}
