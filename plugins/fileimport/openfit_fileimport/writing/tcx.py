"""An activity as a TCX file: laps, tracks between pauses, the device, and Garmin's extensions.

What a device did not say is left out, also where the format's schema wants a number: a zero there
would be a lie.
"""

import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from openfit_sdk.schema import Device, Lap, Totals

from openfit_fileimport.writing import identity
from openfit_fileimport.writing.identity import ELEMENT, NAMESPACE, PARTS
from openfit_fileimport.writing.outing import Int, Outing, millis
from openfit_fileimport.writing.texts import attribute, escaped, numbers, plain, stamp, stamps

TCX = "http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"
EXTENSION = "http://www.garmin.com/xmlschemas/ActivityExtension/v2"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
SPORTS = {"running": "Running", "cycling": "Biking"}
TRIGGERS = {"manual": "Manual", "time": "Time", "distance": "Distance", "location": "Location",
            "heartrate": "HeartRate"}  # fmt: skip
INTENSITIES = {"active": "Active", "rest": "Resting"}
VERSION = re.compile(r"(\d{1,5})\.(\d{1,5})")

# Elements of a point in their order: channel, decimals, what stands around the number.
Around = tuple[str, int, str, str]
POINT: tuple[Around, ...] = (
    ("altitude", 2, "<AltitudeMeters>", "</AltitudeMeters>"),
    ("track_distance", 2, "<DistanceMeters>", "</DistanceMeters>"),
    ("heart_rate", 0, "<HeartRateBpm><Value>", "</Value></HeartRateBpm>"),
)
CADENCE: Around = ("cadence", 0, "<Cadence>", "</Cadence>")
SPEED: Around = ("speed", 3, "<x:Speed>", "</x:Speed>")
RUN_CADENCE: Around = ("cadence", 0, "<x:RunCadence>", "</x:RunCadence>")
WATTS: Around = ("power", 0, "<x:Watts>", "</x:Watts>")


def write(outing: Outing) -> bytes:
    return "".join(document(outing)).encode()


def document(outing: Outing) -> Iterator[str]:
    activity = outing.activity
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<TrainingCenterDatabase xmlns="{TCX}" xmlns:x="{EXTENSION}" xmlns:xsi="{INSTANCE}">\n'
    yield f"<Activities>\n<Activity Sport={attribute(SPORTS.get(activity.sport, 'Other'))}>\n"
    yield f"<Id>{stamp(activity.start)}</Id>\n"
    yield from laps(outing)
    notes = activity.notes or activity.name
    if notes:
        yield f"<Notes>{escaped(notes)}</Notes>\n"
    if outing.device is not None:
        yield creator(outing.device)
    text = escaped(identity.encode(identity.identity_of(outing, held=PARTS)))
    if text:
        yield f'<Extensions><o:{ELEMENT} xmlns:o="{NAMESPACE}">{text}</o:{ELEMENT}></Extensions>\n'
    yield "</Activity>\n</Activities>\n</TrainingCenterDatabase>\n"


# Laps --------------------------------------------------------------------------------------------


def laps(outing: Outing) -> Iterator[str]:
    """Each with the points from its start to that of the next; without any, the whole is one."""
    whole = Lap(start=outing.activity.start, totals=outing.activity.reported)
    all_of = sorted(outing.activity.laps, key=lambda lap: lap.start) or [whole]
    edges = np.searchsorted(outing.t, [millis(lap.start) for lap in all_of[1:]])
    texts, known = points(outing)
    breaks = {segment.start for segment in outing.segments()[1:]}
    for lap, rows in zip(all_of, np.split(np.arange(outing.t.size), edges), strict=True):
        yield f'<Lap StartTime="{stamp(lap.start)}">\n'
        yield from summary(lap, running=outing.activity.sport == "running")
        yield from tracks(outing, rows, breaks, texts, known)
        yield extension(lap.totals, running=outing.activity.sport == "running")
        yield "</Lap>\n"


def summary(lap: Lap, *, running: bool) -> Iterator[str]:
    totals = lap.totals
    yield element("TotalTimeSeconds", totals.timer_seconds, 3)
    yield element("DistanceMeters", totals.distance, 2)
    yield element("MaximumSpeed", totals.max_speed, 3)
    yield element("Calories", totals.energy, 0)
    yield beats("AverageHeartRateBpm", totals.avg_heart_rate)
    yield beats("MaximumHeartRateBpm", totals.max_heart_rate)
    if lap.intensity in INTENSITIES:
        yield f"<Intensity>{INTENSITIES[lap.intensity]}</Intensity>\n"
    yield "" if running else element("Cadence", totals.avg_cadence, 0)
    if lap.trigger in TRIGGERS:
        yield f"<TriggerMethod>{TRIGGERS[lap.trigger]}</TriggerMethod>\n"


