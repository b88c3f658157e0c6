"""What several analyses do with samples: how long each stands, and the grid of seconds."""

import numpy as np
from openfit_sdk.analysis import FloatArray
from openfit_sdk.schema import Activity

HEART_RATE_HOLD = 30.0  # s: longer than any recorder's smart interval, shorter than a slow change
POWER_HOLD = 20.0  # s: the catalogue's


def held(times: FloatArray, limit: float) -> FloatArray:
    """How long each sample stands: until the next one, and `limit` seconds at most.

    Parameters
    ----------
    times : array, shape (n,), s
        Strictly rising.
    limit : float, s
        A longer gap is not bridged.

    Returns
    -------
    array, shape (n,), s
        The last sample stands as long as the median one.
    """
    if times.size == 0:
        return np.zeros(0)
    if times.size == 1:
        return np.minimum(np.ones(1), limit)
    steps = np.diff(times)
    return np.minimum(np.append(steps, np.median(steps)), limit)


def by_second(times: FloatArray, values: FloatArray, limit: float) -> tuple[FloatArray, FloatArray]:
    """Samples on a grid of whole seconds: the mean of a second's samples, held over gaps.

    Parameters
    ----------
    times, values : array, shape (n,), s and any unit
    limit : float, s
        A value stands this long at most.

    Returns
    -------
    grid : array, shape (seconds,)
        From the second of the first sample to that of the last. NaN where nothing stands.
    measured : array, shape (seconds,)
        1.0 where the second has a sample of its own.
    """
    if times.size == 0:
        return np.zeros(0), np.zeros(0)
    second = np.floor(times).astype(np.int64)
    second -= second[0]
    n = int(second[-1]) + 1
    count = np.bincount(second, minlength=n)
    total = np.bincount(second, values, minlength=n)
    own = count > 0
    last = np.maximum.accumulate(np.where(own, np.arange(n), 0))
    grid = total[last] / count[last]
    grid[np.arange(n) - last >= limit] = np.nan
    return grid, own.astype(np.float64)


def timer_seconds(activity: Activity) -> float | None:
    """How long the activity went on without its pauses: as the device says, else as its times
    do. None when it tells neither."""
    stated = activity.reported.timer_seconds
    if stated:
        return stated
    if activity.end is None:
        return None
    paused = sum((pause.end - pause.start).total_seconds() for pause in activity.pauses)
    return max(0.0, (activity.end - activity.start).total_seconds() - paused) or None


def coverage(seconds: float, activity: Activity) -> float:
    """The share of an activity that samples stand for; where it tells no length, what they
    cover is all there is to know."""
    whole = timer_seconds(activity)
    return 1.0 if whole is None else min(1.0, seconds / whole)
