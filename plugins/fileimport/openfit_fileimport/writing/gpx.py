"""An activity as a GPX 1.1 file, through gpxpy: a track with a segment between pauses."""

from collections.abc import Iterator
from xml.etree import ElementTree

import gpxpy.gpx
import numpy as np
from openfit_sdk import BadInput

from openfit_fileimport.gpx import STATISTICS
from openfit_fileimport.writing import identity
from openfit_fileimport.writing.identity import ELEMENT, NAMESPACE, PARTS
from openfit_fileimport.writing.outing import Outing, moment
from openfit_fileimport.writing.texts import clean, numbers, plain

POINT = "http://www.garmin.com/xmlschemas/TrackPointExtension/v2"
STATS = "http://www.garmin.com/xmlschemas/TrackStatsExtension/v1"
PREFIXES = {"gpxtpx": POINT, "gpxtrkx": STATS, "openfit": NAMESPACE}

# Children of a TrackPointExtension in their order, with decimals.
EXTENDED = {
    "ambient_temperature": ("atemp", 1),
    "water_temperature": ("wtemp", 1),
    "depth": ("depth", 3),
    "heart_rate": ("hr", 0),
    "cadence": ("cad", 0),
    "speed": ("speed", 3),
    "heading": ("course", 2),
}


def write(outing: Outing) -> bytes:
    if not outing.located.any():
        raise BadInput(
            "This activity has no positions, and a GPX file is made of nothing else.",
            code="no_positions",
        )
    file = gpxpy.gpx.GPX()
    file.creator = "OpenFit"
    file.nsmap |= PREFIXES
    file.time = moment(int(outing.t[0]))
    file.tracks.append(track(outing))
    return str(file.to_xml(version="1.1", prettyprint=False)).encode()


def track(outing: Outing) -> gpxpy.gpx.GPXTrack:
    activity = outing.activity
    found = gpxpy.gpx.GPXTrack(
        name=clean(activity.name) if activity.name else None,
        description=clean(activity.notes) if activity.notes else None,
    )
    found.type = clean(activity.sport)  # type: ignore[assignment]  # declared as None
    found.extensions = list(about(outing))
    rows = list(points(outing))
    for part in outing.segments():
        some = [rows[row] for row in np.flatnonzero(outing.located[part]) + part.start]
        if some:
            found.segments.append(gpxpy.gpx.GPXTrackSegment(some))
    return found


def about(outing: Outing) -> Iterator[ElementTree.Element]:
    """The device's own sums, and whose copy this is."""
    statistics = ElementTree.Element(f"{{{STATS}}}TrackStatsExtension")
    for name, total in STATISTICS.items():
        value = getattr(outing.activity.reported, total)
        if value is not None:
            ElementTree.SubElement(statistics, f"{{{STATS}}}{name}").text = plain(value, 3)
    if len(statistics):
        yield statistics
    text = identity.encode(identity.identity_of(outing, held=PARTS))
    if text:
        ours = ElementTree.Element(f"{{{NAMESPACE}}}{ELEMENT}")
        ours.text = text
        yield ours


def points(outing: Outing) -> Iterator[gpxpy.gpx.GPXTrackPoint]:
    """A point for each instant; those without a position are left out by the caller."""
    columns = [
        (f"{{{POINT}}}{element}", numbers(outing.channels[name], decimals))
        for name, (element, decimals) in EXTENDED.items()
        if name in outing.channels
    ]
    power = numbers(outing.channel("power"), 0)
    places = zip(
        np.round(outing.channel("latitude"), 7).tolist(),
        np.round(outing.channel("longitude"), 7).tolist(),
        outing.channel("altitude").tolist(),
        outing.t.tolist(),
        strict=True,
    )
    for row, (latitude, longitude, height, t) in enumerate(places):
        point = gpxpy.gpx.GPXTrackPoint(
            latitude, longitude, None if height != height else round(height, 2), time=moment(t)
        )
        point.extensions = list(extensions([(n, some[row]) for n, some in columns], power[row]))
        yield point


def extensions(texts: list[tuple[str, str]], power: str) -> Iterator[ElementTree.Element]:
    """Power stands bare, as most programs read it."""
    if power:
        bare = ElementTree.Element("power")
        bare.text = power
        yield bare
    if any(text for _, text in texts):
        around = ElementTree.Element(f"{{{POINT}}}TrackPointExtension")
        for name, text in texts:
            if text:
                ElementTree.SubElement(around, name).text = text
        yield around
