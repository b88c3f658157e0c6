"""What a person changes: overlays that survive re-sync and decoding again, and can be undone."""

from typing import Any

import msgspec
from openfit_schema import check
from openfit_sdk.schema import Activity
from sqlalchemy import Connection, insert, update

from openfit.deriving.merge import Choice
from openfit.errors import NotFound, Refused
from openfit.hub import Hub, now_ms
from openfit.person.tags import cleaned
from openfit.store import daily, days, entities, people, texts, tombstones
from openfit.store.engine import retrying, write
from openfit.store.tables import edits
from openfit.views import reading

EDITABLE = {
    "activity": ("name", "notes", "sport", "sub_sport", "tags"),
    "sleep": ("start", "end", "asleep_start", "asleep_end", "kind"),
}
LONGEST = {"name": 300, "notes": 20_000, "sport": 64, "sub_sport": 64}


def correct(
    hub: Hub, user_id: int, entity_id: str, changes: dict[str, Any], kind: str = "activity"
) -> None:
    """Lay corrections over an entity; None takes the field back to what the source says."""
    kept = {field: fitting(kind, field, value) for field, value in changes.items()}

    def commit() -> None:
        with write(hub.engine) as conn:
            row = reading.found(conn, user_id, entity_id, kind)
            tombstones.mark_entity(conn, user_id, entity_id)
            for field, value in sorted(kept.items()):
                lay(conn, user_id, entity_id, field, value)
            follow(conn, user_id, row)

    retrying(commit)


def fitting(kind: str, field: str, value: Any) -> Any:
    """A value in the form in which it is kept."""
    if field not in EDITABLE[kind]:
        raise Refused(
            f"{field} of a {kind} cannot be corrected.",
            code="not_editable",
            next_step=f"These can: {', '.join(EDITABLE[kind])}.",
        )
    if isinstance(value, str) and len(value) > LONGEST.get(field, 100):
        raise Refused(
            f"{field} has {len(value)} characters; up to {LONGEST.get(field, 100)} are kept.",
            code="too_long",
            next_step="Shorten it.",
        )
    return cleaned(value) if field == "tags" and value is not None else value


def follow(conn: Connection, user_id: int, row: Any) -> None:
    """What goes with a correction: it must fit, days are derived again, search knows it at once."""
    check_result(conn, user_id, row)
    tombstones.mark_entity(conn, user_id, row.entity_id)
    if row.kind == "activity":
        texts.put_activity(conn, user_id, row.entity_id)


def lay(conn: Connection, user_id: int, entity_id: str, field: str, value: Any) -> None:
    if value is None or value == []:
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


def undo_one(hub: Hub, user_id: int, entity_id: str, edit_id: int, kind: str = "activity") -> None:
    """Take one correction back: the one before it holds, or what the source says."""

    def commit() -> None:
        with write(hub.engine) as conn:
            row = reading.found(conn, user_id, entity_id, kind)
            mine = (
                edits.c.user_id == user_id,
                edits.c.entity_id == entity_id,
                edits.c.edit_id == edit_id,
                edits.c.undone.is_(False),
            )
            if conn.execute(update(edits).where(*mine).values(undone=True)).rowcount == 0:
                raise NotFound(
                    f"There is no correction {edit_id} that holds.",
                    code="no_edit",
                    next_step="Reload: it may have been taken back already.",
                )
            follow(conn, user_id, row)

    retrying(commit)


def check_result(conn: Connection, user_id: int, row: Any) -> None:
    changes = entities.edits_of(conn, user_id, [row.entity_id]).get(row.entity_id, [])
    try:
        corrected = entities.decode(row, changes)
    except (msgspec.ValidationError, ValueError, OverflowError) as error:
        raise Refused(
            f"This correction does not fit: {error}",
            code="invalid",
            next_step="Send a value that fits, or null for what the source says.",
        ) from error
    if isinstance(corrected, Activity) and not corrected.sport.strip():
        raise Refused(
            "A sport needs a name.",
            code="invalid",
            next_step="Send a name, or null for what the source says.",
        )
    found = check.rejected(check.problems(corrected))
    if found:
        raise Refused(
            f"This correction does not fit: {found[0].message}",
            code="invalid",
            next_step="Send a value that fits, or null for what the source says.",
        )


def hide(hub: Hub, user_id: int, entity_id: str, kind: str = "activity") -> int:
    """Delete an entity so that it stays away; answers the number by which it can be undone."""

    def commit() -> int:
        with write(hub.engine) as conn:
            reading.found(conn, user_id, entity_id, kind)
            number = tombstones.hide_entity(conn, user_id, entity_id, now_ms())
            texts.forget(conn, user_id, [entity_id])
            return number

    return retrying(commit)


def restore(hub: Hub, user_id: int, entity_id: str, kind: str = "activity") -> None:
    """Lift every deletion of an entity: it is shown again as it was, corrections and all."""

    def commit() -> None:
        with write(hub.engine) as conn:
            numbers = tombstones.of_entity(conn, user_id, entity_id)
            if not numbers:
                raise NotFound(
                    f"No {kind} with this id was deleted.",
                    code="not_deleted",
                    next_step="The list of deleted ones has those that can come back.",
                )
            for number in numbers:
                tombstones.lift(conn, user_id, number)
            reading.found(conn, user_id, entity_id, kind)
            if kind == "activity":
                texts.put_activity(conn, user_id, entity_id)

    retrying(commit)


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

    if a == b:
        raise Refused("An activity is no twin of itself.", code="same", next_step="Name another.")

    def commit() -> None:
        with write(hub.engine) as conn:
            for entity_id in (a, b):
                reading.found(conn, user_id, entity_id)
                tombstones.mark_entity(conn, user_id, entity_id)
            daily.choose(conn, user_id, a, b, choice, now_ms())

    retrying(commit)
