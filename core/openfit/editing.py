"""What a person changes: overlays that survive re-sync and decoding again, and can be undone."""

from typing import Any

import msgspec
from openfit_sdk.schema import Activity
from sqlalchemy import Connection, insert, update

from openfit import reading
from openfit.errors import Refused
from openfit.hub import Hub, now_ms
from openfit.merge import Choice
from openfit.store import daily, days, entities, people, tombstones
from openfit.store.engine import retrying, write
from openfit.store.tables import edits

EDITABLE = {"name", "notes", "sport", "sub_sport"}


def correct(hub: Hub, user_id: int, entity_id: str, changes: dict[str, Any]) -> None:
    """Lay corrections over an entity; None takes the field back to what the source says."""
    for field in changes:
        if field not in EDITABLE:
            raise Refused(f"{field} cannot be corrected.", code="not_editable")

    def commit() -> None:
        with write(hub.engine) as conn:
            row = reading.found(conn, user_id, entity_id)
            for field, value in sorted(changes.items()):
                lay(conn, user_id, entity_id, field, value)
            check_result(conn, user_id, row)
            tombstones.mark_entity(conn, user_id, entity_id)

    retrying(commit)


def lay(conn: Connection, user_id: int, entity_id: str, field: str, value: Any) -> None:
    if value is None:
        undo(conn, user_id, entity_id, field)
        return
    conn.execute(
        insert(edits).values(
            user_id=user_id,
            edit_id=people.advance(conn, user_id),
            entity_id=entity_id,
            field=field,
            value=msgspec.json.encode(value).decode(),
            made_at=now_ms(),
        )
    )


def undo(conn: Connection, user_id: int, entity_id: str, field: str) -> None:
    """The history of corrections stays; none of this field holds any more."""
    conn.execute(
        update(edits)
        .where(edits.c.user_id == user_id, edits.c.entity_id == entity_id, edits.c.field == field)
        .values(undone=True)
    )


def check_result(conn: Connection, user_id: int, row: Any) -> None:
    changes = entities.edits_of(conn, user_id, [row.entity_id]).get(row.entity_id, [])
    try:
        corrected = entities.decode(row, changes)
    except msgspec.ValidationError as error:
        raise Refused(f"This correction does not fit: {error}", code="invalid") from error
    if isinstance(corrected, Activity) and not corrected.sport.strip():
        raise Refused("A sport needs a name.", code="invalid")


def hide(hub: Hub, user_id: int, entity_id: str) -> int:
    """Delete an entity so that it stays away; answers the number by which it can be undone."""

    def commit() -> int:
        with write(hub.engine) as conn:
            reading.found(conn, user_id, entity_id)
            return tombstones.hide_entity(conn, user_id, entity_id, now_ms())

    return retrying(commit)


def rank_sources(hub: Hub, user_id: int, metric: str, ranking: list[str]) -> None:
    """Set the ladder of a metric (`*`: of all): source ids and device types, best first."""

    def commit() -> None:
        with write(hub.engine) as conn:
            daily.set_ladder(conn, user_id, metric, ranking)
            for one, first, last in daily.extents(conn, user_id, metric):
                days.mark(conn, user_id, one, days.days_between(first, last))

    retrying(commit)


def choose_twins(hub: Hub, user_id: int, a: str, b: str, choice: Choice | None) -> None:
    """Join or split two records whatever they look like; None leaves it to their looks again."""

    def commit() -> None:
        with write(hub.engine) as conn:
            for entity_id in (a, b):
                reading.found(conn, user_id, entity_id)
                tombstones.mark_entity(conn, user_id, entity_id)
            daily.choose(conn, user_id, a, b, choice, now_ms())

    retrying(commit)
