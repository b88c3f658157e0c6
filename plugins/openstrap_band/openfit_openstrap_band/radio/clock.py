"""The band's clock: whether it can be believed, and what is to be done about it. Pure."""

from msgspec import Struct

FIRST, LAST = 1_700_000_000, 4_102_444_800  # s since 1970: what a set clock can say
DAY = 86_400.0
CLOSE = 2.0  # s by which a gen 5 clock may differ
SETTLED = 10.0  # s by which a clock that was just set may differ: it is asked over the air
TRIES = 3
SUSPECT_SECONDS = 12 * 3600.0  # after that long the band is taken to be the one that is wrong


class Reading(Struct, frozen=True):
    """What the band's clock said, and what this machine's said at that moment."""

    band: float
    wall: float

    @property
    def unset(self) -> bool:
        """It began anew when the battery was empty, some time in 1970 or 1971."""
        return self.band < FIRST

    @property
    def drift(self) -> float:
        """How far the band is ahead, in seconds."""
        return self.band - self.wall

    @property
    def suspects_host(self) -> bool:
        """A band that runs but is days ahead: more likely this machine has lost its time."""
        return FIRST <= self.band <= LAST and self.drift > DAY

    @property
    def wrong(self) -> bool:
        """So wrong that setting it has to be seen to work."""
        return self.unset or self.band > LAST or abs(self.drift) > DAY

    def to_be_set(self, generation: int) -> bool:
        """A gen 4 band is given the time on every connection, a gen 5 band where it needs it."""
        return generation == 4 or self.wrong or abs(self.drift) >= CLOSE


def in_the_future(ts: int, wall: float) -> bool:
    """A record that this machine's clock says is not written yet."""
    return ts > wall + DAY
