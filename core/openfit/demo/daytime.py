"""The days of the demo's athlete by the minute: heart and steps, and what her devices counted."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from openfit.demo import training
from openfit.demo.nights import night
from openfit.demo.story import FLIGHT_OUT, Story

Floats = NDArray[np.float64]
ASLEEP = {"deep": 1.0, "light": 3.5, "rem": 7.0, "wake": 11.0}  # above the resting heart rate
MINUTE = timedelta(minutes=1)
ABOUT = 0.11  # of the minutes in which she takes a few steps about the house
CARRIED = 0.85  # of her walks the phone came along
COMMUTE = ((8.1, 13), (12.4, 16), (17.0, 12))


class Bucket(NamedTuple):
    """Steps that a phone counted over one walk."""

    start: datetime
    minutes: int
    steps: int


class Minutes(NamedTuple):
    """A day from its midnight to the next."""

    start: datetime
    heart_rate: Floats
    steps: Floats
    walking: NDArray[np.bool_]  # with a phone, perhaps


def lived(story: Story, day: date) -> Minutes:
    """What she did, minute by minute."""
    start = story.midnight(day)
    n = round((story.midnight(day + timedelta(days=1)) - start) / MINUTE)
    random, body = story.random(day, 6), story.body(day)
    asleep = sleeping(story, day, start, n)
    awake = np.isnan(asleep)
    steps = np.where(awake, walks(story, day, n, random), 0.0)
    walking = steps > 0
    about = awake & ~walking & (random.random(n) < ABOUT)
    steps[about] = random.integers(4, 30, int(about.sum()))
    hours = np.arange(n) / 60
    tide = 4.0 * np.sin((hours - 9.0) / 24 * 2 * np.pi)
    effort = 24.0 * np.clip(steps / 105.0, 0, 1.3)
    wander = smooth(random.normal(0, 9.0, n), 9)
    rate = body.resting_heart_rate + np.where(awake, 17.0 + tide + wander, asleep + wander / 3)
    rate = rate + smooth(effort, 4)
    for one in training.of_day(story, day):
        outing(one, start, rate, steps, walking)
    return Minutes(start, np.clip(rate, 36, 196), steps, walking)


def sleeping(story: Story, day: date, start: datetime, n: int) -> Floats:
    """How far the heart of a sleeper is above its rest; NaN where she is awake."""
    found = np.full(n, np.nan)
    for waking in (day, day + timedelta(days=1)):
        for begin, end, stage in (one := night(story, waking)).parts():
            a, b = (round((at - start) / MINUTE) for at in (begin, end))
            hours = (np.arange(max(a, 0), min(b, n)) - (one.bed - start) / MINUTE) / 60
            settling = 6.0 * np.clip(1 - hours / 4.5, 0, 1)
            found[max(a, 0) : max(0, min(b, n))] = ASLEEP[stage] - 2.5 + settling
    return found


def walks(story: Story, day: date, n: int, random: np.random.Generator) -> Floats:
    """Steps a minute, without those of a run."""
    found = np.zeros(n)
    for hour, minutes in planned_walks(story, day, random):
        at = int(hour * 60)
        cadence = random.normal(104, 5, minutes)
        found[at : at + minutes] = np.round(cadence)[: max(0, n - at)]
    return found


def planned_walks(story: Story, day: date, random: np.random.Generator) -> list[tuple[float, int]]:
    few = story.is_ill(day) or story.ago(day) == FLIGHT_OUT
    errands = [
        (float(random.uniform(7.5, 21.5)), int(random.integers(2, 9)))
        for _ in range(3 if few else int(random.integers(8, 15)))
    ]
    long = float(random.uniform(14.0, 16.0)), int(random.integers(28, 55))
    if few:
        return errands
    if story.is_away(day):
        return [*errands, (10.0, 45), (12.5, 20), long]
    if day.weekday() > 4:
        return [*errands, long]
    return [*errands, *COMMUTE]


def outing(
    one: training.Planned, start: datetime, rate: Floats, steps: Floats, walking: NDArray[np.bool_]
) -> None:
    """Over an outing the day shows what the outing's own file says."""
    beats, cadence = training.beats_of(one)
    at = round((one.start - start) / MINUTE)
    until = min(at + len(beats), rate.size)
    rate[at:until] = beats[: until - at]
    steps[at:until] = round(cadence)
    walking[at:until] = False


def by_watch(story: Story, day: date) -> Minutes | None:
    """Off the wrist to charge every third evening, and under the shower: nothing then."""
    if story.is_lost(day) or story.in_drawer(day):
        return None
    true, random = lived(story, day), story.random(day, 7)
    worn = np.ones(true.steps.size, bool)
    off = [(random.uniform(6.9, 7.3), 11)]
    if story.ago(day) % 3 == 1:
        off.append((random.uniform(19.0, 20.5), int(random.integers(35, 65))))
    for hour, minutes in off:
        worn[int(hour * 60) : int(hour * 60) + minutes] = False
    return true._replace(
        heart_rate=np.where(worn, np.round(true.heart_rate), np.nan),
        steps=np.where(worn, true.steps, np.nan),
    )


def by_phone(story: Story, day: date) -> list[Bucket]:
    """Walks that it came along on, with fewer steps than were taken."""
    if story.is_lost(day):
        return []
    true, random = lived(story, day), story.random(day, 8)
    edges = np.diff(np.concatenate(([0], true.walking.astype(np.int8), [0])))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    found = []
    for a, b in zip(starts.tolist(), ends.tolist(), strict=True):
        carried, counted = random.random() < CARRIED, random.uniform(0.88, 0.97)
        if carried and b - a >= 3:
            taken = round(float(true.steps[a:b].sum()) * counted)
            found.append(Bucket(true.start + a * MINUTE, b - a, taken))
    return found


def smooth(values: Floats, width: int) -> Floats:
    return np.asarray(np.convolve(values, np.ones(width) / width, "same"))
