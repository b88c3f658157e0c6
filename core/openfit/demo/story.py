"""What happened to the demo's athlete on which day: pure, and the same for the same last day.

Half a year that ends on `until`: she gets fitter, flies six zones west and back, loses a week of
data, leaves her watch in a drawer for three days and is ill for five. Days after `until` are dull.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

import numpy as np

SEED = 20260101
DAYS = 183  # of history, the last one included

HOME, AWAY = timedelta(hours=2), timedelta(hours=-4)
HOME_ZONE = "Etc/GMT-2"  # as the clock at home: no place in particular

# How many days before the last one, first and last of each
LOST = range(112, 119)  # nothing from any device
FLIGHT_OUT, FLIGHT_BACK = 82, 74  # days of arrival
DRAWER = range(45, 48)  # the watch alone
ILL = range(22, 27)
RECOVERING = range(19, 22)

TAGS = ("alcohol", "late_meal", "reading")  # the last one does nothing, as may be found out


class Span(NamedTuple):
    """A part of a day under one clock."""

    start: datetime
    end: datetime
    offset: timedelta


class Body(NamedTuple):
    """What a night finds: the truth that two devices measure each in its own way."""

    resting_heart_rate: float
    rmssd: float
    temperature: float  # deviation from usual, degrees Celsius
    spo2: float
    respiration_rate: float


class Story:
    """The half year that ends on a day."""

    def __init__(self, until: date, seed: int = SEED) -> None:
        self.until, self.seed = until, seed

    @property
    def first(self) -> date:
        return self.until - timedelta(days=DAYS - 1)

    def ago(self, day: date) -> int:
        return (self.until - day).days

    def random(self, day: date, what: int) -> np.random.Generator:
        """Chance of its own for each day and purpose, so that none moves another."""
        return np.random.default_rng([self.seed, day.toordinal(), what])

    def progress(self, day: date) -> float:
        """How far the athlete has come, from 0 on the first day to 1 on the last and after."""
        return min(1.0, max(0.0, (day - self.first).days / (DAYS - 1)))

    # Where and when ------------------------------------------------------------------------------

    def offset(self, instant: datetime) -> timedelta:
        """Her clock: watches change it when they land."""
        away = self.landed(FLIGHT_OUT, 17) <= instant < self.landed(FLIGHT_BACK, 6)
        return AWAY if away else HOME

    def landed(self, ago: int, hour_utc: int) -> datetime:
        return datetime.combine(self.until - timedelta(days=ago), time(hour_utc), UTC)

    def midnight(self, day: date) -> datetime:
        """When the day began for her."""
        bare = datetime.combine(day, time(), UTC)
        found = bare - HOME
        return found if self.offset(found) == HOME else bare - AWAY

    def at(self, day: date, hours: float) -> datetime:
        """An hour of her clock on this day, as it stood at noon."""
        bare = datetime.combine(day, time(), UTC)
        return bare + timedelta(hours=hours) - self.offset(bare + timedelta(hours=12))

    def spans(self, day: date) -> list[Span]:
        """The day as she lived it: 30 hours long on the way out, 18 on the way back."""
        start, end = self.midnight(day), self.midnight(day + timedelta(days=1))
        changes = (self.landed(FLIGHT_OUT, 17), self.landed(FLIGHT_BACK, 6))
        edges = [start, *(at for at in changes if start < at < end), end]
        return [Span(a, b, self.offset(a)) for a, b in zip(edges, edges[1:], strict=False)]

    # What kind of day ----------------------------------------------------------------------------

    def is_lost(self, day: date) -> bool:
        return self.ago(day) in LOST

    def is_away(self, day: date) -> bool:
        return FLIGHT_BACK < self.ago(day) < FLIGHT_OUT

    def is_flight(self, day: date) -> bool:
        return self.ago(day) in (FLIGHT_OUT, FLIGHT_BACK)

    def is_ill(self, day: date) -> bool:
        return self.ago(day) in ILL

    def in_drawer(self, day: date) -> bool:
        return self.ago(day) in DRAWER

    def may_train(self, day: date) -> bool:
        resting = self.ago(day) in RECOVERING or self.ago(day) == FLIGHT_BACK - 1
        return not (self.is_lost(day) or self.is_flight(day) or self.is_ill(day) or resting)

    def tags(self, day: date) -> set[str]:
        """What she noted in the evening of a day."""
        chance = self.random(day, 1).random(len(TAGS))
        if self.is_lost(day) or self.is_ill(day):
            return set()
        likely = (0.42 if day.weekday() in (4, 5) else 0.06, 0.14, 0.35)
        return {tag for tag, p, q in zip(TAGS, likely, chance, strict=True) if q < p}

    # What her body does --------------------------------------------------------------------------

    def sick(self, day: date) -> float:
        """How ill she is: 0 well, 1 at the worst; a little before she knows, and after."""
        first, last = ILL[-1], ILL[0]
        n = self.ago(day)
        if n > first + 1 or n < last - 3:
            return 0.0
        risen = {first + 1: 0.25, first: 0.7, first - 1: 1.0, first - 2: 0.95}
        return risen.get(n, max(0.0, 0.15 * (n - last + 3) + 0.1))

    def jet_lag(self, day: date) -> float:
        """Hours by which she wakes too early (west) or sleeps too late (east)."""
        n = self.ago(day)
        if FLIGHT_BACK < n < FLIGHT_OUT:
            return max(0.0, 3.0 - 0.6 * (FLIGHT_OUT - 1 - n))
        return -max(0.0, 3.0 - 0.6 * (FLIGHT_BACK - 1 - n)) if n < FLIGHT_BACK else 0.0

    def body(self, day: date) -> Body:
        """As the night finds it that ends on this day."""
        eve = self.tags(day - timedelta(days=1))
        drank, late = "alcohol" in eve, "late_meal" in eve
        ill, lag, come = self.sick(day), abs(self.jet_lag(day)) / 3, self.progress(day)
        a, b, c, d, e = self.random(day, 2).normal(0, 1, 5).tolist()
        rate = 54.5 - 4.5 * come + 9.0 * ill + 3.6 * drank + 1.8 * late + 1.2 * lag + 0.9 * a
        quiet = 52.0 + 9.0 * come - 28.0 * ill - 10.0 * drank - 3.0 * late - 4.0 * lag
        return Body(
            resting_heart_rate=rate,
            rmssd=max(12.0, quiet * float(np.exp(0.09 * b))),
            temperature=0.95 * ill + 0.18 * drank + 0.12 * c,
            spo2=96.6 - 1.2 * ill + 0.4 * d,
            respiration_rate=14.2 + 2.0 * ill + 0.4 * drank + 0.25 * e,
        )
