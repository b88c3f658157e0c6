"""One request and its answer on the way out: validated, kept for repeats, packed, and counted."""

import asyncio
import re
import secrets
import time
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

from openfit.api.headers import Headers, header

Send = Callable[[Any], Awaitable[None]]
Finish = Callable[["Exchange", Any, bytes], Awaitable[tuple[Any, bytes]]]

SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
PACKABLE = ("application/json", "application/problem+json", "text/", "application/openmetrics")
PACKABLE_TOO = ("+xml", "/xml", "+json", "jsonl", "ndjson", "javascript")
NEVER_PACKED = ("text/event-stream",)
WORTH_PACKING = 1000  # bytes
LEVEL = 1  # level 6 packs numbers a tenth smaller in four times the time


class Exchange:
    """What is known of a request while it is answered. `finishers` see the whole answer before
    any of it goes out; an answer that comes in parts passes them by."""

    __slots__ = (
        "always",
        "begun",
        "bytes",
        "extra",
        "finishers",
        "held",
        "id",
        "method",
        "over",
        "packer",
        "packs",
        "parts",
        "scope",
        "send_out",
        "status",
        "unfinished",
        "user_id",
    )

    def __init__(self, scope: Any, send: Send, always: Headers) -> None:
        given = header(scope["headers"], b"x-request-id")
        self.id = given if SANE_ID.fullmatch(given) else secrets.token_hex(8)
        self.begun = time.perf_counter()
        self.scope, self.send_out, self.always = scope, send, always
        self.packs = "gzip" in header(scope["headers"], b"accept-encoding")
        self.method: str = scope["method"]
        self.over = asyncio.Event()  # nobody waits for more of it
        self.user_id: int | None = None
        self.status = 0
        self.bytes = 0
        self.extra: Headers = []  # of the answer, whatever it will be
        self.finishers: list[Finish] = []
        self.unfinished: list[Callable[[], Awaitable[None]]] = []  # where a finisher never ran
        self.held: Any = None
        self.parts: list[bytes] = []
        self.packer: Any = None

    @property
    def route(self) -> str:
        """The template, never the path: that has ids in it, and has no bounds."""
        return str(self.scope.get("path_template") or "none")

    def milliseconds(self) -> float:
        return (time.perf_counter() - self.begun) * 1000

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.held = message
        elif message["type"] == "http.response.body" and self.held is not None:
            await self.first_part(message)
        elif message["type"] == "http.response.body":
            await self.next_part(message)
        else:
            await self.send_out(message)

    async def first_part(self, message: Any) -> None:
        """An answer in one piece is finished here; one in parts begins to flow."""
        start, body = self.held, message.get("body", b"")
        more = message.get("more_body", False)
        if not more and self.finishers:
            for finish in self.finishers:
                start, body = await finish(self, start, body)
            self.unfinished.clear()
        self.held = None
        await self.begin(start, body, more)

    async def begin(self, start: Any, body: bytes, more: bool) -> None:
        headers: Headers = list(start["headers"])
        if self.may_pack(headers) and (more or len(body) >= WORTH_PACKING):
            self.packer = zlib.compressobj(LEVEL, wbits=31)
            headers = [one for one in headers if one[0] != b"content-length"]
            headers.append((b"content-encoding", b"gzip"))
            body = self.packed(body, more)
        if not more and start["status"] not in (204, 304):
            headers = [one for one in headers if one[0] != b"content-length"]
            headers.append((b"content-length", str(len(body)).encode()))
        self.status = start["status"]
        await self.send_out({**start, "headers": self.with_defaults(headers)})
        if self.method == "HEAD":
            await self.send_out({"type": "http.response.body", "body": b"", "more_body": False})
            self.over.set()
            return
        await self.part_out(body, more)

    async def next_part(self, message: Any) -> None:
        if self.over.is_set():
            return
        body, more = message.get("body", b""), message.get("more_body", False)
        await self.part_out(self.packed(body, more) if self.packer else body, more)

    async def part_out(self, body: bytes, more: bool) -> None:
        self.bytes += len(body)
        if body or not more:
            await self.send_out({"type": "http.response.body", "body": body, "more_body": more})

    def packed(self, body: bytes, more: bool) -> bytes:
        out: bytes = self.packer.compress(body)
        return out if more else out + self.packer.flush()

    def may_pack(self, headers: Headers) -> bool:
        if not self.packs or header(headers, b"content-encoding"):
            return False
        kind = header(headers, b"content-type")
        if kind.startswith(NEVER_PACKED):
            return False
        return kind.startswith(PACKABLE) or any(part in kind for part in PACKABLE_TOO)

    def with_defaults(self, headers: Headers) -> Headers:
        found = headers + self.extra + [(b"x-request-id", self.id.encode())]
        if (handler := self.scope.get("route_handler")) is not None:
            found += handler.opt.get("deprecated", ())
        there = {name for name, _ in found}
        found += [one for one in self.always if one[0] not in there]
        if self.route.startswith("/api/"):
            found.append((b"vary", b"Authorization, Accept-Encoding, Origin"))
            if b"cache-control" not in there:
                found.append((b"cache-control", b"private, no-cache"))
        else:
            found.append((b"vary", b"Accept-Encoding"))
        return found
