"""TCX: activities with the device's laps and sums; tracks of one lap are apart by pauses."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from hashlib import sha256 as hash_of
from typing import Any, BinaryIO

import numpy as np
from openfit_sdk import Report
from openfit_sdk.schema import Activity, AnyEntity, Device, Lap, Totals

from openfit_fileimport import recording, texts, xml
from openfit_fileimport.recording import IntArray, Recording
from openfit_fileimport.sports import sport_fields
from openfit_fileimport.table import Table
from openfit_fileimport.writing.copies import settled
from openfit_fileimport.writing.identity import ELEMENT, parse

REVISION = 20
MAX_NAME, MAX_NOTES = 256, 16 * 1024

POSITION = ("LatitudeDegrees", "LongitudeDegrees")
CHANNELS = {
    "altitude": ("AltitudeMeters",),
    "heart_rate": ("HeartRateBpm",),
    "cadence": ("Cadence", "RunCadence"),
    "power": ("Watts",),
    "speed": ("Speed",),
    "track_distance": ("DistanceMeters",),
}
SOURCES = [name for names in CHANNELS.values() for name in names]
COLUMNS = {"Time": texts.INSTANTS} | dict.fromkeys([*POSITION, *SOURCES], texts.NUMBERS)

# Elements of a Lap and of its LX extension, by the total they give.
TOTALS = {
    "timer_seconds": ("TotalTimeSeconds",),
    "distance": ("DistanceMeters",),
    "energy": ("Calories",),
    "avg_speed": ("AvgSpeed",),
    "max_speed": ("MaximumSpeed",),
    "avg_heart_rate": ("AverageHeartRateBpm",),
    "max_heart_rate": ("MaximumHeartRateBpm",),
    "avg_power": ("AvgWatts",),
    "max_power": ("MaxWatts",),
    "avg_cadence": ("Cadence", "AvgRunCadence"),
    "max_cadence": ("MaxBikeCadence", "MaxRunCadence"),
    "steps": ("Steps",),
}
SUMMED = ("timer_seconds", "distance", "energy", "steps")
LARGEST = ("max_speed", "max_heart_rate", "max_power", "max_cadence")
AVERAGED = ("avg_heart_rate", "avg_power", "avg_cadence")  # weighted by the laps' timer times
INTENSITIES = {"Active": "active", "Resting": "rest"}
COUNTED = ("Activity", "Course", "Lap", "Track", "MultiSportSession")
LONGEST_LAP = 30 * 86_400.0  # s; what is longer is no time


class LapSection:
    """A Lap as it is read: the texts of its leaves, and the first row of each of its tracks."""

    def __init__(self, start: str | None) -> None:
        self.start = texts.instant(start)
        self.texts: dict[str, str] = {}
        self.tracks: list[int] = []


class ActivitySection:
    """An Activity, or a Transition of a multisport session, as it is read."""

    def __init__(self, sport: str, first: int, group: int | None) -> None:
        self.sport = sport
        self.first, self.end = first, -1  # rows; the end is set when the section is closed
        self.group = group
        self.laps: list[LapSection] = []
        self.texts: dict[str, str] = {}
        self.creator: dict[str, str] = {}
        self.identity = ""  # of a copy of ours


class Tcx:
    """An xml.Document."""

    def __init__(self) -> None:
        self.points = Table(COLUMNS)
        self.tables = {"Trackpoint": self.points}
        self.activities: list[ActivitySection] = []
        self.laps: list[LapSection] = []  # also of courses
        self.lap = LapSection(None)
        self.counts = Counter[str]()

    def opened(self, name: str, attributes: dict[str, str], parents: xml.Stack) -> None:
        self.counts[name if name in COUNTED else ""] += 1
        if name in ("Activity", "Transition"):
            group = self.counts["MultiSportSession"] if "MultiSportSession" in parents else None
            sport = attributes.get("Sport", "") if name == "Activity" else "transition"
            self.activities.append(ActivitySection(sport, self.points.rows, group))
        if name in ("Lap", "Transition"):
            self.lap = LapSection(attributes.get("StartTime"))
            self.laps.append(self.lap)
            if "Course" not in parents and self.activities:
                self.activities[-1].laps.append(self.lap)
        elif name == "Track":
            self.lap.tracks.append(self.points.rows)

    def closed(self, name: str, text: str, parents: xml.Stack) -> None:
        if name in ("Activity", "Transition"):
            self.activities[-1].end = self.points.rows
        elif not text:
            return
        elif "Lap" in parents or "Transition" in parents:
            key = parents[-1] if name == "Value" else name
            self.lap.texts.setdefault(key, text[:MAX_NAME])
        elif "Creator" in parents and "Activity" in parents:
            self.activities[-1].creator.setdefault(name, text[:MAX_NAME])
        elif name == ELEMENT and parents[-2:] == ["Activity", "Extensions"]:
            self.activities[-1].identity = text
        elif parents[-1:] == ["Activity"]:
            self.activities[-1].texts.setdefault(name, text[:MAX_NOTES])

    def rows(self, section: ActivitySection) -> slice:
        return slice(section.first, section.end if section.end >= 0 else self.points.rows)

    def segments(self) -> IntArray:
        """Number of the segment of each point: a lap's second track is apart from its first."""
        starts = [start for lap in self.laps for start in lap.tracks[1:]]
        return np.cumsum(np.bincount(starts, minlength=self.points.rows + 1)[: self.points.rows])


