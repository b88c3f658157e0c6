"""Entities: a row for each raw item that yields one, the leading row being what is shown."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid5

import msgspec
from msgspec import Struct
from openfit_schema import wire
from openfit_schema.time import offset_minutes, sleep_day, wearer_day
from openfit_sdk.schema import Activity, AnyEntity, Event, Sleep, TrainingLoad, Wellness
from sqlalchemy import (
    Connection,
    Row,
    and_,
    bindparam,
    delete,
    exists,
    func,
    select,
    union,
    update,
)

from openfit.store.columns import KNOWN, MINE
from openfit.store.engine import upsert
from openfit.store.tables import edits, entities, series, sources, tombstones, twins

SPANNED = (Activity, Sleep, Event)
COPY = "openfit.copy"  # in `ext` of what was read from the hub's own export


class Stamp(Struct, frozen=True):
    """What the hub knows about the raw item at hand and a plugin cannot forge."""

    user_id: int
    connection_id: str
    receipt: int
    sha256: str
    member: str | None = None


def entity_id(connection_id: str, kind: str, key: str) -> str:
    return str(uuid5(UUID(connection_id), f"{kind}:{key}"))


def source_id(connection_id: str, device: str) -> int:
    digest = hashlib.blake2b(f"{connection_id}:{device}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def kind_of(entity: AnyEntity) -> str:
    return str(entity.__struct_config__.tag)


def millis(instant: datetime | None) -> int | None:
    return None if instant is None else round(instant.timestamp() * 1000)


def instant(millis: int) -> datetime:
    return datetime.fromtimestamp(millis / 1000, UTC)


def row_of(stamp: Stamp, entity: AnyEntity) -> dict[str, Any]:
    row = {
        "user_id": stamp.user_id,
        "entity_id": entity_id(stamp.connection_id, kind_of(entity), entity.key),
        "receipt": stamp.receipt,
        "lead": False,
        "kind": kind_of(entity),
        "key": entity.key,
        "connection_id": stamp.connection_id,
        "source_id": source_id(stamp.connection_id, entity.device or ""),
        "sha256": stamp.sha256,
        "member": stamp.member,
        "body": wire.encode_json(msgspec.structs.replace(entity, source=None)),
    }
    return row | span_of(entity)


def span_of(entity: AnyEntity) -> dict[str, Any]:
    """The columns that queries go by. A day is stored only where the record itself tells it."""
    span: dict[str, Any] = dict.fromkeys(("start_at", "end_at", "day", "utc_offset", "basis"))
    if isinstance(entity, Wellness | TrainingLoad):
        return span | {"day": entity.day.isoformat()}
    if not isinstance(entity, SPANNED):
        return span
    span |= {"start_at": millis(entity.start), "end_at": millis(entity.end)}
    span["basis"] = entity.basis
    if entity.utc_offset is not None:
        span["utc_offset"] = offset_minutes(entity.utc_offset)
        day = (
            sleep_day(entity)
            if isinstance(entity, Sleep)
            else wearer_day(entity.start, entity.utc_offset)
        )
        span["day"] = day and day.isoformat()
    return span


def put(conn: Connection, stamp: Stamp, batch: Sequence[AnyEntity]) -> list[dict[str, Any]]:
    """Write what one raw item yields; which row leads is settled by `choose_leads`."""
    rows = {row["entity_id"]: row for row in (row_of(stamp, entity) for entity in batch)}
    if not rows:
        return []
    contested = yielded_elsewhere(conn, stamp, rows)
    for entity, row in rows.items():
        row["lead"] = entity not in contested
    upsert(conn, entities, list(rows.values()))
    ensure_sources(conn, stamp, {entity.device or "" for entity in batch})
    choose_leads(conn, stamp.user_id, contested)
    return list(rows.values())


def yielded_elsewhere(conn: Connection, stamp: Stamp, ids: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for some in chunks(list(ids)):
        query = select(entities.c.entity_id).where(
            entities.c.user_id == stamp.user_id,
            entities.c.entity_id.in_(some),
            entities.c.receipt != stamp.receipt,
        )
        found.update(conn.execute(query).scalars())
    return found


def ensure_sources(conn: Connection, stamp: Stamp, devices: Iterable[str]) -> None:
    upsert(
        conn,
        sources,
        [
            {
                "user_id": stamp.user_id,
                "source_id": source_id(stamp.connection_id, device),
                "connection_id": stamp.connection_id,
                "device": device,
            }
            for device in devices
        ],
    )


def choose_leads(conn: Connection, user_id: int, ids: Iterable[str]) -> None:
    """Of the raw items that yield an entity, the smallest hash leads, an original's before a
    copy's: any order of arrival ends in the same picture."""
    for some in chunks(list(ids)):
        mine = and_(entities.c.user_id == user_id, entities.c.entity_id.in_(some))
        best: dict[str, tuple[int, str, int]] = {}
        wanted = (entities.c.entity_id, entities.c.sha256, entities.c.receipt, entities.c.body)
        for row in conn.execute(select(*wanted).where(mine)):
            rank = (distance(row.body), row.sha256, row.receipt)
            best[row.entity_id] = min(rank, best.get(row.entity_id, rank))
        conn.execute(update(entities).where(mine, entities.c.lead).values(lead=False))
        for entity, (_, _, receipt) in best.items():
            conn.execute(
                update(entities)
                .where(is_entity(user_id, entity), entities.c.receipt == receipt)
                .values(lead=True)
            )


