"""What just happened, for those who watch: one look at the database for all of a process.

While anybody listens, the state of each listening user is read when the database says that
something was committed, and what differs from the last look becomes events. Nothing is queued
elsewhere, so it does not matter which process did the work. A listener that does not keep up is let
go: it comes back with the last id that it saw, and is told to read anew where that is too long ago.
"""

import asyncio
import itertools
import logging
import secrets
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
from msgspec import Struct

from openfit.hub import Hub
from openfit.store.versions import Versions
from openfit.watching import live_state

log = logging.getLogger("openfit.live")

LOOK_SECONDS = 0.5
IDLE_SECONDS = 2.0  # between looks that a running clock alone asks for
MOST_WAITING = 256  # events of a listener that does not read
REMEMBERED = 512  # events of a user, for one that comes back


class Event(Struct, frozen=True):
    id: str
    kind: str
    data: bytes

    def as_sse(self) -> bytes:
        return b"id: %b\nevent: %b\ndata: %b\n\n" % (
            self.id.encode(),
            self.kind.encode(),
            self.data,
        )


class Listener:
    """One open channel. `dropped` once it fell behind."""

    def __init__(self, user_id: int) -> None:
        self.user_id = user_id
        self.queue: asyncio.Queue[Event] = asyncio.Queue(MOST_WAITING)
        self.dropped = False

    def give(self, event: Event) -> None:
        try:
            self.queue.put_nowait(event)
        except asyncio.QueueFull:
            self.dropped = True

    async def next(self, seconds: float) -> Event | None:
        """The next event; None where none comes in that time."""
        try:
            async with asyncio.timeout(seconds):
                return await self.queue.get()
        except TimeoutError:
            return None


class Channel:
    """The listeners of this process and what their users were last told."""

    def __init__(self, hub: Hub, run: Callable[[Callable[[], Any]], Any]) -> None:
        self.hub, self.run = hub, run
        self.versions = Versions(hub.engine)
        self.boot = secrets.token_hex(4)
        self.numbers = itertools.count(1)
        self.listeners: dict[int, set[Listener]] = {}
        self.past: dict[int, deque[Event]] = {}
        self.states: dict[int, live_state.State] = {}
        self.looking: asyncio.Task[None] | None = None
        self.closing = False

    @property
    def count(self) -> int:
        return sum(map(len, self.listeners.values()))

    async def join(self, user_id: int, last_id: str = "") -> Listener:
        """Listen from now on, or from the event after `last_id`."""
        listener = Listener(user_id)
        if user_id not in self.states:
            self.states[user_id] = await self.run(partial(live_state.read, self.hub, user_id))
        self.listeners.setdefault(user_id, set()).add(listener)
        for event in self.since(user_id, last_id):
            listener.give(event)
        if self.looking is None or self.looking.done():
            self.looking = asyncio.create_task(self.look_on())
        return listener

    def since(self, user_id: int, last_id: str) -> list[Event]:
        """What came after; where that is not known any more, that everything is to be read."""
        if not last_id:
            return [self.event("hello", {"looked": "now"})]
        past = list(self.past.get(user_id, ()))
        ids = [event.id for event in past]
        if last_id in ids:
            return past[ids.index(last_id) + 1 :]
        return [self.event("reset", {"reason": "too_long_ago"})]

    def leave(self, listener: Listener) -> None:
        mine = self.listeners.get(listener.user_id, set())
        mine.discard(listener)
        if not mine:
            self.listeners.pop(listener.user_id, None)
            self.states.pop(listener.user_id, None)
            self.past.pop(listener.user_id, None)

    def event(self, kind: str, data: Any) -> Event:
        return Event(f"{self.boot}-{next(self.numbers)}", kind, msgspec.json.encode(data))

    def tell(self, user_id: int, kind: str, data: Any) -> None:
        event = self.event(kind, data)
        self.past.setdefault(user_id, deque(maxlen=REMEMBERED)).append(event)
        for listener in self.listeners.get(user_id, ()):
            listener.give(event)

    async def look_on(self) -> None:
        """Look while anybody listens."""
        seen, since = "", 0.0
        while self.listeners:
            try:
                now = self.versions.now() if self.versions.is_quick else await self.asked()
                if now != seen or since >= IDLE_SECONDS:
                    await self.look()
                    seen, since = now, 0.0
            except Exception:
                log.exception("could not look for news")
            await asyncio.sleep(LOOK_SECONDS)
            since += LOOK_SECONDS

    async def asked(self) -> str:
        return str(await self.run(self.versions.now))

    async def look(self) -> None:
        for user_id in list(self.listeners):
            before = self.states.get(user_id)
            after = await self.run(partial(live_state.read, self.hub, user_id, before))
            if user_id not in self.listeners:
                continue
            self.states[user_id] = after
            if before is not None:
                for kind, data in live_state.news(before, after):
                    self.tell(user_id, kind, data)

    def close(self) -> None:
        self.closing = True
        if self.looking is not None:
            self.looking.cancel()
        self.versions.close()
