"""The live channel: what just happened, as server-sent events.

A page opens it with `fetch` and reads the stream, so that the token goes where tokens go, in the
header Authorization, and never into an address.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import HTTPException
from litestar.openapi.datastructures import ResponseSpec
from openfit.api.answers import says
from openfit.api.auth import current_user, require_token
from openfit.api.headers import header
from openfit.api.scopes import reads
from openfit.errors import HubError, TooOften
from openfit.watching.live import Channel, Listener

HEARTBEAT_SECONDS = 15.0
LOOK_UP_SECONDS = 1.0  # how soon an ended session ends its channels
PATIENCE_SECONDS = 10.0  # with a listener that takes nothing
MOST_LISTENERS = 100  # of one user: tabs and apps
HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
log = logging.getLogger("openfit.live")
RETRY = b"retry: 2000\n\n"
EVENTS = {200: ResponseSpec(str, media_type="text/event-stream", description="Events")}


@get(
    "/live",
    opt=reads() | says() | {"streams": True},
    media_type="text/event-stream",
    responses=EVENTS,
    operation_id="listenLive",
    tags=["meta"],
)
async def live(request: Request[Any, Any, Any]) -> Response[None]:
    """Events as they happen: `import` and `job` (progress), `data` (kinds and days that changed),
    `derived` (nothing waits any more), `connection`, `job_over`, `connection_over`, `signed_out`.

    Each has an id; send the last one as `Last-Event-ID` to go on after it. `hello` begins a new
    channel; `reset` says that what was missed is not known any more, so read what you show
    anew."""
    channel: Channel = request.app.state.live
    if len(channel.listeners.get(current_user(request), ())) >= MOST_LISTENERS:
        raise TooOften(
            "Too many live channels are open.", next_step="Close some of them.", retry_after=30
        )
    return Events(request, channel, header(request.scope["headers"], b"last-event-id"))


class Events(Response[None]):
    """An answer that goes on until its listener leaves, falls behind or is signed out."""

    def __init__(self, request: Request[Any, Any, Any], channel: Channel, last_id: str) -> None:
        super().__init__(None)
        self.request, self.channel, self.last_id = request, channel, last_id

    def to_asgi_response(self, *_: Any, **__: Any) -> Any:
        return self.run

    async def run(self, _: Any, receive: Any, send: Any) -> None:
        listener = await self.channel.join(current_user(self.request), self.last_id)
        listeners = self.request.app.state.monitor.listeners
        listeners.set(self.channel.count)
        gone = asyncio.ensure_future(left(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            async for piece in self.pieces(listener, gone):
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            log.info("a live channel was not read and is closed")
        finally:
            gone.cancel()
            self.channel.leave(listener)
            listeners.set(self.channel.count)

    async def pieces(self, listener: Listener, gone: asyncio.Future[None]) -> AsyncIterator[bytes]:
        yield RETRY
        spoke = time.monotonic()
        while not (listener.dropped or gone.done() or self.channel.closing):
            event = await listener.next(LOOK_UP_SECONDS)
            if not await still_in(self.request):
                yield b"event: signed_out\ndata: {}\n\n"
                return
            if event is not None:
                yield event.as_sse()
            elif time.monotonic() - spoke < HEARTBEAT_SECONDS:
                continue
            else:
                yield b": still here\n\n"
            spoke = time.monotonic()


async def left(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def still_in(request: Request[Any, Any, Any]) -> bool:
    """Whether the token would still open this channel."""
    try:
        await require_token(request, request.route_handler)
    except (HTTPException, HubError):
        return False
    return True
