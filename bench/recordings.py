"""Recordings made on the spot, of the kinds that devices write: FIT, GPX and TCX.

All come from one seed, so that a bench run twice reads the same bytes. The numbers wander as
sensors do: what never changes would compress, and parse, better than any real ride.
"""

import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from openfit_fileimport.fit.crc import crc16

START = datetime(2026, 3, 1, 7, 0, tzinfo=UTC)
FIT_EPOCH = datetime(1989, 12, 31, tzinfo=UTC)
SEMICIRCLES = 2**31 / 180

# Field number, base type and numpy's name of it.
RECORD = (
    (253, 0x86, "<u4"),
    (0, 0x85, "<i4"),
    (1, 0x85, "<i4"),
    (5, 0x86, "<u4"),
    (2, 0x84, "<u2"),
    (6, 0x84, "<u2"),
    (7, 0x84, "<u2"),
    (3, 0x02, "u1"),
    (4, 0x02, "u1"),
    (13, 0x01, "i1"),
)
HRV = ((0, 0x84, "<u2"),)
SESSION = ((253, 0x86, "<u4"), (2, 0x86, "<u4"), (7, 0x86, "<u4"), (8, 0x86, "<u4"), (5, 0, "u1"))
FILE_ID = ((0, 0, "u1"), (1, 0x84, "<u2"), (3, 0x8C, "<u4"), (4, 0x86, "<u4"))
KINDS = ("plain", "interleaved", "redefined")


class Outing(NamedTuple):
    """Samples at 1 Hz."""

    start: datetime
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    altitude: NDArray[np.float64]
    distance: NDArray[np.float64]
    speed: NDArray[np.float64]
    power: NDArray[np.int64]
    heart_rate: NDArray[np.int64]
    cadence: NDArray[np.int64]
    temperature: NDArray[np.int64]


def outing(n: int, seconds: int) -> Outing:
    """The n-th: another day, another way, another effort."""
    chance = np.random.default_rng(n)

    def wander(start: float, step: float, low: float, high: float) -> NDArray[np.float64]:
        return np.clip(start + np.cumsum(chance.normal(0, step, seconds)), low, high)

    speed = wander(7, 0.15, 0.5, 18)
    course = np.cumsum(chance.normal(0, 0.03, seconds))
    return Outing(
        start=START + timedelta(days=n, minutes=int(chance.integers(600))),
        latitude=46 + np.cumsum(speed * np.cos(course)) / 111_320,
        longitude=7 + np.cumsum(speed * np.sin(course)) / 77_000,
        altitude=wander(500, 0.3, 0, 3000),
        distance=np.cumsum(speed),
        speed=speed,
        power=np.maximum(0, wander(180, 6, 0, 600) + chance.normal(0, 25, seconds)).astype(int),
        heart_rate=wander(130, 0.9, 85, 190).astype(int),
        cadence=wander(85, 2, 0, 120).astype(int),
        temperature=wander(18, 0.02, 5, 35).astype(int),
    )


def fit(n: int, seconds: int, kind: str = "plain") -> bytes:
    """A ride as a head unit writes it: `interleaved` with a heart beat's interval between any two
    records, as watches do; `redefined` with a definition before each, as some others do."""
    ride = outing(n, seconds)
    begin = int((ride.start - FIT_EPOCH).total_seconds())
    body = definition(0, 0, FILE_ID) + struct.pack("<BBHII", 0, 4, 1, n + 1, begin)
    body += definition(1, 20, RECORD) + definition(2, 78, HRV) + records(ride, begin, kind)
    body += definition(3, 18, SESSION)
    took = seconds * 1000
    body += struct.pack("<BIIIIB", 3, begin + seconds, begin, took, took, 2)
    head = struct.pack("<BBHI4s", 14, 0x10, 2132, len(body), b".FIT") + b"\0\0"
    return head + body + struct.pack("<H", crc16(head + body))


def definition(local: int, message: int, fields: tuple[tuple[int, int, str], ...]) -> bytes:
    rows = b"".join(bytes([number, np.dtype(kind).itemsize, base]) for number, base, kind in fields)
    return struct.pack("<BBBHB", 0x40 | local, 0, 0, message, len(fields)) + rows


