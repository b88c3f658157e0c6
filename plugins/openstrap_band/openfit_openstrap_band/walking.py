"""Steps and motion of one hour, from all of its accelerometer samples."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from openfit_sdk.schema import Covers, Metric, column

from openfit_openstrap_band import gen5, imu, steps
from openfit_openstrap_band.packed import Ints
from openfit_openstrap_band.series import DEVICE, instant
from openfit_openstrap_band.tables import Columns, Counts

HOUR = "%Y-%m-%dT%H"
PARTS = 10  # of a second
PART = steps.RATE // PARTS  # samples
MINUTE = 60 * steps.RATE
MS = 1000 // steps.RATE


def hour_of(item_id: str) -> datetime | None:
    try:
        return datetime.strptime(item_id, HOUR).replace(tzinfo=UTC)
    except ValueError:
        return None


def read(found: Columns, hour: datetime) -> Iterator[Metric]:
    """Steps of each minute in which there was signal enough to see that somebody walks."""
    place, magnitudes = signal(found)
    begin = int(hour.timestamp()) * PARTS
    inside = (place >= begin) & (place < begin + 3600 * PARTS)
    rows = list(counted(place[inside], magnitudes[inside]))
    if not rows:
        return
    at, lasting, steps_taken = (np.array(one, np.int64) for one in zip(*rows, strict=True))
    yield Metric(
        key="steps",
        device=DEVICE,
        type="steps",
        start=instant(int(at[0])),
        t=column((at - at[0]).astype(np.int32)),
        d=column(lasting.astype(np.int32)),
        v=column(steps_taken.astype(np.int32)),
        covers=Covers(start=hour, end=hour + timedelta(hours=1)),
        revision=frames(found),
    )


def frames(found: Columns) -> int:
    """Those with samples in them. What an hour holds only grows, and the more is known of it, the
    more what is said of it is to be believed."""
    whole = int(np.count_nonzero(found.motions.moving))
    return whole + found.parts.index.size + len(late(found))


def late(found: Columns) -> list[gen5.Motion]:
    """Whole seconds of gen 5."""
    rows = [record for _, record in found.others if isinstance(record, gen5.Motion)]
    return [row for row in rows if len(row.acceleration[0]) == steps.RATE]


def signal(found: Columns) -> tuple[Ints, NDArray[np.float64]]:
    """Tenths of seconds in order, each once: their number since 1970, and |a| in g, (n, 10)."""
    moving, others = found.motions.moving, late(found)
    whole = found.motions.acceleration[moving]
    ts = np.r_[found.motions.ts[moving], np.array([row.ts for row in others], np.int64)]
    if others:
        whole = np.r_[whole, np.array([row.acceleration for row in others], np.int16)]
    tenths = whole.reshape(len(whole), 3, PARTS, PART).transpose(0, 2, 1, 3).reshape(-1, 3, PART)
    parts = found.parts.part < PARTS
    place = np.r_[
        (ts[:, None] * PARTS + np.arange(PARTS)).ravel(),
        found.parts.ts[parts] * PARTS + found.parts.part[parts],
    ]
    return once(place, np.concatenate([tenths, found.parts.acceleration[parts]]))


def once(place: Ints, tenths: Counts) -> tuple[Ints, NDArray[np.float64]]:
    """Of several that claim a place, whatever came first: the one whose samples sort first."""
    keys = tenths.reshape(-1, 3 * PART)
    if (place[1:] > place[:-1]).all():
        order = np.arange(place.size)
    else:
        order = np.lexsort((*keys.T[::-1], place))
        order = order[np.r_[True, np.diff(place[order]) != 0]]
    return place[order], imu.magnitudes(tenths[order])


def counted(place: Ints, magnitudes: NDArray[np.float64]) -> Iterator[tuple[int, int, int]]:
    """Start and length in ms, and steps, of each stretch of signal within a minute."""
    breaks = np.flatnonzero(np.diff(place) != 1) + 1
    for run, tenths in zip(np.split(place, breaks), np.split(magnitudes, breaks), strict=True):
        if not run.size:
            continue
        first = int(run[0]) * PART  # samples since 1970
        taken = steps.find(tenths.ravel())
        if not taken.size and tenths.size < steps.TELLING:
            continue
        last = first + tenths.size
        edges = np.r_[first, np.arange(first // MINUTE + 1, -(-last // MINUTE)) * MINUTE, last]
        amounts = np.histogram(taken + first, edges)[0] if taken.size else np.zeros(len(edges) - 1)
        for start, end, amount in zip(edges[:-1], edges[1:], amounts, strict=True):
            yield int(start) * MS, int(end - start) * MS, int(amount)
