"""Values by day: each source's, the resolved one, the ladders that rank them; and twin groups."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

import msgspec
from openfit_schema import wire
from openfit_sdk.schema import Wellness
from sqlalchemy import Connection, and_, bindparam, delete, func, insert, or_, select

from openfit.deriving.merge import Choice, Resolved
from openfit.store import days, entities, tombstones
from openfit.store.columns import MINE
from openfit.store.engine import upsert
from openfit.store.tables import daily, daily_resolved, edits, ladders, twin_choices, twins
from openfit.store.tables import entities as entity_rows


class Value(NamedTuple):
    """One source's value of a metric on one day of the wearer."""

    day: date
    source_id: int
    method: str
    value: float
    n: int


def between(table: Any, user_id: int, metric: str, first: date, last: date) -> Any:
    return and_(
        table.c.user_id == user_id,
        table.c.metric == metric,
        table.c.day >= first.isoformat(),
        table.c.day <= last.isoformat(),
    )


def replace(
    conn: Connection, user_id: int, metric: str, first: date, last: date, rows: Iterable[Value]
) -> None:
    conn.execute(delete(daily).where(between(daily, user_id, metric, first, last)))
    values = [
        {"user_id": user_id, "metric": metric} | row._asdict() | {"day": row.day.isoformat()}
        for row in rows
    ]
    if values:
        upsert(conn, daily, values)


def replace_resolved(
    conn: Connection,
    user_id: int,
    metric: str,
    first: date,
    last: date,
    rows: dict[date, tuple[Resolved, str]],
) -> None:
    conn.execute(
        delete(daily_resolved).where(between(daily_resolved, user_id, metric, first, last))
    )
    values = [
        msgspec.structs.asdict(resolved)
        | {"user_id": user_id, "metric": metric, "day": day.isoformat(), "ladder": stamp}
        for day, (resolved, stamp) in rows.items()
    ]
    if values:
        conn.execute(insert(daily_resolved), values)


class Extremes(NamedTuple):
    """Of all days of a metric: how many, and the first that had the least and the greatest."""

    days: int
    least_day: date
    least: float
    most_day: date
    most: float


def extremes(conn: Connection, user_id: int) -> dict[str, Extremes]:
    """By metric, as its days were resolved."""
    mine, value = daily_resolved.c.user_id == user_id, daily_resolved.c.value
    ends = (
        select(
            daily_resolved.c.metric,
            func.count().label("days"),
            func.min(value).label("least"),
            func.max(value).label("most"),
        )
        .where(mine)
        .group_by(daily_resolved.c.metric)
        .subquery()
    )
    query = (
        select(ends, value, func.min(daily_resolved.c.day).label("day"))
        .join(ends, ends.c.metric == daily_resolved.c.metric)
        .where(mine, or_(value == ends.c.least, value == ends.c.most))
        .group_by(*ends.c, value)
    )
    first: dict[str, dict[float, date]] = {}
    rows = list(conn.execute(query))
    for row in rows:
        first.setdefault(row.metric, {})[row.value] = date.fromisoformat(row.day)
    return {
        row.metric: Extremes(
            row.days,
            first[row.metric][row.least],
            row.least,
            first[row.metric][row.most],
            row.most,
        )
        for row in rows
    }


def stamps(conn: Connection, user_id: int) -> dict[str, set[str]]:
    """The ladders that each metric's days were resolved by."""
    query = select(daily_resolved.c.metric, daily_resolved.c.ladder).where(
        daily_resolved.c.user_id == user_id
    )
    found: dict[str, set[str]] = {}
    for row in conn.execute(query.distinct()):
        found.setdefault(row.metric, set()).add(row.ladder)
    return found


# What vendors report for a day -------------------------------------------------------------------


def summaries(
    conn: Connection, user_id: int, first: date, last: date
) -> list[tuple[int, Wellness]]:
    query = select(entity_rows).where(
        entities.visible(user_id),
        entity_rows.c.kind == "wellness",
        entity_rows.c.day >= first.isoformat(),
        entity_rows.c.day <= last.isoformat(),
    )
    hidden = tombstones.hidden(conn, user_id)
    found = [(row.source_id, wire.decode_json(row.body)) for row in conn.execute(query)]
    return [
        (source, tombstones.left_of(hidden, source, summary))
        for source, summary in found
        if isinstance(summary, Wellness)
    ]


def wellness_metrics(conn: Connection, user_id: int, first: date, last: date) -> list[str]:
    """Metrics that a summary of these days names now, or that one named before."""
    named = {metric for _, day in summaries(conn, user_id, first, last) for metric in day.values}
    query = select(daily.c.metric).where(
        daily.c.user_id == user_id,
        daily.c.day >= first.isoformat(),
        daily.c.day <= last.isoformat(),
    )
    return sorted(named | set(conn.execute(query.distinct()).scalars()))


def reported(conn: Connection, user_id: int, metric: str, first: date, last: date) -> list[Value]:
    return [
        Value(summary.day, source, summary.method, summary.values[metric], 1)
        for source, summary in summaries(conn, user_id, first, last)
        if metric in summary.values
    ]


# Ladders -----------------------------------------------------------------------------------------


