"""Thresholds of the heart: which is known, what it rests on, and how far it can be trusted.

A formula's number is never taken for a measured one, and without either there is none.
"""

from datetime import date
from typing import NamedTuple

import numpy as np
from openfit_sdk.analysis import Days, Known, Tier

STATED = 1.0
AGE_PREDICTED = 0.6  # its standard deviation is about 10 beats a minute
RESTING_DAYS = 3  # fewer measured days are no baseline


class Threshold(NamedTuple):
    """A heart rate in beats a minute, how sure it is, and what kind of claim rests on it."""

    value: float
    confidence: float
    tier: Tier


def maximum(stated: Known | None, born: Known | None, day: date) -> Threshold | None:
    """Highest heart rate: as stated, else 208 - 0.7 x age.

    References
    ----------
    Tanaka, Monahan & Seals (2001), J Am Coll Cardiol 37:153-156.
    """
    if stated is not None:
        return Threshold(number(stated), STATED, "HIGH")
    if born is None:
        return None
    birth = date.fromisoformat(str(born.value))
    age = day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
    return Threshold(208 - 0.7 * age, AGE_PREDICTED, "ESTIMATE")


def resting(stated: Known | None, measured: Days | None) -> Threshold | None:
    """Resting heart rate: the median of the last days that have one, else as stated."""
    known = np.zeros(0) if measured is None else measured.known
    if known.size >= RESTING_DAYS:
        return Threshold(float(np.median(known)), STATED, "HIGH")
    return None if stated is None else Threshold(number(stated), STATED, "HIGH")


def number(known: Known) -> float:
    if not isinstance(known.value, int | float):
        raise ValueError(f"{known.value!r} is no heart rate")
    return float(known.value)
