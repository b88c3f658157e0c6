"""Work that waits for a moment of quiet: what a client posts in a row is read once, after it."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

QUIET_SECONDS = 0.03
MOST_SECONDS = 2.0  # so long at most, however it goes on


class Quiet:
    """Calls `then` once nothing was under way for a moment. For use on an event loop."""

    def __init__(self, then: Callable[[], None]) -> None:
        self.then = then
        self.timer: asyncio.TimerHandle | None = None
        self.under_way = 0
        self.since: float | None = None  # when the first came that `then` was not called for

    @contextmanager
    def noise(self) -> Iterator[None]:
        """Something goes on: also what waits for what `then` began is no quiet."""
        self.under_way += 1
        self.wait()
        try:
            yield
        finally:
            self.under_way -= 1
            self.wait()

    def wait(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        self.since = now if self.since is None else self.since
        until = self.since + MOST_SECONDS
        self.close()
        self.timer = loop.call_at(
            until if self.under_way else min(now + QUIET_SECONDS, until), self.done
        )

    def done(self) -> None:
        self.timer = self.since = None
        self.then()

    def close(self) -> None:
        """What came is found by the next sweep, or the next start."""
        if self.timer is not None:
            self.timer.cancel()
