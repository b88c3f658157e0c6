"""Metrics: which there are, their samples and days, and how they go together."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal

from litestar import Controller, Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from openfit.api.auth import current_caller, current_user
from openfit.api.families import source_ids, wishes
from openfit.api.scopes import BY_METRIC, EACH, reads
from openfit.api.spans import From, To, open_span, ordered
from openfit.hub import Hub
from openfit.store import days, finding
from openfit.store.entities import instant
from openfit.views import correlating, daily, series_view, values

Sources = Annotated[
    str | None, QueryParameter(description="Ids of sources with commas between; without, all")
]


class Metrics(Controller):
    path = "/metrics"
    tags = ["metrics"]

    @get(sync_to_thread=True, operation_id="listMetrics", opt=reads(EACH))
    def list_all(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub]
    ) -> series_view.MetricList:
        """Metric types that this user has samples or daily values of."""
        caller = current_caller(request)
        with hub.engine.connect() as conn:
            found = series_view.metrics(hub, conn, caller.user_id).items
        seen = [one for one in found if caller.may_see(values.family_of(hub, one.type))]
        return series_view.MetricList(seen)

    @get("/correlate", sync_to_thread=True, operation_id="correlate", opt=reads(EACH))
    def correlate(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        metrics: Annotated[
            str, QueryParameter(description="2 to 8, as steps,heart_rate@source", max_length=1000)
        ],
        first: From = None,
        last: To = None,
        resolution: FromQuery[Literal["daily"]] = "daily",
        normalize: FromQuery[bool] = True,
    ) -> correlating.Correlated:
        """Daily values on one axis, ready to chart, and Pearson's and Spearman's coefficients of
        each pair with n, 95 % interval and Holm's p. A metric stands for its resolved days, or
        with @ for those of one source. Below ten common days a pair has a reason instead."""
        caller = current_caller(request)
        wanted = wishes(hub, caller, metrics, least=2)
        start, end = open_span(first, last)
        with hub.engine.connect() as conn:
            return correlating.correlate(
                hub, conn, caller.user_id, wanted, start, end, normalize=normalize
            )

    @get("/{type:str}", sync_to_thread=True, operation_id="getMetric", opt=reads(BY_METRIC))
    def one(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        type: FromPath[str],
        first: From = None,
        last: To = None,
        start: FromQuery[datetime | None] = None,
        end: FromQuery[datetime | None] = None,
        sources: Sources = None,
        points: Annotated[int, QueryParameter(ge=10, le=20_000)] = 2000,
    ) -> series_view.MetricView:
        """One metric of every source over a span, at a resolution that the hub chooses: raw to
        two days, minutes to 60, hours to three years, days beyond. `from` and `to` are days of
        the wearer, `start` and `end` instants."""
        user_id = current_user(request)
        with hub.engine.connect() as conn:
            if first or last:
                clock = days.clock(conn, user_id)
                low, high = ordered(*open_span(first, last))
                start = instant(finding.beginning(clock, low)) if first else start
                end = instant(finding.beginning(clock, high + timedelta(days=1))) if last else end
            view = series_view.metric(
                hub, conn, user_id, type, in_utc(start), in_utc(end), points, source_ids(sources)
            )
            if first or last:
                resolved = series_view.day_values(conn, user_id, type, *known(first, last))
                view = series_view.with_days(view, resolved)
            return view

    @get(
        "/{type:str}/daily",
        sync_to_thread=True,
        operation_id="getMetricDays",
        opt=reads(BY_METRIC),
    )
    def by_day(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        type: FromPath[str],
        first: From = None,
        last: To = None,
        sources: Sources = None,
        apart: Annotated[
            bool, QueryParameter(description="Each source's days beside the resolved ones")
        ] = True,
    ) -> daily.MetricDays:
        """Daily values in columns: the one that holds, whose it is, and every source's beside
        it."""
        with hub.engine.connect() as conn:
            return daily.metric_days(
                hub,
                conn,
                current_user(request),
                type,
                *known(first, last),
                source_ids(sources),
                apart=apart,
            )


def known(first: date | None, last: date | None) -> tuple[date | None, date | None]:
    """A span whose ends may be open, checked where both are given."""
    return ordered(first, last) if first and last else (first, last)


def in_utc(at: datetime | None) -> datetime | None:
    """Without an offset, UTC: nothing here depends on where the hub stands."""
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at
