"""Values as whole numbers of their type's resolution, and back. Pure."""

import numpy as np
from numpy.typing import NDArray

from openfit.intake.samples import LARGEST
from openfit.store.series.blocks import Int

Float = NDArray[np.float64]


def scaled(v: Float, scale: float) -> Int:
    """Half to even."""
    whole = inverse(scale)
    found = np.rint(v * whole if whole else v / scale)
    if not (np.abs(found) <= LARGEST).all():
        worst = v[np.abs(found).argmax()]
        raise ValueError(f"{worst} cannot be kept in steps of {scale}: it is too large")
    return found.astype(np.int64)


def in_unit(v: Int | Float, scale: float) -> Float:
    whole = inverse(scale)
    return np.divide(v, whole, dtype=float) if whole else np.multiply(v, scale, dtype=float)


def inverse(scale: float) -> int:
    """10 for 0.1: dividing by it gives the nearest float. 0 where there is no such number."""
    found = round(1 / scale)
    return found if found > 1 and abs(found * scale - 1) < 1e-9 else 0
