"""An activity's samples in columns, and where it went, thinned to what can be shown."""

from datetime import datetime
from typing import Literal

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from sqlalchemy import Connection

from openfit.hub import Hub
from openfit.store import entities, series
from openfit.views import reading


class Stream(Struct, frozen=True):
    """Samples of one metric: `t` in ms since `start`; what is not there was not measured."""

    metric: str
    method: str
    unit: str
    resolution: str
    n: int
    t: list[int]
    v: list[float]


class AskedStream(Struct, frozen=True):
    """What a name that was asked for gave: the metrics that answer it, or a reason."""

    name: str
    metrics: list[str]
    reason: Literal["not_recorded", "nothing_in_span", "unknown_metric"] | None


class Streams(Struct, frozen=True):
    """`asked` has each name of `metrics`, in their order; it is empty where all were wanted."""

    start: datetime
    resolution: str
    streams: list[Stream]
    asked: list[AskedStream]


ALIASES = {"hr": ("heart_rate",), "pace": ("speed",), "gps": ("latitude", "longitude")}


class Track(Struct, frozen=True):
    start: datetime
    n: int
    t: list[int]
    latitude: list[float]
    longitude: list[float]


def streams(
    hub: Hub,
    conn: Connection,
    user_id: int,
    entity_id: str,
    *,
    metrics: list[str] | None = None,
    points: int = 1000,
    start: datetime | None = None,
    end: datetime | None = None,
) -> Streams:
    """An activity's samples, thinned to what can be shown; extremes survive."""
    row = reading.found(conn, user_id, entity_id)
    low = entities.millis(start) or 0
    high = entities.millis(end)
    names = {name: ALIASES.get(name, (name,)) for name in metrics or ()}
    named = {metric for several in names.values() for metric in several}
    wanted = [
        one
        for one, _ in series.of_activity(conn, user_id, entity_id)
        if metrics is None or one.metric in named
    ]
    read = [stream(conn, user_id, one, row.start_at, (low, high), points) for one in wanted]
    finest = {one.resolution for one in read}
    return Streams(
        start=entities.instant(row.start_at),
        resolution="raw" if finest <= {"raw"} else "thinned",
        streams=read,
        asked=[answered(hub, name, several, read) for name, several in names.items()],
    )


def answered(hub: Hub, name: str, metrics: tuple[str, ...], read: list[Stream]) -> AskedStream:
    there = [one for one in read if one.metric in metrics]
    if any(one.n for one in there):
        return AskedStream(name, [metric for metric in metrics if metric in names_of(there)], None)
    if there:
        return AskedStream(name, [], "nothing_in_span")
    known = all(hub.plugins.metric(metric) is not None for metric in metrics)
    return AskedStream(name, [], "not_recorded" if known else "unknown_metric")


def names_of(read: list[Stream]) -> set[str]:
    return {one.metric for one in read if one.n}


def stream(
    conn: Connection,
    user_id: int,
    one: series.Series,
    origin: int,
    span: tuple[int, int | None],
    points: int,
) -> Stream:
    t, v = series.read(conn, user_id, one, *span)
    n = int(t.size)
    shown = series.thin(t, v, points)
    return Stream(
        metric=one.metric,
        method=one.method,
        unit=one.unit,
        resolution="raw" if shown.size == n else "thinned",
        n=n,
        t=(t[shown] - origin).tolist(),
        v=rounded(v[shown], one.scale).tolist(),
    )


def rounded(v: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    """Without the digits that only the binary form of a decimal scale brings."""
    decimals = max(0, int(np.ceil(-np.log10(scale)))) if scale < 1 else 0
    return np.round(v, decimals)


def track(conn: Connection, user_id: int, entity_id: str, points: int) -> Track:
    """Positions that have both coordinates, thinned evenly; a hole in time stays a hole."""
    row = reading.found(conn, user_id, entity_id)
    by_metric = {
        one.metric: one
        for one, _ in series.of_activity(conn, user_id, entity_id)
        if one.method == "reported"
    }
    if not {"latitude", "longitude"} <= by_metric.keys():
        return Track(entities.instant(row.start_at), 0, [], [], [])
    lat_t, lat = series.read(conn, user_id, by_metric["latitude"], row.start_at, None)
    lon_t, lon = series.read(conn, user_id, by_metric["longitude"], row.start_at, None)
    t, in_lat, in_lon = np.intersect1d(lat_t, lon_t, assume_unique=True, return_indices=True)
    shown = np.unique(np.linspace(0, t.size - 1, min(points, t.size)).round().astype(int))
    return Track(
        start=entities.instant(row.start_at),
        n=int(t.size),
        t=(t[shown] - row.start_at).tolist(),
        latitude=np.round(lat[in_lat][shown], 7).tolist(),
        longitude=np.round(lon[in_lon][shown], 7).tolist(),
    )
