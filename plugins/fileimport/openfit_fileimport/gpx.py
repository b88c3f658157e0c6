"""GPX 1.0 and 1.1: each track with times is an activity, its segments apart by pauses."""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise
from math import asin, cos, isfinite, radians, sin, sqrt
from typing import Any, BinaryIO

import numpy as np
from openfit_sdk import Report
from openfit_sdk.schema import Activity, AnyEntity, Totals
from openfit_sdk.track import EARTH_RADIUS, path

from openfit_fileimport import recording, texts, xml
from openfit_fileimport.recording import IntArray, Recording
from openfit_fileimport.sports import sport_fields
from openfit_fileimport.table import Table
from openfit_fileimport.writing.copies import settled
from openfit_fileimport.writing.identity import ELEMENT, parse

REVISION = 10
EQUATOR_RADIUS = 6_378_137.0  # m; for `inspect`, whose length is compared with other GPX tools
MAX_NAME, MAX_NOTES = 256, 16 * 1024

# Element names of a point, the one to be preferred first, and the metric type they give. Those of
# Garmin's TrackPointExtension and PowerExtension, of Cluetrust's gpxdata, of GPX 1.0, and bare.
CHANNELS = {
    "altitude": ("ele", "altitude"),
    "heart_rate": ("hr", "heartrate", "heart_rate"),
    "cadence": ("cad", "cadence", "RunCadence"),
    "power": ("power", "PowerInWatts", "watts"),
    "speed": ("speed",),
    "heading": ("course", "bearing"),
    "track_distance": ("distance",),
    "ambient_temperature": ("atemp", "temp"),
    "water_temperature": ("wtemp",),
    "depth": ("depth",),
    "air_pressure": ("seaLevelPressure",),
}
# Garmin's TrackStatsExtension, which gives the device's own sums.
STATISTICS = {
    "Distance": "distance",
    "TimerTime": "timer_seconds",
    "TotalElapsedTime": "elapsed_seconds",
    "MovingTime": "moving_seconds",
    "MaxSpeed": "max_speed",
    "Ascent": "ascent",
    "Descent": "descent",
    "Calories": "energy",
    "AvgHR": "avg_heart_rate",
    "MaxHR": "max_heart_rate",
    "AvgCadence": "avg_cadence",
    "MaxCadence": "max_cadence",
}

POSITION = ("lat", "lon")
OWN = (*POSITION, "ele", "time")  # of GPX itself; the other columns are extensions
SOURCES = [name for names in CHANNELS.values() for name in names]
COLUMNS = {"time": texts.INSTANTS} | dict.fromkeys([*POSITION, *SOURCES], texts.NUMBERS)


class Track:
    def __init__(self, first: int) -> None:
        self.first = first  # row
        self.segments: list[int] = []  # first row of each
        self.texts: dict[str, str] = {}
        self.statistics: dict[str, float] = {}
        self.identity = ""  # of a copy of ours


class Gpx:
    """An xml.Document."""

    def __init__(self) -> None:
        self.points = Table(COLUMNS)
        self.tables = {"trkpt": self.points, "rtept": Table({}), "wpt": Table({})}
        self.tracks: list[Track] = []
        self.routes = 0
        self.creator = ""

    def opened(self, name: str, attributes: dict[str, str], parents: xml.Stack) -> None:
        if name == "trk":
            self.tracks.append(Track(self.points.rows))
        elif name == "trkseg" and self.tracks:
            self.tracks[-1].segments.append(self.points.rows)
        elif name == "rte":
            self.routes += 1
        elif name == "gpx":
            self.creator = attributes.get("creator", "")

    def closed(self, name: str, text: str, parents: xml.Stack) -> None:
        if not text or len(parents) < 2 or parents[1] != "trk":
            return
        if parents[-1] == "trk":
            self.tracks[-1].texts.setdefault(name, text)
        elif name in STATISTICS and parents[-1] == "TrackStatsExtension":
            self.tracks[-1].statistics[STATISTICS[name]] = texts.number(text)
        elif name == ELEMENT:
            self.tracks[-1].identity = text

    def rows(self) -> Iterator[tuple[Track, slice]]:
        ends = [*(track.first for track in self.tracks[1:]), self.points.rows]
        for track, end in zip(self.tracks, ends, strict=False):
            yield track, slice(track.first, end)

    def starts(self) -> list[int]:
        """First rows of tracks and segments, rising."""
        return [start for track in self.tracks for start in (track.first, *track.segments)]

    def segments(self) -> IntArray:
        """Number of the segment of each point."""
        starts = self.starts()
        return np.cumsum(np.bincount(starts, minlength=self.points.rows + 1)[: self.points.rows])


def read(file: BinaryIO, sha256: str) -> Iterator[AnyEntity | Report]:
    """The activities of a file; then a Report for each thing worth saying."""
    gpx = Gpx()
    fault = xml.parse(file, gpx)
    if fault is None or not fault.hostile:
        identity = parse(gpx.tracks[0].identity if len(gpx.tracks) == 1 else None)
        yield from settled(_recordings(gpx, sha256, whole=fault is None), identity, "gpx")
    if fault is not None:
        yield fault.report(salvaged=bool(gpx.tracks))


