"""The journal: tags and a note for each day."""

from datetime import date
from typing import Annotated, Any

from litestar import Controller, Request, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Struct
from openfit.api.auth import current_caller, current_user
from openfit.api.paging import read_place, write_cursor
from openfit.api.scopes import EACH, reads, writes
from openfit.api.spans import From, Range, To, open_span, span
from openfit.hub import Hub
from openfit.person import tags as tagging
from openfit.views import journal


class DayWords(Struct, forbid_unknown_fields=True):
    """Tags are kept in lower case, up to 24; a note has up to 1,000 characters. Both empty: the
    day's entry goes."""

    tags: list[str] = []
    note: str = ""


class NewEntry(Struct, forbid_unknown_fields=True):
    """As one day's words, with the day."""

    day: date
    tags: list[str] = []
    note: str = ""


class Journal(Controller):
    path = "/journal"
    tags = ["journal"]

    @get(sync_to_thread=True, operation_id="listJournal", opt=reads("journal"))
    def listed(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        first: From = None,
        last: To = None,
        range: FromQuery[Range | None] = None,
        tag: FromQuery[str | None] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
        cursor: FromQuery[str | None] = None,
    ) -> journal.JournalPage:
        """Days that something was written of, the latest first. `range` counts back from today
        or from `to`; `tag` leaves out days without it."""
        user_id = current_user(request)
        start, end = span(hub, user_id, first, last, range, 0) if range else open_span(first, last)
        wanted = next(iter(tagging.cleaned([tag] if tag else [])), None)
        with hub.engine.connect() as conn:
            found, more = journal.listed(
                conn,
                user_id,
                start,
                end,
                tag=wanted,
                before=read_place(cursor, str),
                limit=limit,
            )
        return journal.JournalPage(found, more and write_cursor(more))

    @post(sync_to_thread=True, status_code=200, operation_id="writeJournal", opt=writes("journal"))
    def add(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        data: JSONBody[NewEntry],
    ) -> journal.JournalDay:
        """Write a day's entry over the one that it had."""
        return journal.write_day(hub, current_user(request), data.day, data.tags, data.note)

    @get("/tags", sync_to_thread=True, operation_id="listTags", opt=reads(EACH))
    def tag_counts(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub]
    ) -> journal.TagList:
        """Tags of days and of activities, the most used first."""
        caller = current_caller(request)
        with hub.engine.connect() as conn:
            return journal.tags(
                conn,
                caller.user_id,
                days=caller.may_see("journal"),
                activities=caller.may_see("workout"),
            )

    @get("/{day:str}", sync_to_thread=True, operation_id="getJournalDay", opt=reads("journal"))
    def one(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub], day: FromPath[date]
    ) -> journal.JournalDay:
        """One day. Where nothing was written, tags and note are empty."""
        with hub.engine.connect() as conn:
            return journal.read(conn, current_user(request), day)

    @put("/{day:str}", sync_to_thread=True, operation_id="putJournalDay", opt=writes("journal"))
    def replace(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        day: FromPath[date],
        data: JSONBody[DayWords],
    ) -> journal.JournalDay:
        """Write a day's entry over the one that it had. Sent twice, it is there once."""
        return journal.write_day(hub, current_user(request), day, data.tags, data.note)

    @delete(
        "/{day:str}", sync_to_thread=True, operation_id="deleteJournalDay", opt=writes("journal")
    )
    def remove(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub], day: FromPath[date]
    ) -> None:
        """Take a day's tags and note away."""
        journal.write_day(hub, current_user(request), day, [], "")
