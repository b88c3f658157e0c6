"""A metric's days in columns: as resolved, and each source's beside it."""

from collections.abc import Collection
from datetime import date

from msgspec import Struct
from sqlalchemy import Connection

from openfit.errors import NotFound
from openfit.hub import Hub
from openfit.views import series_view
from openfit.views.labels import Named
from openfit.views.reading import metric_name


class SourceDays(Struct, frozen=True, kw_only=True):
    """One source's value of each of the answer's days; null where it has none."""

    source_id: str
    label: str
    method: str
    values: list[float | None]


class MetricDays(Struct, frozen=True, kw_only=True):
    """Columns as long as `days`. `values` is the one that holds; `winner` the index of its source
    in `sources`, null where several were united or the source is not among those asked for."""

    type: str
    name: str
    unit: str
    fold: str
    days: list[str]
    values: list[float | None]
    n: list[int]
    winner: list[int | None]
    sources: list[SourceDays]


def metric_days(
    hub: Hub,
    conn: Connection,
    user_id: int,
    type: str,
    first: date | None,
    last: date | None,
    wanted: Collection[int] | None,
    *,
    apart: bool,
) -> MetricDays:
    """With `apart`, each source's days beside the resolved ones."""
    definition = hub.plugins.metric(type)
    if definition is None:
        raise NotFound(f"{type} is no metric type.", code="no_metric")
    resolved = {one.day: one for one in series_view.day_values(conn, user_id, type, first, last)}
    by_source = sources_days(conn, user_id, type, first, last, wanted) if apart else {}
    days = sorted(set(resolved).union(*by_source.values()))
    views = Named(hub, conn, user_id)
    methods = {key: n for n, key in enumerate(by_source)}
    return MetricDays(
        type=type,
        name=metric_name(hub, type),
        unit=definition.unit,
        fold=definition.fold,
        days=days,
        values=[one.value if (one := resolved.get(day)) else None for day in days],
        n=[one.n if (one := resolved.get(day)) else 0 for day in days],
        winner=[winner_of(resolved.get(day), methods) for day in days],
        sources=[
            SourceDays(
                source_id=str(source),
                label=views.label(source),
                method=method,
                values=[found.get(day) for day in days],
            )
            for (source, method), found in by_source.items()
        ],
    )


def winner_of(one: series_view.DayValue | None, methods: dict[tuple[int, str], int]) -> int | None:
    if one is None or one.source_id is None:
        return None
    return methods.get((int(one.source_id), one.method))


def sources_days(
    conn: Connection,
    user_id: int,
    type: str,
    first: date | None,
    last: date | None,
    wanted: Collection[int] | None,
) -> dict[tuple[int, str], dict[str, float]]:
    """Values by day, of each source and method."""
    rows = conn.execute(series_view.EVERY_DAY, series_view.within(user_id, type, first, last))
    found: dict[tuple[int, str], dict[str, float]] = {}
    for day, value, _, method, source in rows:
        if wanted is None or source in wanted:
            found.setdefault((source, method), {})[day] = value
    return dict(sorted(found.items()))
