"""A user, series and deliveries for tests of the store."""

from collections.abc import Sequence

import numpy as np
from openfit.intake.samples import Samples
from openfit.store import engine, people, series
from openfit.store.series import SeriesRef
from sqlalchemy import Connection, Engine

DAY = 86_400_000
MONDAY = 1_774_828_800_000  # 2026-03-30, midnight UTC
USER = 1


def database(url: str) -> Engine:
    made = engine.create(url)
    with engine.write(made) as conn:
        people.create_user(conn, "Wearer", 0)
    return made


def ref(metric: str = "heart_rate", *, scale: float = 1.0, **more) -> SeriesRef:
    usual = {"source_id": 7, "activity_id": "", "method": "reported", "connection_id": "c"}
    return SeriesRef(
        **{"metric": metric, "scale": scale, "unit": "1", "cumulative": False} | usual | more
    )


def put(
    conn: Connection,
    of: SeriesRef,
    t: Sequence[int],
    v: Sequence[float],
    d: Sequence[int] | None = None,
    *,
    receipt: int = 1,
    order: int = 0,
    covers: tuple[int, int] | None = None,
    generation: int | None = None,
):
    """Times are ms after MONDAY."""
    columns = Samples(
        np.array(t, np.int64) + MONDAY,
        np.array(v, np.float64),
        None if d is None else np.array(d, np.int64),
    )
    span = covers and (covers[0] + MONDAY, covers[1] + MONDAY)
    return series.put(
        conn,
        USER,
        of,
        columns,
        receipt=receipt,
        order=order,
        covers=span,
        generation=generation,
    )


def samples(conn: Connection) -> dict[tuple, dict[int, tuple]]:
    """All that can be seen, by series: ms after MONDAY to value and duration."""
    return {
        (one.metric, one.source_id, one.activity_id, one.method): {
            int(at) - MONDAY: (float(value), span)
            for _, t, v, d in series.read_days(conn, USER, one)
            for at, value, span in zip(t, v, [None] * len(t) if d is None else d, strict=True)
        }
        for one in series.all_live(conn, USER)
    }
