"""Books what others look at. The first look of an hour at a route is written before it is
answered; how many more follow is written ten seconds later, when asked, and at the end."""

from threading import Lock, Timer

from openfit.hub import Hub
from openfit.store import access_log
from openfit.store.access_log import HOUR
from openfit.store.engine import retrying, write

WITHIN = 10.0  # seconds

Line = tuple[int, int, str, str, int]  # user, actor, route, grant, hour


class Booking:
    def __init__(self, hub: Hub) -> None:
        self.hub, self.lock = hub, Lock()
        self.seen: set[Line] = set()
        self.waiting: dict[Line, tuple[int, int]] = {}  # how many more, and when the last was
        self.timer: Timer | None = None

    def note(self, user_id: int, actor_id: int, route: str, grant_id: str, now_ms: int) -> None:
        line = (user_id, actor_id, route, grant_id, now_ms - now_ms % HOUR)
        if self.counted(line, now_ms):
            return
        self.write({line: (1, now_ms)})
        with self.lock:
            self.seen = {one for one in self.seen if one[-1] == line[-1]} | {line}

    def counted(self, line: Line, now_ms: int) -> bool:
        """Whether it was enough to count this one."""
        with self.lock:
            if line not in self.seen:
                return False
            n, _ = self.waiting.get(line, (0, 0))
            self.waiting[line] = (n + 1, now_ms)
            if self.timer is None:
                self.timer = Timer(WITHIN, self.flush)
                self.timer.daemon = True
                self.timer.start()
        return True

    def flush(self) -> None:
        with self.lock:
            lines, self.waiting = self.waiting, {}
            if self.timer is not None:
                self.timer.cancel()
            self.timer = None
        if lines:
            self.write(lines)

    def write(self, lines: dict[Line, tuple[int, int]]) -> None:
        def transaction() -> None:
            with write(self.hub.engine) as conn:
                for (user_id, actor_id, route, grant_id, _), (n, at) in sorted(lines.items()):
                    access_log.book(conn, user_id, actor_id, route, grant_id, n, at)

        retrying(transaction)
