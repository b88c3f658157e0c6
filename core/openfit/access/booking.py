"""Books what others look at. The first look of an hour at a route is written before it is
answered; how many more follow is written every ten seconds, when asked, and at the end."""

import time
from threading import Lock

from openfit.hub import Hub
from openfit.store import access_log
from openfit.store.access_log import HOUR
from openfit.store.engine import retrying, write

EVERY = 10.0  # seconds

Line = tuple[int, int, str, str, int]  # user, actor, route, grant, hour


class Booking:
    def __init__(self, hub: Hub) -> None:
        self.hub, self.lock = hub, Lock()
        self.seen: set[Line] = set()
        self.waiting: dict[Line, tuple[int, int]] = {}  # how many more, and when the last was
        self.flushed = time.monotonic()

    def note(self, user_id: int, actor_id: int, route: str, grant_id: str, now_ms: int) -> None:
        line = (user_id, actor_id, route, grant_id, now_ms - now_ms % HOUR)
        with self.lock:
            if line in self.seen:
                n, _ = self.waiting.get(line, (0, 0))
                self.waiting[line] = (n + 1, now_ms)
                due = time.monotonic() - self.flushed >= EVERY
            else:
                due, self.seen = False, {one for one in self.seen if one[-1] == line[-1]}
        if line not in self.seen:
            self.write({line: (1, now_ms)})
            self.seen.add(line)
        if due:
            self.flush()

    def flush(self) -> None:
        with self.lock:
            lines, self.waiting, self.flushed = self.waiting, {}, time.monotonic()
        if lines:
            self.write(lines)

    def write(self, lines: dict[Line, tuple[int, int]]) -> None:
        def transaction() -> None:
            with write(self.hub.engine) as conn:
                for (user_id, actor_id, route, grant_id, _), (n, at) in sorted(lines.items()):
                    access_log.book(conn, user_id, actor_id, route, grant_id, n, at)

        retrying(transaction)
