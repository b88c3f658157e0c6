"""All daily values of a span, family by family, each with the source that it comes from."""

from collections.abc import Callable
from datetime import date

from msgspec import Struct
from openfit_schema.entities import Tier
from sqlalchemy import Connection, select

from openfit.deriving.merge import ladder_stamp
from openfit.hub import Hub
from openfit.store import daily as ladders
from openfit.store.tables import daily_resolved
from openfit.views import claims, series_view
from openfit.views.labels import Named, SourceLabel, label_of
from openfit.views.series_view import DayValue

Sees = Callable[[str], bool]


class WellnessMetric(Struct, frozen=True, kw_only=True):
    """One metric: a value for each of the answer's days, null where there is none, and the index
    of its source in `sources`; null where several were united. What kind of claim each value is
    (`tiers`), and how sure (`confidences`): 0 without one, null where its source does not say."""

    metric: str
    name: str
    unit: str
    better: str
    values: list[float | None]
    sources: list[int | None]
    tiers: list[Tier | None]
    confidences: list[float | None]


class WellnessFamily(Struct, frozen=True):
    family: str
    metrics: list[WellnessMetric]


class Wellness(Struct, frozen=True, kw_only=True):
    """Days that hold anything, in order; columns of each metric as long as they are."""

    start: date
    end: date
    days: list[str]
    families: list[WellnessFamily]
    sources: list[SourceLabel]


def resolved_days(
    conn: Connection, user_id: int, first: date, last: date
) -> dict[str, list[DayValue]]:
    """The resolved days of every metric. Those of an older ladder are resolved here and now."""
    query = select(daily_resolved).where(
        daily_resolved.c.user_id == user_id,
        daily_resolved.c.day >= first.isoformat(),
        daily_resolved.c.day <= last.isoformat(),
    )
    found: dict[str, list[DayValue]] = {}
    stamps: dict[str, set[str]] = {}
    for row in conn.execute(query.order_by(daily_resolved.c.metric, daily_resolved.c.day)):
        found.setdefault(row.metric, []).append(series_view.day_value(row.day, row))
        stamps.setdefault(row.metric, set()).add(row.ladder)
    known = ladders.all_ladders(conn, user_id)
    for metric, seen in stamps.items():
        if seen != {ladder_stamp(known.get(metric) or known.get("*") or [])}:
            found[metric] = series_view.day_values(conn, user_id, metric, first, last)
    return found


def wellness(
    hub: Hub,
    conn: Connection,
    user_id: int,
    first: date,
    last: date,
    sees: Sees,
    family: str | None = None,
) -> Wellness:
    seen: dict[str, list[DayValue]] = {}
    families: dict[str, list[str]] = {}
    for metric, values in resolved_days(conn, user_id, first, last).items():
        definition = hub.plugins.metric(metric)
        if definition is None or not sees(definition.family):
            continue
        if family is None or definition.family == family:
            seen[metric] = values
            families.setdefault(definition.family, []).append(metric)
    days = sorted({one.day for values in seen.values() for one in values})
    sources = sorted({one.source_id for values in seen.values() for one in values if one.source_id})
    views = Named(hub, conn, user_id)
    return Wellness(
        start=first,
        end=last,
        days=days,
        families=[
            WellnessFamily(name, [column(hub, one, seen[one], days, sources) for one in metrics])
            for name, metrics in sorted(families.items())
        ],
        sources=[label_of(views, int(source)) for source in sources],
    )


def column(
    hub: Hub, metric: str, values: list[DayValue], days: list[str], sources: list[str]
) -> WellnessMetric:
    by_day = {one.day: one for one in values}
    ordered = [by_day.get(day) for day in days]
    definition = hub.plugins.metric(metric)
    assert definition is not None
    said = [claims.claim(definition, one.method if one else None) for one in ordered]
    return WellnessMetric(
        metric=metric,
        name=definition.name,
        unit=definition.unit,
        better=definition.better,
        values=[None if one is None else one.value for one in ordered],
        sources=[
            None if one is None or one.source_id is None else sources.index(one.source_id)
            for one in ordered
        ],
        tiers=[one.tier for one in said],
        confidences=[one.confidence for one in said],
    )
