"""Six digits: one live code for a purpose, and how often it was asked for and tried."""

from typing import Any

from sqlalchemy import Connection, Row, select, update

from openfit.store.engine import upsert
from openfit.store.tables import codes


def find(conn: Connection, user_id: int, purpose: str) -> Row[Any] | None:
    mine = (codes.c.user_id == user_id, codes.c.purpose == purpose)
    return conn.execute(select(codes).where(*mine)).first()


def put(conn: Connection, user_id: int, purpose: str, **values: Any) -> None:
    upsert(conn, codes, [{"user_id": user_id, "purpose": purpose} | values])


def spend(conn: Connection, user_id: int, purpose: str) -> None:
    """The code is used, and what was counted is settled."""
    mine = (codes.c.user_id == user_id, codes.c.purpose == purpose)
    conn.execute(update(codes).where(*mine).values(code_hash=None, tries=0, sent=0))
