"""Work that a person asked for once: backups, deletions. A row each, done by the worker."""

import uuid
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, insert, select, update

from openfit.errors import NotFound
from openfit.store.tables import tasks

OPEN = ("waiting", "running", "cancelling")


def is_task(user_id: int, task_id: str) -> ColumnElement[bool]:
    return and_(tasks.c.user_id == user_id, tasks.c.task_id == task_id)


def add(conn: Connection, user_id: int, kind: str, wish: Any, now_ms: int) -> str:
    task_id = str(uuid.uuid4())
    row = {"user_id": user_id, "task_id": task_id, "kind": kind, "made_at": now_ms}
    conn.execute(insert(tasks).values(row | {"wish": text(wish)}))
    return task_id


def text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def get(conn: Connection, user_id: int, task_id: str) -> Row[Any]:
    row = conn.execute(select(tasks).where(is_task(user_id, task_id))).first()
    if row is None:
        raise NotFound("There is no such task.", code="no_task")
    return row


def of_user(conn: Connection, user_id: int, limit: int = 50) -> list[Row[Any]]:
    """The latest first."""
    query = select(tasks).where(tasks.c.user_id == user_id)
    return list(conn.execute(query.order_by(tasks.c.made_at.desc(), tasks.c.task_id).limit(limit)))


def due(conn: Connection) -> list[Row[Any]]:
    """What waits, and what was begun and did not end, of all users."""
    query = select(tasks).where(tasks.c.state.in_(OPEN))
    return list(conn.execute(query.order_by(tasks.c.made_at)))


def last(conn: Connection, kind: str) -> Row[Any] | None:
    """The task of a kind that was made last, whoever made it."""
    query = select(tasks).where(tasks.c.kind == kind).order_by(tasks.c.made_at.desc())
    return conn.execute(query.limit(1)).first()


def change(conn: Connection, row: Row[Any], **values: Any) -> None:
    conn.execute(update(tasks).where(is_task(row.user_id, row.task_id)).values(values))


def cancel(conn: Connection, user_id: int, task_id: str) -> bool:
    """What waits ends at once, what runs ends at its next step; False where it is over."""
    mine = is_task(user_id, task_id)
    waiting = conn.execute(
        update(tasks).where(mine, tasks.c.state == "waiting").values(state="cancelled")
    )
    running = conn.execute(
        update(tasks).where(mine, tasks.c.state == "running").values(state="cancelling")
    )
    return bool(waiting.rowcount + running.rowcount)
