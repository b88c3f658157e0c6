"""The claim of a process on a raw item while it reads it, held against the row at every page.

A claim ends when the item is cancelled, replaced, removed or taken by another process. With the
claim goes how far the reading is, written at most once a second.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from openfit.hub import now_ms
from openfit.store import leases, paces, raw
from openfit.store.tables import raw_items

NOTED_EVERY = 1000  # ms
DOUBTFUL = 3  # positions: one of them may be that of an archive's directory


class Moved(Exception):
    """The item is not this process's to read any more."""


@dataclass
class Claim:
    """One item in hand. `rewriting`: it was read before and is read again."""

    row: Row[Any]
    rewriting: bool = False
    noted: int = 0
    at_byte: int = 0
    seen: tuple[int, ...] = ()

    @property
    def states(self) -> tuple[str, ...]:
        return ("done", "failed") if self.rewriting else ("pending",)


def ensure(conn: Connection, claim: Claim) -> None:
    """In the transaction that is about to write: the row is as it was when reading began."""
    row = claim.row
    now = raw.standing(conn, row.user_id, row.receipt)
    mine = now is not None and now.lease_owner == leases.process_name()
    if now is None or not mine or now.current != row.current or now.state not in claim.states:
        raise Moved(f"item {row.receipt}")


def note(conn: Connection, claim: Claim, at_byte: int | None, members: int) -> None:
    """Renew the lease and write down how far the reading is."""
    claim.seen = (*claim.seen[1 - DOUBTFUL :], at_byte or 0)
    now = now_ms()
    if now - claim.noted < NOTED_EVERY:
        return
    claim.noted, before, claim.at_byte = now, claim.at_byte, max(claim.at_byte, min(claim.seen))
    row = claim.row
    leases.take(conn, raw_items, raw.item_is(row.user_id, row.receipt), now)
    if claim.rewriting:
        return
    known = {"at_byte": claim.at_byte} if claim.at_byte else {}
    raw.set_item(conn, row.user_id, row.receipt, members=members, **known)
    paces.advance(conn, row.user_id, row.connection_id, "read", claim.at_byte - before, now)
