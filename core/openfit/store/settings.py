"""Settings of a user, by name."""

from typing import Any

import msgspec
from sqlalchemy import Connection, select

from openfit.store.engine import upsert
from openfit.store.tables import settings


def read(conn: Connection, user_id: int, name: str) -> Any:
    """None where nothing was set."""
    query = select(settings.c.value).where(settings.c.user_id == user_id, settings.c.name == name)
    found = conn.execute(query).scalar()
    return None if found is None else msgspec.json.decode(found)


def put(conn: Connection, user_id: int, name: str, value: Any) -> None:
    written = msgspec.json.encode(value).decode()
    upsert(conn, settings, [{"user_id": user_id, "name": name, "value": written}])
