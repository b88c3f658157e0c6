"""Entries by hand: weight, blood pressure, any metric, workouts, sleep."""

from typing import Annotated, Any, Literal

from litestar import Controller, Request, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Struct
from openfit.api.auth import current_user
from openfit.api.paging import read_place, write_cursor
from openfit.api.scopes import reads, writes
from openfit.api.spans import From, To, open_span
from openfit.hub import Hub
from openfit.manual.entries import AnyEntry
from openfit.person import entering, entry_kinds

Kind = Literal["weight", "blood_pressure", "metric", "workout", "sleep"]


class EntryPage(Struct):
    items: list[entering.Entered]
    next_cursor: str | None


class Entries(Controller):
    path = "/entries"
    tags = ["entries"]

    @get(sync_to_thread=True, operation_id="listEntries", opt=reads())
    def listed(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        first: From = None,
        last: To = None,
        kind: FromQuery[Kind | None] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=500)] = 50,
        cursor: FromQuery[str | None] = None,
    ) -> EntryPage:
        """What was entered by hand and stands, the latest first; a night by when it began."""
        start, end = open_span(first, last)
        with hub.engine.connect() as conn:
            items, more = entering.listed(
                conn,
                current_user(request),
                start,
                end,
                kind=kind,
                before=read_place(cursor, tuple[str, str]),
                limit=limit,
            )
        return EntryPage(items, write_cursor(more) if more else None)

    @get("/kinds", sync_to_thread=True, operation_id="listEntryKinds", opt=reads())
    def kinds(self, hub: NamedDependency[Hub]) -> entry_kinds.Kinds:
        """What can be entered: the fields of each kind with their units and bounds, and the
        metric types that a `metric` may be of."""
        return entry_kinds.kinds(hub.plugins.catalogue)

    @post(sync_to_thread=True, operation_id="addEntry", opt=writes())
    def add(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        data: JSONBody[AnyEntry],
    ) -> entering.Entered:
        """Enter something by hand. It is read like any other source's data, within seconds."""
        made = entering.add(hub, current_user(request), data)
        request.app.state.worker.wake()
        return made

    @put("/{entry_id:str}", sync_to_thread=True, operation_id="replaceEntry", opt=writes())
    def replace(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        entry_id: FromPath[str],
        data: JSONBody[AnyEntry],
    ) -> entering.Entered:
        """Enter it anew: nothing of what it said before is shown any more."""
        made = entering.replace(hub, current_user(request), entry_id, data)
        request.app.state.worker.wake()
        return made

    @delete("/{entry_id:str}", sync_to_thread=True, operation_id="deleteEntry", opt=writes())
    def remove(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub], entry_id: FromPath[str]
    ) -> None:
        """Take an entry back."""
        entering.remove(hub, current_user(request), entry_id)
        request.app.state.worker.wake()
