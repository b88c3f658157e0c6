"""Hosts for readings that stand still: one whose plugin waits for its turn keeps its process."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from openfit.hosting.hosts import Hosts
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

    def knows(self, integration: str) -> bool:
        return self.hosts[0].knows(integration)

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
            self.tidy(key)

    def tidy(self, key: Key) -> None:
        """One process is kept warm beside those that stand still: each takes tens of megabytes,
        and each item of another connection would start one anew."""
        idle = [hosts for n, hosts in enumerate(self.hosts) if (n, key) not in self.busy]
        for hosts in idle[1:]:
            host = hosts.running.pop(key, None)
            if host is not None:
                host.close()
