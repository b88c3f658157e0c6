"""What a writer needs of an activity: its samples as columns on one time axis."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
from openfit_sdk.schema import Activity, Device, Metric

from openfit_fileimport.texts import EPOCH

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]

BEATS = "rr_interval"
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Outing:
    """`t` is ms since 1970 UTC, strictly rising; a channel has NaN where it has no sample."""

    activity: Activity
    devices: list[Device]
    t: Int
    channels: dict[str, Float]
    beats: tuple[Int, Float] | None = None  # at the end of each interval, ms
    series: list[Metric] = field(default_factory=list)  # one a channel, and what is computed

    @property
    def device(self) -> Device | None:
        """The one that recorded the activity."""
        mine = (device for device in self.devices if device.key == self.activity.device)
        return next(mine, None)

    @property
    def located(self) -> npt.NDArray[np.bool_]:
        """Where both coordinates are known."""
        latitude, longitude = (self.channel(name) for name in ("latitude", "longitude"))
        known: npt.NDArray[np.bool_] = np.isfinite(latitude) & np.isfinite(longitude)
        return known

    def channel(self, name: str) -> Float:
        return self.channels.get(name, np.full(self.t.size, np.nan))

    @property
    def end(self) -> datetime:
        """As the activity says it, else that of the last sample."""
        if self.activity.end is not None:
            return self.activity.end
        return moment(int(self.t[-1])) if self.t.size else self.activity.start

    def segments(self) -> list[slice]:
        """Rows between pauses."""
        cuts = {
            int(np.searchsorted(self.t, millis(p.start), "right")) for p in self.activity.pauses
        }
        edges = [0, *sorted(cuts - {0, self.t.size}), self.t.size]
        return [slice(a, b) for a, b in zip(edges, edges[1:], strict=False) if a < b]


def millis(instant: datetime) -> int:
    return (instant - EPOCH) // MILLISECOND


def moment(ms: int) -> datetime:
    return EPOCH + timedelta(milliseconds=ms)


def gather(activity: Activity, samples: Iterable[Metric], devices: list[Device]) -> Outing:
    """Put reported samples on one axis. What was computed is not a measurement and is left to be
    computed again; a count over intervals has no place among instants."""
    parts: dict[str, list[Metric]] = {}
    computed: dict[tuple[str, str | None], Metric] = {}
    for metric in samples:
        if metric.method == "computed":
            computed.setdefault((metric.type, metric.device), metric)
        elif metric.d is None:
            parts.setdefault(metric.type, []).append(metric)
    chosen = {name: of_one_device(some, activity.device) for name, some in parts.items()}
    columns = {name: joined(some) for name, some in chosen.items()}
    beats = columns.pop(BEATS, None)
    axis = [t for t, _ in columns.values()]
    t = np.unique(np.concatenate(axis)) if axis else np.empty(0, np.int64)
    return Outing(
        activity=activity,
        devices=devices,
        t=t,
        channels={name: spread(t, *column) for name, column in sorted(columns.items())},
        beats=beats,
        series=[*(some[0] for some in chosen.values()), *computed.values()],
    )


def of_one_device(some: list[Metric], preferred: str | None) -> list[Metric]:
    """The recorder's own samples, else those of the device that has the most."""
    counts: dict[str | None, int] = {}
    for metric in some:
        counts[metric.device] = counts.get(metric.device, 0) + len(metric.v)
    best = max(counts, key=lambda key: (key == preferred, counts[key], key or ""))
    return [metric for metric in some if metric.device == best]


def joined(some: list[Metric]) -> tuple[Int, Float]:
    """Of several parts of one series, in order of time."""
    t = np.concatenate([times(metric) for metric in some])
    v = np.concatenate([np.asarray(metric.v, np.float64) for metric in some])
    order = np.argsort(t, kind="stable")
    t, v = t[order], v[order]
    last = np.append(np.diff(t) > 0, True)[: t.size]
    return t[last], v[last]


def times(metric: Metric) -> Int:
    start = millis(metric.start)
    if metric.t is not None:
        return start + np.asarray(metric.t, np.int64)
    return start + np.arange(len(metric.v), dtype=np.int64) * (metric.interval_ms or 0)


def spread(axis: Int, t: Int, v: Float) -> Float:
    column = np.full(axis.size, np.nan)
    column[np.searchsorted(axis, t)] = v
    return column
