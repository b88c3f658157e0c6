"""From points in the order of a file to one activity's samples in the order of time."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import reduce
from itertools import pairwise
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
from openfit_sdk import Report, track
from openfit_sdk.schema import Metric, Pause, column

from openfit_fileimport.table import Table
from openfit_fileimport.texts import EPOCH, NO_INSTANT, UNZONED, Instant, offset_text

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Channels = dict[str, FloatArray]

SENSORS = ("heart_rate", "power", "cadence")
LONGEST_HOLD = 30_000  # ms
NULL_ISLAND = 1e-6  # degrees; some devices write 0, 0 before they know where they are


class Recording(NamedTuple):
    """Samples at strictly rising times: `start` and `t` ms after it."""

    start: datetime
    utc_offset: str | None
    t: IntArray
    channels: Channels
    breaks: IntArray  # indices at which a new segment starts

    @property
    def end(self) -> datetime:
        return self.at(-1)

    def at(self, index: int) -> datetime:
        return self.start + timedelta(milliseconds=int(self.t[index]))

    def pauses(self) -> list[Pause]:
        return [Pause(start=self.at(i - 1), end=self.at(i)) for i in self.breaks.tolist()]


def record(time: FloatArray, channels: Channels, segment: IntArray) -> Recording | None:
    """Order points by time and join those of one instant; None if no point has a time.

    `time` is as texts.instants gives it. Of several values of a channel at one time the last in
    the file stands.
    """
    known = np.flatnonzero(np.isfinite(time[:, 0]))
    if not known.size:
        return None
    ms = np.floor(time[known, 0] / 1000).astype(np.int64)
    order = np.argsort(ms, kind="stable")
    at, rows = ms[order], known[order]
    first = np.flatnonzero(np.diff(at, prepend=at[0] - 1))
    last = np.append(first[1:], at.size) - 1
    joined = {name: _last_known(values[rows], first) for name, values in channels.items()}
    return Recording(
        start=EPOCH + timedelta(milliseconds=int(at[0])),
        utc_offset=offset_text(time[rows[0], 1]),
        t=at[first] - at[0],
        channels={name: values for name, values in joined.items() if np.isfinite(values).any()},
        breaks=np.flatnonzero(np.diff(segment[rows][last])) + 1,
    )


def _last_known(values: FloatArray, first: IntArray) -> FloatArray:
    if first.size == values.size:
        return values
    index = np.where(np.isfinite(values), np.arange(values.size), -1)
    latest = np.maximum.reduceat(index, first)
    return np.where(latest < 0, np.nan, values[latest])


def channels(
    points: Table, sources: Mapping[str, tuple[str, ...]], position: tuple[str, str]
) -> Channels:
    """Columns by metric type; the element named first is preferred point by point."""
    found: Channels = {}
    latitude, longitude = (points.column(name) for name in position)
    if latitude is not None and longitude is not None:
        found["latitude"], found["longitude"] = _on_earth(latitude, longitude)
    for type, names in sources.items():
        columns = [column for column in map(points.column, names) if column is not None]
        if columns:
            found[type] = reduce(_or_else, columns)
    if "heart_rate" in found:  # 0 is a sensor that was lost
        found["heart_rate"] = np.where(found["heart_rate"] > 0, found["heart_rate"], np.nan)
    return found


def _or_else(first: FloatArray, second: FloatArray) -> FloatArray:
    return np.where(np.isfinite(first), first, second)


def _on_earth(latitude: FloatArray, longitude: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Positions with both halves in range, NaN for the others."""
    good = (np.abs(latitude) <= 90) & (np.abs(longitude) <= 180)
    good &= (np.abs(latitude) > NULL_ISLAND) | (np.abs(longitude) > NULL_ISLAND)
    return np.where(good, latitude, np.nan), np.where(good, longitude, np.nan)


def compute(recording: Recording) -> track.Streams:
    """What `openfit_sdk.track` makes of it, with averages and maxima of the sensors."""
    channels = recording.channels
    found = track.streams(
        recording.t,
        latitude=channels.get("latitude"),
        longitude=channels.get("longitude"),
        distance=channels.get("track_distance"),
        altitude=channels.get("altitude"),
        speed=channels.get("speed"),
        breaks=recording.breaks,
    )
    extremes = {name: value for sensor in SENSORS for name, value in _sensor(recording, sensor)}
    return found._replace(totals=msgspec.structs.replace(found.totals, **extremes))


def _sensor(recording: Recording, name: str) -> Iterator[tuple[str, float]]:
    """Average, each sample weighing the time until the next (30 s at most), and maximum."""
    values = recording.channels.get(name)
    known = np.flatnonzero(np.isfinite(values)) if values is not None else ()
    if values is None or not len(known):
        return
    v = values[known]
    spans = np.append(np.minimum(np.diff(recording.t[known]), LONGEST_HOLD), 1)
    yield f"avg_{name}", round(float(np.average(v, weights=spans)), 2)
    yield f"max_{name}", float(v.max())


def metrics(
    recording: Recording,
    computed: track.Streams,
    activity: str,
    revision: int,
    device: str | None = None,
) -> Iterator[Metric]:
    """A Metric for each channel, recorded or computed."""
    streams = {"track_distance": computed.distance, "speed": computed.speed}
    for name, values in (streams | recording.channels).items():
        if values is None:
            continue
        known = np.isfinite(values)
        own = name in recording.channels
        yield Metric(
            key=f"{activity}:{name}",
            device=device if own else None,
            type=name,
            start=recording.start,
            t=column(recording.t[known]),
            v=column(values[known]),
            activity=activity,
            revision=revision,
            method="reported" if own else "computed",
            algorithm=None if own else track.ALGORITHM,
        )


class Times(NamedTuple):
    """What there is to say about the times of some points."""

    points: int
    timed: int
    first: Instant
    last: Instant
    rising: bool
    zoned: bool

    def remarks(self) -> Iterator[Report]:
        """What a wearer should know."""
        untimed = self.points - self.timed
        if untimed:
            message = f"{untimed:,} of {self.points:,} points have no time and were left out."
            yield Report(status="partial", code="untimed_points", message=message)
        if not self.rising:
            message = "Its points are not in the order of time and were sorted."
            yield Report(status="ok", code="out_of_order", message=message)
        if not self.zoned:
            message = "Its times do not say of which zone they are and were read as UTC."
            yield Report(status="ok", code="no_zone", message=message)


def times(points: Table, name: str) -> Times | None:
    """Of all points of a table; None if none of them has a time."""
    if not points.few:
        column = points.column(name)
        return None if column is None else many_times(column)
    listed = points.listed(name)
    return None if listed is None else few_times(listed)


def many_times(time: FloatArray) -> Times:
    """`time` is as texts.instants gives it."""
    known = time[np.isfinite(time[:, 0])]
    first, last = (Instant(*known[n].tolist()) if len(known) else NO_INSTANT for n in (0, -1))
    rising = not np.any(np.diff(known[:, 0]) < 0)
    return Times(len(time), len(known), first, last, rising, not np.isinf(known[:, 1]).any())


def few_times(time: list[tuple[float, float]]) -> Times:
    known = [(us, zone) for us, zone in time if us == us]
    first, last = (Instant(*known[n]) if known else NO_INSTANT for n in (0, -1))
    rising = all(one[0] <= other[0] for one, other in pairwise(known))
    return Times(
        len(time), len(known), first, last, rising, all(zone != UNZONED for _, zone in known)
    )
