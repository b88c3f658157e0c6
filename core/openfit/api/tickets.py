"""Downloads of any size that the browser takes by itself: asked for with a token, fetched by an
address of use once."""

from datetime import date, datetime
from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.response import Stream
from msgspec import Struct, field
from openfit.api.answers import files, says
from openfit.api.auth import access_of, beside, current_user
from openfit.api.export import attachment
from openfit.api.files import pieces
from openfit.api.scopes import ONCE, OPEN, reads
from openfit.errors import Refused
from openfit.hub import Hub
from openfit.leaving.child import Order
from openfit.leaving.contents import choice
from openfit.leaving.outside import written
from openfit.store import entities, raw

Requested = Request[Any, Any, Any]
FETCHED = files("application/zip", "application/octet-stream")


class Wish(Struct, forbid_unknown_fields=True):
    """What `GET /export` takes, or the receipt of one original."""

    include: str | None = None
    first: date | None = field(name="from", default=None)
    last: date | None = field(name="to", default=None)
    receipt: int | None = None


class Address(Struct):
    """Good once, until `expires_at`."""

    address: str
    expires_at: datetime


class Original(Struct, frozen=True):
    user_id: int
    sha256: str
    name: str


class Tickets(Controller):
    path = "/export/tickets"
    tags = ["export"]

    @post(operation_id="prepareDownload", opt=reads())
    async def prepare(
        self, request: Requested, hub: NamedDependency[Hub], data: JSONBody[Wish]
    ) -> Response[Address]:
        """An address that a browser can fetch by itself: all of one's data or one original. It
        is good once and for a minute, and opens nothing else."""
        me = current_user(request)
        opens = await sync_to_thread(chosen, hub, me, data)
        _, _, bearer = request.headers["authorization"].partition(" ")
        word, ends_at = access_of(request).tickets.issue(me, bearer.strip(), opens)
        made = Address(f"{request.url.path}/{word}", entities.instant(ends_at))
        return Response(made, status_code=201, headers={"cache-control": "no-store"})

    @get(
        "/{ticket:str}",
        operation_id="fetchDownload",
        operation_class=FETCHED,
        opt=OPEN | ONCE | says(404, 503),
    )
    async def fetch(
        self, request: Requested, hub: NamedDependency[Hub], ticket: FromPath[str]
    ) -> Stream:
        """What the ticket opens, streamed. The ticket is used up by this."""
        opens = await beside(request, access_of(request).tickets.use, ticket)
        if isinstance(opens, Original):
            body: Any = pieces(hub, opens.user_id, opens.sha256)
            return Stream(
                body, media_type="application/octet-stream", headers=attachment(opens.name)
            )
        return Stream(
            await written(hub, opens, request.app.state.exports),
            media_type="application/zip",
            headers=attachment("openfit.zip"),
        )


def chosen(hub: Hub, user_id: int, wish: Wish) -> Order | Original:
    if wish.receipt is None:
        wanted = choice(wish.include, wish.first, wish.last)
        return Order(
            user_id=user_id,
            what="everything",
            include=wanted.include,
            start=wanted.start,
            end=wanted.end,
        )
    if wish.include or wish.first or wish.last:
        raise Refused(
            "An original is fetched whole.",
            code="whole",
            next_step="Leave include, from and to out, or the receipt.",
        )
    with hub.engine.connect() as conn:
        row = raw.item(conn, user_id, wish.receipt)
    return Original(user_id, row.sha256, (row.name or "original").rpartition("/")[2])
