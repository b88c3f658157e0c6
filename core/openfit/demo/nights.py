"""The nights of the demo's athlete: how she slept, and what a watch and a ring made of it."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

import numpy as np
from openfit_schema.entities import SleepStage

from openfit.demo import training
from openfit.demo.story import FLIGHT_BACK, Story

Stages = tuple[
    tuple[int, SleepStage], ...
]  # (minute from going to bed, stage), each until the next

DEEP = (0.38, 0.27, 0.15, 0.05)  # share of each cycle; none after these
REM = (0.06, 0.15, 0.22, 0.28, 0.30)
READY = timedelta(minutes=25)  # between getting up and the door
MISSED = 0.04  # nights that the ring spent on its charger


class Night(NamedTuple):
    """From going to bed to getting up."""

    bed: datetime
    minutes: int
    stages: Stages

    @property
    def up(self) -> datetime:
        return self.bed + timedelta(minutes=self.minutes)

    def parts(self) -> list[tuple[datetime, datetime, SleepStage]]:
        ends = [at for at, _ in self.stages[1:]] + [self.minutes]
        return [
            (self.bed + timedelta(minutes=at), self.bed + timedelta(minutes=end), stage)
            for (at, stage), end in zip(self.stages, ends, strict=True)
        ]

    def total(self, stage: str) -> float:
        return sum((b - a).total_seconds() / 60 for a, b, one in self.parts() if one == stage)

    def asleep(self) -> float:
        return self.minutes - self.total("wake")


def night(story: Story, day: date) -> Night:
    """The night that ends on this day."""
    random = story.random(day, 3)
    bed, up = bed_time(story, day, random), timedelta()
    eve = story.tags(day - timedelta(days=1))
    latency = int(random.integers(7, 18)) + 9 * ("late_meal" in eve) + round(9 * story.sick(day))
    wanted = 7.45 + random.normal(0, 0.4) + 0.5 * (day.weekday() > 4) + 0.9 * story.sick(day)
    if story.ago(day) == FLIGHT_BACK:
        wanted = 4.7
    up = timedelta(hours=wanted - max(0.0, story.jet_lag(day)) * 0.7, minutes=latency)
    minutes = round(min(bed + up, last_moment(story, day)).timestamp() / 60 - bed.timestamp() / 60)
    return Night(bed, minutes, stages(minutes, latency, "alcohol" in eve, random))


def bed_time(story: Story, day: date, random: np.random.Generator) -> datetime:
    midnight = story.midnight(day)
    if story.ago(day) == FLIGHT_BACK:  # in her seat, two hours after the start
        return midnight - timedelta(hours=4, minutes=15)
    eve = story.tags(day - timedelta(days=1))
    hours = -1.2 + random.normal(0, 0.3) + 0.45 * (day.weekday() > 4) + 0.5 * ("alcohol" in eve)
    hours -= 0.5 * story.jet_lag(day)
    return midnight + timedelta(minutes=round(hours * 60))


def last_moment(story: Story, day: date) -> datetime:
    """Before an early outing she gets up, however short the night was."""
    first = next(iter(training.of_day(story, day)), None)
    return first.start - READY if first else story.midnight(day) + timedelta(hours=11)


def stages(minutes: int, latency: int, drank: bool, random: np.random.Generator) -> Stages:
    """Cycles of an hour and a half: deep sleep early, dreams late, short awakenings between."""
    found: list[tuple[int, SleepStage]] = [(0, "wake")]
    at, end = latency, minutes - int(random.integers(2, 9))
    for cycle in range(9):
        length = int(random.integers(84, 106))
        deep = share(DEEP, cycle, 0.0) * (0.78 if drank else 1.0) * random.uniform(0.85, 1.15)
        rem = share(REM, cycle, 0.28) * (0.8 if drank else 1.0) * random.uniform(0.85, 1.15)
        awake = int(random.integers(2, 7)) * (random.random() < (0.9 if drank else 0.5))
        shares: list[tuple[SleepStage, float]] = [
            ("light", 0.2), ("deep", deep), ("light", 0.8 - deep - rem), ("rem", rem),
        ]  # fmt: skip
        for stage, part in shares:
            if at < end and part * length >= 1:
                found.append((at, stage))
            at += round(part * length)
        if awake and at < end:
            found.append((at, "wake"))
            at += awake
        if at >= end:
            break
    return joined([*found, (end, "wake")])


def share(of: tuple[float, ...], cycle: int, after: float) -> float:
    return of[cycle] if cycle < len(of) else after


def joined(parts: Iterable[tuple[int, SleepStage]]) -> Stages:
    """Neighbours of one stage as one."""
    found: list[tuple[int, SleepStage]] = []
    for at, stage in parts:
        if not found or found[-1][1] != stage:
            found.append((at, stage))
    return tuple(found)


# What devices see --------------------------------------------------------------------------------


def by_watch(story: Story, day: date) -> Night | None:
    """A watch takes lying still for sleep late, and short awakenings not at all."""
    if story.is_lost(day) or story.in_drawer(day):
        return None
    random = story.random(day, 4)
    return seen(night(story, day), random, late=int(random.integers(2, 8)), jitter=2.0, blind=3)


def by_ring(story: Story, day: date) -> Night | None:
    """A ring calls it sleep some minutes early, and is on its charger now and then."""
    random = story.random(day, 5)
    missed, late = random.random() < MISSED, -int(random.integers(2, 9))
    if story.is_lost(day) or missed:
        return None
    return seen(night(story, day), random, late=late, jitter=3.5, blind=4)


def seen(true: Night, random: np.random.Generator, late: int, jitter: float, blind: int) -> Night:
    lengths = np.diff([at for at, _ in true.stages] + [true.minutes])
    inner = [
        (at, stage)
        for n, ((at, stage), length) in enumerate(zip(true.stages, lengths, strict=True))
        if n in (0, lengths.size - 1) or stage != "wake" or length > blind
    ]
    wobble = np.round(random.normal(0, jitter, len(inner))).astype(int).tolist()
    found, before = [inner[0]], 0
    for n, ((at, stage), moved) in enumerate(zip(inner[1:], wobble[1:], strict=True)):
        at = max(before + 1, at + (late if n == 0 else moved))
        if at < true.minutes:
            found.append((at, stage))
            before = at
    return Night(true.bed, true.minutes, joined(found))
