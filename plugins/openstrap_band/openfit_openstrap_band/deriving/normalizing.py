"""Raw items of frames become series and events. Pure, and the same in whatever order and company
the frames come."""

from collections import Counter
from collections.abc import Iterator

import numpy as np
from openfit_sdk import BadInput, RawItem, Report
from openfit_sdk.schema import AnyEntity, Device, Metric

from openfit_openstrap_band.deriving import happenings, intensity, respiration, walking
from openfit_openstrap_band.deriving.clockgate import Gate
from openfit_openstrap_band.deriving.series import DEVICE, SLOT_MS, Values, beats, metrics, tenths
from openfit_openstrap_band.reading import hexlines, imu
from openfit_openstrap_band.reading.base import Gen5
from openfit_openstrap_band.reading.batch import TRUSTED_VERSIONS, columns
from openfit_openstrap_band.reading.packed import Bytes, Ints, Mask, Packed, among, packed
from openfit_openstrap_band.reading.tables import UNDECODABLE, Columns, Floats, Seconds
from openfit_openstrap_band.wire.words import PACKETS

# How much a record is to be believed where two kinds give the same second.
STORED, GATED, MOTION, LIVE = 100, 80, 60, 20
# Gen 4 makes a record every 31,488 to 31,520 of 32,768 parts of a second (on all 377 records and
# 79 seconds of motion that are public): one second in 25 has two. One that comes so late has
# another before it in its second, which holds, whole: never a mixture of both.
LATE = 31_488
UNREADABLE, IMU = "unreadable", "imu"
OPTICAL = {
    "ppg_green": "ppg_green_raw",
    "spo2_red": "spo2_red_raw",
    "spo2_infrared": "spo2_infrared_raw",
    "ambient_light": "ambient_light_raw",
}
AXES = ("acceleration_x", "acceleration_y", "acceleration_z")
VERSIONED = (0x2B, 0x2F)
# Packets that are known and no records.
TOLD = among({row.code for row in PACKETS} - {0x28, 0x33, *VERSIONED})
MILLI = 1000  # mg to a g
PERCENT = 100
SHOWN = 5  # kinds of frames that cannot be read, in a report


def normalize(item: RawItem) -> Iterator[AnyEntity | Report]:
    if item.kind == UNREADABLE:
        yield unreadable(item)
        return
    packs = opened(item)
    found, gate = columns(packs), Gate.of(item.received_at)
    yield from device(packs, found)
    yield from of_seconds(found.seconds, gate)
    yield from of_motions(found, gate)
    yield from of_lives(found, gate)
    yield from of_summaries(found, gate)
    yield from happenings.read(packs, np.flatnonzero(found.packet == happenings.PACKET), gate)
    yield from respiration.read(found, gate)
    gate.open(found.parts.ts)
    hour = walking.hour_of(item.id) if item.kind == IMU else None
    if hour is not None and gate.allows(hour):
        yield from walking.read(found, hour)
    yield from gate.reports()
    yield from undecodable(found)


def opened(item: RawItem) -> Packed:
    """Frames with their sizes, as the hub gives them; or lines of hex, as in a file."""
    body = item.read()
    if item.pieces is not None:
        return packed(body, np.asarray(item.pieces.sizes, np.int64))
    lines = hexlines.read(body)
    if lines.bad and not lines.data:
        raise BadInput(
            f"{item.name or item.id} holds no frame of a band. Hand over lines of hex, one frame"
            " each, as the app exports them.",
            code="no_frames",
        )
    return packed(lines.data, lines.sizes)


def device(packs: Packed, found: Columns) -> Iterator[Device]:
    """Where the frames tell which one it is; live packets and events are the same on all."""
    late = any(isinstance(record, Gen5) for _, record in found.others)
    if late or found.summaries.index.size or (packs.generation == 5).any():
        yield Device(key=DEVICE, type="band", vendor="WHOOP", model="5.0")
    elif found.seconds.index.size or found.motions.index.size or (packs.generation == 4).any():
        yield Device(key=DEVICE, type="band", vendor="WHOOP", model="4.0")


def of_seconds(found: Seconds, gate: Gate) -> Iterator[Metric]:
    dated, late = gate.open(found.ts), found.subsec >= LATE
    trusted = TRUSTED_VERSIONS[found.version]
    for rank, which in ((STORED, dated & trusted), (GATED, dated & ~trusted)):
        for order, rows in ((rank, which & ~late), (rank - 1, which & late)):
            ts = found.ts[rows]
            shift = SLOT_MS if order < rank else 0  # beats are counted, not sampled: none is lost
            yield from beats(rank, ts, found.rr[rows], shift)
            yield from present("heart_rate", order, ts, found.heart_rate[rows])
            yield from vectors(order, ts, found.acceleration[rows])
            for name, kind in OPTICAL.items():
                yield from present(kind, order, ts, getattr(found, name)[rows])


