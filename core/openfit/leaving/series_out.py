"""Which tables there are: samples of a metric, days with a column for each metric, an activity."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Literal

import numpy as np
from sqlalchemy import Connection

from openfit.errors import NotFound
from openfit.hub import Hub
from openfit.leaving.contents import Choice
from openfit.leaving.tables import Column, Table
from openfit.store import days, entities, outgoing, series
from openfit.store.outgoing import ALWAYS
from openfit.store.series.beats import breaks
from openfit.store.series.totals import DAY, HOUR, MINUTE
from openfit.views import reading
from openfit.views.streams import rounded

Resolution = Literal["raw", "minute", "hour", "day"]
Cells = Any  # a sequence, or an array of numbers
UNITS = {"minute": MINUTE, "hour": HOUR, "day": DAY}


def metric_table(
    hub: Hub, conn: Connection, user_id: int, type: str, choice: Choice, resolution: Resolution
) -> Table:
    """A row a sample, or a minute, hour or day of UTC: means there, sums of what is summed. Of
    intervals between beats, each says whether something is missing before it."""
    definition = hub.plugins.metric(type)
    if definition is None:
        raise NotFound(f"There is no metric {type}.", code="no_metric")
    summed = definition.kind == "cumulative"
    beats = definition.kind == "interval" and resolution == "raw"
    columns = [Column("time", "time"), Column(type, "number", definition.unit)]
    columns += [Column("duration", "number", "s")] if summed and resolution == "raw" else []
    columns += [Column("after_gap", "number")] if beats else []
    columns += [Column("n", "number")] if resolution != "raw" else []
    columns += [Column("source", "text"), Column("method", "text"), Column("activity", "text")]
    wanted = [one for one in series.all_live(conn, user_id) if one.metric == type]
    names = source_names(conn, user_id, {one.source_id for one in wanted})
    found = outgoing.days(conn, user_id, wanted, *choice.span)
    marked = after_gaps(found) if beats else ((day, None) for day in found)
    batches = (batch(day, names, resolution, gaps) for day, gaps in marked)
    return Table(columns, batches, days.clock(conn, user_id))


def after_gaps(found: Iterator[outgoing.Day]) -> Iterator[tuple[outgoing.Day, list[int]]]:
    """Each day of intervals with 1 where something is missing before one; a day goes on where the
    one before it ended."""
    before, last = 0, 0
    for day in found:
        one, _, t, v, _ = day
        goes_on = one.row_id == before
        more = breaks(np.append(last, t), np.append(0.0, v), one.slot_ms)[1:]
        if t.size and not goes_on:
            more[0] = False
        before, last = (one.row_id, int(t[-1])) if t.size else (before, last)
        yield day, more.astype(int).tolist()


def batch(
    day: outgoing.Day, names: dict[int, str], resolution: Resolution, gaps: list[int] | None
) -> list[Cells]:
    one, _, t, v, d = day
    values = rounded(v, one.scale)
    if resolution == "raw":
        numbers: list[Cells] = [t, values.tolist()]
        numbers += [(d / 1000).tolist()] if d is not None else []
        numbers += [gaps] if gaps is not None else []
    else:
        at, first, n = np.unique(t // UNITS[resolution], return_index=True, return_counts=True)
        total = np.add.reduceat(v, first)
        shown = total if one.cumulative else total / n
        numbers = [at * UNITS[resolution], shown.tolist(), n.tolist()]
    count = len(numbers[0])
    texts = (names.get(one.source_id, str(one.source_id)), one.method, one.activity_id)
    return numbers + [[text] * count for text in texts]


def source_names(conn: Connection, user_id: int, ids: set[int]) -> dict[int, str]:
    return {key: name for key, name in entities.device_keys(conn, user_id, ids).items() if name}


def daily_table(
    hub: Hub,
    conn: Connection,
    user_id: int,
    choice: Choice,
    families: Sequence[str] | None = None,
) -> Table:
    """A row a day of the wearer, a column for each metric: the values that pages show. Of
    these families alone, where any are named; a metric that is not known any more is in none."""
    first, end = choice.days
    metrics = outgoing.metrics_of_days(conn, user_id, first, end)
    known = {metric: hub.plugins.metric(metric) for metric in metrics}
    if families is not None:
        known = {name: one for name, one in known.items() if one and one.family in families}
    columns = [Column("day", "day")]
    columns += [Column(metric, "number", one.unit if one else "") for metric, one in known.items()]
    return Table(columns, by_day(conn, user_id, [*known], first, end), days.clock(conn, user_id))


def by_day(
    conn: Connection, user_id: int, metrics: Sequence[str], first: str, end: str
) -> Iterator[list[list[Any]]]:
    place = {metric: n for n, metric in enumerate(metrics, start=1)}
    row: list[Any] = []
    for value in outgoing.in_order_of_days(conn, user_id, first, end):
        if value.metric not in place:
            continue
        if not row or row[0] != value.day:
            if row:
                yield [[cell] for cell in row]
            row = [value.day, *[None] * len(place)]
        row[place[value.metric]] = value.value
    if row:
        yield [[cell] for cell in row]


def activity_table(hub: Hub, conn: Connection, user_id: int, activity_id: str) -> Table:
    """A row for each moment at which anything was measured, a column for each stream."""
    reading.found(conn, user_id, activity_id)
    wanted = [one for one, _ in series.of_activity(conn, user_id, activity_id)]
    streams = [(one, *series.read(conn, user_id, one, *ALWAYS)) for one in wanted]
    columns, taken = [Column("time", "time")], set[str]()
    for one in wanted:
        names = (one.metric, f"{one.metric} {one.method}", f"{one.metric} {one.source_id}")
        name = next(name for name in names if name not in taken)
        taken.add(name)
        columns.append(Column(name, "number", one.unit))
    every = [t for _, t, _ in streams]
    times = np.unique(np.concatenate(every)) if every else np.empty(0, np.int64)
    cells: list[Cells] = [times]
    for one, t, v in streams:
        column: list[Any] = [None] * times.size
        values = rounded(v, one.scale).tolist()
        for at, value in zip(np.searchsorted(times, t).tolist(), values, strict=True):
            column[at] = value
        cells.append(column)
    return Table(columns, [cells], days.clock(conn, user_id))


def day_of(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
