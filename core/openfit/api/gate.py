"""The outermost layer: every request passes it on its way in and every answer on its way out."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from litestar.exceptions import HTTPException
from openfit.api.errors import MEDIA_TYPE, problem_of
from openfit.api.exchange import Exchange, Send
from openfit.api.headers import Headers, Hosts, Origins, header, on_every_answer
from openfit.config import Config
from openfit.errors import HubError, Refused, TooSlow
from openfit.watching.logs import request_id
from openfit.watching.metrics_export import Monitor

Receive = Callable[[], Awaitable[Any]]
App = Callable[[Any, Receive, Send], Awaitable[None]]
Route = Callable[..., tuple[Any, ...]]  # (asgi app, handler, …) of a path and a method

log = logging.getLogger("openfit.request")
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
BODY_SECONDS = 60.0  # between two pieces of a request's body
SLOW_MS = 5000.0


class Gate:
    """Names that the hub answers to, headers, request ids, patience with bodies, one log line."""

    def __init__(self, app: App, route: Route, config: Config, monitor: Monitor) -> None:
        self.app, self.route, self.monitor = app, route, monitor
        self.hosts, self.origins = Hosts(config), Origins(config.cors_origins)
        self.always = on_every_answer(config)
        self.log_all = config.log == "json"

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = Exchange(scope, send, self.always)
        scope.setdefault("state", {})["exchange"] = exchange
        named = request_id.set(exchange.id)
        try:
            await self.through(exchange, receive)
        finally:
            for undo in exchange.unfinished:
                await undo()
            self.note(exchange)
            request_id.reset(named)

    async def through(self, exchange: Exchange, receive: Receive) -> None:
        scope = exchange.scope
        origin = header(scope["headers"], b"origin")
        if origin:
            exchange.extra += self.origins.answer(origin)
            preflight = self.origins.preflight(scope, origin)
            if preflight is not None:
                exchange.extra = preflight
                await answer(exchange, 204, [], b"")
                return
        if not self.hosts.allow(header(scope["headers"], b"host")):
            await refuse(exchange, wrong_name(self.hosts.local))
            return
        if scope["method"] in WITH_BODY:
            receive = patient(receive)
        elif scope["method"] == "HEAD" and self.answers_as_get(scope["path"]):
            scope["method"] = "GET"
            receive = nothing_until(exchange.over)
        await self.app(scope, receive, exchange.send)

    def answers_as_get(self, path: str) -> bool:
        """A HEAD is a GET whose body stays here (RFC 9110, 9.3.2), but where it would use up what
        can be had once, and where a route has its own."""
        try:
            self.route(path=path, method="HEAD")
        except HTTPException:
            try:
                return not self.route(path=path, method="GET")[1].opt.get("once")
            except HTTPException:
                return False
        return False

    def note(self, exchange: Exchange) -> None:
        ms, method = exchange.milliseconds(), exchange.method
        self.monitor.answered(method, exchange.route, exchange.status, ms / 1000)
        failed = exchange.status >= 500 or (ms > SLOW_MS and not streams(exchange))
        if not (failed or self.log_all):
            return
        known = {
            "method": method,
            "route": exchange.route,
            "status": exchange.status,
            "ms": round(ms, 1),
            "user_id": exchange.user_id,
            "bytes": exchange.bytes,
        }
        level = logging.WARNING if failed else logging.INFO
        log.log(level, "%s %s %s", method, exchange.route, exchange.status, extra=known)


def streams(exchange: Exchange) -> bool:
    handler = exchange.scope.get("route_handler")
    return handler is not None and bool(handler.opt.get("streams"))


def wrong_name(local: bool) -> Refused:
    if local:
        return Refused(
            "This hub answers on this machine only.",
            code="host",
            next_step="Open it as http://localhost, or set OPENFIT_URL to its public address.",
        )
    return Refused(
        "This hub does not go by that name.",
        code="host",
        next_step="Open it by its IP address, or set OPENFIT_URL to the address that you use.",
    )


def nothing_until(over: asyncio.Event) -> Receive:
    """No body comes, and whoever asked is gone once the headers went out."""
    begun = False

    async def received() -> Any:
        nonlocal begun
        if begun:
            await over.wait()
            return {"type": "http.disconnect"}
        begun = True
        return {"type": "http.request", "body": b"", "more_body": False}

    return received


def patient(receive: Receive) -> Receive:
    """A body that stops coming must not hold a place for ever."""

    whole = False

    async def received() -> Any:
        nonlocal whole
        if whole:  # what comes now is that the caller went away
            return await receive()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                message = await receive()
            whole = not message.get("more_body", False)
            return message
        except TimeoutError as error:
            raise TooSlow(
                f"No more of the request came within {BODY_SECONDS:.0f} seconds.",
                next_step="Send it again; a large file goes in pieces by /api/v1/uploads.",
            ) from error

    return received


async def refuse(exchange: Exchange, error: HubError) -> None:
    headers = [(b"content-type", MEDIA_TYPE.encode())]
    await answer(exchange, error.status, headers, msgspec.json.encode(problem_of(error)))


async def answer(exchange: Exchange, status: int, headers: Headers, body: bytes) -> None:
    await exchange.send({"type": "http.response.start", "status": status, "headers": headers})
    await exchange.send({"type": "http.response.body", "body": body, "more_body": False})
