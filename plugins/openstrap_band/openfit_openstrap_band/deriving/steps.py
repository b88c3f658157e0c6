"""A pedometer for the wrist, of the family of Analog Devices' AN-2554 with a gate on regularity.

Not that note word for word, and not validated on free-living wearers. Rhythmic work of the arm is
counted as walking is; at rest it reads 0. One sample a second cannot hold steps at all.
"""

from collections import deque
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

RATE = 100  # samples a second
FILTER = 8  # samples, of a trailing mean
HALF_WINDOW = 16  # samples to each side of an extremum
SHORTEST = 2 * HALF_WINDOW + 1
SENSITIVITY = 0.10  # g, dead zone around the threshold
THRESHOLDS = 4  # swings whose middles make the threshold
CONFIRM = 8  # possible steps in a row, before any counts
LONGEST_HALF = 120  # samples from a maximum to its minimum
NEAREST, FARTHEST = 0.2 * RATE, 2.0 * RATE  # samples from step to step
# A signal that is shorter cannot show that nobody walked.
TELLING = int(CONFIRM * FARTHEST)


def count(signal: FloatArray) -> int:
    return find(signal).size


def find(signal: FloatArray) -> IntArray:
    """The samples at which steps fall.

    Parameters
    ----------
    signal : array, shape (n,), g
        |a| with gravity in it, 100 samples a second, without a gap.

    Notes
    -----
    The first steps of a walk count once eight have followed each other regularly.
    """
    if signal.size < SHORTEST:
        return np.zeros(0, np.int64)
    smooth = low_pass(signal)
    found: list[int] = []
    walk = Walk(float(signal.mean()))
    for at, top, bottom in swings(smooth):
        found.extend(walk.swing(at, top, bottom))
    return np.array(found, np.int64)


class Walk:
    """What a run of swings has come to so far."""

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold
        self._middles: deque[float] = deque(maxlen=THRESHOLDS)
        self._possible: list[int] = []
        self._confirmed = False
        self._last: int | None = None

    def swing(self, at: int, top: float, bottom: float | None) -> list[int]:
        """The steps that are now sure, given a maximum and the minimum after it."""
        half = SENSITIVITY / 2
        if bottom is None or not (top > self.threshold + half and bottom < self.threshold - half):
            self._reset()
            return []
        last, self._last = self._last, at
        if last is not None and not NEAREST <= at - last <= FARTHEST:
            self._reset()
            return []
        if top - bottom > SENSITIVITY:
            self._middles.append((top + bottom) / 2)
            self.threshold = sum(self._middles) / len(self._middles)
        return self._step(at)

    def _step(self, at: int) -> list[int]:
        if self._confirmed:
            return [at]
        self._possible.append(at)
        if len(self._possible) < CONFIRM:
            return []
        self._confirmed = True
        return self._possible

    def _reset(self) -> None:
        self._possible = []
        self._confirmed = False


def low_pass(signal: FloatArray) -> FloatArray:
    """A trailing mean, of fewer samples where it begins."""
    total = signal.copy()
    for back in range(1, min(FILTER, signal.size)):
        total[back:] += signal[:-back]
    return total / np.minimum(np.arange(1, signal.size + 1), FILTER)


def swings(smooth: FloatArray) -> Iterator[tuple[int, float, float | None]]:
    """Each maximum with the minimum after it; None where that comes too late."""
    at, is_top = extrema(smooth)
    tops = np.flatnonzero(is_top)
    tops = tops[tops + 1 < at.size]  # each is followed by a minimum, except at the end
    high, low = at[tops], at[tops + 1]
    late = low - high > LONGEST_HALF
    rows = zip(
        high.tolist(), smooth[high].tolist(), smooth[low].tolist(), late.tolist(), strict=True
    )
    for where, top, bottom, too_late in rows:
        yield where, top, None if too_late else bottom


def extrema(smooth: FloatArray) -> tuple[IntArray, NDArray[np.bool_]]:
    """Maxima and minima by turns: of maxima in a row the highest, of minima the first."""
    inner = smooth[HALF_WINDOW : smooth.size - HALF_WINDOW]
    is_top = inner == window(smooth, np.maximum)
    at = np.flatnonzero(is_top | (inner == window(smooth, np.minimum)))
    top = is_top[at]
    starts = np.flatnonzero(np.diff(top, prepend=~top[:1]))
    highest = np.maximum.reduceat(inner[at], starts) if at.size else inner[:0]
    run = np.cumsum(np.diff(top, prepend=~top[:1])) - 1
    wanted = np.flatnonzero(~top | (inner[at] == highest[run]))
    _, first = np.unique(run[wanted], return_index=True)
    kept = wanted[first]
    return at[kept] + HALF_WINDOW, top[kept]


def window(signal: FloatArray, fold: np.ufunc) -> FloatArray:
    """The fold over each window of 33 samples, by doubling: 1, 2, 4, … 32, and one more."""
    wide, width = signal, 1
    while width < SHORTEST:
        more = min(width, SHORTEST - width)
        wide = fold(wide[:-more], wide[more:])
        width += more
    return wide
