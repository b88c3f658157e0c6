"""What the hub wants to tell, and that it was read. It is asked for; nothing is pushed."""

from typing import Annotated, Any

from litestar import Controller, Request, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta, Struct
from openfit.api.auth import current_user
from openfit.api.scopes import reads, writes
from openfit.hub import Hub, now_ms
from openfit.store import entities
from openfit.views import notices

Id = Annotated[str, Meta(min_length=1, max_length=300)]


class Seen(Struct, forbid_unknown_fields=True):
    """Up to a hundred ids; without, all that are told now."""

    ids: Annotated[list[Id], Meta(max_length=100)] | None = None


class Notices(Controller):
    path = "/notifications"
    tags = ["days"]

    @get(sync_to_thread=True, operation_id="listNotifications", opt=reads())
    def listed(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub]
    ) -> notices.NoticeList:
        """Of the last seven days, up to 50: unread first, then what needs somebody, then the
        latest."""
        with hub.engine.connect() as conn:
            return notices.notices(hub, conn, current_user(request), entities.instant(now_ms()))

    @post(
        "/read",
        status_code=200,
        sync_to_thread=True,
        operation_id="readNotifications",
        opt=writes(),
    )
    def read(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub], data: JSONBody[Seen]
    ) -> notices.NoticeList:
        """Mark some or all as read. What is told of anew is unread again."""
        now = entities.instant(now_ms())
        return notices.mark_read(hub, current_user(request), data.ids, now)
