"""Raw items that wait to be read: which is next, and what is set aside."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    case,
    func,
    or_,
    select,
    tuple_,
    update,
)

from openfit.store import leases
from openfit.store.raw import body_is, item_is
from openfit.store.series.carrying import EXPIRED
from openfit.store.tables import entities, feeds, imports, pieces, raw_bodies, raw_items

WAITING = ("pending", "cancelling")
READ = ("done", "failed")
JOINABLE = ("pending", *READ, EXPIRED)
SIZES = (1024 * 1024, 32 * 1024 * 1024)  # a recording, a big one; what is more is an archive

size_class = case(
    (raw_bodies.c.size < SIZES[0], 0), (raw_bodies.c.size < SIZES[1], 1), else_=2
).label("size_class")


def with_body(user_id: int) -> Any:
    return and_(raw_bodies.c.user_id == user_id, raw_bodies.c.sha256 == raw_items.c.sha256)


def classes(conn: Connection, user_id: int) -> dict[tuple[str, int], int]:
    """Connections that have something waiting, each with the sizes of it; and of what is joined
    before it is read, when the last of it came (ms since 1970 UTC, else 0)."""
    came = case((pieces.c.receipt.is_not(None), raw_items.c.received_at), else_=0)
    query = (
        select(raw_items.c.connection_id, size_class, func.max(came).label("came"))
        .join(raw_bodies, with_body(user_id))
        .outerjoin(
            pieces, and_(pieces.c.user_id == user_id, pieces.c.receipt == raw_items.c.receipt)
        )
        .where(raw_items.c.user_id == user_id, raw_items.c.state.in_(WAITING))
        .group_by(raw_items.c.connection_id, size_class)
    )
    return {(row.connection_id, row.size_class): int(row.came) for row in conn.execute(query)}


def newest(
    conn: Connection, user_id: int, connection_id: str, size: int, limit: int
) -> list[Row[Any]]:
    """What waits, the last received first: today's data goes before an archive's."""
    query = (
        select(raw_items)
        .join(raw_bodies, with_body(user_id))
        .where(
            raw_items.c.user_id == user_id,
            raw_items.c.connection_id == connection_id,
            raw_items.c.state.in_(WAITING),
            size_class == size,
        )
        .order_by(raw_items.c.receipt.desc())
    )
    return list(conn.execute(query.limit(limit)))


def take(
    conn: Connection, user_id: int, rows: Sequence[Row[Any]], now: int, states: Collection[str]
) -> list[Row[Any]]:
    """Those of the items that are now this process's, as they are at this moment."""
    taken = []
    for row in rows:
        mine = and_(item_is(user_id, row.receipt), raw_items.c.state.in_(states))
        if leases.take(conn, raw_items, mine, now):
            taken.append(conn.execute(select(raw_items).where(mine)).one())
    return taken


def give_back(conn: Connection, user_id: int, receipts: Collection[int]) -> None:
    for receipt in receipts:
        leases.release(conn, raw_items, item_is(user_id, receipt))


def take_all(conn: Connection, user_id: int, receipts: Sequence[int], now: int) -> set[int]:
    """Those of many that are now this process's, in two questions."""
    mine = and_(raw_items.c.user_id == user_id, raw_items.c.receipt.in_(receipts))
    return leases.take_all(conn, raw_items, mine, raw_items.c.receipt, now)


def give_back_all(conn: Connection, user_id: int, receipts: Collection[int]) -> None:
    mine = and_(raw_items.c.user_id == user_id, raw_items.c.receipt.in_(sorted(receipts)))
    leases.release(conn, raw_items, mine)


def any_of(conn: Connection, user_id: int, connection_id: str) -> bool:
    query = select(raw_items.c.receipt).where(
        of_connection(user_id, connection_id), raw_items.c.state.in_(WAITING)
    )
    return conn.execute(query.limit(1)).first() is not None


def of_connection(user_id: int, connection_id: str) -> ColumnElement[bool]:
    return and_(raw_items.c.user_id == user_id, raw_items.c.connection_id == connection_id)


def adds_nothing(conn: Connection, user_id: int, receipt: int) -> bool:
    """Whether everything an item yields had come from others that were read before it."""
    mine = select(entities.c.entity_id).where(
        entities.c.user_id == user_id, entities.c.receipt == receipt
    )
    others = (
        select(func.count(func.distinct(entities.c.entity_id)))
        .join(
            raw_items,
            and_(raw_items.c.user_id == user_id, raw_items.c.receipt == entities.c.receipt),
        )
        .where(
            entities.c.user_id == user_id,
            entities.c.entity_id.in_(mine),
            entities.c.receipt != receipt,
            raw_items.c.state.in_((*READ, EXPIRED)),
        )
    )
    total = int(conn.execute(select(func.count()).select_from(mine.subquery())).scalar_one())
    return total > 0 and int(conn.execute(others).scalar_one()) == total


def newer_bytes(conn: Connection, user_id: int, connection_id: str, import_id: str) -> int:
    """Bytes that wait in front of an import's: what was received after the last of them."""
    last = (
        select(func.max(imports.c.receipt))
        .where(imports.c.user_id == user_id, imports.c.import_id == import_id)
        .scalar_subquery()
    )
    query = (
        select(func.sum(raw_bodies.c.size))
        .select_from(raw_items)
        .join(raw_bodies, with_body(user_id))
        .where(
            of_connection(user_id, connection_id),
            raw_items.c.state == "pending",
            raw_items.c.receipt > last,
        )
    )
    return int(conn.execute(query).scalar() or 0)


