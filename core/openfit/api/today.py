"""Today, one day, the last weeks, and all daily values."""

from datetime import date
from typing import Any

from litestar import Controller, Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from openfit.api.auth import current_caller
from openfit.api.scopes import EACH, reads
from openfit.api.spans import From, Range, To, some_day, span
from openfit.hub import Hub, now_ms
from openfit.store import entities
from openfit.views import history, today, wellness


class Days(Controller):
    tags = ["days"]

    @get("/today", sync_to_thread=True, operation_id="getToday", opt=reads(EACH))
    def so_far(self, request: Request[Any, Any, Any], hub: NamedDependency[Hub]) -> today.Today:
        """What there is so far today and of last night: values with source, freshness and the
        band of one's own last 28 days; what is missing, with a reason; the latest minute."""
        caller = current_caller(request)
        with hub.engine.connect() as conn:
            now = entities.instant(now_ms())
            return today.today(hub, conn, caller.user_id, now, caller.may_see)

    @get("/history", sync_to_thread=True, operation_id="getHistory", opt=reads(EACH))
    def weeks(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        range: FromQuery[Range] = "30d",
        last: To = None,
    ) -> history.History:
        """Every metric's days with its summary against the range before, nights of two hours and
        more, and activities by day."""
        caller = current_caller(request)
        start, end = span(hub, caller.user_id, None, last, range, 30)
        with hub.engine.connect() as conn:
            return history.history(hub, conn, caller.user_id, start, end, caller.may_see)

    @get("/wellness", sync_to_thread=True, operation_id="getWellness", opt=reads(EACH))
    def values(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        first: From = None,
        last: To = None,
        family: FromQuery[str | None] = None,
    ) -> wellness.Wellness:
        """All daily values in columns, family by family, each with its source. 30 days unless
        said otherwise."""
        caller = current_caller(request)
        start, end = span(hub, caller.user_id, first, last, None, 30)
        with hub.engine.connect() as conn:
            return wellness.wellness(hub, conn, caller.user_id, start, end, caller.may_see, family)

    @get("/day/{day:str}", sync_to_thread=True, operation_id="getDay", opt=reads(EACH))
    def one(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub], day: FromPath[date]
    ) -> history.DayTimeline:
        """One day: sleep, activities, journal, events, values, and when each source measured."""
        caller = current_caller(request)
        some_day(day)
        with hub.engine.connect() as conn:
            return history.timeline(hub, conn, caller.user_id, day, caller.may_see)
