"""What sources and connections gave: counts, first and last, how their syncs stand."""

from typing import NamedTuple

from sqlalchemy import Connection, func, select

from openfit.store import days, entities
from openfit.store.tables import coverage, daily, raw_items
from openfit.store.tables import entities as rows


class Count(NamedTuple):
    n: int
    edges: tuple[int, ...]  # instants of the first and the last, ms; none where days alone count


def records_of(conn: Connection, user_id: int, source_id: int) -> dict[str, Count]:
    """Entities of a source by kind; the Device itself is none of them."""
    query = (
        select(
            rows.c.kind,
            func.count().label("n"),
            func.min(rows.c.start_at).label("first"),
            func.max(func.coalesce(rows.c.end_at, rows.c.start_at)).label("last"),
        )
        .where(entities.visible(user_id), rows.c.source_id == source_id, rows.c.kind != "device")
        .group_by(rows.c.kind)
        .order_by(rows.c.kind)
    )
    return {
        row.kind: Count(row.n, () if row.first is None else (row.first, row.last))
        for row in conn.execute(query)
    }


def metrics_of(
    conn: Connection, user_id: int, spans: dict[int, list[tuple[str, int, int]]]
) -> dict[int, dict[str, tuple[str, str]]]:
    """By source and metric the first and last day, of samples (days of UTC) and daily values."""
    found: dict[int, dict[str, tuple[str, str]]] = {}

    def widen(source_id: int, metric: str, first: str, last: str) -> None:
        known = found.setdefault(source_id, {}).get(metric, (first, last))
        found[source_id][metric] = (min(first, known[0]), max(last, known[1]))

    query = select(
        daily.c.metric, daily.c.source_id, func.min(daily.c.day), func.max(daily.c.day)
    ).where(daily.c.user_id == user_id)
    grouped = query.group_by(daily.c.metric, daily.c.source_id)
    for metric, source_id, first_day, last_day in conn.execute(grouped):
        widen(source_id, metric, first_day, last_day)
    for source_id, several in spans.items():
        for metric, begun, ended in several:
            edges = (days.utc_day(at).isoformat() for at in (begun, ended))
            widen(source_id, metric, *edges)
    return found


def last_received(conn: Connection, user_id: int) -> dict[str, int]:
    """When a connection last gave an original, ms."""
    query = select(raw_items.c.connection_id, func.max(raw_items.c.received_at)).where(
        raw_items.c.user_id == user_id
    )
    rows_found = conn.execute(query.group_by(raw_items.c.connection_id))
    return {connection_id: at for connection_id, at in rows_found}


def last_checked(conn: Connection, user_id: int) -> dict[str, int]:
    """When a connection was last asked for anything, ms."""
    query = select(coverage.c.connection_id, func.max(coverage.c.checked_at)).where(
        coverage.c.user_id == user_id
    )
    rows_found = conn.execute(query.group_by(coverage.c.connection_id))
    return {connection_id: at for connection_id, at in rows_found}


def items_by_state(conn: Connection, user_id: int, connection_id: str) -> dict[str, int]:
    query = select(raw_items.c.state, func.count()).where(
        raw_items.c.user_id == user_id, raw_items.c.connection_id == connection_id
    )
    return {state: n for state, n in conn.execute(query.group_by(raw_items.c.state))}


def covered_days(conn: Connection, user_id: int, connection_id: str) -> dict[str, dict[str, int]]:
    """By stream, how many days stand in which state."""
    query = select(coverage.c.stream, coverage.c.state, func.count()).where(
        coverage.c.user_id == user_id, coverage.c.connection_id == connection_id
    )
    grouped = query.group_by(coverage.c.stream, coverage.c.state)
    found: dict[str, dict[str, int]] = {}
    for stream, state, n in conn.execute(grouped.order_by(coverage.c.stream)):
        found.setdefault(stream, {})[state] = n
    return found