def records(ride: Outing, begin: int, kind: str) -> bytes:
    before = definition(1, 20, RECORD) if kind == "redefined" else b""
    after = 3 if kind == "interleaved" else 0
    layout = [("before", f"V{len(before)}")] if before else []
    layout += [("head", "u1")] + [(f"f{number}", name) for number, _, name in RECORD]
    layout += [("beat", "u1"), ("interval", "<u2")] if after else []
    rows = np.zeros(ride.speed.size, np.dtype(layout))
    if before:
        rows["before"] = np.void(before)
    rows["head"] = 1
    rows["f253"] = begin + np.arange(rows.size)
    rows["f0"], rows["f1"] = ride.latitude * SEMICIRCLES, ride.longitude * SEMICIRCLES
    rows["f5"], rows["f2"] = ride.distance * 100, (ride.altitude + 500) * 5
    rows["f6"], rows["f7"] = ride.speed * 1000, ride.power
    rows["f3"], rows["f4"], rows["f13"] = ride.heart_rate, ride.cadence, ride.temperature
    if after:
        rows["beat"], rows["interval"] = 2, 60_000 / ride.heart_rate
    return rows.tobytes()


def times(ride: Outing) -> Iterator[str]:
    for second in range(ride.speed.size):
        yield (ride.start + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")


def gpx(n: int, seconds: int) -> bytes:
    ride = outing(n, seconds)
    columns = (ride.latitude, ride.longitude, ride.altitude, ride.heart_rate, ride.cadence)
    rows = zip(times(ride), *(column.tolist() for column in columns), strict=True)
    points = "".join(
        f'<trkpt lat="{lat:.7f}" lon="{lon:.7f}"><ele>{ele:.1f}</ele><time>{at}</time><extensions>'
        f"<gpxtpx:TrackPointExtension><gpxtpx:hr>{rate}</gpxtpx:hr><gpxtpx:cad>{cadence}"
        "</gpxtpx:cad></gpxtpx:TrackPointExtension></extensions></trkpt>\n"
        for at, lat, lon, ele, rate, cadence in rows
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator="bench"'
        ' xmlns="http://www.topografix.com/GPX/1/1"'
        ' xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v1">\n'
        f"<trk><name>Outing {n}</name><type>cycling</type><trkseg>\n{points}</trkseg></trk></gpx>"
    ).encode()


def tcx(n: int, seconds: int) -> bytes:
    ride = outing(n, seconds)
    columns = (ride.latitude, ride.longitude, ride.altitude, ride.distance, ride.heart_rate)
    rows = zip(times(ride), *(column.tolist() for column in columns), strict=True)
    points = "".join(
        f"<Trackpoint><Time>{at}</Time><Position><LatitudeDegrees>{lat:.7f}</LatitudeDegrees>"
        f"<LongitudeDegrees>{lon:.7f}</LongitudeDegrees></Position><AltitudeMeters>{ele:.1f}"
        f"</AltitudeMeters><DistanceMeters>{way:.2f}</DistanceMeters><HeartRateBpm><Value>{rate}"
        "</Value></HeartRateBpm></Trackpoint>\n"
        for at, lat, lon, ele, way, rate in rows
    )
    begin = next(times(ride))
    return (
        '<?xml version="1.0"?>\n<TrainingCenterDatabase'
        ' xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"><Activities>'
        f'<Activity Sport="Biking"><Id>{begin}</Id><Lap StartTime="{begin}"><TotalTimeSeconds>'
        f"{seconds}</TotalTimeSeconds><Track>\n{points}</Track></Lap></Activity></Activities>"
        "</TrainingCenterDatabase>"
    ).encode()


def fit_folder(root: Path) -> None:
    """Each kind in three sizes: under 50 kB, an outing, and over a megabyte."""
    for n, kind in enumerate(KINDS):
        for size, seconds in (("short", 300), ("long", 3600), ("ultra", 40_000)):
            (root / f"{kind}-{size}.fit").write_bytes(fit(n, seconds, kind))


def xml_folder(root: Path) -> None:
    for n, seconds in enumerate((60, 600, 3600)):
        (root / f"outing-{seconds}.gpx").write_bytes(gpx(n, seconds))
        (root / f"outing-{seconds}.tcx").write_bytes(tcx(n, seconds))
