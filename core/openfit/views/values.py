"""Daily values as columns: of a metric as it is resolved, of one source of it, or of a result."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from openfit_sdk.schema import Result
from sqlalchemy import Connection, func, select

from openfit.errors import Refused
from openfit.hub import Hub
from openfit.store import results
from openfit.store.tables import daily, daily_resolved
from openfit.store.tables import results as result_rows
from openfit.views import series_view

Floats = NDArray[np.float64]
AT = "@"  # before the source: heart_rate@123456
TRAINING = "training"


class Wish(Struct, frozen=True):
    """What is asked for: a metric or a result of days, of one source or of all as one."""

    metric: str
    source_id: int | None = None

    def __str__(self) -> str:
        return self.metric if self.source_id is None else f"{self.metric}{AT}{self.source_id}"


class Column(Struct, frozen=True):
    """Values of days, in order; days without one are not there."""

    wish: Wish
    name: str
    unit: str
    family: str
    better: str
    day: NDArray[np.int64]  # since 1970-01-01
    value: Floats


def parse(text: str) -> Wish:
    metric, _, source = text.strip().partition(AT)
    if source and not is_id(source):
        raise Refused(
            f"{source!r} is no source.",
            code="no_source",
            next_step="GET /devices lists sources with their ids.",
        )
    return Wish(metric, int(source) if source else None)


def is_id(text: str) -> bool:
    """Whether this may be a source's number: 63 bits."""
    return text.isascii() and text.isdigit() and len(text) < 20 and int(text) < 2**63


def family_of(hub: Hub, metric: str) -> str:
    definition = hub.plugins.metric(metric)
    return TRAINING if definition is None else definition.family


def column(hub: Hub, conn: Connection, user_id: int, wish: Wish, first: date, last: date) -> Column:
    """A metric's, else a result's; a name that is neither is refused with those there are."""
    definition = hub.plugins.metric(wish.metric)
    if definition is None:
        return of_result(conn, user_id, wish, first, last)
    if wish.source_id is not None:
        pairs = of_source(conn, user_id, wish.metric, wish.source_id, first, last)
    else:
        days = series_view.day_values(conn, user_id, wish.metric, first, last)
        pairs = [(one.day, one.value) for one in days]
        if not pairs:  # the hub's own result of the same name
            pairs = result_pairs(results.days_of(conn, user_id, wish.metric, first, last))
    return Column(
        wish, definition.name, definition.unit, definition.family, definition.better, *split(pairs)
    )


def result_pairs(found: Sequence[Result]) -> list[tuple[str, float]]:
    return [(one.day.isoformat(), one.value) for one in found if one.day and one.value is not None]


def split(pairs: Sequence[tuple[str, float]]) -> tuple[NDArray[np.int64], Floats]:
    day = np.array([day for day, _ in pairs], dtype="datetime64[D]").astype(np.int64)
    return day, np.array([value for _, value in pairs], dtype=np.float64)


def of_source(
    conn: Connection, user_id: int, metric: str, source_id: int, first: date, last: date
) -> list[tuple[str, float]]:
    """One source's; of several methods the one that a person stated, then the device's."""
    order = {"manual": 0, "reported": 1, "computed": 2}
    query = select(daily.c.day, daily.c.method, daily.c.value).where(
        daily.c.user_id == user_id,
        daily.c.metric == metric,
        daily.c.source_id == source_id,
        daily.c.day >= first.isoformat(),
        daily.c.day <= last.isoformat(),
    )
    best: dict[str, tuple[int, float]] = {}
    for row in conn.execute(query):
        found = (order.get(row.method, 3), row.value)
        best[row.day] = min(found, best.get(row.day, found))
    return [(day, value) for day, (_, value) in sorted(best.items())]


def of_result(conn: Connection, user_id: int, wish: Wish, first: date, last: date) -> Column:
    found = results.days_of(conn, user_id, wish.metric, first, last)
    if not found and wish.metric not in known_results(conn, user_id):
        known = sorted({*known_metrics(conn, user_id), *known_results(conn, user_id)})
        raise Refused(
            f"{wish.metric} is no metric that has daily values here.",
            code="no_metric",
            next_step=f"There are: {', '.join(known)}." if known else "Connect a source first.",
        )
    pairs = result_pairs(found)
    unit = found[0].unit if found else "1"
    name = wish.metric.replace("_", " ").capitalize()
    return Column(wish, name, unit, TRAINING, "none", *split(pairs))


def known_metrics(conn: Connection, user_id: int) -> list[str]:
    query = select(daily_resolved.c.metric).where(daily_resolved.c.user_id == user_id)
    return sorted(conn.execute(query.distinct()).scalars())


def known_results(conn: Connection, user_id: int) -> list[str]:
    query = select(result_rows.c.result_id).where(results.of_days(user_id))
    return sorted(conn.execute(query.distinct()).scalars())


def sources_of(conn: Connection, user_id: int, metric: str, first: date, last: date) -> list[int]:
    """Sources that have daily values in the span, those with the most days first."""
    query = (
        select(daily.c.source_id, func.count(daily.c.day.distinct()).label("n"))
        .where(
            daily.c.user_id == user_id,
            daily.c.metric == metric,
            daily.c.day >= first.isoformat(),
            daily.c.day <= last.isoformat(),
        )
        .group_by(daily.c.source_id)
    )
    rows = conn.execute(query).all()
    return [row.source_id for row in sorted(rows, key=lambda row: (-row.n, row.source_id))]


def extent(columns: Sequence[Column]) -> tuple[date, date] | None:
    """The first and the last day that any of them has."""
    known = [column.day for column in columns if column.day.size]
    if not known:
        return None
    return day_of(min(int(day[0]) for day in known)), day_of(max(int(day[-1]) for day in known))


def day_of(number: int) -> date:
    return date(1970, 1, 1) + timedelta(days=number)


def number_of(day: date) -> int:
    return (day - date(1970, 1, 1)).days