def of_motions(found: Columns, gate: Gate) -> Iterator[Metric]:
    table = found.motions
    dated, late = gate.open(table.ts), table.subsec >= LATE
    for order, rows in ((MOTION, dated & ~late), (MOTION - 1, dated & late)):
        yield from beats(order, table.ts[rows], table.rr[rows])
        yield from present("heart_rate", order, table.ts[rows], table.heart_rate[rows])
        yield from vectors(order, table.ts[rows], table.gravity[rows])
        moving = rows & table.moving
        moved = intensity.intensities(imu.magnitudes(table.acceleration[moving]))
        yield from metrics("activity_intensity", order, table.ts[moving], moved)


def of_lives(found: Columns, gate: Gate) -> Iterator[Metric]:
    rows = found.lives
    dated = gate.open(rows.ts)
    yield from present("heart_rate", LIVE, rows.ts[dated], rows.heart_rate[dated])
    yield from beats(LIVE, rows.ts[dated], rows.rr[dated])
    told = dated & (rows.worn >= 0)
    yield from metrics("wear", LIVE, rows.ts[told], rows.worn[told] * PERCENT)


def of_summaries(found: Columns, gate: Gate) -> Iterator[Metric]:
    """Seconds of gen 5."""
    rows = found.summaries
    dated = gate.open(rows.ts)
    ts = rows.ts[dated]
    yield from present("heart_rate", STORED, ts, rows.heart_rate[dated])
    yield from beats(STORED, ts, rows.rr[dated])
    yield from vectors(STORED, ts, rows.acceleration[dated])
    warm = dated & ~np.isnan(rows.skin_temperature)
    yield from metrics("skin_temperature", STORED, rows.ts[warm], rows.skin_temperature[warm])


def present(kind: str, rank: int, ts: Ints, values: Values) -> Iterator[Metric]:
    there = values != 0
    yield from metrics(kind, rank, ts[there], values[there])


def vectors(rank: int, ts: Ints, acceleration: Floats) -> Iterator[Metric]:
    """Gravity is never nothing on all axes: then the sensor was not read."""
    there = ~np.isnan(acceleration[:, 0]) & acceleration.any(axis=1)
    for axis, kind in enumerate(AXES):
        yield from metrics(kind, rank, ts[there], tenths(acceleration[there, axis] * MILLI))


def unreadable(item: RawItem) -> Report:
    count = len(item.pieces.sizes) if item.pieces else 1
    message = (
        f"What came and is no frame, or was damaged on its way: {count:,}. It is kept as it came;"
        " the band or client sends what it still has again."
    )
    return Report(status="unsupported", code="unreadable", message=message)


def undecodable(found: Columns) -> Iterator[Report]:
    """Frames that say nothing to this version, counted by kind."""
    quiet = silent(found)
    if not quiet.any():
        return
    packets, versions = found.packet[quiet].tolist(), versioned(found)[quiet].tolist()
    kinds = Counter(zip(packets, versions, strict=True))
    named = ", ".join(f"{name_of(*kind)}: {count:,}" for kind, count in kinds.most_common(SHOWN))
    more = f" and {len(kinds) - SHOWN} other kinds" if len(kinds) > SHOWN else ""
    message = (
        f"Frames that cannot be read yet: {int(quiet.sum()):,} of {quiet.size:,} ({named}{more})."
        " They are kept, and read by the first version that can. `openfit inspect` shows some to"
        " share."
    )
    yield Report(status="partial", code="undecodable", message=message)


def silent(found: Columns) -> Mask:
    """Frames that are no records of a kind that is read, and no other known packet."""
    quiet: Mask = (found.verdict == UNDECODABLE) & ~TOLD[found.packet]
    return quiet


def versioned(found: Columns) -> Bytes:
    """The versions of records: elsewhere that byte is a sequence number."""
    return np.where(among(VERSIONED)[found.packet], found.version, 0).astype(np.uint8)


def name_of(packet: int, version: int) -> str:
    if packet in VERSIONED:
        return f"records of version {version}"
    return f"packets of type {packet:02X}" if packet else "damaged or sealed frames"
