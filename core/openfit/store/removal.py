"""Taking away for good what a deletion reaches: rows, samples, originals."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from openfit.store import days, entities, people, raw, series, tombstones
from openfit.store.reach import SOME, Scope, days_of, of_going, sampled, unseen
from openfit.store.series.rows import drop, of_row
from openfit.store.tables import (
    block,
    coverage,
    daily,
    edits,
    feeds,
    imports,
    paces,
    raw_bodies,
    raw_items,
    results,
    texts,
    twin_choices,
    twins,
)
from openfit.store.tables import entities as entity_rows
from openfit.store.tables import pieces as piece_rows
from openfit.store.tables import series as series_rows
from openfit.store.tables import sources as source_rows
from openfit.store.tables import tombstones as tombstone_rows

YEAR = 366 * 86_400_000


# Hiding ------------------------------------------------------------------------------------------


def hide(conn: Connection, scope: Scope, now_ms: int) -> tuple[int, int]:
    """Tombstones for all of the scope; answers the first of their numbers and the one behind the
    last. What comes in after this moment is not hidden."""
    ids = sorted({*conn.execute(of_going(scope).where(~unseen(scope))).scalars()})
    spans = sources_of(conn, scope) if scope.entity_id is None else []
    first = people.advance(conn, scope.user_id, len(ids) + len(spans) + 1)
    rows: list[dict[str, Any]] = [{"entity_id": entity_id} for entity_id in ids]
    until = min(scope.end, now_ms)
    rows += [
        {
            "source_id": source_id,
            "metric": scope.metric or tombstones.EVERY,
            "from_at": scope.start,
            "to_at": until,
        }
        for source_id in spans
    ]
    usual = dict.fromkeys(("entity_id", "source_id", "metric", "from_at", "to_at"))
    base = usual | {"user_id": scope.user_id, "made_at": now_ms, "lifted": False}
    numbered = [base | {"tombstone_id": first + n} | row for n, row in enumerate(rows)]
    if numbered:
        conn.execute(insert(tombstone_rows), numbered)
    mark_days(conn, scope)
    return first, first + len(numbered)


def mark_days(conn: Connection, scope: Scope) -> None:
    """Days of the scope are derived again, also those that a vendor gave as a whole."""
    query = (
        select(daily.c.metric, func.min(daily.c.day), func.max(daily.c.day))
        .where(days_of(scope))
        .group_by(daily.c.metric)
    )
    for metric, first, last in conn.execute(query).all():
        span = (date.fromisoformat(first), date.fromisoformat(last))
        days.mark_spans(conn, scope.user_id, metric, [span])


def sources_of(conn: Connection, scope: Scope) -> list[int]:
    query = select(source_rows.c.source_id).where(scope.of(source_rows))
    return list(conn.execute(query.order_by(source_rows.c.source_id)).scalars())


def has_entity(conn: Connection, user_id: int, entity_id: str) -> bool:
    """Deleted ones, too, that can still come back."""
    query = select(entity_rows.c.entity_id).where(
        entity_rows.c.user_id == user_id, entity_rows.c.entity_id == entity_id
    )
    return conn.execute(query.limit(1)).first() is not None


def numbered(user_id: int, marks: tuple[int, int]) -> ColumnElement[bool]:
    number = tombstone_rows.c.tombstone_id
    return and_(tombstone_rows.c.user_id == user_id, number >= marks[0], number < marks[1])


# Taking away -------------------------------------------------------------------------------------


def entities_left(
    conn: Connection, user_id: int, marks: tuple[int, int], limit: int
) -> Sequence[str]:
    """Entities of a deletion that still have rows."""
    marked = select(tombstone_rows.c.entity_id).where(
        numbered(user_id, marks), tombstone_rows.c.entity_id.is_not(None)
    )
    query = (
        select(entity_rows.c.entity_id)
        .where(entity_rows.c.user_id == user_id, entity_rows.c.entity_id.in_(marked))
        .distinct()
        .order_by(entity_rows.c.entity_id)
    )
    return conn.execute(query.limit(limit)).scalars().all()


def drop_entities(conn: Connection, user_id: int, ids: Collection[str]) -> None:
    """Entities with all that hangs on them: samples, results, corrections, texts, twins."""
    for entity_id in ids:
        tombstones.mark_entity(conn, user_id, entity_id)
    summed = select(entity_rows.c.day).where(
        entity_rows.c.user_id == user_id,
        entity_rows.c.entity_id.in_(ids),
        entity_rows.c.kind == "wellness",
    )
    found = conn.execute(summed.where(entity_rows.c.day.is_not(None))).scalars()
    days.mark(conn, user_id, "wellness", [date.fromisoformat(day) for day in found])
    series.drop_activities(conn, user_id, ids)
    for table, column in (
        (entity_rows, "entity_id"),
        (results, "activity_id"),
        (edits, "entity_id"),
        (texts, "place"),
        (twins, "entity_id"),
        (twin_choices, "entity_a"),
        (twin_choices, "entity_b"),
    ):
        conn.execute(delete(table).where(table.c.user_id == user_id, table.c[column].in_(ids)))


def series_left(conn: Connection, scope: Scope) -> list[Row[Any]]:
    """Series of the scope with where their samples lie, those of deleted activities apart."""
    query = (
        select(
            series_rows,
            func.min(block.c.t_min).label("first"),
            func.max(block.c.t_max).label("last"),
        )
        .outerjoin(
            block,
            and_(
                block.c.user_id == series_rows.c.user_id,
                block.c.series_id == series_rows.c.series_id,
            ),
        )
        .where(sampled(scope))
        .group_by(*series_rows.columns)
        .order_by(series_rows.c.series_id)
    )
    return list(conn.execute(query))


def pieces(scope: Scope, row: Row[Any]) -> list[tuple[int, int]]:
    """The span that goes of a series, in years, each short enough for a transaction."""
    if row.first is None or row.last < scope.start or row.first >= scope.end:
        return []
    start, end = max(scope.start, row.first), min(scope.end, row.last + 1)
    return [(at, min(end, at + YEAR)) for at in range(start, end, YEAR)]


def erase(conn: Connection, scope: Scope, row: Row[Any], span: tuple[int, int]) -> None:
    """The samples of one series in a span; all of it at once where it lies in the scope whole."""
    user_id, one = scope.user_id, of_row(row)
    if scope.start <= row.first and row.last < scope.end:
        spans = [(days.utc_day(row.first), days.utc_day(row.last))]
        drop(conn, user_id, [row.series_id])
        days.mark_spans(conn, user_id, one.metric, spans)
        return
    touched = series.erase(conn, user_id, one.source_id, one.metric, span)
    days.mark(conn, user_id, one.metric, touched)
    inside = and_(feeds.c.from_at >= scope.start, feeds.c.to_at < scope.end)
    mine = and_(feeds.c.user_id == user_id, feeds.c.series_id == row.series_id)
    conn.execute(delete(feeds).where(mine, inside))


def remove_originals(
    conn: Connection, store: raw.Store, user_id: int, receipts: Iterable[int]
) -> list[Path]:
    """Forget originals and what imports say of them; answers the files to unlink after commit."""
    files: list[Path] = []
    for receipt in receipts:
        if conn.execute(select(raw_items.c.receipt).where(raw.item_is(user_id, receipt))).first():
            ids = [row.entity_id for row in entities.of_receipts(conn, user_id, [receipt])]
            gone = entities.drop(conn, user_id, receipt, ids)
            series.drop_activities(conn, user_id, gone)
            path = raw.remove(conn, store, user_id, receipt)
            files += [path] if path else []
        for table in (imports, feeds, piece_rows):
            mine = and_(table.c.user_id == user_id, table.c.receipt == receipt)
            conn.execute(delete(table).where(mine))
    return files


def still_named(conn: Connection, sha256: str) -> bool:
    """Whether anybody has an original of these bytes."""
    return bool(conn.execute(select(exists().where(raw_bodies.c.sha256 == sha256))).scalar())


def sweep(conn: Connection, scope: Scope) -> None:
    """What is left of a whole connection, and sources that nothing is of any more."""
    for table in (coverage, paces) if scope.is_whole else ():
        conn.execute(delete(table).where(scope.of(table)))
    used = select(series_rows.c.source_id).where(series_rows.c.user_id == scope.user_id)
    named = select(entity_rows.c.source_id).where(entity_rows.c.user_id == scope.user_id)
    marked = select(tombstone_rows.c.source_id).where(
        tombstone_rows.c.user_id == scope.user_id, tombstone_rows.c.source_id.is_not(None)
    )
    conn.execute(
        delete(source_rows).where(
            scope.of(source_rows),
            *(source_rows.c.source_id.not_in(some) for some in (used, named, marked)),
        )
    )
    days.clock_stale(conn, scope.user_id, True)


def forget_marks(conn: Connection, user_id: int, marks: tuple[int, int]) -> int:
    """Do not even remember that it was deleted."""
    return conn.execute(delete(tombstone_rows).where(numbered(user_id, marks))).rowcount


def lift_marks(conn: Connection, user_id: int, marks: tuple[int, int]) -> int:
    changed = update(tombstone_rows).where(numbered(user_id, marks)).values(lifted=True)
    return conn.execute(changed).rowcount


def connections_of(conn: Connection, user_id: int, receipts: Sequence[int]) -> list[str]:
    """Connections of the originals that are still here."""
    found: set[str] = set()
    for at in range(0, len(receipts), SOME):
        query = select(raw_items.c.connection_id).where(
            raw_items.c.user_id == user_id, raw_items.c.receipt.in_(receipts[at : at + SOME])
        )
        found |= {*conn.execute(query.distinct()).scalars()}
    return sorted(found)