def read(file: BinaryIO, sha256: str) -> Iterator[AnyEntity | Report]:
    """The activities of a file; then a Report for each thing worth saying."""
    tcx = Tcx()
    fault = xml.parse(file, tcx)
    if fault is None or not fault.hostile:
        identity = parse(tcx.activities[0].identity if len(tcx.activities) == 1 else None)
        yield from settled(_recordings(tcx, sha256, whole=fault is None), identity, "tcx")
    if fault is not None:
        yield fault.report(salvaged=bool(tcx.activities))


def _recordings(tcx: Tcx, sha256: str, *, whole: bool) -> Iterator[AnyEntity | Report]:
    time, segment = tcx.points.column("Time"), tcx.segments()
    channels = recording.channels(tcx.points, CHANNELS, POSITION)
    for n, section in enumerate(tcx.activities):
        rows, found = tcx.rows(section), None
        if time is not None:
            own = {name: values[rows] for name, values in channels.items()}
            found = recording.record(time[rows], own, segment[rows])
            yield from recording.many_times(time[rows]).remarks()
        yield from _activity(section, found, sha256[:32], n)
    if tcx.counts["Course"] or (whole and not tcx.activities):
        yield _course(tcx)


def _activity(
    section: ActivitySection, found: Recording | None, file_key: str, n: int
) -> Iterator[AnyEntity | Report]:
    laps = _laps(section, found)
    stated = [lap.start for lap in section.laps] + [texts.instant(section.texts.get("Id"))]
    known = [instant for instant in stated if instant.us == instant.us]
    if found is None and not known:
        message = "An activity of this file says neither when it was nor what was measured."
        yield Report(status="failed", code="no_time", message=message)
        return
    key, device = f"{file_key}:{n}", _device(section.creator)
    starts = [lap.start for lap in laps] + ([found.start] if found else [])
    start = min(starts) if starts else known[0].utc
    end = max([lap.end for lap in laps if lap.end] + ([found.end] if found else []), default=None)
    computed = recording.compute(found) if found else None
    if device is not None:
        yield device
    yield Activity(
        key=key,
        device=device.key if device else None,
        start=start,
        end=end if end != start else None,
        utc_offset=found.utc_offset if found else known[0].offset,
        notes=section.texts.get("Notes"),
        group=None if section.group is None else f"{file_key}:group:{section.group}",
        reported=_sum([lap.totals for lap in laps]),
        computed=computed.totals if computed else None,
        laps=laps,
        pauses=found.pauses() if found else [],
        **sport_fields(section.sport),
    )
    if found is not None and computed is not None:
        yield from recording.metrics(found, computed, key, REVISION, device.key if device else None)


def _laps(section: ActivitySection, found: Recording | None) -> list[Lap]:
    timed = [lap for lap in section.laps if lap.start.us == lap.start.us]
    starts = [lap.start.utc for lap in timed]
    return [
        Lap(
            start=start,
            end=_lap_end(lap, start, following, found),
            trigger=lap.texts.get("TriggerMethod", "").lower() or None,
            intensity=INTENSITIES.get(lap.texts.get("Intensity", "")),
            totals=_totals(lap),
        )
        for lap, start, following in zip(timed, starts, [*starts[1:], None], strict=False)
    ]


