"""Which records an item of many holds, so that each is kept once however often it comes."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Select, and_, bindparam, delete, insert, select

from openfit.store.columns import MINE
from openfit.store.tables import pieces

Digests = NDArray[np.uint64]
Times = NDArray[np.int64]
Sizes = NDArray[np.int64]
Mask = NDArray[np.bool_]

WORD = 4  # bytes: words of 32 bits under keys of 64 make a strongly universal family
NO_TIME = (1, 0)


def digests(body: NDArray[np.uint8], sizes: Sizes) -> Digests:
    """64 bits of each record: two 32-bit multiply-add hashes (Dietzfelbinger 1996; Thorup 2015),
    of whose keys nothing in a record knows. Two of a day's 86,400 records share them once in
    five billion days."""
    found = np.empty(sizes.size, np.uint64)
    starts = np.cumsum(sizes) - sizes
    for size in np.unique(sizes):
        which = np.flatnonzero(sizes == size)
        found[which] = digests_of_rows(rows(body, starts[which], int(size)))
    return found


def rows(body: NDArray[np.uint8], starts: Sizes, size: int) -> NDArray[np.uint8]:
    """Records of one size, a row each, without a copy where they follow each other."""
    n = starts.size
    if n and size and starts[-1] - starts[0] == (n - 1) * size:
        return body[starts[0] : starts[0] + n * size].reshape(n, size)
    found: NDArray[np.uint8] = body[starts[:, None] + np.arange(size)]
    return found


def digests_of_rows(found: NDArray[np.uint8]) -> Digests:
    n, size = found.shape
    if size % WORD:
        found = np.pad(found, ((0, 0), (0, -size % WORD)))
    words = np.ascontiguousarray(found).view("<u4").astype(np.uint64)
    multiply, add = keys(words.shape[1], size)
    high = (words @ multiply + add) >> np.uint64(32)
    joined: Digests = (high[:, 0] << np.uint64(32)) | high[:, 1]
    return joined


def keys(words: int, size: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Two columns of multipliers and an addend for each, other ones for each size of record."""
    blocks = -(-(2 * words + 2) * 8 // 64)
    made = b"".join(blake2b(f"{size} {at}".encode()).digest() for at in range(blocks))
    found = np.frombuffer(made, "<u8")[: 2 * words + 2]
    return found[:-2].reshape(words, 2), found[-2:]


def known(conn: Connection, user_id: int, connection_id: str, which: Digests, at: Times) -> Mask:
    """Which of these records a connection holds."""
    found = np.zeros(which.size, dtype=bool)
    asked: dict[str, Any] = {"user": user_id, "connection": connection_id}
    timed = at > 0
    if timed.any():
        reached = asked | {"first": int(at[timed].min()), "last": int(at[timed].max())}
        found[timed] = np.isin(which[timed], held(conn, TIMED, reached))
    if not timed.all():
        found[~timed] = np.isin(which[~timed], held(conn, UNTIMED, asked))
    return found


OF_CONNECTION = and_(pieces.c.user_id == MINE, pieces.c.connection_id == bindparam("connection"))
REACHED = and_(pieces.c.from_at <= bindparam("last"), pieces.c.to_at >= bindparam("first"))
TIMED = select(pieces.c.timed).where(OF_CONNECTION, REACHED)
UNTIMED = select(pieces.c.untimed).where(OF_CONNECTION, pieces.c.untimed.is_not(None))


def held(conn: Connection, query: Select[Any], asked: dict[str, Any]) -> Digests:
    return np.frombuffer(b"".join(conn.execute(query, asked).scalars()), "<u8")


def note(
    conn: Connection,
    user_id: int,
    connection_id: str,
    receipt: int,
    which: Digests,
    at: Times,
    *,
    whole: bool,
) -> None:
    """An item and the records that it holds."""
    timed = at > 0
    from_at, to_at = (int(at[timed].min()), int(at[timed].max())) if timed.any() else NO_TIME
    row = {
        "user_id": user_id,
        "receipt": receipt,
        "connection_id": connection_id,
        "whole": whole,
        "from_at": from_at,
        "to_at": to_at,
        "timed": which[timed].tobytes(),
        "untimed": None if timed.all() else which[~timed].tobytes(),
    }
    conn.execute(ADD, row)


ADD = insert(pieces)


def join(conn: Connection, user_id: int, receipts: Sequence[int], into: int) -> None:
    """What several items held, one item now holds."""
    mine = and_(pieces.c.user_id == user_id, pieces.c.receipt.in_(receipts))
    found = conn.execute(select(pieces).where(mine).order_by(pieces.c.receipt)).all()
    spans = [(row.from_at, row.to_at) for row in found if row.from_at <= row.to_at]
    untimed = b"".join(row.untimed for row in found if row.untimed)
    joined = {
        "user_id": user_id,
        "receipt": into,
        "connection_id": found[0].connection_id,
        "whole": found[0].whole,
        "from_at": min((start for start, _ in spans), default=NO_TIME[0]),
        "to_at": max((end for _, end in spans), default=NO_TIME[1]),
        "timed": b"".join(row.timed for row in found),
        "untimed": untimed or None,
    }
    conn.execute(delete(pieces).where(mine))
    conn.execute(ADD, joined)


def count(conn: Connection, user_id: int, connection_id: str) -> int:
    """How many records a connection holds."""
    query = select(pieces.c.timed, pieces.c.untimed).where(
        pieces.c.user_id == user_id, pieces.c.connection_id == connection_id
    )
    return sum(len(row.timed) + len(row.untimed or b"") for row in conn.execute(query)) // 8