def distance(body: bytes) -> int:
    """How far an entity is from the original: 0 for one, the worse a copy the more."""
    if COPY.encode() not in body:
        return 0
    said = wire.decode_json(body).ext.get(COPY)
    return max(1, said) if isinstance(said, int) else 0


def nearer_to_original(conn: Connection, user_id: int, receipt: int) -> bool:
    """Whether something came as a copy only before this raw item brought the original."""
    mine = select(entities.c.entity_id).where(
        entities.c.user_id == user_id, entities.c.receipt == receipt, entities.c.lead
    )
    query = select(entities.c.entity_id, entities.c.receipt, entities.c.body).where(
        entities.c.user_id == user_id, entities.c.entity_id.in_(mine)
    )
    here: dict[str, int] = {}
    elsewhere: dict[str, int] = {}
    for row in conn.execute(query):
        nearest = here if row.receipt == receipt else elsewhere
        far = distance(row.body)
        nearest[row.entity_id] = min(far, nearest.get(row.entity_id, far))
    return any(here[one] < elsewhere.get(one, 0) for one in here)


def chunks(ids: list[str], size: int = 500) -> Iterable[list[str]]:
    return (ids[at : at + size] for at in range(0, len(ids), size))


def is_entity(user_id: int, entity_id: str) -> Any:
    return and_(entities.c.user_id == user_id, entities.c.entity_id == entity_id)


def of_receipts(conn: Connection, user_id: int, receipts: Iterable[int]) -> list[Row[Any]]:
    query = select(
        entities.c.entity_id, entities.c.receipt, entities.c.kind, entities.c.start_at
    ).where(entities.c.user_id == user_id, entities.c.receipt.in_(list(receipts)))
    return list(conn.execute(query))


def drop(conn: Connection, user_id: int, receipt: int, ids: Iterable[str]) -> list[str]:
    """Take away what one raw item no longer yields; answers the entities that are gone for good."""
    gone: list[str] = []
    for some in chunks(list(ids)):
        mine = and_(entities.c.user_id == user_id, entities.c.entity_id.in_(some))
        conn.execute(delete(entities).where(mine, entities.c.receipt == receipt))
        choose_leads(conn, user_id, some)
        left = set(conn.execute(select(entities.c.entity_id).where(mine)).scalars())
        gone += [entity for entity in some if entity not in left]
    return gone


def set_member(conn: Connection, stamp: Stamp, ids: list[str], member: str) -> None:
    for some in chunks(ids):
        mine = and_(entities.c.user_id == stamp.user_id, entities.c.receipt == stamp.receipt)
        conn.execute(
            update(entities).where(mine, entities.c.entity_id.in_(some)).values(member=member)
        )


# Reading -----------------------------------------------------------------------------------------


@lru_cache(KNOWN)
def hidden(user_id: Any) -> Any:
    """Ids of what this user deleted."""
    return select(tombstones.c.entity_id).where(
        tombstones.c.user_id == user_id,
        tombstones.c.entity_id.is_not(None),
        tombstones.c.lifted.is_(False),
    )


@lru_cache(KNOWN)
def visible(user_id: Any) -> Any:
    """Leading rows of this user that no tombstone hides."""
    gone = entities.c.entity_id.in_(hidden(user_id))
    return and_(entities.c.user_id == user_id, entities.c.lead, ~gone)


def select_kind(
    conn: Connection,
    user_id: int,
    kind: str,
    *,
    before: tuple[int, str] | None = None,
    start: int | None = None,
    end: int | None = None,
    limit: int | None = None,
    collapsed: bool = False,
) -> list[Row[Any]]:
    """Entities of a kind, newest first; `before` is the (start, id) of the last one seen. With
    `collapsed` those that stand behind a twin are left out."""
    query = select(entities).where(visible(user_id), entities.c.kind == kind)
    if collapsed:
        query = query.where(entities.c.entity_id.not_in(followers(user_id)))
    if before is not None:
        at, seen = before
        query = query.where(
            entities.c.start_at <= at, (entities.c.start_at < at) | (entities.c.entity_id > seen)
        )
    if start is not None:
        query = query.where(func.coalesce(entities.c.end_at, entities.c.start_at) >= start)
    if end is not None:
        query = query.where(entities.c.start_at < end)
    query = query.order_by(entities.c.start_at.desc(), entities.c.entity_id)
    return list(conn.execute(query.limit(limit) if limit else query))


