"""Activities: list, calendar, one with its streams and track, corrections, twins, deletion."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, Request, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import UNSET, Struct, UnsetType
from openfit.api.auth import current_user
from openfit.api.paging import read_cursor, write_cursor
from openfit.api.scopes import reads, writes
from openfit.api.spans import From, To, open_span, span
from openfit.hub import Hub
from openfit.person import editing
from openfit.person import tags as tagging
from openfit.store.finding import Has, Wanted
from openfit.views import activities as views
from openfit.views import calendar, reading
from openfit.views import streams as sampled

Bound = Annotated[float | None, QueryParameter(ge=0)]
Points = Annotated[int, QueryParameter(ge=10, le=20_000)]


class ActivityPage(Struct, omit_defaults=True):
    items: list[reading.ActivityRow]
    next_cursor: str | None = None


class Correction(Struct, forbid_unknown_fields=True):
    """What a person may change. `null` takes a correction back to what the source says."""

    name: str | None | UnsetType = UNSET
    notes: str | None | UnsetType = UNSET
    sport: str | None | UnsetType = UNSET
    sub_sport: str | None | UnsetType = UNSET
    tags: list[str] | None | UnsetType = UNSET


class TwinChoice(Struct, forbid_unknown_fields=True):
    """Whether two records are of one event, whatever they look like."""

    choice: Literal["join", "split"]


class Activities(Controller):
    path = "/activities"
    tags = ["activities"]

    @get(sync_to_thread=True, operation_id="listActivities", opt=reads("workout"))
    def list_all(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        limit: Annotated[int, QueryParameter(ge=1, le=500)] = 50,
        cursor: FromQuery[str | None] = None,
        twins: FromQuery[Literal["all"] | None] = None,
        first: From = None,
        last: To = None,
        sport: Annotated[list[str] | None, QueryParameter(description="Any of these")] = None,
        kind: Annotated[
            list[str] | None, QueryParameter(name="type", description="Another word for `sport`")
        ] = None,
        source: Annotated[
            list[str] | None,
            QueryParameter(description="Any of these connections, integrations or devices"),
        ] = None,
        q: Annotated[str, QueryParameter(max_length=200, description="Words, as in /search")] = "",
        min_distance: Bound = None,
        max_distance: Bound = None,
        min_duration: Bound = None,
        max_duration: Bound = None,
        has: Annotated[list[Has] | None, QueryParameter(description="All of these")] = None,
        tag: Annotated[list[str] | None, QueryParameter(description="All of these")] = None,
    ) -> ActivityPage:
        """Activities of the signed-in user, newest first. What two sources recorded is one line,
        of the richer record; `twins=all`, or asking for a source, lists every record. Distances
        are metres, durations seconds; both as reported, else as computed."""
        start, end = open_span(first, last)
        wanted = Wanted(
            first=start if first else None,
            last=end if last else None,
            sports=(*(sport or ()), *(kind or ())),
            sources=tuple(source or ()),
            query=q.strip(),
            min_distance=min_distance,
            max_distance=max_distance,
            min_duration=min_duration,
            max_duration=max_duration,
            has=tuple(has or ()),
            tags=tuple(tagging.cleaned(tag or ())),
        )
        with hub.engine.connect() as conn:
            items, more = reading.activities(
                conn,
                current_user(request),
                limit=limit,
                before=read_cursor(cursor),
                twins=twins == "all",
                wanted=wanted,
            )
        return ActivityPage(items, more and write_cursor(more))

    @get(
        "/calendar",
        sync_to_thread=True,
        operation_id="getActivityCalendar",
        opt=reads("workout"),
    )
    def by_day(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        first: From = None,
        last: To = None,
    ) -> calendar.Calendar:
        """Each day's activities: how many, how long, how far, how hard, of which sports. A year
        back unless said otherwise."""
        user_id = current_user(request)
        start, end = span(hub, user_id, first, last, None, 366)
        with hub.engine.connect() as conn:
            return calendar.calendar(conn, user_id, start, end)

    @get("/sports", sync_to_thread=True, operation_id="listSports", opt=reads("workout"))
    def sports(self, request: Request[Any, Any, Any], hub: NamedDependency[Hub]) -> views.SportList:
        """Sports that there are activities of, the most frequent first."""
        with hub.engine.connect() as conn:
            return views.sports(conn, current_user(request))

    @get("/deleted", sync_to_thread=True, operation_id="listDeleted", opt=reads("workout"))
    def deleted(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub]
    ) -> views.DeletedList:
        """Activities that were deleted and can come back, the last deleted first."""
        with hub.engine.connect() as conn:
            return views.deleted(conn, current_user(request))

    @get(
        "/{activity_id:str}", sync_to_thread=True, operation_id="getActivity", opt=reads("workout")
    )
    def one(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub], activity_id: FromPath[str]
    ) -> reading.ActivityDetail:
        """One activity: totals, laps, what streams there are, and the files behind it."""
        with hub.engine.connect() as conn:
            return reading.activity(hub, conn, current_user(request), activity_id)

    @get(
        "/{activity_id:str}/streams",
        sync_to_thread=True,
        operation_id="getActivityStreams",
        opt=reads("workout"),
    )
    def streams(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        activity_id: FromPath[str],
        metrics: Annotated[
            str | None, QueryParameter(description="With commas between: hr, pace, power, gps, …")
        ] = None,
        points: Points = 1000,
        start: FromQuery[datetime | None] = None,
        end: FromQuery[datetime | None] = None,
    ) -> sampled.Streams:
        """Samples in columns. The hub thins them to `points`, keeping extremes, and says so.
        `metrics` are metric types, or `hr`, `pace` (answered as speed) and `gps` (latitude and
        longitude); `asked` says of each name what answers it, or why nothing does."""
        with hub.engine.connect() as conn:
            return sampled.streams(
                hub,
                conn,
                current_user(request),
                activity_id,
                metrics=[one.strip() for one in metrics.split(",")] if metrics else None,
                points=points,
                start=start,
                end=end,
            )

    @get(
        "/{activity_id:str}/track",
        sync_to_thread=True,
        operation_id="getActivityTrack",
        opt=reads("workout"),
    )
    def track(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        activity_id: FromPath[str],
        points: Points = 1500,
    ) -> sampled.Track:
        """Positions, thinned evenly."""
        with hub.engine.connect() as conn:
            return sampled.track(conn, current_user(request), activity_id, points)

    @patch(
        "/{activity_id:str}",
        sync_to_thread=True,
        operation_id="correctActivity",
        opt=writes("workout"),
    )
    def correct(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        activity_id: FromPath[str],
        data: JSONBody[Correction],
    ) -> reading.ActivityDetail:
        """Correct name, notes, sport or tags. The source's own words stay underneath."""
        changes = {
            name: value
            for name, value in msgspec.structs.asdict(data).items()
            if value is not UNSET
        }
        editing.correct(hub, current_user(request), activity_id, changes)
        return detail(request, hub, activity_id)

    @delete(
        "/{activity_id:str}",
        sync_to_thread=True,
        operation_id="deleteActivity",
        opt=writes("workout"),
    )
    def remove(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub], activity_id: FromPath[str]
    ) -> None:
        """Take an activity away: importing its file again does not bring it back, restoring it
        does."""
        editing.hide(hub, current_user(request), activity_id)
        request.app.state.worker.wake()

    @post(
        "/{activity_id:str}/restore",
        sync_to_thread=True,
        status_code=200,
        operation_id="restoreActivity",
        opt=writes("workout"),
    )
    def restore(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub], activity_id: FromPath[str]
    ) -> reading.ActivityDetail:
        """Show a deleted activity again, with its samples and corrections."""
        editing.restore(hub, current_user(request), activity_id)
        return detail(request, hub, activity_id)

    @delete(
        "/{activity_id:str}/edits/{edit_id:int}",
        sync_to_thread=True,
        status_code=200,
        operation_id="undoCorrection",
        opt=writes("workout"),
    )
    def undo(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        activity_id: FromPath[str],
        edit_id: FromPath[int],
    ) -> reading.ActivityDetail:
        """Take one correction back: the one before it holds, or what the source says."""
        editing.undo_one(hub, current_user(request), activity_id, edit_id)
        return detail(request, hub, activity_id)

    @put(
        "/{activity_id:str}/twins/{other_id:str}",
        sync_to_thread=True,
        operation_id="chooseTwins",
        opt=writes("workout"),
    )
    def choose(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        activity_id: FromPath[str],
        other_id: FromPath[str],
        data: JSONBody[TwinChoice],
    ) -> None:
        """Say that two records are of one event, or of two. Lists follow within seconds."""
        editing.choose_twins(hub, current_user(request), activity_id, other_id, data.choice)
        request.app.state.worker.wake()

    @delete(
        "/{activity_id:str}/twins/{other_id:str}",
        sync_to_thread=True,
        operation_id="forgetTwinChoice",
        opt=writes("workout"),
    )
    def forget_choice(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        activity_id: FromPath[str],
        other_id: FromPath[str],
    ) -> None:
        """Leave it to their looks again whether two records are of one event."""
        editing.choose_twins(hub, current_user(request), activity_id, other_id, None)
        request.app.state.worker.wake()


def detail(request: Request[Any, Any, Any], hub: Hub, activity_id: str) -> reading.ActivityDetail:
    request.app.state.worker.wake()
    with hub.engine.connect() as conn:
        return reading.activity(hub, conn, current_user(request), activity_id)
