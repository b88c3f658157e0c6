"""What the demo's athlete trained and when: an outing is the same whenever it is asked for."""

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from openfit.demo.outing import ORIGIN, Outing, Plan
from openfit.demo.story import AWAY, HOME, Story

LONGEST = timedelta(hours=6)  # one that may still go on is not there yet

WATCH = "OpenFit Demo Watch"
BIKE = "OpenFit Demo Bike"
WEEK = (
    Plan(0, 6.6, "Running", "Easy river loop", 7.0, 2.9, 0.62, 35.0),
    Plan(1, 17.8, "Biking", "Threshold intervals", 26.0, 7.9, 0.72, 60.0, surges=4, device=BIKE),
    Plan(2, 18.2, "Running", "Hill repeats", 9.0, 3.1, 0.71, 140.0, surges=6),
    Plan(3, 17.5, "Biking", "After work ride", 28.0, 7.6, 0.66, 260.0, device=BIKE),
    Plan(5, 8.0, "Biking", "Long ride over the pass", 74.0, 7.2, 0.68, 900.0, 25.0, device=BIKE),
    Plan(6, 9.5, "Running", "Sunday long run", 17.0, 2.8, 0.66, 180.0, 4.0),
)
RACE = Plan(6, 10.0, "Running", "Town race", 10.6, 4.0, 0.92, 20.0)
TRAVELLING = Plan(0, 7.5, "Running", "Lakeside run", 8.0, 2.85, 0.63, 15.0)
BLOCK = (0.9, 1.0, 1.12, 0.6)  # three weeks that build, one that rests and ends in a race
MISSED = 0.12
NO_STRAP = 0.03  # without a heart rate, as happens: the load of such a day is not known
GAINED = 0.07  # of speed and power over the half year
AWAY_ORIGIN = (44.5, -82.5)  # as far west as the clock says, in the middle of a lake


class Planned(NamedTuple):
    """An outing that is not worked out yet."""

    start: datetime
    plan: Plan
    form: float
    strapped: bool
    offset: timedelta
    seed: int

    @property
    def name(self) -> str:
        local = self.start + self.offset
        return f"{local:%Y-%m-%d}-{self.plan.name.lower().replace(' ', '-')}.tcx"

    def outing(self) -> Outing:
        random = np.random.default_rng([self.seed, self.start.toordinal(), self.plan.weekday])
        origin = AWAY_ORIGIN if self.offset == AWAY else ORIGIN
        return Outing(self.plan, self.start, self.form, random, self.strapped, self.offset, origin)


def planned(story: Story, until: datetime) -> list[Planned]:
    """What was done in the half year and since, and is over by now; the latest first."""
    first, last = monday(story.first), monday(until.date())
    weeks = [first + timedelta(weeks=n) for n in range((last - first).days // 7 + 1)]
    done = [
        one
        for week in weeks
        for one in of_week(story, week)
        if one.start + LONGEST < until and one.start >= story.midnight(story.first)
    ]
    return sorted(done, key=lambda one: one.start, reverse=True)


def of_day(story: Story, day: date) -> list[Planned]:
    """The outings that begin on a day of hers, in order."""
    return [one for one in of_week(story, monday(day)) if (one.start + one.offset).date() == day]


def of_week(story: Story, first: date) -> Iterator[Planned]:
    """The outings of a week: some are missed, and their length follows its place in the block."""
    number = first.toordinal() // 7
    random = np.random.default_rng([story.seed, number])
    rests = number % len(BLOCK) == len(BLOCK) - 1
    for plan in [*WEEK[:-1], RACE if rests else WEEK[-1]]:
        day = first + timedelta(days=plan.weekday)
        missed, strapped = random.random() < MISSED, random.random() >= NO_STRAP
        form = 1.0 + 0.02 * math.sin(number / 6) + random.normal(0, 0.015)
        if missed or (rests and plan.surges) or not story.may_train(day):
            continue
        length = 1.0 if plan is RACE else BLOCK[number % len(BLOCK)]
        done = replace(plan, kilometres=plan.kilometres * length)
        if story.is_away(day):
            done = replace(TRAVELLING, weekday=plan.weekday)
        if done.device == WATCH and story.in_drawer(day):
            continue
        start = story.at(day, done.hour).replace(microsecond=0)
        gained = 1.0 + GAINED * (story.progress(day) - 1.0)
        offset = AWAY if story.is_away(day) else HOME
        yield Planned(start, done, form * gained, strapped, offset, story.seed)


@lru_cache(maxsize=8)
def beats_of(one: Planned) -> tuple[tuple[float, ...], float]:
    """Mean heart rate of each minute of an outing, and how many steps one of them had."""
    outing = one.outing()
    times = np.array([(at - one.start).total_seconds() for at in outing.times()])
    minute = (times // 60).astype(int)
    sums = np.bincount(minute, outing.heart_rate)
    counts = np.bincount(minute)
    means = np.where(counts > 0, sums / np.maximum(counts, 1), 95.0)  # a pause: she stands
    steps = 2.0 * float(outing.cadence.mean()) if one.plan.sport == "Running" else 0.0
    return tuple(means.tolist()), steps


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
