"""A write that is sent twice is done once: the header Idempotency-Key.

The key is remembered with whose it is, the method and the path, for a day. A second request gets
the first one's answer and `Idempotency-Replayed: true`. Not kept are refusals that may have passed
by then (401, 403, 408, 429), failures of the hub, and whatever holds a secret that was just made:
that is shown once.
"""

import asyncio
import hashlib
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
from litestar import Request, Response
from openfit.api.exchange import Exchange
from openfit.api.headers import header
from openfit.errors import Conflict, Refused, Unfit
from openfit.hub import Hub, now_ms
from openfit.store import replays
from openfit.store.engine import retrying, write

SHORTEST, LONGEST = 8, 128
PASSING = frozenset({401, 403, 408, 425, 429})
MOST_BODY = 256 * 1024
KEPT = (b"content-type", b"location", b"content-disposition", b"upload-offset", b"upload-import")
SECRET = re.compile(
    rb"\bof[a-z]{0,3}_[\w-]{16,}|\beyJ[\w-]+\.[\w-]+\.|otpauth:|https?://[^\s\"]*#[^\s\"]{16,}|"
    rb'"(?:\w*(?:secret|token|password|recovery)\w*|codes)"\s*:\s*["\[]|"code"\s*:\s*"\d{6}"',
    re.IGNORECASE,
)


async def consider(request: Request[Any, Any, Any], user_id: int) -> Response[bytes] | None:
    """Before a write is done: the answer of the same one before, if there was one."""
    given = header(request.scope["headers"], b"idempotency-key")
    if not given:
        return None
    if not SHORTEST <= len(given) <= LONGEST or not given.isascii() or not given.isprintable():
        raise Refused(
            f"An Idempotency-Key has {SHORTEST} to {LONGEST} printable characters.",
            code="idempotency_key",
            next_step="Make one for each thing to do, for example a UUID.",
        )
    hub: Hub = request.app.state.hub
    key = digest(given, request.method, request.scope["path"])
    content = digest(request.scope["query_string"], await content_of(request))
    claim = partial(claimed, hub, user_id, key, content)
    found = await in_pool(request, claim)
    if found is not None:
        return repeated(found, content)
    keeping = Keeping(request, hub, user_id, key)
    exchange: Exchange = request.scope["state"]["exchange"]
    exchange.finishers.append(keeping)
    exchange.unfinished.append(keeping.forget)
    return None


def digest(*parts: str | bytes) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(part.encode() if isinstance(part, str) else part)
        found.update(b"\0")
    return found.hexdigest()


async def content_of(request: Request[Any, Any, Any]) -> bytes:
    """The body; of a file that is streamed to disk, its length."""
    limit = request.route_handler.resolve_request_max_body_size()
    if limit is None or limit > MOST_BODY * 8:
        return header(request.scope["headers"], b"content-length").encode()
    return await request.body()


def claimed(hub: Hub, user_id: int, key: str, content: str) -> Any:
    def commit() -> Any:
        with write(hub.engine) as conn:
            return replays.claim(conn, user_id, key, content, now_ms())

    return retrying(commit)


def repeated(found: Any, content: str) -> Response[bytes]:
    if found.request_hash != content:
        raise Unfit(
            "This Idempotency-Key was used for another request.",
            code="idempotency_key_reused",
            next_step="Use a new key for each thing to do.",
        )
    if found.status == 0:
        error = Conflict(
            "The first request with this Idempotency-Key is still under way.",
            code="under_way",
            next_step="Ask again in a moment.",
        )
        error.headers = {"retry-after": "1"}
        raise error
    headers = msgspec.json.decode(found.headers, type=dict[str, str])
    answer = Response(
        bytes(found.body or b""),
        status_code=found.status,
        media_type=headers.pop("content-type", "application/json"),
        headers=headers,
    )
    answer.headers["idempotency-replayed"] = "true"
    return answer


class Keeping:
    """Keeps an answer, or forgets that it was asked for."""

    def __init__(self, request: Request[Any, Any, Any], hub: Hub, user_id: int, key: str) -> None:
        self.request, self.hub, self.user_id, self.key = request, hub, user_id, key

    async def __call__(self, _: Exchange, start: Any, body: bytes) -> tuple[Any, bytes]:
        if may_keep(start["status"], start["headers"], body):
            headers = {
                name.decode(): value.decode("latin-1")
                for name, value in start["headers"]
                if name in KEPT
            }
            text = msgspec.json.encode(headers).decode()
            await self.write(replays.keep, start["status"], text, body)
        else:
            await self.forget()
        return start, body

    async def forget(self) -> None:
        await self.write(replays.forget)

    async def write(self, change: Callable[..., None], *values: Any) -> None:
        def commit() -> None:
            with write(self.hub.engine) as conn:
                change(conn, self.user_id, self.key, *values)

        await in_pool(self.request, partial(retrying, commit))


def may_keep(status: int, headers: Any, body: bytes) -> bool:
    if status in PASSING or status >= 500 or len(body) > MOST_BODY:
        return False
    return SECRET.search(body + b"\n" + header(headers, b"location").encode()) is None


async def in_pool(request: Request[Any, Any, Any], work: Callable[[], Any]) -> Any:
    return await asyncio.get_running_loop().run_in_executor(request.app.state.pool, work)
