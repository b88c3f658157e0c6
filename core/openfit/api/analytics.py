"""Results: of one activity, training load over days, records over all sources."""

from datetime import date
from typing import Annotated, Any

from litestar import Controller, Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from openfit.api.auth import current_caller, current_user
from openfit.api.families import ensure, source_ids, wishes
from openfit.api.scopes import EACH, reads
from openfit.api.spans import From, Range, To, open_span, span, today_of
from openfit.errors import Refused
from openfit.hub import Hub
from openfit.store import profile
from openfit.views import agreement, training_view
from openfit.views import day_records as recorded
from openfit.views import trends as trending


class Analytics(Controller):
    tags = ["analytics"]

    @get(
        "/activities/{activity_id:str}/results",
        sync_to_thread=True,
        operation_id="getActivityResults",
        opt=reads("training"),
    )
    def of_activity(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub], activity_id: FromPath[str]
    ) -> training_view.ResultList:
        """What the analyses found of one activity: value, unit, confidence, tier and inputs, or
        why there is no value."""
        with hub.engine.connect() as conn:
            return training_view.of_activity(conn, current_user(request), activity_id)

    @get(
        "/analytics/training-load",
        sync_to_thread=True,
        operation_id="getTrainingLoad",
        opt=reads("training"),
    )
    def training_load(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        first: Annotated[date | None, QueryParameter(name="from")] = None,
        last: Annotated[date | None, QueryParameter(name="to")] = None,
    ) -> training_view.TrainingLoad:
        """Daily load, fatigue (ATL), fitness (CTL) and form (TSB) of each day, in columns."""
        with hub.engine.connect() as conn:
            return training_view.training_load(conn, current_user(request), first, last)

    @get(
        "/analytics/records", sync_to_thread=True, operation_id="listRecords", opt=reads("training")
    )
    def records(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        sport: FromQuery[str | None] = None,
    ) -> training_view.RecordList:
        """The best of every effort, sport by sport, whichever source recorded it."""
        with hub.engine.connect() as conn:
            return training_view.records(conn, current_user(request), sport)

    @get(
        "/analytics/day-records",
        sync_to_thread=True,
        operation_id="listDayRecords",
        opt=reads(EACH),
    )
    def day_records(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub]
    ) -> recorded.DayRecords:
        """The greatest and the least day of every metric since there is one, and how many days in
        a row a goal of the profile was reached."""
        caller = current_caller(request)
        today = today_of(hub, caller.user_id)
        with hub.engine.connect() as conn:
            return recorded.day_records(hub, conn, caller.user_id, today, caller.may_see)

    @get("/analytics/trends", sync_to_thread=True, operation_id="getTrends", opt=reads(EACH))
    def trends(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        metric: Annotated[
            str, QueryParameter(description="1 to 8, with commas between", max_length=1000)
        ],
        first: From = None,
        last: To = None,
        range: FromQuery[Range | None] = None,
        scale: FromQuery[trending.Scale | None] = None,
        anchor: Annotated[
            date | None, QueryParameter(description="The last day of the scale; without, today")
        ] = None,
    ) -> trending.TrendList:
        """A window's mean against the equal window before it (under 1 % is flat), its slope with
        a 95 % interval, coverage, and with `scale` its buckets: week by days, month by weeks,
        quarter and year by months. 30 days unless said otherwise."""
        caller = current_caller(request)
        wanted = wishes(hub, caller, metric)
        start, end = span(hub, caller.user_id, first, anchor or last, range, 30)
        with hub.engine.connect() as conn:
            stated = profile.read(conn, caller.user_id) if caller.may_see("profile") else None
            return trending.trends(hub, conn, caller.user_id, wanted, start, end, scale, stated)

    @get(
        "/analytics/cross-device",
        sync_to_thread=True,
        operation_id="compareDevices",
        opt=reads(EACH),
    )
    def cross_device(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        metric: Annotated[str, QueryParameter(max_length=100)],
        sources: Annotated[
            str | None, QueryParameter(description="Ids of two to eight; without, all")
        ] = None,
        first: From = None,
        last: To = None,
    ) -> agreement.CrossDevice:
        """Whether sources say the same of a metric, pair by pair on the days that both measured:
        bias and limits of agreement (Bland & Altman 1986, 1999) with their 95 % intervals, the
        slope of the difference on the mean, and Lin's concordance (1989). Below ten common days
        there is a reason instead."""
        caller = current_caller(request)
        ensure(hub, caller, [metric])
        chosen = source_ids(sources) or []
        if len(chosen) > agreement.MOST_SOURCES:
            raise Refused(
                f"{len(chosen)} sources were named.",
                code="sources",
                next_step=f"Compare up to {agreement.MOST_SOURCES}.",
            )
        start, end = open_span(first, last)
        with hub.engine.connect() as conn:
            return agreement.cross_device(hub, conn, caller.user_id, metric, chosen, start, end)
