"""Settings of the hub as a whole: rows of its first owner, under names that begin with `hub.`"""

from sqlalchemy import Connection, select

from openfit.store import people
from openfit.store.engine import upsert
from openfit.store.tables import settings


def read(conn: Connection, name: str) -> str | None:
    """As JSON; None where nothing was said."""
    query = select(settings.c.value).where(settings.c.name == name).order_by(settings.c.user_id)
    return conn.execute(query.limit(1)).scalar()


def of_user(conn: Connection, user_id: int, name: str) -> str | None:
    """One person's own, as JSON."""
    query = select(settings.c.value).where(settings.c.user_id == user_id, settings.c.name == name)
    return conn.execute(query).scalar()


def write(conn: Connection, name: str, value: str) -> None:
    query = select(settings.c.user_id).where(settings.c.name == name)
    holder = conn.execute(query.limit(1)).scalar() or people.owner(conn)
    upsert(conn, settings, [{"user_id": holder, "name": name, "value": value}])