@lru_cache(KNOWN)
def followers(user_id: Any) -> Any:
    """Records of an event that another one, which is there to be seen, leads. Each leader is
    looked up: SQLite would list all entities of the user to see whether it is one of them."""
    leaders = entities.alias()
    seen = exists().where(
        leaders.c.user_id == user_id, leaders.c.entity_id == twins.c.group_id, leaders.c.lead
    )
    return select(twins.c.entity_id).where(
        twins.c.user_id == user_id,
        twins.c.entity_id != twins.c.group_id,
        seen,
        twins.c.group_id.not_in(hidden(user_id)),
    )


def begun(
    conn: Connection, user_id: int, kind: str, start: int, end: int, limit: int | None
) -> list[Row[Any]]:
    """Entities that begin in [start, end) ms, the latest first."""
    query = select(entities).where(
        visible(user_id),
        entities.c.kind == kind,
        entities.c.start_at >= start,
        entities.c.start_at < end,
    )
    query = query.order_by(entities.c.start_at.desc(), entities.c.entity_id)
    return list(conn.execute(query.limit(limit) if limit else query))


def extent_of(conn: Connection, user_id: int, kind: str) -> tuple[int, int] | None:
    """When the first and the last of a kind began, ms."""
    query = select(func.min(entities.c.start_at), func.max(entities.c.start_at)).where(
        entities.c.user_id == user_id, entities.c.kind == kind
    )
    first, last = conn.execute(query).one()
    return None if first is None else (first, last)


def get(conn: Connection, user_id: int, entity_id: str) -> Row[Any] | None:
    return conn.execute(ONE, {"user": user_id, "entity": entity_id}).first()


ONE = select(entities).where(visible(MINE), entities.c.entity_id == bindparam("entity"))


def decode(row: Row[Any], changes: Iterable[Row[Any]] = ()) -> AnyEntity:
    """The entity with the user's corrections on it."""
    entity = wire.decode_json(row.body)
    overlay = {change.field: msgspec.json.decode(change.value) for change in changes}
    if not overlay:
        return entity
    tree = msgspec.to_builtins(entity)
    return msgspec.convert(tree | overlay, type(entity))


def edits_of(
    conn: Connection, user_id: int, ids: Sequence[str], *, undone: bool = False
) -> dict[str, list[Row[Any]]]:
    """Corrections by entity, oldest first, so that the last one of a field wins."""
    found: dict[str, list[Row[Any]]] = {}
    for some in chunks(list(ids)):
        query = ALL_EDITS if undone else EDITS
        for row in conn.execute(query, {"user": user_id, "ids": some}):
            found.setdefault(row.entity_id, []).append(row)
    return found


ALL_EDITS = (
    select(edits)
    .where(edits.c.user_id == MINE, edits.c.entity_id.in_(bindparam("ids", expanding=True)))
    .order_by(edits.c.edit_id)
)
EDITS = ALL_EDITS.where(edits.c.undone.is_(False))


def connections_of_sources(conn: Connection, user_id: int) -> dict[int, str]:
    """Also of sources that gave samples before each had a row of its own."""
    of_samples = select(series.c.source_id, series.c.connection_id).where(
        series.c.user_id == user_id
    )
    known = select(sources.c.source_id, sources.c.connection_id).where(sources.c.user_id == user_id)
    found = conn.execute(union(of_samples, known))
    return {source: connection for source, connection in found}


def connection_of_source(conn: Connection, user_id: int, source_id: int) -> str | None:
    """As `connections_of_sources`, without looking at every activity's samples."""
    for one in (sources, series):
        query = select(one.c.connection_id).where(
            one.c.user_id == user_id, one.c.source_id == source_id
        )
        found: str | None = conn.execute(query.limit(1)).scalar()
        if found is not None:
            return found
    return None


def device_keys(conn: Connection, user_id: int, ids: Iterable[int]) -> dict[int, str]:
    """Keys of the devices behind sources; a source without one is not there."""
    query = select(sources.c.source_id, sources.c.device).where(
        sources.c.user_id == user_id, sources.c.source_id.in_(list(ids)), sources.c.device != ""
    )
    return {row.source_id: row.device for row in conn.execute(query)}


def devices_of(conn: Connection, user_id: int) -> dict[int, AnyEntity]:
    """The Device behind each source. Another plugin's device with the same key is another one."""
    return {
        source_id(row.connection_id, row.key): wire.decode_json(row.body)
        for row in conn.execute(DEVICES, {"user": user_id})
    }


DEVICES = select(entities.c.connection_id, entities.c.key, entities.c.body).where(
    visible(MINE), entities.c.kind == "device"
)
