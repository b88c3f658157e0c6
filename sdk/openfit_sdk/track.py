"""What a recording says that its device did not: distance, speed, climbing, time in motion.

Kernels: arrays in, plain values out, NaN for absent. A plugin puts what comes out into
`Activity.computed` and into Metrics with `method="computed"`, both under `ALGORITHM`.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from openfit_sdk.schema import Totals

ALGORITHM = "track/1"
EARTH_RADIUS = 6_371_008.8  # m, mean radius R1 of the WGS84 ellipsoid (Moritz 2000)
SPEED_WINDOW = 10.0  # s
MOVING_SPEED = 0.5  # m/s; below it GPS noise cannot be told from a very slow walk
MAX_GAP = 30.0  # s for which a speed alone is believed to hold
HYSTERESIS = 3.0  # m; barometers and GPS wander less than this on the flat, mostly
ENOUGH = 0.5  # share of the points with a position from which a distance is measured on the map

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


class Streams(NamedTuple):
    """Computed channels, as long as the input, None where given or not computable."""

    distance: FloatArray | None
    speed: FloatArray | None
    totals: Totals


def streams(
    t_ms: npt.ArrayLike,
    latitude: npt.ArrayLike | None = None,
    longitude: npt.ArrayLike | None = None,
    distance: npt.ArrayLike | None = None,
    altitude: npt.ArrayLike | None = None,
    speed: npt.ArrayLike | None = None,
    breaks: Sequence[int] | IntArray = (),
) -> Streams:
    """Compute the channels that a recording lacks, and its totals.

    Parameters
    ----------
    t_ms : array, shape (n,), ms
        Times, strictly rising.
    latitude, longitude : array, shape (n,), degrees WGS84
    distance : array, shape (n,), m
        The device's odometer. A fall is a restart and adds nothing.
    altitude : array, shape (n,), m
    speed : array, shape (n,), m/s
    breaks : sequence of int
        Indices at which a new segment starts: the wearer may have been carried
        anywhere before it, so nothing is measured across it. The odometer alone,
        which the device stopped itself, counts on.

        In all of them NaN is an absent value, and None or only NaN an absent channel.

    Returns
    -------
    Streams
        `distance` from positions if no odometer was given; `speed` from distance if
        none was given. Totals that cannot be computed are None.

    Notes
    -----
    Speed is the way covered in a window of 10 s around the point (clipped to its
    segment, wider where points are further apart) over the length of the window.
    Total distance is measured on the map if half of the points have a position,
    otherwise read off the odometer. An interval between two points is moving time
    when the mean speed over it, in the same window, is at least 0.5 m/s, however
    long it is; if only speeds are known, when the mean of its ends is, and it is
    not longer than 30 s. Average speed is distance over moving time.
    """
    t = _times(t_ms)
    segment = _segments(t.size, breaks)
    lat, lon, height = (_channel(each, t.size) for each in (latitude, longitude, altitude))
    odometer, given_speed = _odometer(_channel(distance, t.size)), _channel(speed, t.size)
    on_map = None if lat is None or lon is None else path(lat, lon, segment)
    way = on_map if odometer is None else odometer
    own_speed = None if way is None or given_speed is not None else _speed(t, way, segment)
    known_speed = own_speed if given_speed is None else given_speed
    return Streams(
        distance=on_map if odometer is None else None,
        speed=own_speed,
        totals=Totals(
            elapsed_seconds=float(t[-1] - t[0]) if t.size > 1 else None,
            max_speed=None if known_speed is None else float(np.nanmax(known_speed)),
            **_climbed(height, segment),
            **_covered(t, on_map, way, known_speed, segment),
        ),
    )


def haversine(lat1: FloatArray, lon1: FloatArray, lat2: FloatArray, lon2: FloatArray) -> FloatArray:
    """Great-circle distance on a sphere of the Earth's mean radius.

    Parameters
    ----------
    lat1, lon1, lat2, lon2 : array, shape (n,), degrees

    Returns
    -------
    array, shape (n,), m

    References
    ----------
    Sinnott (1984), Virtues of the haversine, Sky and Telescope 68(2):159.
    """
    phi1, phi2 = np.radians(lat1), np.radians(lat2)
    across, along = np.sin((phi2 - phi1) / 2), np.sin(np.radians(lon2 - lon1) / 2)
    h = across**2 + np.cos(phi1) * np.cos(phi2) * along**2
    metres: FloatArray = 2 * EARTH_RADIUS * np.arcsin(np.sqrt(np.minimum(h, 1.0)))
    return metres


def path(latitude: FloatArray, longitude: FloatArray, segment: IntArray) -> FloatArray | None:
    """Length of the way so far, adding nothing from one segment to the next.

    Parameters
    ----------
    latitude, longitude : array, shape (n,), degrees
        NaN marks a point without a position; its neighbours are joined past it.
    segment : array, shape (n,)
        Number of the segment of each point.

    Returns
    -------
    array, shape (n,), m, NaN where there is no position; None without two positions
    in one segment.
    """
    at = np.flatnonzero(np.isfinite(latitude) & np.isfinite(longitude))
    joined = np.diff(segment[at]) == 0
    if not joined.any():
        return None
    lat, lon = latitude[at], longitude[at]
    steps = np.where(joined, haversine(lat[:-1], lon[:-1], lat[1:], lon[1:]), 0.0)
    return _spread(np.concatenate(([0.0], np.cumsum(steps))), at, latitude.size)


def climb(altitude: FloatArray, segment: IntArray) -> tuple[float | None, float | None]:
    """Ascent and descent, without the wander of the sensor.

    Parameters
    ----------
    altitude : array, shape (n,), m
        NaN marks an absent value; its neighbours are joined past it.
    segment : array, shape (n,)
        Number of the segment of each point. The jump between two segments is taken
        out; a climb goes on from one to the next.

    Returns
    -------
    ascent, descent : float, m, or None without two values in one segment

    Notes
    -----
    Hysteresis of 3 m: a leg up or down ends when the height has gone back by 3 m
    from its extreme, and then counts in full. So ascent - descent is within 3 m of
    the net height, and a wander of less than 3 m counts nothing.
    """
    at = np.flatnonzero(np.isfinite(altitude))
    joined = np.diff(segment[at]) == 0
    if not joined.any():
        return None, None
    height = np.concatenate(([0.0], np.cumsum(np.where(joined, np.diff(altitude[at]), 0.0))))
    return _legs(_turns(height).tolist())


def _legs(heights: list[float]) -> tuple[float, float]:
    ascent = descent = 0.0
    start = extreme = heights[0]
    direction = 0
    for height in heights:
        if direction == 0 and abs(height - start) >= HYSTERESIS:
            direction, extreme = (1 if height > start else -1), height
        elif direction * (height - extreme) > 0:
            extreme = height
        elif direction * (extreme - height) >= HYSTERESIS:
            ascent, descent = _add_leg(ascent, descent, extreme - start)
            start, extreme, direction = extreme, height, -direction
    return _add_leg(ascent, descent, extreme - start)


def _add_leg(ascent: float, descent: float, leg: float) -> tuple[float, float]:
    return (ascent + leg, descent) if leg > 0 else (ascent, descent - leg)


def _turns(height: FloatArray) -> FloatArray:
    """First, last and every local extreme: all that the legs depend on."""
    level = height[np.concatenate(([True], np.diff(height) != 0))]
    turning = np.diff(np.sign(np.diff(level))) != 0
    inner: FloatArray = level[1:-1][turning]
    return np.concatenate((level[:1], inner, level[-1:]))


def _times(t_ms: npt.ArrayLike) -> FloatArray:
    t = np.asarray(t_ms, dtype=np.float64) / 1000
    if t.ndim != 1 or np.any(np.diff(t) <= 0):
        raise ValueError("t_ms must be one-dimensional and strictly rising")
    return t


def _segments(n: int, breaks: Sequence[int] | IntArray) -> IntArray:
    starts = np.zeros(n, dtype=np.int64)
    starts[[each for each in breaks if 0 < each < n]] = 1
    return np.cumsum(starts)


def _channel(values: npt.ArrayLike | None, n: int) -> FloatArray | None:
    if values is None:
        return None
    channel: FloatArray = np.asarray(values, dtype=np.float64)
    if channel.shape != (n,):
        raise ValueError(f"a channel has the shape {channel.shape}, the times have ({n},)")
    return channel if np.isfinite(channel).any() else None


def _spread(values: FloatArray, at: npt.NDArray[np.intp], n: int) -> FloatArray:
    whole = np.full(n, np.nan)
    whole[at] = values
    return whole


def _odometer(distance: FloatArray | None) -> FloatArray | None:
    at = np.flatnonzero([] if distance is None else np.isfinite(distance))
    if distance is None or at.size < 2:
        return None
    steps = np.maximum(np.diff(distance[at]), 0.0)
    return _spread(np.concatenate(([0.0], np.cumsum(steps))), at, distance.size)


def _climbed(height: FloatArray | None, segment: IntArray) -> dict[str, float | None]:
    ascent, descent = (None, None) if height is None else climb(height, segment)
    return {"ascent": ascent, "descent": descent}


def _covered(
    t: FloatArray,
    on_map: FloatArray | None,
    way: FloatArray | None,
    speed: FloatArray | None,
    segment: IntArray,
) -> dict[str, float | None]:
    mapped = on_map is not None and np.isfinite(on_map).mean() >= ENOUGH
    measured = on_map if mapped else way
    distance = None if measured is None else float(np.nanmax(measured))
    moving = None
    if way is not None:
        moving = _moving_by_way(t, way, segment)
    elif speed is not None:
        moving = _moving_by_speed(t, speed, segment)
    average = distance / moving if moving and distance is not None else None
    return {"distance": distance, "moving_seconds": moving, "avg_speed": average}


def _speed(t: FloatArray, way: FloatArray, segment: IntArray) -> FloatArray | None:
    at, half = np.flatnonzero(np.isfinite(way)), SPEED_WINDOW / 2
    speed = _mean_speed(t[at] - half, t[at] + half, t[at], way[at], segment[at], segment[at])
    return _spread(speed, at, t.size) if np.isfinite(speed).any() else None


def _moving_by_way(t: FloatArray, way: FloatArray, segment: IntArray) -> float | None:
    at = np.flatnonzero(np.isfinite(way))
    t, way, segment = t[at], way[at], segment[at]
    middle, half = (t[:-1] + t[1:]) / 2, np.maximum(np.diff(t), SPEED_WINDOW) / 2
    mean = _mean_speed(middle - half, middle + half, t, way, segment, segment[:-1])
    return _moving(t, mean, segment)


def _moving_by_speed(t: FloatArray, speed: FloatArray, segment: IntArray) -> float | None:
    at = np.flatnonzero(np.isfinite(speed))
    t, speed, segment = t[at], speed[at], segment[at]
    mean = np.where(np.diff(t) <= MAX_GAP, (speed[:-1] + speed[1:]) / 2, 0.0)
    return _moving(t, mean, segment)


def _moving(t: FloatArray, mean_speed: FloatArray, segment: IntArray) -> float | None:
    joined = np.diff(segment) == 0
    if not joined.any():
        return None
    return float(np.diff(t)[joined & (mean_speed >= MOVING_SPEED)].sum())


def _mean_speed(
    start: FloatArray,
    end: FloatArray,
    t: FloatArray,
    way: FloatArray,
    segment: IntArray,
    of_segment: IntArray,
) -> FloatArray:
    """Mean speed in windows, each clipped to its segment; NaN where nothing is left of it."""
    first = np.searchsorted(segment, of_segment, side="left")
    last = np.searchsorted(segment, of_segment, side="right") - 1
    start, end = np.maximum(start, t[first]), np.minimum(end, t[last])
    span = end - start
    covered = np.interp(end, t, way) - np.interp(start, t, way)
    mean: FloatArray = np.divide(covered, span, out=np.full(span.shape, np.nan), where=span > 0)
    return mean
