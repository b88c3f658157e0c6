"""Samples of many activities at once. Each activity has a series of its own for each metric, so
what looks at years must not look at them one by one."""

from dataclasses import dataclass
from itertools import groupby

import numpy as np
from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from openfit.store.series.blocks import Int
from openfit.store.series.rows import Series, live, of_row
from openfit.store.series.totals import DAY
from openfit.store.series.units import Float, in_unit
from openfit.store.tables import block, entities, series

LONGEST = 40 * DAY  # an activity that is longer is found by its start alone


@dataclass(frozen=True)
class Outings:
    """All activities of a source: when each began, and its mean (its sum if cumulative)."""

    one: Series  # of any of them
    t: Int
    v: Float


def outings_between(
    conn: Connection, user_id: int, metric: str, start: int, end: int
) -> list[Series]:
    """The series of activities that reach into [start, end)."""
    near = (
        select(entities.c.entity_id)
        .where(entities.c.user_id == user_id, entities.c.kind == "activity", entities.c.lead)
        .where(entities.c.start_at >= start - LONGEST, entities.c.start_at < end)
        .where(func.coalesce(entities.c.end_at, entities.c.start_at) >= start)
    )
    query = select(series).where(
        live(user_id), series.c.metric == metric, series.c.activity_id.in_(near)
    )
    rows = conn.execute(query.order_by(series.c.source_id, series.c.series_id))
    return [of_row(row) for row in rows]


def outings_extents(
    conn: Connection, user_id: int, metric: str | None = None
) -> list[tuple[str, int, int, int]]:
    """Of each metric and source: the instants of the first and the last sample of activities."""
    query = of_outings(user_id, metric).with_only_columns(
        series.c.metric,
        series.c.source_id,
        func.min(block.c.t_min).label("first"),
        func.max(block.c.t_max).label("last"),
    )
    rows = conn.execute(query.group_by(series.c.metric, series.c.source_id))
    return [(row.metric, row.source_id, row.first, row.last) for row in rows]


def outings(conn: Connection, user_id: int, metric: str, start: int, end: int) -> list[Outings]:
    """A value for each activity whose samples begin in [start, end), by source."""
    query = (
        of_outings(user_id, metric)
        .group_by(*series.c)
        .having(func.min(block.c.t_min).between(start, end - 1))
        .order_by(series.c.source_id, series.c.method, series.c.scale, func.min(block.c.t_min))
    )
    found = []
    by_source = groupby(conn.execute(query), lambda row: (row.source_id, row.method, row.scale))
    for _, some in by_source:
        rows = list(some)
        one = of_row(rows[0])
        columns = [(row.begun, int(row.n), int(row.total)) for row in rows]
        t, n, total = np.array(columns, np.int64).T
        v = in_unit(total, one.scale)
        found.append(Outings(one, t, v if one.cumulative else v / n))
    return found


def of_outings(user_id: int, metric: str | None) -> Select[tuple[object, ...]]:
    mine: ColumnElement[bool] = and_(
        block.c.user_id == series.c.user_id, block.c.series_id == series.c.series_id
    )
    query = (
        select(
            series,
            func.min(block.c.t_min).label("begun"),
            func.sum(block.c.n).label("n"),
            func.sum(block.c.v_sum).label("total"),
        )
        .join(block, mine)
        .where(live(user_id), series.c.activity_id != "", block.c.n > 0)
    )
    return query if metric is None else query.where(series.c.metric == metric)