def in_pieces(conn: Connection, user_id: int, connection_id: str) -> list[Row[Any]]:
    """Items of many records that could be read as one: what waits, and what is to be read whole
    with it. `begun`: it has given something already."""
    begun = or_(yields(entities, user_id), yields(feeds, user_id)).label("begun")
    query = (
        select(raw_items, pieces.c.whole, begun, func.coalesce(raw_bodies.c.size, 0).label("size"))
        .join(pieces, and_(pieces.c.user_id == user_id, pieces.c.receipt == raw_items.c.receipt))
        .outerjoin(raw_bodies, with_body(user_id))
        .where(of_connection(user_id, connection_id))
        .order_by(raw_items.c.kind, pieces.c.whole, raw_items.c.item_id, raw_items.c.receipt)
    )
    found = list(conn.execute(query.where(raw_items.c.state == "pending")))
    ids = {(row.kind, row.item_id) for row in found if row.whole}
    if ids:
        named = tuple_(raw_items.c.kind, raw_items.c.item_id).in_(sorted(ids))
        older = raw_items.c.state.in_(JOINABLE)
        found += list(conn.execute(query.where(pieces.c.whole, named, older)))
    once = {row.receipt: row for row in found if row.whole or not row.begun}
    return sorted(once.values(), key=lambda row: (*alike(row), row.receipt))


def alike(row: Row[Any]) -> tuple[str, bool, str]:
    """What items that may be joined have in common."""
    return row.kind, row.whole, row.item_id if row.whole else ""


# Set aside and taken up again --------------------------------------------------------------------


def cancel(conn: Connection, user_id: int, receipts: ColumnElement[bool]) -> int:
    """Set aside what waits; answers how many items. What was begun must be taken back first."""
    begun = or_(
        raw_items.c.lease_owner.is_not(None),
        yields(entities, user_id),
        yields(feeds, user_id),
    )
    mine = and_(raw_items.c.user_id == user_id, raw_items.c.state == "pending", receipts)
    started = conn.execute(update(raw_items).where(mine, begun).values(state="cancelling"))
    rest = conn.execute(update(raw_items).where(mine).values(state="cancelled"))
    return started.rowcount + rest.rowcount


def yields(table: Any, user_id: int) -> ColumnElement[bool]:
    found = select(table.c.receipt).where(
        table.c.user_id == user_id, table.c.receipt == raw_items.c.receipt
    )
    return found.exists()


def resume(conn: Connection, user_id: int, receipts: ColumnElement[bool]) -> int:
    """Have what was set aside read after all, from its start."""
    aside = raw_items.c.state.in_(("cancelling", "cancelled"))
    done = conn.execute(
        update(raw_items)
        .where(raw_items.c.user_id == user_id, aside, receipts)
        .values(state="pending", attempts=0, at_byte=None, members=0)
    )
    return done.rowcount


# Read again --------------------------------------------------------------------------------------


def next_to_rewrite(
    conn: Connection, user_id: int, connection_id: str, after: int, among: Collection[int] | None
) -> Row[Any] | None:
    """The next item in order of arrival that had been read."""
    query = (
        select(raw_items)
        .where(
            of_connection(user_id, connection_id),
            raw_items.c.receipt > after,
            raw_items.c.state.in_(READ),
        )
        .order_by(raw_items.c.receipt)
    )
    if among is None:
        return conn.execute(query.limit(1)).first()
    left = sorted(receipt for receipt in among if receipt > after)
    for receipt in left:
        found = conn.execute(query.where(raw_items.c.receipt == receipt)).first()
        if found is not None:
            return found
    return None


def rewritten(
    conn: Connection, user_id: int, connection_id: str, at: int
) -> tuple[int, int, int, int]:
    """Of a connection's items that were read: how many up to a receipt and in all, and bytes."""
    below = case((raw_items.c.receipt <= at, 1), else_=0)
    size = raw_bodies.c.size
    query = (
        select(func.sum(below), func.count(), func.sum(size * below), func.sum(size))
        .select_from(raw_items)
        .join(raw_bodies, with_body(user_id))
        .where(of_connection(user_id, connection_id), raw_items.c.state.in_(READ))
    )
    items, total, done, size_total = conn.execute(query).one()
    return int(items or 0), int(total or 0), int(done or 0), int(size_total or 0)


def out_of_reach(
    conn: Connection, user_id: int, connection_ids: Sequence[str]
) -> tuple[int, int | None]:
    """How many originals' bytes are not kept any more, and when the last of those came."""
    query = select(func.count(), func.max(raw_items.c.received_at)).where(
        raw_items.c.user_id == user_id,
        raw_items.c.connection_id.in_(connection_ids),
        raw_items.c.state == EXPIRED,
    )
    n, last = conn.execute(query).one()
    return int(n), last


def size_of(conn: Connection, row: Row[Any]) -> int:
    query = select(raw_bodies.c.size).where(body_is(row.user_id, row.sha256))
    return int(conn.execute(query).scalar() or 0)
