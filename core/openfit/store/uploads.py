"""Rows of files that come in pieces; the pieces lie in a file of the data folder."""

from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, insert, select, update

from openfit.errors import NotFound
from openfit.store.tables import uploads

DAY_MS = 86_400_000


def upload_is(user_id: int, upload_id: str) -> Any:
    return and_(uploads.c.user_id == user_id, uploads.c.upload_id == upload_id)


def add(conn: Connection, user_id: int, upload_id: str, now_ms: int, **values: Any) -> None:
    row = {"user_id": user_id, "upload_id": upload_id, "used_at": now_ms, **values}
    conn.execute(insert(uploads).values(row))


def get(conn: Connection, user_id: int, upload_id: str) -> Row[Any]:
    row = conn.execute(select(uploads).where(upload_is(user_id, upload_id))).first()
    if row is None:
        raise NotFound(
            "There is no such upload. It may have been unfinished for more than a day.",
            code="no_upload",
            next_step="Begin it again.",
        )
    return row


def change(conn: Connection, user_id: int, upload_id: str, **values: Any) -> None:
    conn.execute(update(uploads).where(upload_is(user_id, upload_id)).values(values))


def remove(conn: Connection, user_id: int, upload_id: str) -> None:
    conn.execute(delete(uploads).where(upload_is(user_id, upload_id)))


def unfinished(conn: Connection, user_id: int) -> tuple[int, int]:
    """How many are open, and the bytes that they will be."""
    query = select(func.count(), func.coalesce(func.sum(uploads.c.size), 0)).where(
        uploads.c.user_id == user_id, uploads.c.number.is_(None)
    )
    n, size = conn.execute(query).one()
    return int(n), int(size)


def still_open(
    conn: Connection,
    user_id: int,
    import_id: str | None,
    before: tuple[int, str] | None,
    limit: int,
) -> list[Row[Any]]:
    """Unfinished ones, of an import or all, the one last gone on with first."""
    at, name = uploads.c.used_at, uploads.c.upload_id
    query = select(uploads).where(uploads.c.user_id == user_id, uploads.c.number.is_(None))
    if import_id is not None:
        query = query.where(uploads.c.import_id == import_id)
    if before is not None:
        query = query.where((at < before[0]) | ((at == before[0]) & (name > before[1])))
    return list(conn.execute(query.order_by(at.desc(), name).limit(limit)))


def take_old(conn: Connection, now_ms: int) -> list[str]:
    """Forget what nobody went on with for a day; answers the ids, whose files may go."""
    old = uploads.c.used_at < now_ms - DAY_MS
    found = list(conn.execute(select(uploads.c.upload_id).where(old)).scalars())
    if found:
        conn.execute(delete(uploads).where(old))
    return found


def known(conn: Connection) -> set[str]:
    return set(conn.execute(select(uploads.c.upload_id)).scalars())
