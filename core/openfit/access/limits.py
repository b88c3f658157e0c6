"""How often one may knock. Beside the limits for everybody in `openfit.rates`."""

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from openfit.access.refusals import TooOften
from openfit.rates import Rate, Rates, ceil, nearby

DOORS = {
    "address": Rate(1 / 3, 20),  # of one place in the network
    "account": Rate(1 / 30, 10),  # of one account, from wherever
    "link": Rate(1, 30),  # 256 bits are not guessed; this keeps the database quiet
}
WINDOW = 3600  # seconds
TRIES = 5  # 120 a day: one chance in 8,000 for who guesses all day
SENT = 5
MOST = 20_000


class Doors:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.rates, self.lock = Rates(DOORS, clock), Lock()
        self.tries = Windows(TRIES, clock)
        self.sent = Windows(SENT, clock)

    def knock(self, kind: str, whose: str) -> None:
        with self.lock:
            verdict = self.rates.take(kind, whose if kind == "account" else nearby(whose))
        if not verdict.allowed:
            raise TooOften("Too many sign-ins were tried.", verdict.retry_after)


class Windows:
    """So many within an hour of the first, for names that may or may not be known here."""

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        self.most, self.clock, self.lock = most, clock, Lock()
        self.counts: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def take(self, whose: str, message: str) -> None:
        with self.lock:
            n, since = self.counts.get(whose, (0, self.clock()))
            if self.clock() - since >= WINDOW:
                n, since = 0, self.clock()
            if n >= self.most:
                left = max(1, ceil(since + WINDOW - self.clock()))
                raise TooOften(message, left, code="too_many_tries")
            self.counts[whose] = (n + 1, since)
            while len(self.counts) > MOST:
                self.counts.popitem(last=False)

    def clear(self, whose: str) -> None:
        with self.lock:
            self.counts.pop(whose, None)