def ladder(conn: Connection, user_id: int, metric: str) -> list[str]:
    """The user's ranking for a metric, else of every metric, else none."""
    which = {"user": user_id, "metric": metric}
    found = {row.metric: row.ranking for row in conn.execute(LADDER, which)}
    ranking = found.get(metric) or found.get("*")
    return [] if ranking is None else list(msgspec.json.decode(ranking))


LADDER = select(ladders.c.metric, ladders.c.ranking).where(
    ladders.c.user_id == MINE, ladders.c.metric.in_((bindparam("metric"), "*"))
)


def all_ladders(conn: Connection, user_id: int) -> dict[str, list[str]]:
    """The user's own rankings by metric, `*` of every metric."""
    query = select(ladders.c.metric, ladders.c.ranking).where(ladders.c.user_id == user_id)
    rows = conn.execute(query.order_by(ladders.c.metric))
    return {row.metric: msgspec.json.decode(row.ranking, type=list[str]) for row in rows}


def drop_ladder(conn: Connection, user_id: int, metric: str) -> None:
    conn.execute(delete(ladders).where(ladders.c.user_id == user_id, ladders.c.metric == metric))


def extents(conn: Connection, user_id: int, metric: str) -> list[tuple[str, date, date]]:
    """First and last day that hold values of a metric, or of each (`*`)."""
    query = select(daily.c.metric, func.min(daily.c.day), func.max(daily.c.day)).where(
        daily.c.user_id == user_id
    )
    if metric != "*":
        query = query.where(daily.c.metric == metric)
    return [
        (one, date.fromisoformat(first), date.fromisoformat(last))
        for one, first, last in conn.execute(query.group_by(daily.c.metric))
    ]


def set_ladder(conn: Connection, user_id: int, metric: str, ranking: Sequence[str]) -> None:
    row = {
        "user_id": user_id,
        "metric": metric,
        "ranking": msgspec.json.encode(list(ranking)).decode(),
    }
    upsert(conn, ladders, [row])


# Tags of activities ------------------------------------------------------------------------------


def tags_of(
    conn: Connection, user_id: int, ids: Sequence[str] | None = None
) -> dict[str, list[str]]:
    """Tags that a person gave, by activity."""
    query = select(edits.c.entity_id, edits.c.value).where(
        edits.c.user_id == user_id, edits.c.field == "tags", edits.c.undone.is_(False)
    )
    if ids is not None:
        query = query.where(edits.c.entity_id.in_(ids))
    rows = conn.execute(query.order_by(edits.c.edit_id))
    return {row.entity_id: msgspec.json.decode(row.value, type=list[str]) for row in rows}


def tagged_activities(conn: Connection, user_id: int) -> list[tuple[str, list[str]]]:
    """The day and the tags of each activity that has some and is shown."""
    tags = tags_of(conn, user_id)
    clock = days.clock(conn, user_id)
    query = select(entity_rows.c.entity_id, entity_rows.c.day, entity_rows.c.start_at).where(
        entities.visible(user_id), entity_rows.c.entity_id.in_(tags)
    )
    return [
        (row.day or clock.day_of(entities.instant(row.start_at)).isoformat(), tags[row.entity_id])
        for row in conn.execute(query)
    ]


# Twins -------------------------------------------------------------------------------------------


def choices(conn: Connection, user_id: int) -> dict[tuple[str, str], Choice]:
    query = select(twin_choices).where(twin_choices.c.user_id == user_id)
    return {(row.entity_a, row.entity_b): row.choice for row in conn.execute(query)}


def choose(
    conn: Connection, user_id: int, a: str, b: str, choice: Choice | None, now_ms: int
) -> None:
    """Join or split two records for good; None takes the choice back."""
    first, second = sorted((a, b))
    row = {"user_id": user_id, "entity_a": first, "entity_b": second}
    if choice is None:
        mine = [twin_choices.c[name] == value for name, value in row.items()]
        conn.execute(delete(twin_choices).where(*mine))
    else:
        upsert(conn, twin_choices, [row | {"choice": choice, "made_at": now_ms}])


def replace_twins(
    conn: Connection, user_id: int, kind: str, groups: Iterable[Sequence[str]]
) -> None:
    members = select(entity_rows.c.entity_id).where(
        entity_rows.c.user_id == user_id, entity_rows.c.kind == kind
    )
    known = select(entity_rows.c.entity_id).where(entity_rows.c.user_id == user_id)
    gone = twins.c.entity_id.in_(members) | twins.c.entity_id.not_in(known)
    conn.execute(delete(twins).where(twins.c.user_id == user_id, gone))
    rows = [
        {"user_id": user_id, "entity_id": member, "group_id": group[0]}
        for group in groups
        if len(group) > 1
        for member in group
    ]
    if rows:
        conn.execute(insert(twins), rows)


def twin_groups(conn: Connection, user_id: int) -> dict[str, str]:
    """Entity id to the id of its group's leader, for records that have twins."""
    rows = conn.execute(TWIN_GROUPS, {"user": user_id})
    return {entity_id: group_id for entity_id, group_id in rows}


TWIN_GROUPS = select(twins.c.entity_id, twins.c.group_id).where(twins.c.user_id == MINE)
