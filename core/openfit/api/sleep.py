"""Sleeps: by the day of waking, one with its stages, corrections, deletion."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, Request, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import UNSET, Struct, UnsetType
from openfit.api.auth import current_user
from openfit.api.paging import read_place, write_cursor
from openfit.api.scopes import reads, writes
from openfit.api.spans import From, Range, To, open_span, span
from openfit.hub import Hub
from openfit.person import editing
from openfit.views import sleep

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class SleepCorrection(Struct, forbid_unknown_fields=True):
    """What a person may say better. `null` goes back to what the source says."""

    start: Moment | None | UnsetType = UNSET
    end: Moment | None | UnsetType = UNSET
    asleep_start: Moment | None | UnsetType = UNSET
    asleep_end: Moment | None | UnsetType = UNSET
    kind: Literal["main", "nap", "rest"] | None | UnsetType = UNSET


class Sleeps(Controller):
    path = "/sleep"
    tags = ["sleep"]

    @get(sync_to_thread=True, operation_id="listSleep", opt=reads("sleep"))
    def listed(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        first: From = None,
        last: To = None,
        range: FromQuery[Range | None] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=400, description="Days")] = 30,
        cursor: FromQuery[str | None] = None,
        twins: FromQuery[Literal["all"] | None] = None,
    ) -> sleep.SleepPage:
        """Days with the sleeps that ended on them, naps too, the latest day first. What two
        sources recorded is there once, unless `twins=all`."""
        user_id = current_user(request)
        start, end = span(hub, user_id, first, last, range, 0) if range else open_span(first, last)
        with hub.engine.connect() as conn:
            days, more = sleep.page(
                hub,
                conn,
                user_id,
                start,
                end,
                before=read_place(cursor, date),
                limit=limit,
                twins=twins == "all",
            )
        return sleep.SleepPage(days, write_cursor(more) if more else None)

    @get("/{sleep_id:str}", sync_to_thread=True, operation_id="getSleep", opt=reads("sleep"))
    def one(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub], sleep_id: FromPath[str]
    ) -> sleep.SleepDetail:
        """One sleep: totals as reported and as computed, stages, originals, corrections."""
        return shown(request, hub, sleep_id)

    @patch("/{sleep_id:str}", sync_to_thread=True, operation_id="correctSleep", opt=writes("sleep"))
    def correct(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        sleep_id: FromPath[str],
        data: JSONBody[SleepCorrection],
    ) -> sleep.SleepDetail:
        """Correct when a sleep began and ended, or what it was. The source's word stays
        underneath."""
        said = msgspec.structs.asdict(data).items()
        changes = {name: written(value) for name, value in said if value is not UNSET}
        editing.correct(hub, current_user(request), sleep_id, changes, "sleep")
        request.app.state.worker.wake()
        return shown(request, hub, sleep_id)

    @delete(
        "/{sleep_id:str}/edits/{edit_id:int}",
        sync_to_thread=True,
        status_code=200,
        operation_id="undoSleepCorrection",
        opt=writes("sleep"),
    )
    def undo(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        sleep_id: FromPath[str],
        edit_id: FromPath[int],
    ) -> sleep.SleepDetail:
        """Take one correction back: the one before it holds, or what the source says."""
        editing.undo_one(hub, current_user(request), sleep_id, edit_id, "sleep")
        request.app.state.worker.wake()
        return shown(request, hub, sleep_id)

    @delete("/{sleep_id:str}", sync_to_thread=True, operation_id="deleteSleep", opt=writes("sleep"))
    def remove(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub], sleep_id: FromPath[str]
    ) -> None:
        """Take a false sleep away; it does not come back with the next sync."""
        editing.hide(hub, current_user(request), sleep_id, "sleep")
        request.app.state.worker.wake()

    @post(
        "/{sleep_id:str}/restore",
        sync_to_thread=True,
        status_code=200,
        operation_id="restoreSleep",
        opt=writes("sleep"),
    )
    def restore(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub], sleep_id: FromPath[str]
    ) -> sleep.SleepDetail:
        """Show a deleted sleep again."""
        editing.restore(hub, current_user(request), sleep_id, "sleep")
        request.app.state.worker.wake()
        return shown(request, hub, sleep_id)


def written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def shown(request: Request[Any, Any, Any], hub: Hub, sleep_id: str) -> sleep.SleepDetail:
    with hub.engine.connect() as conn:
        return sleep.detail(hub, conn, current_user(request), sleep_id)
