"""Seconds as they were measured: which are missing, how much one moved between them, and which are
drawn. Arrays in, arrays out."""

from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from openfit.store import series
from openfit.store.series.beats import Mask, breaks, carried, shown_beside

Times = NDArray[np.int64]
Values = NDArray[np.float64]
SLACK, LOOSE = 1.5, 5.0  # usual steps without a sample, from which on some are missing
STEADY = 0.9  # share of the steps that are as usual where a source measures steadily
SECOND = 1000
APART = 100  # ms by which two samples may be further or nearer than a second


class Samples(NamedTuple):
    """`broken` is where a sample does not go on from the one before."""

    t: Times
    v: Values
    broken: Mask


class Course(Struct, frozen=True, kw_only=True):
    """Samples in the span and the nearest beside it, thinned where they are more than were asked
    for: the least and the greatest of each stretch stay. `n` and `gaps` are of all in the span.
    Samples whose indexes are in `breaks` do not go on from the one before: something is missing."""

    unit: str
    n: int
    gaps: int
    t: list[int]
    v: list[float]
    breaks: list[int]


NONE = Samples(np.empty(0, np.int64), np.empty(0), np.empty(0, np.bool_))


def steady(t: Times, v: Values) -> Samples:
    """Of a source that measures every so often: a step of half as long again is a hole. One that
    measures now and then has none below five usual steps."""
    broken = np.zeros(t.size, np.bool_)
    if t.size > 1:
        steps = np.diff(t)
        usual = usual_step(t)
        holes = steps > SLACK * usual
        broken[1:] = holes if (~holes).mean() >= STEADY else steps > LOOSE * usual
    return Samples(t, v, broken)


def usual_step(t: Times) -> float:
    return float(np.median(np.diff(t))) if t.size > 1 else 0.0


def intervals(t: Times, v: Values, slot_ms: int) -> Samples:
    return Samples(t, v, breaks(t, v, slot_ms))


def motion(axes: list[tuple[Times, Values]]) -> Samples:
    """How far the vector of acceleration came from one second to the next, in its unit. A second
    without the one before it says nothing."""
    t = axes[0][0]
    for other, _ in axes[1:]:
        t = t if np.array_equal(t, other) else np.intersect1d(t, other, assume_unique=True)
    if t.size < 2:
        return NONE
    vectors = np.stack([v[np.searchsorted(at, t)] for at, v in axes])
    follows = np.abs(np.diff(t) - SECOND) <= APART
    moved = np.sqrt((np.diff(vectors, axis=1) ** 2).sum(axis=0))[follows]
    at = t[1:][follows]
    broken = np.append(False, np.diff(at) > SECOND + APART)[: at.size]
    return Samples(at, moved, broken)


def course(found: Samples, unit: str, span: tuple[int, int], points: int) -> Course | None:
    """What lies in [start, end). The samples on either side are shown too, where those inside go on
    from them: a line does not end where one looks."""
    first, last = (int(at) for at in np.searchsorted(found.t, span))
    low = first - 1 if 0 < first < found.t.size and not found.broken[first] else first
    high = last + 1 if 0 < last < found.t.size and not found.broken[last] else last
    t, v, broken = found.t[low:high], found.v[low:high], found.broken[low:high].copy()
    if not t.size:
        return None
    broken[0] = False  # what is missing before it lies outside
    shown = shown_beside(series.thin(t, v, points), broken, points)
    return Course(
        unit=unit,
        n=last - first,
        gaps=int(broken.sum()),
        t=t[shown].tolist(),
        v=np.round(v[shown], 1).tolist(),
        breaks=carried(broken, shown),
    )