def _recordings(gpx: Gpx, sha256: str, *, whole: bool) -> Iterator[AnyEntity | Report]:
    time = gpx.points.column("time")
    if time is None:
        if whole:
            yield _nothing_recorded(gpx)
        return
    channels, segment, timed = recording.channels(gpx.points, CHANNELS, POSITION), gpx.segments(), 0
    for track, rows in gpx.rows():
        own = {name: values[rows] for name, values in channels.items()}
        found = recording.record(time[rows], own, segment[rows])
        if found is not None:
            yield from _activity(gpx, track, found, f"{sha256[:32]}:{timed}")
            yield from recording.many_times(time[rows]).remarks()
            timed += 1
    if timed < len(gpx.tracks) or gpx.routes:
        yield _left_out(gpx, len(gpx.tracks) - timed)


def _activity(gpx: Gpx, track: Track, found: Recording, key: str) -> Iterator[AnyEntity]:
    computed = recording.compute(found)
    fields = sport_fields(track.texts.get("type", ""))
    if gpx.creator:
        fields["ext"]["fileimport.creator"] = gpx.creator[:MAX_NAME]
    yield Activity(
        key=key,
        start=found.start,
        end=found.end if found.t[-1] else None,
        utc_offset=found.utc_offset,
        name=track.texts.get("name", "")[:MAX_NAME] or None,
        notes=(track.texts.get("desc") or track.texts.get("cmt", ""))[:MAX_NOTES] or None,
        reported=Totals(**{name: v for name, v in track.statistics.items() if v >= 0}),
        computed=computed.totals,
        pauses=found.pauses(),
        **fields,
    )
    yield from recording.metrics(found, computed, key, REVISION)


def _nothing_recorded(gpx: Gpx) -> Report:
    if gpx.routes or gpx.tracks:
        message = (
            "This is a route: no point of it has a time, so there is no activity to show. "
            "The original is kept."
        )
    else:
        message = "This GPX file holds no track, so there is no activity to show."
    return Report(status="unsupported", code="route_only", message=message)


def _left_out(gpx: Gpx, untimed: int) -> Report:
    message = (
        f"{untimed} tracks without times and {gpx.routes} routes beside the recording are kept in "
        "the original only."
    )
    return Report(status="ok", code="route_left_out", message=message)


def inspect(file: BinaryIO) -> dict[str, Any]:
    """Counts, ends and length, as they stand in the file."""
    gpx = Gpx()
    fault = xml.parse(file, gpx)
    found: dict[str, Any] = {
        "kind": "gpx",
        "tracks": len(gpx.tracks),
        "segments": sum(len(track.segments) for track in gpx.tracks),
        "routes": gpx.routes,
        "trkpts": gpx.points.rows,
        "rtepts": gpx.tables["rtept"].rows,
        "wpts": gpx.tables["wpt"].rows,
        "times": 0,
        "warnings": [],
    }
    return found | _ends(gpx) | _times(gpx) | _extensions(gpx) | xml.verdict(fault)


def _ends(gpx: Gpx) -> dict[str, Any]:
    if gpx.points.few:
        return _ends_of_few(gpx)
    columns = [gpx.points.column(name) for name in POSITION]
    if columns[0] is None or columns[1] is None:
        return {}
    latitude, longitude = columns[0], columns[1]
    at = np.flatnonzero(np.isfinite(latitude) & np.isfinite(longitude))
    if not at.size:
        return {}
    first, last = ([float(latitude[i]), float(longitude[i])] for i in (at[0], at[-1]))
    way = path(latitude, longitude, gpx.segments())
    length = 0.0 if way is None else float(np.nanmax(way)) * EQUATOR_RADIUS / EARTH_RADIUS
    return {"first": first, "last": last, "length_2d_m": round(length, 2)}


def _ends_of_few(gpx: Gpx) -> dict[str, Any]:
    """The same without numpy, whose every call costs more than all of this."""
    latitudes, longitudes = (gpx.points.listed(name) or () for name in POSITION)
    both = enumerate(zip(latitudes, longitudes, strict=False))
    known = [(row, lat, lon) for row, (lat, lon) in both if lat == lat and lon == lon]
    if not known:
        return {}
    starts, length = gpx.starts(), 0.0
    for (row, *here), (next_row, *there) in pairwise(known):
        if bisect_right(starts, row) == bisect_right(starts, next_row):
            step = angle(*here, *there)
            if step is None:
                break  # numpy's sum is not a number from here on
            length += step * EQUATOR_RADIUS
    return {
        "first": list(known[0][1:]),
        "last": list(known[-1][1:]),
        "length_2d_m": round(length, 2),
    }


def angle(lat1: float, lon1: float, lat2: float, lon2: float) -> float | None:
    """Radians between two positions, as `openfit_sdk.track.haversine` has them; None between
    numbers that are no positions."""
    if not isfinite(lon2 - lon1):
        return None
    phi1, phi2 = radians(lat1), radians(lat2)
    across, along = sin((phi2 - phi1) / 2), sin(radians(lon2 - lon1) / 2)
    h = across**2 + cos(phi1) * cos(phi2) * along**2
    return 2 * asin(sqrt(min(h, 1.0))) if h >= 0 else None


def _times(gpx: Gpx) -> dict[str, Any]:
    found = recording.times(gpx.points, "time")
    if found is None or not found.timed:
        return {}
    return {
        "times": found.timed,
        "first_time": found.first.isoformat(),
        "last_time": found.last.isoformat(),
        "warnings": [report.message for report in found.remarks()],
    }


def _extensions(gpx: Gpx) -> dict[str, Any]:
    counts = {name: n for name, n in sorted(gpx.points.counts.items()) if name not in OWN}
    return {"extension_counts": counts} if counts else {}
