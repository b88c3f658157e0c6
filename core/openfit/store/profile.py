"""What a person said of themselves, by the day from which it holds."""

from bisect import bisect_right
from datetime import date
from typing import Any

import msgspec
from openfit_sdk.inputs import Known
from sqlalchemy import Connection, delete, select

from openfit.store.engine import upsert
from openfit.store.tables import profile


class Profile:
    """A person's dated values; each holds from its day until the next one of its field."""

    def __init__(self, values: dict[str, list[tuple[date, Any]]]) -> None:
        self.values = values  # by field, oldest first

    def at(self, field: str, day: date) -> Known | None:
        """What held on a day; None before the first statement."""
        stated = self.values.get(field, [])
        place = bisect_right([since for since, _ in stated], day)
        if place == 0:
            return None
        since, value = stated[place - 1]
        return Known(value, since)


def read(conn: Connection, user_id: int) -> Profile:
    query = select(profile).where(profile.c.user_id == user_id)
    values: dict[str, list[tuple[date, Any]]] = {}
    for row in conn.execute(query.order_by(profile.c.field, profile.c.valid_from)):
        since = date.fromisoformat(row.valid_from)
        values.setdefault(row.field, []).append((since, msgspec.json.decode(row.value)))
    return Profile(values)


def put(conn: Connection, user_id: int, field: str, since: date, value: Any) -> None:
    row = {
        "user_id": user_id,
        "field": field,
        "valid_from": since.isoformat(),
        "value": msgspec.json.encode(value).decode(),
    }
    upsert(conn, profile, [row])


def remove(conn: Connection, user_id: int, field: str, since: date) -> bool:
    """True if there was such a statement."""
    mine = (
        profile.c.user_id == user_id,
        profile.c.field == field,
        profile.c.valid_from == since.isoformat(),
    )
    return conn.execute(delete(profile).where(*mine)).rowcount > 0
