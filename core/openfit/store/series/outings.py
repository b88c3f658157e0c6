"""Samples of many activities at once. Each activity has a series of its own for each metric, so
what looks at years must not look at them one by one."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, func, select

from openfit.store.columns import KNOWN, MINE
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
    span = {"near": start - LONGEST, "start": start, "end": end}
    rows = conn.execute(REACHING_IN, {"user": user_id, "metric": metric} | span).all()
    return sorted(map(of_row, rows), key=lambda one: (one.source_id, one.row_id))


NEAR = (
    select(entities.c.entity_id)
    .where(entities.c.user_id == MINE, entities.c.kind == "activity", entities.c.lead)
    .where(entities.c.start_at >= bindparam("near"), entities.c.start_at < bindparam("end"))
    .where(func.coalesce(entities.c.end_at, entities.c.start_at) >= bindparam("start"))
)
REACHING_IN = select(series).where(  # put in order afterwards: see rows.OF_ACTIVITY
    live(MINE), series.c.metric == bindparam("metric"), series.c.activity_id.in_(NEAR)
)


def outings_extents(
    conn: Connection, user_id: int, metric: str | None = None
) -> list[tuple[str, int, int, int]]:
    """Of each metric and source: the instants of the first and the last sample of activities."""
    wanted = of_activities(user_id, metric)
    of_each = heads(user_id, wanted).subquery()
    query = (
        select(
            series.c.metric,
            series.c.source_id,
            func.min(of_each.c.begun).label("first"),
            func.max(of_each.c.ended).label("last"),
        )
        .join(of_each, of_each.c.series_id == series.c.series_id)
        .where(wanted)
        .group_by(series.c.metric, series.c.source_id)
    )
    return [(row.metric, row.source_id, row.first, row.last) for row in conn.execute(query)]


def outings(conn: Connection, user_id: int, metric: str, start: int, end: int) -> list[Outings]:
    """A value for each activity whose samples begin in [start, end), by source."""
    inside = [
        (one, row) for one, row in of_outings(conn, user_id, metric) if start <= row.begun < end
    ]
    inside.sort(key=lambda found: (*source_of(found[0]), found[1].begun))
    result = []
    for _, some in groupby(inside, lambda found: source_of(found[0])):
        several = list(some)
        one = several[0][0]
        columns = [(row.begun, int(row.n), int(row.total)) for _, row in several]
        t, n, total = np.array(columns, np.int64).T
        v = in_unit(total, one.scale)
        result.append(Outings(one, t, v if one.cumulative else v / n))
    return result


def source_of(one: Series) -> tuple[int, str, float]:
    return one.source_id, one.method, one.scale


def of_outings(conn: Connection, user_id: int, metric: str) -> list[tuple[Series, Any]]:
    """The series of activities, each with what the heads of its blocks say of it."""
    wanted = of_activities(user_id, metric)
    known = {row.series_id: of_row(row) for row in conn.execute(these(wanted)).all()}
    if not known:
        return []
    return [(known[row.series_id], row) for row in conn.execute(heads(user_id, wanted)).all()]


@lru_cache(KNOWN)
def of_activities(user_id: int, metric: str | None) -> ColumnElement[bool]:
    wanted = and_(live(user_id), series.c.activity_id != "")
    return wanted if metric is None else and_(wanted, series.c.metric == metric)


@lru_cache(KNOWN)
def these(wanted: ColumnElement[bool]) -> Select[Any]:
    return select(series).where(wanted)


@lru_cache(KNOWN)
def heads(user_id: int, wanted: ColumnElement[bool]) -> Select[Any]:
    """By series. The payloads stay where they are."""
    return (
        select(
            block.c.series_id,
            func.min(block.c.t_min).label("begun"),
            func.max(block.c.t_max).label("ended"),
            func.sum(block.c.n).label("n"),
            func.sum(block.c.v_sum).label("total"),
        )
        .where(block.c.user_id == user_id, block.c.n > 0)
        .where(block.c.series_id.in_(select(series.c.series_id).where(wanted)))
        .group_by(block.c.series_id)
    )
