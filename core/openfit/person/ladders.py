"""Ladders: a person's rankings of sources, by metric."""

from msgspec import Struct
from openfit_schema.vocab import vocabulary
from sqlalchemy import Connection

from openfit.deriving.merge import DEFAULT_LADDER
from openfit.errors import NotFound, Refused
from openfit.hub import Hub
from openfit.person.editing import rank_sources
from openfit.store import daily, days, entities
from openfit.store.engine import retrying, write
from openfit.views.labels import Named, SourceLabel, label_of

ALL = "*"
MOST = 50


class Ladder(Struct, frozen=True):
    metric: str
    ranking: list[str]


class Ladders(Struct, frozen=True):
    """Rankings by metric, the default order of device types, and the sources that may be named."""

    items: list[Ladder]
    default: list[str]
    sources: list[SourceLabel]


def read(hub: Hub, conn: Connection, user_id: int) -> Ladders:
    views = Named(hub, conn, user_id)
    found = daily.all_ladders(conn, user_id)
    return Ladders(
        [Ladder(metric, ranking) for metric, ranking in found.items()],
        list(DEFAULT_LADDER),
        [label_of(views, source_id) for source_id in sorted(views.connections)],
    )


def put(hub: Hub, user_id: int, metric: str, ranking: list[str]) -> None:
    """Set the ranking of a metric; days whose winner changes are resolved again."""
    known_metric(hub, metric)
    steps = list(dict.fromkeys(ranking))
    with hub.engine.connect() as conn:
        sources = {str(one) for one in entities.connections_of_sources(conn, user_id)}
    unknown = [step for step in steps if step not in sources and step not in vocabulary().device]
    if unknown or len(steps) > MOST:
        raise Refused(
            f"{', '.join(unknown[:5]) or 'This'} cannot be ranked.",
            code="no_source",
            next_step="Name sources by the ids of GET /devices, or device types as in "
            f"{', '.join(DEFAULT_LADDER)}; {MOST} at the most.",
        )
    rank_sources(hub, user_id, metric, steps)


def drop(hub: Hub, user_id: int, metric: str) -> None:
    known_metric(hub, metric)

    def commit() -> None:
        with write(hub.engine) as conn:
            daily.drop_ladder(conn, user_id, metric)
            for one, first, last in daily.extents(conn, user_id, metric):
                days.mark(conn, user_id, one, days.days_between(first, last))

    retrying(commit)


def known_metric(hub: Hub, metric: str) -> None:
    if metric != ALL and hub.plugins.metric(metric) is None:
        raise NotFound(
            f"{metric} is no metric type.", code="no_metric", next_step="* stands for all."
        )
