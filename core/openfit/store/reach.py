"""What a deletion reaches: which rows, series and originals, and how many of each."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    exists,
    false,
    func,
    or_,
    select,
    true,
)

from openfit.store import days, entities
from openfit.store.outgoing import ALWAYS
from openfit.store.series import codec
from openfit.store.tables import (
    block,
    daily,
    edits,
    feeds,
    raw_bodies,
    raw_items,
    results,
)
from openfit.store.tables import entities as entity_rows
from openfit.store.tables import series as series_rows
from openfit.store.tables import sources as source_rows

SOME = 500  # ids a statement
HALF_DAY = 43_200_000


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
