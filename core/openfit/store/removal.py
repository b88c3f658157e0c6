"""What a deletion reaches, and taking it away for good: rows, samples, originals."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    exists,
    false,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from openfit.store import days, entities, people, raw, series, tombstones
from openfit.store.outgoing import ALWAYS
from openfit.store.series import codec
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
from openfit.store.tables import series as series_rows
from openfit.store.tables import sources as source_rows
from openfit.store.tables import tombstones as tombstone_rows

SOME = 500  # ids a statement
YEAR, HALF_DAY = 366 * 86_400_000, 43_200_000


class Scope(Struct, frozen=True, kw_only=True):
    """What shall go: where everything that is named holds. An empty scope is all of a user's."""

    user_id: int
    connection_id: str | None = None
    source_id: int | None = None
    metric: str | None = None
    entity_id: str | None = None
    start: int = ALWAYS[0]
    end: int = ALWAYS[1]

    @property
    def span(self) -> tuple[int, int]:
        return self.start, self.end

    @property
    def is_timeless(self) -> bool:
        return self.span == ALWAYS

    @property
    def is_whole(self) -> bool:
        """All of a connection, or of everything."""
        named = (self.source_id, self.metric, self.entity_id)
        return self.start == ALWAYS[0] and named == (None, None, None)

    def of(self, table: Any) -> ColumnElement[bool]:
        """Rows of this user, connection and source."""
        found = [table.c.user_id == self.user_id]
        if self.connection_id is not None:
            found.append(table.c.connection_id == self.connection_id)
        if self.source_id is not None and "source_id" in table.c:
            found.append(table.c.source_id == self.source_id)
        return and_(*found)


def going(scope: Scope) -> ColumnElement[bool]:
    """Entities of the scope. One that lies in a span begins in it."""
    if scope.entity_id is not None:
        return and_(scope.of(entity_rows), entity_rows.c.entity_id == scope.entity_id)
    if scope.metric is not None:
        return false()
    if scope.is_timeless:
        return scope.of(entity_rows)
    first, last = (day_of(at) for at in scope.span)
    at, day = entity_rows.c.start_at, entity_rows.c.day
    # Said in full, since what is compared with nothing is neither true nor false.
    begun = and_(at.is_not(None), at >= scope.start, at < scope.end)
    dated = and_(at.is_(None), day.is_not(None), day >= first, day < last)
    return and_(scope.of(entity_rows), or_(begun, dated))


def day_of(at: int) -> str:
    """The first day whose noon does not lie before this: a day belongs to a span with its noon."""
    if at <= ALWAYS[0]:
        return ""
    return "~" if at >= ALWAYS[1] else days.utc_day(at + HALF_DAY - 1).isoformat()


def unseen(scope: Scope) -> ColumnElement[bool]:
    return entity_rows.c.entity_id.in_(entities.hidden(scope.user_id))


def of_going(scope: Scope) -> Any:
    return select(entity_rows.c.entity_id).where(going(scope))


def sampled(scope: Scope) -> ColumnElement[bool]:
    """Series that lose samples: of the scope's sources and metric, and all of its activities."""
    of_activities = and_(
        series_rows.c.user_id == scope.user_id,
        series_rows.c.activity_id != "",
        series_rows.c.activity_id.in_(of_going(scope)),
    )
    if scope.entity_id is not None:
        return of_activities
    mine = scope.of(series_rows)
    if scope.metric is not None:
        mine = and_(mine, series_rows.c.metric == scope.metric)
    return or_(mine, of_activities)


# Counting ----------------------------------------------------------------------------------------


def kinds(conn: Connection, scope: Scope) -> dict[str, int]:
    """Entities that would go, by kind."""
    query = (
        select(entity_rows.c.kind, func.count())
        .where(going(scope), entity_rows.c.lead, ~unseen(scope))
        .group_by(entity_rows.c.kind)
    )
    return {kind: int(n) for kind, n in conn.execute(query)}


def samples(conn: Connection, scope: Scope) -> int:
    """Samples that would go. Only blocks at the ends of a span are unpacked."""
    gone = {*conn.execute(of_going(scope)).scalars()}
    query = (
        select(block.c.n, block.c.t_min, block.c.t_max, block.c.series_id, block.c.bucket)
        .add_columns(series_rows.c.activity_id)
        .join(
            series_rows,
            and_(
                series_rows.c.user_id == block.c.user_id,
                series_rows.c.series_id == block.c.series_id,
            ),
        )
        .where(sampled(scope), series_rows.c.live, block.c.n > 0)
    )
    total = 0
    for row in conn.execute(query.execution_options(yield_per=1000)):
        inside = scope.start <= row.t_min and row.t_max < scope.end
        if inside or row.activity_id in gone:
            total += row.n
        elif row.t_max >= scope.start and row.t_min < scope.end:
            total += within(conn, scope, row)
    return total


