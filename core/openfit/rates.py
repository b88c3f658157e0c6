"""How often one may ask: token buckets per user and kind of route, per connection, and per place
in the network for who brings nothing."""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from msgspec import Struct

from openfit.errors import SetupError

MOST_BUCKETS = 20_000


class Rate(Struct, frozen=True):
    """So many in a row, and `per_second` from then on."""

    per_second: float
    burst: int


# A page asks for some dozens of things at once, a script for hundreds a second; what costs the
# hub seconds is asked for now and then.
DEFAULTS: dict[str, Rate] = {
    "reads": Rate(1000, 4000),
    "writes": Rate(50, 1000),
    "uploads": Rate(200, 4000),
    "heavy": Rate(2, 40),
    "syncs": Rate(0.2, 10),
    "pushes": Rate(0.5, 30),  # of one person's devices
    "open": Rate(50, 1000),  # of one place in the network, without a token
    "webhooks": Rate(5, 100),  # to one address that vendors call, and from one place
}
LINE = 64  # bits: what a household has of IPv6 addresses


class Verdict(Struct, frozen=True):
    allowed: bool
    limit: int
    remaining: int
    reset: int  # seconds until the bucket is full again
    retry_after: int = 0


class Rates:
    """The buckets of this process. One that is full again is as good as none."""

    def __init__(
        self,
        limits: Mapping[str, Rate] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limits = {**DEFAULTS, **(limits or {})}
        self.clock = clock
        self.buckets: OrderedDict[tuple[str, object], tuple[float, float]] = OrderedDict()

    def take(self, kind: str, whose: object) -> Verdict:
        """Take one token from this bucket, if there is one."""
        rate, now = self.limits[kind], self.clock()
        level, at = self.buckets.get((kind, whose), (float(rate.burst), now))
        level = min(float(rate.burst), level + (now - at) * rate.per_second)
        allowed = level >= 1
        level -= allowed
        self.buckets[kind, whose] = (level, now)
        self.buckets.move_to_end((kind, whose))
        while len(self.buckets) > MOST_BUCKETS:
            self.buckets.popitem(last=False)
        return Verdict(
            allowed,
            rate.burst,
            int(level),
            ceil((rate.burst - level) / rate.per_second),
            0 if allowed else max(1, ceil((1 - level) / rate.per_second)),
        )


@lru_cache(1000)
def nearby(address: str) -> str:
    """What counts as one place in the network: an IPv4 address, or all of a line of IPv6."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return f"{found.packed[: LINE // 8].hex()}/{LINE}"


def ceil(seconds: float) -> int:
    return -int(-seconds // 1)


def parse(text: str) -> dict[str, Rate]:
    """`reads=1000/4000 heavy=2/40`: so many a second, and so many at once."""
    found = {}
    for part in text.replace(",", " ").split():
        name, _, value = part.partition("=")
        per_second, _, burst = value.partition("/")
        try:
            rate = Rate(float(per_second), int(burst))
        except ValueError:
            rate = Rate(0, 0)
        if name not in DEFAULTS or rate.per_second <= 0 or rate.burst < 1:
            raise SetupError(
                f"OPENFIT_RATES has {part!r}. Write kind=per_second/at_once, for example "
                f"heavy=2/40; the kinds are {', '.join(DEFAULTS)}."
            )
        found[name] = rate
    return found