def _lap_end(
    lap: LapSection, start: datetime, following: datetime | None, found: Recording | None
) -> datetime | None:
    """Where the next one starts; of the last, where its samples or its timer end."""
    if following is not None and following >= start:
        return following
    seconds = _total(lap, TOTALS["timer_seconds"])
    timer = [] if seconds is None else [start + timedelta(seconds=min(seconds, LONGEST_LAP))]
    samples = [found.end] if found and found.end > start else []
    return max(timer + samples, default=None)


def _total(lap: LapSection, names: tuple[str, ...]) -> float | None:
    values = (texts.number(lap.texts[name]) for name in names if name in lap.texts)
    return next((value for value in values if value >= 0), None)


def _totals(lap: LapSection) -> Totals:
    return Totals(**{total: _total(lap, names) for total, names in TOTALS.items()})


def _sum(laps: list[Totals]) -> Totals:
    """The device's own figures for the whole, as far as those of its laps give them."""
    if len(laps) == 1:
        return laps[0]
    summed = {name: _known(laps, name, sum) for name in SUMMED}
    largest = {name: _known(laps, name, max) for name in LARGEST}
    averaged = {name: _weighted(laps, name) for name in AVERAGED}
    return Totals(**summed, **largest, **averaged)


def _known(laps: list[Totals], name: str, fold: Callable[[list[float]], float]) -> float | None:
    values: list[float] = [v for lap in laps if (v := getattr(lap, name)) is not None]
    return fold(values) if values else None


def _weighted(laps: list[Totals], name: str) -> float | None:
    pairs = [(getattr(lap, name), lap.timer_seconds) for lap in laps]
    known = [(float(v), seconds) for v, seconds in pairs if v is not None and seconds is not None]
    total = sum(seconds for _, seconds in known)
    if len(known) < len(laps) or not total:
        return None
    return sum(value * seconds for value, seconds in known) / total


def _device(creator: dict[str, str]) -> Device | None:
    if "Name" not in creator:
        return None
    unit = creator.get("UnitId", "0").strip("0")
    identity = f"{creator['Name']}/{creator.get('ProductID', '')}/{unit}"
    version = [creator.get(name, "") for name in ("VersionMajor", "VersionMinor")]
    return Device(
        key=_hash(identity),
        type="other",
        model=creator["Name"],
        serial=_hash(identity) if unit else None,
        firmware=".".join(version) if all(version) and any(v != "0" for v in version) else None,
    )


def _hash(text: str) -> str:
    return hash_of(text.encode()).hexdigest()[:16]


def _course(tcx: Tcx) -> Report:
    if tcx.activities:
        message = "A course beside the activities is kept in the original only."
        return Report(status="ok", code="route_left_out", message=message)
    message = "This TCX file holds no activity, so there is nothing to show. The original is kept."
    if tcx.counts["Course"]:
        message = "This is a course: a way to follow, not a recording. The original is kept."
    return Report(status="unsupported", code="route_only", message=message)


def inspect(file: BinaryIO) -> dict[str, Any]:
    """Counts and sums, as they stand in the file."""
    tcx = Tcx()
    fault = xml.parse(file, tcx)
    times = recording.times(tcx.points, "Time")
    found: dict[str, Any] = {
        "kind": "tcx",
        **{name: tcx.counts[name] for name in ("Activity", "Course", "Lap", "Track")},
        "Trackpoint": tcx.points.rows,
        **{name: tcx.points.counts.get(name, 0) for name in ("Cadence", "RunCadence", "Watts")},
        "sport": [section.sport for section in tcx.activities if section.sport != "transition"],
        "total_time_s": _sum_of_laps(tcx, "TotalTimeSeconds"),
        "lap_distance_m": _sum_of_laps(tcx, "DistanceMeters"),
        "calories": _sum_of_laps(tcx, "Calories"),
        "warnings": [each.message for each in times.remarks()] if times else [],
    }
    found["Cadence"] += sum("Cadence" in lap.texts for lap in tcx.laps)
    return found | _heart_rate(tcx) | xml.verdict(fault)


def _sum_of_laps(tcx: Tcx, name: str) -> float | None:
    values = [texts.number(lap.texts[name]) for lap in tcx.laps if name in lap.texts]
    known = [value for value in values if value == value]
    return round(sum(known), 3) if known else None


def _heart_rate(tcx: Tcx) -> dict[str, Any]:
    column = tcx.points.column("HeartRateBpm")
    known = None if column is None else column[np.isfinite(column)]
    if known is None or not known.size:
        return {}
    mean, highest = round(float(known.mean()), 4), float(known.max())
    return {"hr_n": known.size, "hr_mean": mean, "hr_max": highest}
