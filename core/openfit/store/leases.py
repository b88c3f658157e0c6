"""Leases: two columns of a row that keep two processes from doing the same work at once."""

import os
import socket
from pathlib import Path
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, and_, or_, select, update

LEASE_SECONDS = 60


def process_name(pid: int | None = None) -> str:
    """Host, process id and start time: names one process for good, so that a dead one is known."""
    pid = pid or os.getpid()
    return f"{socket.gethostname()[:48]}:{pid}:{started(pid)}"


def started(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def is_dead(owner: str) -> bool:
    """True only for a process of this machine that is certainly gone."""
    host, _, rest = owner.partition(":")
    pid, _, start = rest.partition(":")
    if host != socket.gethostname()[:48] or not start:
        return False
    return started(int(pid)) != start


def take(
    conn: Connection,
    table: Table,
    row: ColumnElement[bool],
    now_ms: int,
    owner: str = "",
    *,
    name: str = "lease",
) -> bool:
    """Take or renew the lease on one row. False: somebody else works on it."""
    owner = owner or process_name()
    holds, until = table.c[f"{name}_owner"], table.c[f"{name}_until"]
    holder = conn.execute(select(holds).where(row)).scalar()
    mine = [owner, holder] if holder and is_dead(holder) else [owner]
    free = or_(holds.is_(None), holds.in_(mine), until < now_ms)
    values: dict[Any, Any] = {holds: owner, until: now_ms + LEASE_SECONDS * 1000}
    return conn.execute(update(table).where(and_(row, free)).values(values)).rowcount == 1


def take_all(
    conn: Connection, table: Table, rows: ColumnElement[bool], key: Column[int], now_ms: int
) -> set[int]:
    """Take the leases of many rows; answers the keys of those that were free."""
    owner = process_name()
    holders = conn.execute(select(table.c.lease_owner).where(rows).distinct()).scalars()
    mine = [owner, *(one for one in holders if one and is_dead(one))]
    holds, until = table.c.lease_owner, table.c.lease_until
    free = or_(holds.is_(None), holds.in_(mine), until < now_ms)
    values: dict[Any, Any] = {holds: owner, until: now_ms + LEASE_SECONDS * 1000}
    taken = update(table).where(and_(rows, free)).values(values).returning(key)
    return {*conn.execute(taken).scalars()}


def release(
    conn: Connection,
    table: Table,
    row: ColumnElement[bool],
    owner: str = "",
    *,
    name: str = "lease",
) -> None:
    holds, until = table.c[f"{name}_owner"], table.c[f"{name}_until"]
    mine = holds == (owner or process_name())
    values: dict[Any, Any] = {holds: None, until: None}
    conn.execute(update(table).where(and_(row, mine)).values(values))
