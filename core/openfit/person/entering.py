"""Entries by hand: checked, dated by the person's clock, and handed to their plugin as originals.

An entry that is changed is a new original, and the one before it is taken back: so nothing of it
stays, at whatever time it was.
"""

import uuid
from datetime import date, datetime, timedelta, timezone
from typing import Any

import msgspec
from msgspec import Struct
from openfit_schema import check
from openfit_schema.time import Clock, offset_minutes, offset_text
from openfit_sdk import BadInput, RawItem
from openfit_sdk.schema import Metric
from sqlalchemy import Connection, Row, Select, and_, select

from openfit.errors import NotFound, Refused
from openfit.hub import Hub, now_ms
from openfit.intake import ingest, samples
from openfit.manual.entries import AnyEntry, Kept, MetricEntry, entities_of
from openfit.store import connections, days, entities
from openfit.store.engine import retrying, write
from openfit.store.tables import connections as links
from openfit.store.tables import raw_bodies, raw_items
from openfit.store.zstd import decompress

INTEGRATION = "manual"
FIRST_YEAR, LAST_YEAR = 1900, 9998
BEFORE_ALL = 10**14  # ms, so that the text of an instant sorts like the instant, also before 1970
INSTANTS = ("at", "start", "end", "asleep_start", "asleep_end")


class Entered(Struct, frozen=True, kw_only=True):
    """An entry and how its reading stands: `pending` for a moment, then `done`. `entities` are
    the ids of the activity or sleep that it is."""

    id: str
    entry: AnyEntry
    entered_at: datetime
    state: str
    entities: list[str]


def add(hub: Hub, user_id: int, entry: AnyEntry) -> Entered:
    return put(hub, user_id, str(uuid.uuid4()), entry)


def replace(hub: Hub, user_id: int, entry_id: str, entry: AnyEntry) -> Entered:
    """Under the same id, so that what was joined to it or written of it stays."""
    with hub.engine.connect() as conn:
        before = found(conn, user_id, entry_id)
    if before.kind != kind_of(entry):
        raise Refused(
            f"This entry is a {before.kind}, not a {kind_of(entry)}.",
            code="entry_kind",
            next_step="Delete it and enter the other one.",
        )
    return put(hub, user_id, entry_id, entry, before)


def put(
    hub: Hub, user_id: int, entry_id: str, entry: AnyEntry, before: Row[Any] | None = None
) -> Entered:
    with hub.engine.connect() as conn:
        kept = dated(entry_id, entry, days.clock(conn, user_id))
    ensure_fits(hub, kept)
    number = 1 if before is None else int(before.item_id.partition(".")[2]) + 1
    body = msgspec.json.encode(kept)
    item = RawItem(kind=kind_of(entry), id=f"{entry_id}.{number}", body=body)
    taking = [taken_back(before)] if before is not None else []
    connection_id = connection_of(hub, user_id)
    ingest.accept(hub, user_id, connection_id, [ingest.spooled(one) for one in [*taking, item]])
    with hub.engine.connect() as conn:
        return entered(found(conn, user_id, entry_id))


def remove(hub: Hub, user_id: int, entry_id: str) -> None:
    """The entry's originals are kept as history; nothing of it is shown any more."""
    with hub.engine.connect() as conn:
        row = found(conn, user_id, entry_id)
    ingest.accept(hub, user_id, row.connection_id, [ingest.spooled(taken_back(row))])


def taken_back(row: Row[Any]) -> RawItem:
    return RawItem(kind=row.kind, id=row.item_id, deleted=True)


def kind_of(entry: AnyEntry) -> str:
    return str(entry.__struct_config__.tag)


def connection_of(hub: Hub, user_id: int) -> str:
    def ensure() -> str:
        with write(hub.engine) as conn:
            row = connections.ensure(conn, user_id, INTEGRATION, now_ms(), name="Entered by hand")
            return str(row.connection_id)

    return retrying(ensure)


# Dated and checked -------------------------------------------------------------------------------


def dated(entry_id: str, entry: AnyEntry, clock: Clock) -> Kept:
    """With instants in UTC and the offset of the wearer's clock then."""
    given = {name: getattr(entry, name) for name in INSTANTS if getattr(entry, name, None)}
    first = next(iter(given.values()))
    if not all(FIRST_YEAR <= at.year <= LAST_YEAR for at in given.values()):
        raise Refused(
            "This lies outside the years that a clock can reckon with.",
            code="invalid",
            next_step=f"Name a time from {FIRST_YEAR} to {LAST_YEAR}.",
        )
    said = entry.utc_offset
    offset = said or offset_at(clock, first)
    zoned = {name: in_zone(at, offset) for name, at in given.items()}
    dated_entry = msgspec.structs.replace(entry, utc_offset=offset, **zoned)
    return Kept(entry_id=entry_id, entry=dated_entry, offset_basis="stated" if said else "implied")


def offset_at(clock: Clock, at: datetime) -> str:
    """Where a local time is in doubt, as in the hour that comes twice, the clock before it."""
    if at.tzinfo is not None:
        return minutes_text(clock.offset_at(at))
    guess = from_local(at, clock.offset_at(from_local(at, timedelta())))
    return minutes_text(clock.offset_at(guess))


