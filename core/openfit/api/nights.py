"""Nights second by second."""

from datetime import date, datetime
from typing import Annotated, Any

from litestar import Controller, Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from openfit.api.auth import current_caller
from openfit.api.metrics import in_utc
from openfit.api.scopes import EACH, reads
from openfit.api.spans import some_day
from openfit.hub import Hub, now_ms
from openfit.store import entities
from openfit.views import night

Points = Annotated[int, QueryParameter(ge=10, le=20_000, description="Of a line, at most about")]
Beats = Annotated[int, QueryParameter(ge=10, le=150_000, description="Of one source, at most")]
Asked = Request[Any, Any, Any]


class Nights(Controller):
    path = "/night"
    tags = ["sleep"]

    @get(sync_to_thread=True, operation_id="getLatestNight", opt=reads(EACH))
    def latest(
        self,
        request: Asked,
        hub: NamedDependency[Hub],
        points: Points = 2000,
        beats: Beats = 50_000,
    ) -> night.NightView:
        """The last night that was measured, as by its day."""
        return seen(request, hub, None, (None, None), points, beats)

    @get("/{day:str}", sync_to_thread=True, operation_id="getNight", opt=reads(EACH))
    def one(
        self,
        request: Asked,
        hub: NamedDependency[Hub],
        day: FromPath[date],
        start: FromQuery[datetime | None] = None,
        end: FromQuery[datetime | None] = None,
        points: Points = 2000,
        beats: Beats = 50_000,
    ) -> night.NightView:
        """The night that ended on this day, from noon to noon: heart rate, beats and motion of each
        source as they were measured, and where something is missing. Between `start` and `end`,
        where they are given."""
        some_day(day)
        return seen(request, hub, day, (in_utc(start), in_utc(end)), points, beats)


def seen(
    request: Asked,
    hub: Hub,
    day: date | None,
    span: tuple[datetime | None, datetime | None],
    points: int,
    beats: int,
) -> night.NightView:
    caller, now = current_caller(request), entities.instant(now_ms())
    with hub.engine.connect() as conn:
        return night.night(
            hub,
            conn,
            caller.user_id,
            day,
            now,
            caller.may_see,
            span=span,
            points=points,
            beats=beats,
        )
