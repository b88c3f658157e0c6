"""Intervals between beats: where one does not follow the one before it."""

import numpy as np
from numpy.typing import NDArray

from openfit.store.series.blocks import Int
from openfit.store.series.units import Float

Mask = NDArray[np.bool_]
Indexes = NDArray[np.intp]
OF_RECORDS = 1000  # ms, of beats that have the time of the record that they came in
GRAIN = 100  # ms, of beats that have each a time of their own


def breaks(t: Int, v: Float, slot_ms: int = 0) -> Mask:
    """Before which intervals something is missing (a reader's rule, SPEC.md, section 4).

    Parameters
    ----------
    t : array, shape (n,), ms
        When each interval ended, in order. Within a slot only their order tells.
    v : array, shape (n,), ms
        The intervals.
    slot_ms : int
        Of samples that were measured together; 0 where each has a time of its own.

    Returns
    -------
    mask : array, shape (n,)
        Never True of the first, of which nothing can be said.
    """
    grain = max(slot_ms, OF_RECORDS) if slot_ms else GRAIN
    at = t // slot_ms * slot_ms if slot_ms else t
    found = np.zeros(t.size, bool)
    found[1:] = ~(np.abs(np.diff(at) - v[1:]) < grain)
    return found


def shown_beside(shown: Indexes, broken: Mask, points: int) -> Indexes:
    """What is shown, and the two samples on either side of every break, as far as those are few:
    then a break stands where it is, however much is left out."""
    at = np.flatnonzero(broken)
    return np.union1d(shown, np.concatenate([at - 1, at])) if 2 * at.size <= points else shown


def carried(broken: Mask, shown: Indexes) -> list[int]:
    """Which of the shown have a break somewhere between the one shown before and themselves."""
    so_far = np.cumsum(broken)[shown]
    return (np.flatnonzero(np.diff(so_far)) + 1).tolist()
