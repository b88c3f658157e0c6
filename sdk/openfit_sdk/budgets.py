"""What one call of a plugin may take, in proportion to what it was given."""

import time

from msgspec import Struct

MEGABYTE = 1024 * 1024
READ_A_SECOND = 5 * MEGABYTE  # the slowest reader of the slowest machine, on big originals


class Budget(Struct, frozen=True, kw_only=True):
    """Of one call. An archive of 1 GB may take a million pages, 64 GB and two hours."""

    pages: int = 20_000
    pages_a_megabyte: int = 1_000  # more, for each that came in
    size: int = 256 * MEGABYTE
    growth: int = 64  # bytes more, for each that came in: compressed XML unfolds thirtyfold
    seconds: float = 3600.0  # of its own: what the hub takes meanwhile does not count
    cpu_seconds: float = 1800.0
    scratch: int = 4096 * MEGABYTE  # in its folder, whatever the size of each file
    files: int = 20_000  # there
    free: int = 128 * MEGABYTE  # what it must leave on that disk


class Meter:
    """Counts what one call has taken."""

    def __init__(self, budget: Budget, given: int = 0) -> None:
        self.budget = budget
        self.given = given  # bytes: the original, and what was fetched since
        self.pages = 0
        self.size = 0
        self.seconds = 0.0

    def patience(self, deadline: float) -> float:
        """How long the next frame may take: a big original is read for longer."""
        return deadline + self.given / READ_A_SECOND

    def waited(self, since: float) -> None:
        self.seconds += time.monotonic() - since

    def page(self, size: int) -> None:
        self.pages += 1
        self.size += size

    def excess(self) -> str:
        """What was too much, for a person; empty while all is well."""
        most = self.budget.pages + self.budget.pages_a_megabyte * self.given // MEGABYTE
        if self.pages > most:
            return f"sent more than {most:,} pages"
        most = self.budget.size + self.budget.growth * self.given
        if self.size > most:
            return f"sent more than {most:,} bytes, far more than it was given to read"
        if self.seconds > self.budget.seconds * (1 + self.given / (1024 * MEGABYTE)):
            return f"took more than {self.seconds / 60:.0f} minutes"
        return ""
