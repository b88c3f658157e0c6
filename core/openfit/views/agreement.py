"""Whether two sources of one metric say the same: on the days that both measured."""

from collections.abc import Sequence
from datetime import date
from itertools import combinations

import numpy as np
from msgspec import Struct
from sqlalchemy import Connection

from openfit.hub import Hub
from openfit.views import inference, values
from openfit.views.inference import LEAST_PAIRS, Agreement
from openfit.views.labels import Named, SourceLabel, label_of
from openfit.views.values import Column, Wish

MOST_SOURCES = 8


class Compared(Struct, frozen=True, kw_only=True):
    """Two sources on the days that both have. `mean` and `difference` (a minus b) of each day are
    what a Bland-Altman chart draws. Under ten days there is a reason instead of an agreement."""

    a: SourceLabel
    b: SourceLabel
    n: int
    days: list[date]
    mean: list[float]
    difference: list[float]
    agreement: Agreement | None
    reason: str | None


class CrossDevice(Struct, frozen=True, kw_only=True):
    """Every pair of sources of a metric. Without two sources there is a reason and no pair."""

    metric: str
    name: str
    unit: str
    start: date
    end: date
    pairs: list[Compared]
    reason: str | None


def cross_device(
    hub: Hub,
    conn: Connection,
    user_id: int,
    metric: str,
    sources: Sequence[int],
    first: date,
    last: date,
) -> CrossDevice:
    whole = values.column(hub, conn, user_id, Wish(metric), first, last)
    known = values.sources_of(conn, user_id, metric, first, last)
    chosen = list(dict.fromkeys(sources)) or known[:MOST_SOURCES]
    views = Named(hub, conn, user_id)
    columns = [values.column(hub, conn, user_id, Wish(metric, one), first, last) for one in chosen]
    start, end = values.extent(columns) or (first, last)
    return CrossDevice(
        metric=metric,
        name=whole.name,
        unit=whole.unit,
        start=start,
        end=end,
        pairs=[compared(conn, views, a, b) for a, b in combinations(columns, 2)],
        reason=None if len(chosen) > 1 else f"need_sources:have={len(chosen)},need=2",
    )


def compared(conn: Connection, views: Named, a: Column, b: Column) -> Compared:
    day, at_a, at_b = np.intersect1d(a.day, b.day, assume_unique=True, return_indices=True)
    x, y = a.value[at_a], b.value[at_b]
    n = int(day.size)
    enough = n >= LEAST_PAIRS
    assert a.wish.source_id is not None and b.wish.source_id is not None
    return Compared(
        a=label_of(views, a.wish.source_id),
        b=label_of(views, b.wish.source_id),
        n=n,
        days=[values.day_of(int(one)) for one in day],
        mean=np.round((x + y) / 2, 6).tolist(),
        difference=np.round(x - y, 6).tolist(),
        agreement=inference.agreement(x, y) if enough else None,
        reason=None if enough else f"need_days:have={n},need={LEAST_PAIRS}",
    )
