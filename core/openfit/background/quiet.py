"""Work that waits for a moment of quiet: a client that posts in rows is read once, after them."""

import asyncio
from collections.abc import Callable

QUIET_SECONDS = 0.05
MOST_SECONDS = 2.0  # so long at most, however it goes on


class Quiet:
    """Calls `then` once nothing was heard for a moment. For use on an event loop."""

    def __init__(self, then: Callable[[], None]) -> None:
        self.then = then
        self.timer: asyncio.TimerHandle | None = None
        self.until = 0.0

    def heard(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        if self.timer is None:
            self.until = now + MOST_SECONDS
        else:
            self.timer.cancel()
        self.timer = loop.call_at(min(now + QUIET_SECONDS, self.until), self.done)

    def done(self) -> None:
        self.timer = None
        self.then()

    def close(self) -> None:
        """What was heard is found by the next sweep, or the next start."""
        if self.timer is not None:
            self.timer.cancel()