def minutes_text(offset: timedelta) -> str:
    return offset_text(round(offset.total_seconds() / 60))


def from_local(at: datetime, offset: timedelta) -> datetime:
    return at.replace(tzinfo=timezone(offset))


def in_zone(at: datetime, offset: str) -> datetime:
    if at.tzinfo is not None:
        return at
    return from_local(at, timedelta(minutes=offset_minutes(offset)))


def ensure_fits(hub: Hub, kept: Kept) -> None:
    """Say what is wrong now, to the one who typed it. The plugin's host reads it all the same."""
    wrong: list[str] = []
    if isinstance(kept.entry, MetricEntry) and hub.plugins.metric(kept.entry.metric) is None:
        raise Refused(
            f"{kept.entry.metric} is no metric type.",
            code="no_metric",
            next_step="A type of your own carries a name before it: mine.something.",
        )
    for entity in entities_of(kept):
        problems = check.problems(entity, hub.plugins.catalogue)
        wrong += [one.message for one in check.rejected(problems)]
        if isinstance(entity, Metric):
            wrong += unfit_values(hub, entity)
    if wrong:
        raise Refused(f"This does not fit: {wrong[0]}", code="invalid", next_step="Correct it.")


def unfit_values(hub: Hub, entity: Metric) -> list[str]:
    definition = hub.plugins.metric(entity.type)
    assert definition is not None
    try:
        rejected = samples.columns(entity, definition).rejected
    except BadInput as error:
        return [error.message]
    low, high = definition.possible or (None, None)
    where = "" if low is None else f" lies between {low:g} and {high:g} {definition.unit}"
    return [f"{definition.name}{where}."] if rejected else []


# Reading -----------------------------------------------------------------------------------------


def standing(user_id: int) -> Any:
    """The last version of each entry that was not taken back."""
    mine = select(links.c.connection_id).where(
        links.c.user_id == user_id,
        links.c.integration == INTEGRATION,
    )
    return (
        raw_items.c.user_id == user_id,
        raw_items.c.connection_id.in_(mine),
        raw_items.c.current,
        raw_items.c.deleted.is_(False),
    )


def found(conn: Connection, user_id: int, entry_id: str) -> Row[Any]:
    query = with_bodies().where(
        *standing(user_id), raw_items.c.item_id.startswith(f"{entry_id}.", autoescape=True)
    )
    row = conn.execute(query.order_by(raw_items.c.receipt.desc()).limit(1)).first()
    if row is None or row.item_id.partition(".")[0] != entry_id:
        raise NotFound("There is no entry with this id.", code="no_entry")
    return row


def listed(
    conn: Connection,
    user_id: int,
    start: date,
    end: date,
    *,
    kind: str | None,
    before: tuple[str, str] | None,
    limit: int,
) -> tuple[list[Entered], tuple[str, str] | None]:
    """Those of these days by when they were, the latest first, and the place to go on from."""
    query = with_bodies().where(*standing(user_id))
    if kind is not None:
        query = query.where(raw_items.c.kind == kind)
    every = [entered(row) for row in conn.execute(query)]
    wanted = [one for one in every if start <= day_of(one.entry) <= end]
    ordered = sorted(wanted, key=place, reverse=True)
    left = [one for one in ordered if before is None or place(one) < tuple(before)]
    more = place(left[limit - 1]) if len(left) > limit else None
    return left[:limit], more


def place(one: Entered) -> tuple[str, str]:
    return (f"{BEFORE_ALL + (entities.millis(begun(one.entry)) or 0):016}", one.id)


def begun(entry: AnyEntry) -> datetime:
    first: datetime = next(at for name in INSTANTS if (at := getattr(entry, name, None)))
    return first


def day_of(entry: AnyEntry) -> date:
    """The day on which it was or began, by the clock that it was dated with."""
    assert entry.utc_offset is not None  # `dated` has given it one
    offset = timedelta(minutes=offset_minutes(entry.utc_offset))
    return begun(entry).astimezone(timezone(offset)).date()


def with_bodies() -> Select[Any]:
    """Entries are far smaller than what is kept outside the database."""
    same = and_(
        raw_bodies.c.user_id == raw_items.c.user_id, raw_bodies.c.sha256 == raw_items.c.sha256
    )
    return select(raw_items, raw_bodies.c.body, raw_bodies.c.encoding).join(raw_bodies, same)


def entered(row: Row[Any]) -> Entered:
    body = decompress(row.body) if row.encoding else row.body
    kept = msgspec.json.decode(body, type=Kept)
    kinds = {"workout": "activity", "sleep": "sleep"}
    own = kinds.get(row.kind)
    ids = [entities.entity_id(row.connection_id, own, kept.entry_id)] if own else []
    return Entered(
        id=kept.entry_id,
        entry=kept.entry,
        entered_at=entities.instant(row.received_at),
        state=row.state,
        entities=ids,
    )
