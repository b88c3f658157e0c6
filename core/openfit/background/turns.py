"""Turns: work that can stand still between two steps, a slice of time for each in its turn.

One user's big import and another's one ride share a worker: after each slice whoever was served
longest ago comes next, and of his work what he waits for.
"""

import time
from collections.abc import Callable, Generator, Hashable, Iterable
from types import TracebackType
from typing import NamedTuple

SLICE_SECONDS = 1.0

Task = Generator[None, None, bool]  # each step ends with everything committed


class Offer(NamedTuple):
    """Work that may be begun now, or go on. The lowest rank of a user goes first."""

    user_id: int
    rank: int
    key: Hashable
    begin: Callable[[], Task]


class Turns:
    """What has been begun, and who was served when."""

    def __init__(self, slice_seconds: float) -> None:
        self.slice_seconds = slice_seconds
        self.open: dict[Hashable, Task] = {}
        self.served: dict[Hashable, int] = {}
        self.turn = 0
        self.resting: set[Hashable] = set()  # had nothing that they could do
        self.failed: dict[Hashable, Exception] = {}  # not begun again by this worker now

    def __enter__(self) -> "Turns":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for task in self.open.values():
            task.close()
        self.open.clear()

    def take(self, offers: Iterable[Offer]) -> bool | None:
        """Give one of the offers a slice; None when none of them can do anything."""
        aside = self.resting | self.failed.keys()
        able = [offer for offer in offers if offer.key not in aside]
        if not able:
            return None
        chosen = min(able, key=self.order)
        self.turn += 1
        self.served[chosen.user_id] = self.served[chosen.key] = self.turn
        if chosen.key not in self.open:
            self.open[chosen.key] = chosen.begin()
        return self.advance(chosen.key)

    def order(self, offer: Offer) -> tuple[int, int, int]:
        return (
            self.served.get(offer.user_id, 0),
            offer.rank,
            self.served.get(offer.key, 0),
        )

    def advance(self, key: Hashable) -> bool:
        """Step by step until the slice is over; True if anything was done. What a task runs into
        is its own: it is set aside, and the others go on."""
        until = time.monotonic() + self.slice_seconds
        task = self.open[key]
        try:
            while True:
                next(task)
                if time.monotonic() >= until:
                    return True
        except StopIteration as end:
            del self.open[key]
            did = bool(end.value)
        except Exception as error:
            del self.open[key]
            self.failed[key] = error
            return True
        except BaseException:
            del self.open[key]
            raise
        if did:
            self.resting.clear()
        else:
            self.resting.add(key)
        return did
