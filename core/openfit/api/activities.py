"""Activities: list, one with its streams and track, corrections, deletion."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, Request, delete, get, patch
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import UNSET, Struct, UnsetType
from openfit import editing, reading
from openfit.api.auth import current_user
from openfit.api.paging import read_cursor, write_cursor
from openfit.api.scopes import reads, writes
from openfit.hub import Hub

Points = Annotated[int, QueryParameter(ge=10, le=20_000)]


class ActivityPage(Struct, omit_defaults=True):
    items: list[reading.ActivityRow]
    next_cursor: str | None = None


class Correction(Struct, forbid_unknown_fields=True):
    """What a person may change. `null` takes a correction back to what the source says."""

    name: str | None | UnsetType = UNSET
    notes: str | None | UnsetType = UNSET
    sport: str | None | UnsetType = UNSET


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
    ) -> ActivityPage:
        """Activities of the signed-in user, newest first. What two sources recorded is one line,
        of the richer record; `twins=all` lists every record."""
        with hub.engine.connect() as conn:
            items, last = reading.activities(
                conn,
                current_user(request),
                limit=limit,
                before=read_cursor(cursor),
                twins=twins == "all",
            )
        return ActivityPage(items, last and write_cursor(last))

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
        metrics: FromQuery[str | None] = None,
        points: Points = 1000,
        start: FromQuery[datetime | None] = None,
        end: FromQuery[datetime | None] = None,
    ) -> reading.Streams:
        """Samples in columns. The hub thins them to `points`, keeping extremes, and says so."""
        with hub.engine.connect() as conn:
            return reading.streams(
                conn,
                current_user(request),
                activity_id,
                metrics=metrics.split(",") if metrics else None,
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
    ) -> reading.Track:
        """Positions, thinned evenly."""
        with hub.engine.connect() as conn:
            return reading.track(conn, current_user(request), activity_id, points)

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
        """Correct name, notes or sport. The source's own words stay underneath."""
        user_id = current_user(request)
        changes = {
            name: value
            for name, value in msgspec.structs.asdict(data).items()
            if value is not UNSET
        }
        editing.correct(hub, user_id, activity_id, changes)
        with hub.engine.connect() as conn:
            return reading.activity(hub, conn, user_id, activity_id)

    @delete(
        "/{activity_id:str}",
        sync_to_thread=True,
        operation_id="deleteActivity",
        opt=writes("workout"),
    )
    def remove(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub], activity_id: FromPath[str]
    ) -> None:
        """Take an activity away for good: importing its file again does not bring it back."""
        editing.hide(hub, current_user(request), activity_id)