def extension(totals: Totals, *, running: bool) -> str:
    found = element("x:AvgSpeed", totals.avg_speed, 3)
    if running:
        found += element("x:AvgRunCadence", totals.avg_cadence, 0)
        found += element("x:MaxRunCadence", totals.max_cadence, 0)
    else:
        found += element("x:MaxBikeCadence", totals.max_cadence, 0)
    found += element("x:Steps", totals.steps, 0)
    found += element("x:AvgWatts", totals.avg_power, 0)
    found += element("x:MaxWatts", totals.max_power, 0)
    return f"<Extensions><x:LX>\n{found}</x:LX></Extensions>\n" if found else ""


def element(name: str, value: float | None, decimals: int) -> str:
    return "" if value is None else f"<{name}>{plain(value, decimals)}</{name}>\n"


def beats(name: str, value: float | None) -> str:
    return "" if value is None else f"<{name}><Value>{plain(value, 0)}</Value></{name}>\n"


# Points ------------------------------------------------------------------------------------------


def tracks(
    outing: Outing,
    rows: Int,
    breaks: set[int],
    texts: list[str],
    known: npt.NDArray[np.bool_],
) -> Iterator[str]:
    """A Track for each stretch between pauses. Where a lap begins with one, a point that has only
    its time says so: two tracks of one lap are what readers take for a pause."""
    cuts = [at for at, row in enumerate(rows.tolist()) if row in breaks]
    if cuts[:1] == [0]:
        time = stamps(outing.t[rows[:1]])[0]
        yield f"<Track>\n<Trackpoint><Time>{time}</Time></Trackpoint>\n</Track>\n"
    for some in np.split(rows, [cut for cut in cuts if cut]):
        shown = some[known[some]].tolist()
        if shown:
            yield "<Track>\n"
            yield "".join([texts[row] for row in shown])
            yield "</Track>\n"


def points(outing: Outing) -> tuple[list[str], npt.NDArray[np.bool_]]:
    """The text of each point, and which of them say more than a time."""
    running = outing.activity.sport == "running"
    plain_ones = [positions(outing), *(column(outing, around) for around in POINT)]
    more = [column(outing, SPEED)]
    if running:
        more.append(column(outing, RUN_CADENCE))
    else:
        plain_ones.append(column(outing, CADENCE))
    more.append(column(outing, WATTS))
    inside = ["".join(row) for row in zip(*plain_ones, strict=True)]
    extended = [extended_point("".join(row)) for row in zip(*more, strict=True)]
    said = [one + other for one, other in zip(inside, extended, strict=True)]
    texts = [
        f"<Trackpoint><Time>{time}</Time>{rest}</Trackpoint>\n"
        for time, rest in zip(stamps(outing.t), said, strict=True)
    ]
    return texts, np.array([bool(rest) for rest in said], bool)


def extended_point(inside: str) -> str:
    return f"<Extensions><x:TPX>{inside}</x:TPX></Extensions>" if inside else ""


def column(outing: Outing, around: Around) -> list[str]:
    name, decimals, before, after = around
    texts = numbers(outing.channel(name), decimals)
    return [f"{before}{text}{after}" if text else "" for text in texts]


def positions(outing: Outing) -> list[str]:
    located = outing.located
    both = [
        numbers(np.where(located, outing.channel(name), np.nan), 7)
        for name in ("latitude", "longitude")
    ]
    return [
        f"<Position><LatitudeDegrees>{latitude}</LatitudeDegrees>"
        f"<LongitudeDegrees>{longitude}</LongitudeDegrees></Position>"
        if latitude
        else ""
        for latitude, longitude in zip(*both, strict=True)
    ]


def creator(device: Device) -> str:
    """What is not known of a device is 0, which is the format's word for that."""
    name = escaped(device.name or device.model or device.vendor or device.type)
    version = VERSION.fullmatch(device.firmware or "")
    found = f"<Name>{name}</Name><UnitId>0</UnitId><ProductID>0</ProductID>"
    if version:
        found += f"<Version><VersionMajor>{version[1]}</VersionMajor>"
        found += f"<VersionMinor>{version[2]}</VersionMinor></Version>"
    return f'<Creator xsi:type="Device_t">{found}</Creator>\n'
