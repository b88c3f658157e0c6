"""Users, and the counter that orders what happens to each of them."""

from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from openfit.store import keys
from openfit.store.columns import MINE
from openfit.store.tables import users

OWNER = 1


def create_owner(conn: Connection, name: str, now_ms: int) -> int:
    """The first user, who has no way in yet. Of two first starts at once one gets its way: both
    would make the same user."""
    return add(conn, name, now_ms, user_id=OWNER, role="owner")


def create_user(conn: Connection, name: str, now_ms: int) -> tuple[int, str]:
    """A user who has a key from the start."""
    user_id = add(conn, name, now_ms)
    return user_id, keys.add(conn, user_id, name, now_ms)


def add(
    conn: Connection,
    name: str,
    now_ms: int,
    *,
    user_id: int | None = None,
    email: str | None = None,
    role: str = "member",
) -> int:
    if user_id is None:
        user_id = (conn.execute(select(func.max(users.c.user_id))).scalar() or 0) + 1
    row = {"user_id": user_id, "name": name, "created_at": now_ms, "email": email, "role": role}
    conn.execute(insert(users).values(row))
    return user_id


def get(conn: Connection, user_id: int) -> Row[Any] | None:
    return conn.execute(select(users).where(users.c.user_id == user_id)).first()


def by_email(conn: Connection, email: str) -> Row[Any] | None:
    """`email` in the form that `openfit.access.addresses` gives it."""
    query = select(users).where(users.c.email == email).order_by(users.c.user_id)
    return conn.execute(query).first()


def by_subject(conn: Connection, subject: str) -> Row[Any] | None:
    return conn.execute(select(users).where(users.c.subject == subject)).first()


def change(conn: Connection, user_id: int, **values: Any) -> None:
    conn.execute(update(users).where(users.c.user_id == user_id).values(values))


def spend_step(conn: Connection, user_id: int, step: int) -> bool:
    """Whether a code of this step is the first one of it, or of a later one, that is used."""
    unused = (users.c.user_id == user_id, users.c.totp_step < step)
    return conn.execute(update(users).where(*unused).values(totp_step=step)).rowcount == 1


def rows(conn: Connection) -> list[Row[Any]]:
    return list(conn.execute(select(users).order_by(users.c.user_id)))


def all_users(conn: Connection) -> list[int]:
    return list(conn.execute(select(users.c.user_id).order_by(users.c.user_id)).scalars())


def owner(conn: Connection) -> int | None:
    return conn.execute(select(func.min(users.c.user_id))).scalar()


def hold_all(conn: Connection) -> None:
    """Have everybody who adds a user or an address wait for the end of this transaction."""
    first = select(func.min(users.c.user_id)).scalar_subquery()
    conn.execute(select(users.c.user_id).where(users.c.user_id == first).with_for_update())


HOLD = select(users.c.user_id).where(users.c.user_id == MINE).with_for_update()
ADVANCE = (
    update(users)
    .where(users.c.user_id == MINE)
    .values(sequence=users.c.sequence + bindparam("by"))
    .returning(users.c.sequence)
)


def hold(conn: Connection, user_id: int) -> None:
    """Have what this user does at the same moment wait for the end of this transaction. SQLite has
    one writer at a time as it is."""
    if conn.dialect.name != "sqlite":
        conn.execute(HOLD, {"user": user_id})


def advance(conn: Connection, user_id: int, by: int = 1) -> int:
    """Take the next `by` numbers of this user's sequence; the first of them is returned."""
    last = conn.execute(ADVANCE, {"user": user_id, "by": by}).scalar_one()
    return int(last) - by + 1