def within(conn: Connection, scope: Scope, row: Row[Any]) -> int:
    one = and_(
        block.c.user_id == scope.user_id,
        block.c.series_id == row.series_id,
        block.c.bucket == row.bucket,
    )
    t = codec.decode(conn.execute(select(block.c.payload).where(one)).scalar_one()).t
    return int(((t >= scope.start) & (t < scope.end)).sum())


def values_of_days(conn: Connection, scope: Scope) -> int:
    return int(conn.execute(select(func.count()).where(days_of(scope))).scalar_one())


def days_of(scope: Scope) -> ColumnElement[bool]:
    """Values by day of the scope's sources."""
    if scope.entity_id is not None:
        return false()
    sources = select(source_rows.c.source_id).where(scope.of(source_rows))
    return and_(
        daily.c.user_id == scope.user_id,
        daily.c.source_id.in_(sources),
        daily.c.day >= day_of(scope.start),
        daily.c.day < day_of(scope.end),
        daily.c.metric == scope.metric if scope.metric is not None else true(),
    )


def results_of(conn: Connection, scope: Scope) -> int:
    query = select(func.count()).where(
        results.c.user_id == scope.user_id, results.c.activity_id.in_(of_going(scope))
    )
    return int(conn.execute(query).scalar_one())


def edits_of(conn: Connection, scope: Scope) -> int:
    query = select(func.count()).where(
        edits.c.user_id == scope.user_id,
        edits.c.undone.is_(False),
        edits.c.entity_id.in_(of_going(scope)),
    )
    return int(conn.execute(query).scalar_one())


def unread(conn: Connection, scope: Scope) -> int:
    """Originals that wait: nobody knows yet what is in them."""
    mine = raw_items.c.user_id == scope.user_id
    if scope.connection_id is not None:
        mine = and_(mine, raw_items.c.connection_id == scope.connection_id)
    query = select(func.count()).where(mine, raw_items.c.state == "pending")
    return int(conn.execute(query).scalar_one())


def candidates(conn: Connection, scope: Scope) -> list[int]:
    """Receipts of originals that gave something of the scope, with their other versions."""
    gave = exists().where(entity_rows.c.receipt == raw_items.c.receipt, going(scope))
    fed = exists().where(
        feeds.c.user_id == scope.user_id,
        feeds.c.receipt == raw_items.c.receipt,
        feeds.c.from_at < scope.end,
        feeds.c.to_at >= scope.start,
        feeds.c.series_id.in_(select(series_rows.c.series_id).where(sampled(scope))),
    )
    wanted = or_(gave, fed)
    if scope.is_whole:
        wanted = scope.of(raw_items)
    mine = select(raw_items).where(raw_items.c.user_id == scope.user_id, wanted).subquery()
    versions = select(raw_items.c.receipt).join(
        mine,
        and_(
            raw_items.c.user_id == mine.c.user_id,
            raw_items.c.connection_id == mine.c.connection_id,
            raw_items.c.kind == mine.c.kind,
            raw_items.c.item_id == mine.c.item_id,
        ),
    )
    return sorted({*conn.execute(versions).scalars()})


def needed(conn: Connection, scope: Scope, receipts: Sequence[int]) -> set[int]:
    """Of these originals those that also gave something that stays. A device is named by every
    file that it recorded and needs none of them."""
    found: set[int] = set()
    stays = ~or_(going(scope), unseen(scope))
    covered = and_(feeds.c.from_at >= scope.start, feeds.c.to_at < scope.end)
    of_scope = feeds.c.series_id.in_(select(series_rows.c.series_id).where(sampled(scope)))
    of_gone = feeds.c.series_id.in_(
        select(series_rows.c.series_id).where(
            series_rows.c.user_id == scope.user_id,
            or_(
                series_rows.c.activity_id.in_(of_going(scope)),
                series_rows.c.activity_id.in_(entities.hidden(scope.user_id)),
            ),
        )
    )
    for at in range(0, len(receipts), SOME):
        some = receipts[at : at + SOME]
        gives = select(entity_rows.c.receipt).where(
            entity_rows.c.user_id == scope.user_id,
            entity_rows.c.receipt.in_(some),
            entity_rows.c.kind != "device",
            stays,
        )
        feeding = select(feeds.c.receipt).where(
            feeds.c.user_id == scope.user_id,
            feeds.c.receipt.in_(some),
            feeds.c.from_at <= feeds.c.to_at,  # it gave samples at all
            ~or_(and_(of_scope, covered), of_gone),
        )
        found |= {*conn.execute(gives).scalars(), *conn.execute(feeding).scalars()}
    return found


def size_of(conn: Connection, user_id: int, receipts: Sequence[int]) -> int:
    total = 0
    for at in range(0, len(receipts), SOME):
        named = select(raw_items.c.sha256).where(
            raw_items.c.user_id == user_id, raw_items.c.receipt.in_(receipts[at : at + SOME])
        )
        query = select(func.sum(raw_bodies.c.size)).where(
            raw_bodies.c.user_id == user_id, raw_bodies.c.sha256.in_(named)
        )
        total += int(conn.execute(query).scalar() or 0)
    return total


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
        for table in (imports, feeds):
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
