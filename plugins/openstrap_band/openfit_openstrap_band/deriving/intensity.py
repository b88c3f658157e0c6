"""How much the arm moved in one second, and the rhythm that it may have had."""

from math import floor

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

QUIET = 0.05  # g; below, there is no rhythm to look for
HALF_WINDOW = 9
LAGS = range(7, 41)
REGULAR = 0.45
SECOND = 100  # samples


def magnitude(acceleration: FloatArray) -> FloatArray:
    """|a| of (3, n)."""
    x, y, z = acceleration
    size: FloatArray = np.sqrt(x * x + y * y + z * z)
    return size


def intensity(magnitudes: FloatArray) -> float:
    """How much |a| moves, in g: its standard deviation, to a thousandth."""
    return floor(float(magnitudes.std()) * 1000 + 0.5) / 1000


def rhythm(magnitudes: FloatArray) -> int:
    """Steps that a second's own rhythm suggests. At 100 Hz its lags reach from 150 to 857 steps a
    minute, so walking is out of its sight: 0 says nothing. Never a step count."""
    if magnitudes.std() < QUIET:
        return 0
    swing = detrended(magnitudes)
    swing = swing - swing.mean()
    energy = float(swing @ swing)
    if energy == 0:
        return 0
    found = {lag: float(swing[:-lag] @ swing[lag:]) / energy for lag in LAGS}
    best = max(LAGS, key=found.__getitem__)  # the first of equals
    return floor(SECOND / best + 0.5) if found[best] >= REGULAR else 0


def detrended(signal: FloatArray, half: int = HALF_WINDOW) -> FloatArray:
    """Less its centred moving average, whose window is clipped at both ends."""
    sums = np.concatenate(([0.0], np.cumsum(signal)))
    at = np.arange(signal.size)
    low, high = np.maximum(at - half, 0), np.minimum(at + half + 1, signal.size)
    mean: FloatArray = (sums[high] - sums[low]) / (high - low)
    return signal - mean


def intensities(magnitudes: FloatArray) -> FloatArray:
    """`intensity` of many seconds, (n, 100)."""
    found: FloatArray = np.floor(magnitudes.std(axis=1) * 1000 + 0.5) / 1000
    return found
