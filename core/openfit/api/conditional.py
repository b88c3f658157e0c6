"""Unchanged answers cost no body: ETags, If-None-Match, and If-Match before a change.

A validator is the hash of the answer itself, so a changed answer can never pass for an unchanged
one. What makes the common case cheap: while the database says that nothing at all was committed
since an answer was made, and the answer depends on nothing else, its hash still holds, and nothing
is read. Which answers those are is listed; the clock, files and plugins are behind the others.
"""

import asyncio
import hashlib
from collections import OrderedDict
from typing import Any
from weakref import WeakValueDictionary

import msgspec
from litestar import Request, Response
from openfit.api.exchange import Exchange
from openfit.api.headers import header
from openfit.errors import Changed
from openfit.store.versions import Versions

# Answers that follow from the database and the request alone. One that is not named here is
# worked out each time and compared.
STEADY = frozenset(
    {
        "listActivities",
        "getActivity",
        "getActivityStreams",
        "getActivityTrack",
        "getActivityResults",
        "listRecords",
        "listMetrics",
        "getMetric",
        "getProfile",
    }
)
MOST_KNOWN = 4096
Key = bytes


class Validators:
    """Hashes of answers, each with the state of the database before it was made."""

    def __init__(self, versions: Versions) -> None:
        self.versions = versions
        self.known: OrderedDict[Key, tuple[str, str]] = OrderedDict()
        self.turns: WeakValueDictionary[Key, asyncio.Lock] = WeakValueDictionary()

    async def state(self, request: Request[Any, Any, Any]) -> str:
        if self.versions.is_quick:
            return self.versions.now()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(request.app.state.pool, self.versions.now)

    def learn(self, key: Key, state: str, tag: str) -> None:
        self.known[key] = (state, tag)
        self.known.move_to_end(key)
        while len(self.known) > MOST_KNOWN:
            self.known.popitem(last=False)

    async def consider(self, request: Request[Any, Any, Any]) -> Response[None] | None:
        """Before a GET is worked out: answer 304 where that is certain, else hash what comes."""
        exchange: Exchange = request.scope["state"]["exchange"]
        wanted = header(request.scope["headers"], b"if-none-match")
        if request.route_handler.operation_id not in STEADY:
            exchange.finishers.append(Hashing(wanted))
            return None
        key, state = key_of(request), await self.state(request)
        found = self.known.get(key)
        if found is not None and found[0] == state and wanted and matches(wanted, found[1]):
            exchange.extra.append((b"etag", found[1].encode()))
            return Response(None, status_code=304)
        exchange.finishers.append(Hashing(wanted, self, key, state))
        return None

    async def demand(self, request: Request[Any, Any, Any], wanted: str) -> None:
        """Before a change that is meant for a state: is it still that? One such change of a
        resource at a time."""
        key = key_of(request)
        turn = self.turns.setdefault(key, asyncio.Lock())
        await turn.acquire()
        exchange: Exchange = request.scope["state"]["exchange"]
        exchange.unfinished.append(releasing(turn))
        exchange.finishers.append(Release(turn))
        tag = await tag_now(request)
        if not matches(wanted, tag):
            raise Changed(
                "What this change was made for has changed since.",
                next_step="Read it again, and send the change with its new ETag if it still fits.",
            )


class Hashing:
    """Gives an answer its ETag, or takes its body away where the caller has it."""

    def __init__(
        self, wanted: str, learner: Validators | None = None, key: Key = b"", state: str = ""
    ) -> None:
        self.wanted, self.learner, self.key, self.state = wanted, learner, key, state

    async def __call__(self, _: Exchange, start: Any, body: bytes) -> tuple[Any, bytes]:
        headers = start["headers"]
        if start["status"] != 200:
            return start, body
        tag = header(headers, b"etag")
        if not tag:
            tag = tag_of(body)
            headers = [*headers, (b"etag", tag.encode())]
        if self.learner is not None:
            self.learner.learn(self.key, self.state, tag)
        if not (self.wanted and matches(self.wanted, tag)):
            return {**start, "headers": headers}, body
        kept = [one for one in headers if one[0] not in (b"content-length", b"content-type")]
        return {**start, "status": 304, "headers": kept}, b""


class Release:
    def __init__(self, turn: asyncio.Lock) -> None:
        self.turn = turn

    async def __call__(self, _: Exchange, start: Any, body: bytes) -> tuple[Any, bytes]:
        self.turn.release()
        return start, body


def releasing(turn: asyncio.Lock) -> Any:
    async def release() -> None:
        if turn.locked():
            turn.release()

    return release


def tag_of(body: bytes) -> str:
    """Weak, as the same answer may be packed on its way."""
    return f'W/"{hashlib.blake2b(body, digest_size=15).hexdigest()}"'


def matches(wanted: str, tag: str) -> bool:
    """By the weak comparison of RFC 9110: what the packing was does not matter."""
    if wanted.strip() == "*":
        return bool(tag)
    asked = {one.strip().removeprefix("W/") for one in wanted.split(",")}
    return tag.removeprefix("W/") in asked


def key_of(request: Request[Any, Any, Any]) -> Key:
    """Whose answer to what. Two people never share one."""
    caller = request.scope["state"]["caller"]
    scope = request.scope
    whole = (msgspec.to_builtins(caller, str_keys=True), scope["path"], scope["query_string"])
    return hashlib.blake2b(msgspec.msgpack.encode(whole, order="deterministic")).digest()


async def tag_now(request: Request[Any, Any, Any]) -> str:
    """The ETag that a GET of the same address has at this moment; "" where there is none."""
    found: dict[str, Any] = {}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            found.update(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    dropped = (b"if-match", b"content-length", b"content-type", b"transfer-encoding")
    headers = [one for one in request.scope["headers"] if one[0] not in dropped]
    scope = {**request.scope, "method": "GET", "headers": headers, "state": {}, "query_string": b""}
    for name in ("path_params", "path_template", "route_handler"):
        scope.pop(name, None)
    await request.app.asgi_handler(scope, receive, send)  # type: ignore[arg-type]
    return header(found.get("headers", ()), b"etag") if found.get("status") == 200 else ""
