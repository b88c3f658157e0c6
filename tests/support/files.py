"""Small recordings made on the spot, so that no test needs somebody's real ride."""

import gzip
import io
import random
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

START = datetime(2026, 3, 1, 7, 0, tzinfo=UTC)


def gpx(n: int, *, points: int = 120, seed: int = 0, offset: str = "Z") -> bytes:
    """The n-th outing: one track, 1 Hz, with heart rate and height."""
    chance = random.Random(f"{seed}-{n}")
    start = START + timedelta(days=n, minutes=chance.randrange(600))
    latitude, longitude, height, rate = 46 + chance.random(), 7 + chance.random(), 500.0, 110.0
    rows = []
    for second in range(points):
        latitude += chance.uniform(1e-5, 3e-5)
        longitude += chance.uniform(-1e-5, 3e-5)
        height += chance.uniform(-0.4, 0.5)
        rate = min(185.0, max(90.0, rate + chance.uniform(-2, 2.2)))
        at = (start + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S") + offset
        rows.append(
            f'<trkpt lat="{latitude:.7f}" lon="{longitude:.7f}"><ele>{height:.1f}</ele>'
            f"<time>{at}</time><extensions><gpxtpx:TrackPointExtension><gpxtpx:hr>{rate:.0f}"
            "</gpxtpx:hr></gpxtpx:TrackPointExtension></extensions></trkpt>"
        )
    return (
        '<?xml version="1.0"?><gpx version="1.1" creator="openfit tests"'
        ' xmlns="http://www.topografix.com/GPX/1/1"'
        ' xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v1">'
        f"<trk><name>Outing {n}</name><type>running</type><trkseg>{''.join(rows)}</trkseg></trk>"
        "</gpx>"
    ).encode()


def folder(path: Path, count: int, *, points: int = 120) -> list[Path]:
    """`count` GPX files in a folder."""
    path.mkdir(parents=True, exist_ok=True)
    files = []
    for n in range(count):
        file = path / f"outing-{n:03}.gpx"
        file.write_bytes(gpx(n, points=points))
        files.append(file)
    return files


def gzipped(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


def zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return packed.getvalue()
