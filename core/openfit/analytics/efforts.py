"""Best efforts inside one activity: power over a time, time over a distance, heart rate held."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from openfit_sdk.analysis import FloatArray, Result, Series, analysis
from openfit_sdk.schema import Activity

from openfit.analytics.signal import HEART_RATE_HOLD, POWER_HOLD, by_second

DURATIONS = (5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600)  # s
MOST_POWER = 2500.0  # W; sprinters' highest seconds

# Metres by sport, and the speed that nobody keeps up over it (m/s): the world record's, for runs
# and swims; for rides what is ridden downhill or behind a car is no effort of the legs.
FASTEST = {
    "running": {
        400: 400 / 43.03, 1000: 1000 / 131.96, 1609: 1609.344 / 223.13, 5000: 5000 / 755.36,
        10_000: 10_000 / 1571.0, 21_097: 21_097.5 / 3402.0, 42_195: 42_195 / 7235.0,
    },
    "cycling": {5000: 25.0, 10_000: 22.0, 20_000: 20.0, 40_000: 18.0, 100_000: 16.0},
    "swimming": {100: 2.2, 200: 2.0, 400: 1.87, 800: 1.78, 1500: 1.75},
}  # fmt: skip
EXACT = {1609: 1609.344, 21_097: 21_097.5}
LIKE = {"walking": "running", "hiking": "running"}  # the same distances mean something there
HOLE = 10.0  # s without a sample, inside a best stretch, count against it
HELD_SECONDS = 30
LEAST_SURE = 0.05


class Effort(NamedTuple):
    """What was best, when it began, and how much of it was measured."""

    value: float
    at: float
    measured: float


def best_means(grid: FloatArray, measured: FloatArray, window: int) -> Effort | None:
    """The greatest mean over `window` seconds without a hole.

    Parameters
    ----------
    grid : array, shape (n,)
        By second; NaN where nothing is known.
    measured : array, shape (n,)
        1 where the second has a sample of its own.
    window : int, s

    Returns
    -------
    Effort or None
        `at` in s from the first second; None when no stretch is whole.
    """
    if grid.size < window:
        return None
    known = np.isfinite(grid)
    whole = moving_sum(known.astype(np.float64), window) == window
    if not whole.any():
        return None
    means = np.where(whole, moving_sum(np.where(known, grid, 0), window) / window, -np.inf)
    at = int(np.argmax(means))
    return Effort(float(means[at]), float(at), float(measured[at : at + window].mean()))


def moving_sum(values: FloatArray, window: int) -> FloatArray:
    sums: FloatArray = np.cumsum(np.concatenate([[0.0], values]))
    return sums[window:] - sums[:-window]


def best_seconds(times: FloatArray, metres: FloatArray, distance: float) -> Effort | None:
    """The least time over a distance, by the clock: a pause inside it counts.

    Parameters
    ----------
    times : array, shape (n,), s
        Strictly rising.
    metres : array, shape (n,), m
        Odometer; never falls.
    distance : float, m

    Returns
    -------
    Effort or None
        The best stretch begins or ends at a sample, as between two the speed is taken for
        constant; None when the odometer does not reach so far.
    """
    if metres.size < 2 or metres[-1] - metres[0] < distance:
        return None
    begin = np.flatnonzero(metres + distance <= metres[-1])
    ends = np.interp(metres[begin] + distance, metres, times)
    end = np.flatnonzero(metres - distance >= metres[0])
    begins = np.interp(metres[end] - distance, metres, times)
    took = np.concatenate([ends - times[begin], times[end] - begins])
    started = np.concatenate([times[begin], begins])
    at = int(np.argmin(took))
    lost = holes(times, started[at], started[at] + took[at])
    return Effort(float(took[at]), float(started[at] - times[0]), 1 - lost / float(took[at]))


def holes(times: FloatArray, start: float, end: float) -> float:
    """Seconds of a stretch that lie in gaps between samples."""
    first, last = times[:-1], times[1:]
    gap = (last - first) > HOLE
    return float(np.clip(np.minimum(last, end) - np.maximum(first, start), 0, None)[gap].sum())


def odometer(series: Series) -> tuple[FloatArray, FloatArray]:
    """Without samples at which a device's odometer runs backwards."""
    highest = np.maximum.accumulate(series.values)
    forward = series.values >= highest
    return series.times[forward], series.values[forward]


@analysis(
    id="best_power",
    version=1,
    unit="W",
    tier="HIGH",
    outputs=[f"best_power_{n}_seconds" for n in DURATIONS],
    power="series:power@activity",
)
def best_power(power: Series | None) -> Iterator[Result]:
    """Highest mean power over times from 5 seconds to an hour."""
    if power is None:
        yield best_power.abstain("need_power")
        return
    grid, measured = by_second(power.times, power.values, POWER_HOLD)
    for window in DURATIONS:
        found = best_means(grid, measured, window)
        if found is None or found.value <= 0:
            continue
        id = f"best_power_{window}_seconds"
        if found.value > MOST_POWER:
            yield best_power.abstain("implausible", id=id, have=round(found.value), most=MOST_POWER)
        else:
            sure = max(LEAST_SURE, found.measured)
            yield best_power.result(found.value, confidence=sure, id=id, at=found.at)


@analysis(
    id="best_time",
    version=1,
    unit="s",
    tier="HIGH",
    outputs=[
        f"best_time_{n}_metres" for n in sorted({n for table in FASTEST.values() for n in table})
    ],
    activity="activity",
    distance="series:track_distance@activity",
)
def best_time(activity: Activity, distance: Series | None) -> Iterator[Result]:
    """Least time over the usual distances of the sport, by the clock."""
    table = FASTEST.get(LIKE.get(activity.sport, activity.sport))
    if table is None:
        return
    if distance is None:
        yield best_time.abstain("need_distance")
        return
    times, metres = odometer(distance)
    for name, fastest in table.items():
        length = EXACT.get(name, float(name))
        found = best_seconds(times, metres, length)
        if found is None:
            continue
        id, speed = f"best_time_{name}_metres", length / found.value
        if speed > fastest:
            have, most = round(speed, 2), round(fastest, 2)
            yield best_time.abstain("implausible", id=id, have=have, most=most)
        else:
            sure = max(LEAST_SURE, found.measured)
            yield best_time.result(found.value, confidence=sure, id=id, at=found.at, speed=speed)


@analysis(
    id="heart_rate_held",
    version=1,
    unit="/min",
    tier="HIGH",
    heart_rate="series:heart_rate@activity",
)
def heart_rate_held(heart_rate: Series | None) -> Result:
    """The highest heart rate that did not fall for 30 seconds: one beat's spike is no maximum."""
    if heart_rate is None:
        return heart_rate_held.abstain("need_heart_rate")
    grid, measured = by_second(heart_rate.times, heart_rate.values, HEART_RATE_HOLD)
    if grid.size < HELD_SECONDS:
        return heart_rate_held.abstain("need_seconds", have=grid.size, need=HELD_SECONDS)
    windows = np.lib.stride_tricks.sliding_window_view(grid, HELD_SECONDS)
    lowest = windows.min(axis=1)  # NaN where a window has a hole
    if not np.isfinite(lowest).any():
        return heart_rate_held.abstain("need_seconds", have=0, need=HELD_SECONDS)
    at = int(np.nanargmax(lowest))
    sure = max(LEAST_SURE, float(measured[at : at + HELD_SECONDS].mean()))
    return heart_rate_held.result(lowest[at], confidence=sure, at=at)
