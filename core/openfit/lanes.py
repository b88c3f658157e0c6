"""Hosts for readings that stand still: one whose plugin waits for its turn keeps its process."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from openfit.hosts import Hosts
from openfit.hub import Hub

Key = tuple[int, str]


class Lanes:
    """The caller's hosts first; beside them others, while those are in the middle of an item."""

    def __init__(self, hub: Hub, hosts: Hosts) -> None:
        self.hub, self.hosts = hub, [hosts]
        self.busy: set[tuple[int, Key]] = set()

    def __enter__(self) -> "Lanes":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for more in self.hosts[1:]:
            more.__exit__(kind, error, traceback)

    @contextmanager
    def borrow(self, user_id: int, integration: str) -> Iterator[Hosts]:
        key = (user_id, integration)
        lane = next(n for n in range(len(self.hosts) + 1) if (n, key) not in self.busy)
        if lane == len(self.hosts):
            self.hosts.append(Hosts(self.hub, deadline=self.hosts[0].deadline))
        self.busy.add((lane, key))
        try:
            yield self.hosts[lane]
        finally:
            self.busy.discard((lane, key))
            if lane:
                self.end(self.hosts[lane], key)

    def end(self, hosts: Hosts, key: Key) -> None:
        """Only the first lane keeps a process warm: each takes tens of megabytes."""
        host = hosts.running.pop(key, None)
        if host is not None:
            host.close()
