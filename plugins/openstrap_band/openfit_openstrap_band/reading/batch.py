"""Many frames at once, as arrays: one buffer, views of it, gates as masks.

What comes out for a frame is what `records.decode` says of it, value for value.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from openfit_openstrap_band.reading import gen5, hexlines, imu, live, records, seconds, summaries
from openfit_openstrap_band.reading.base import BEAT, MOST_BEATS
from openfit_openstrap_band.reading.fields import (
    BURST,
    GEN5_MOTION,
    IMU_PART,
    LIVE,
    MOTION,
    MOTION_SHORTEST,
    SECOND,
    SUMMARY,
    TRUSTED,
)
from openfit_openstrap_band.reading.packed import (
    BARE,
    GENERATION,
    Bytes,
    Ints,
    Mask,
    Packed,
    among,
    packed,
)
from openfit_openstrap_band.reading.tables import (
    ARCHIVED,
    LIVES,
    MOTIONS,
    OTHERS,
    PARTS,
    SECONDS,
    SUMMARIES,
    UNDECODABLE,
    Columns,
    Counts,
    Floats,
    Lives,
    Motions,
    Parts,
    Seconds,
    Summaries,
)

Buffer = bytes | bytearray | memoryview
Frames = Buffer | Sequence[bytes] | Sequence[str]
Table = TypeVar("Table")

TRUSTED_VERSIONS = among(TRUSTED)

MOTION_HEAD = 80  # bytes; all but the samples


def decode_batch(frames: Frames, sizes: Sequence[int] | Ints | None = None) -> Columns:
    """Of frames: a list of them, one buffer with the size of each, or lines of hex: a list of
    texts, or a buffer without sizes. A line that is no hex is a frame that is not decodable."""
    if sizes is not None:
        return columns(packed(cast(Buffer, frames), sizes))
    if isinstance(frames, Buffer):
        lines = hexlines.read(bytes(frames))
        return columns(packed(lines.data, lines.sizes))
    if frames and isinstance(frames[0], str):
        lines = hexlines.of([line.strip() for line in cast(Sequence[str], frames)])
        return columns(packed(lines.data, lines.sizes))
    pieces = cast(Sequence[bytes], frames)
    return columns(packed(b"".join(pieces), np.fromiter(map(len, pieces), np.int64, len(pieces))))


def columns(packs: Packed) -> Columns:
    count = packs.sizes.size
    there = (packs.sizes >= 2) & (packs.generation <= GENERATION)
    packet = np.where(there, packs.octet(0), 0).astype(np.uint8)
    version = np.where(there, packs.octet(1), 0).astype(np.uint8)
    kind = _kinds(packs, packet, version)
    out = Columns(
        verdict=np.zeros(count, np.uint8),
        packet=packet,
        version=version,
        ts=np.zeros(count, np.int64),
        seconds=_table(_seconds, packs, _of(kind, SECONDS)),
        lives=_table(_lives, packs, _of(kind, LIVES)),
        motions=_table(_motions, packs, _of(kind, MOTIONS)),
        parts=_table(_parts, packs, _of(kind, PARTS)),
        summaries=_table(_summaries, packs, _of(kind, SUMMARIES)),
    )
    for table in (out.seconds, out.lives, out.motions, out.parts, out.summaries):
        out.verdict[table.index] = kind[table.index]
        out.ts[table.index] = table.ts
    _one_by_one(packs, _of(kind, ARCHIVED), ARCHIVED, out)
    _one_by_one(packs, _of(kind, OTHERS), OTHERS, out)
    return out


def _table(make: Callable[[Packed, Ints], Table], packs: Packed, which: Ints) -> Table:
    """An empty one is made once: most batches hold one kind, and may be small."""
    return make(packs, which) if which.size else _empty(make)


@cache
def _empty(make: Callable[[Packed, Ints], Table]) -> Table:
    return make(packed(b"", ()), np.empty(0, np.int64))


def _of(kind: Bytes, wanted: int) -> Ints:
    return np.flatnonzero(kind == wanted)


def _kinds(packs: Packed, packet: Bytes, version: Bytes) -> Bytes:
    """Which decoder each packet goes to: the choice that `records.inner` makes."""
    size = packs.sizes
    raw, stored = (packet == records.REALTIME_RAW), (packet == records.HISTORICAL)
    late = (raw | stored) & ((packs.generation == 5) | _recognised(packs, version))
    early, long = (raw | stored) & ~late, size > records.LONGEST_SECOND
    kind = np.zeros(size.size, np.uint8)
    kind[early & stored & ~long & (size >= SECOND.shortest)] = SECONDS
    kind[early & (version == BURST) & (size <= records.LONGEST_SECOND)] = ARCHIVED
    kind[early & (version == records.PACKED) & long] = ARCHIVED
    kind[early & (version == records.OPTICAL) & long] = OTHERS
    kind[early & (version == records.MOTION)] = np.where(
        size[early & (version == records.MOTION)] >= MOTION.shortest, MOTIONS, UNDECODABLE
    )
    kind[late] = OTHERS
    whole = (size >= SUMMARY.shortest) & (size != GEN5_MOTION.shortest)
    kind[late & stored & (version == gen5.SUMMARY_VERSION) & whole] = SUMMARIES
    kind[(packet == records.REALTIME) & (size >= LIVE.shortest)] = LIVES
    kind[(packet == records.IMU_STREAM) & (size >= IMU_PART.shortest)] = PARTS
    return kind


def _recognised(packs: Packed, version: Bytes) -> Mask:
    """A bare packet of gen 5, by its length."""
    found: Mask = (version == gen5.SUMMARY_VERSION) & (packs.sizes >= SUMMARY.shortest)
    for each, length in gen5.LENGTHS.items():
        found |= (version == each) & (packs.sizes == length)
    found &= packs.generation == BARE
    return found


def _one_by_one(packs: Packed, which: Ints, verdict: int, out: Columns) -> None:
    for at in which.tolist():
        begin = int(packs.starts[at])
        packet = packs.data[begin : begin + int(packs.sizes[at])].tobytes()
        record = records.inner(packet, int(packs.generation[at]) or None)
        if record is not None:
            out.verdict[at], out.ts[at] = verdict, record.ts
            out.others.append((at, record))


def _view(rows: Bytes, dtype: "np.dtype[Any]") -> NDArray[np.void]:
    found: NDArray[np.void] = rows.view(dtype)[:, 0]
    return found


def _seconds(packs: Packed, which: Ints) -> Seconds:
    rows = packs.rows(which, SECOND.width)
    found, version = _view(rows, SECOND.dtype), rows[:, 1].copy()
    trusted = TRUSTED_VERSIONS[version]
    vector, finite = _rounded(found["acceleration"])
    rate = _rate(rows, version)
    kept = finite & (trusted | _plausible(rate, vector)) if not trusted.all() else finite
    if not kept.all():
        which, found, version = which[kept], found[kept], version[kept]
        trusted, vector, rate = trusted[kept], vector[kept], rate[kept]
    vector[~vector.any(axis=1)] = np.nan
    declared = np.where(trusted, found["rr_count"], 0)
    return Seconds(
        index=which,
        version=version,
        ts=found["ts"].astype(np.int64),
        subsec=found["subsec"].astype(np.int64),
        counter=found["counter"].astype(np.int64),
        heart_rate=rate,
        **_beats(found["rr"], declared, MOST_BEATS),
        acceleration=vector,
        **{
            name: found[name] * trusted
            for name in ("ppg_green", "spo2_red", "spo2_infrared", "ambient_light")
        },
    )


def _rate(rows: Bytes, version: Bytes) -> Bytes:
    rate = rows[:, 17].copy()
    for each, at in ((18, 14), (7, 27)):
        rate = np.where(version == each, rows[:, at], rate)
    return rate


def _plausible(rate: Bytes, vector: Floats) -> Mask:
    low, high = seconds.PLAUSIBLE_GRAVITY
    x, y, z = vector.T
    square = x * x + y * y + z * z
    likely: Mask = (rate >= seconds.PLAUSIBLE_RATE.start) & (rate < seconds.PLAUSIBLE_RATE.stop)
    likely &= (square >= low) & (square <= high)
    return likely


def _rounded(vectors: NDArray[np.float32]) -> tuple[Floats, Mask]:
    """Half towards +infinity, to four places; and which are numbers in all parts."""
    finite: Mask = np.asarray(np.isfinite(vectors).all(axis=1))
    with np.errstate(invalid="ignore", over="ignore"):
        parts: Floats = np.floor(vectors.astype(np.float64) * 10_000 + 0.5) / 10_000
    return parts, finite


def _beats(slots: Counts, declared: NDArray[Any], most: int) -> dict[str, Any]:
    """Slots that hold a beat, and how many were declared where the count is one."""
    declared = np.where(declared > most, 0, declared).astype(np.uint8)
    rr = np.zeros(slots.shape, np.int16)
    for slot in range(int(declared.max(initial=0))):
        value = slots[:, slot]
        good = (declared > slot) & (value >= BEAT.start) & (value < BEAT.stop)
        rr[:, slot] = np.where(good, value, 0)
    return {"rr": rr, "declared": declared}


def _there(declared: Bytes, sizes: Ints, at: int) -> Bytes:
    """No more than the packet is long enough for, unless they are too many anyway."""
    room = np.maximum(sizes - at, 0) // 2
    return np.where(declared <= MOST_BEATS, np.minimum(declared, room), declared).astype(np.uint8)


def _lives(packs: Packed, which: Ints) -> Lives:
    rows, sizes = packs.rows(which, LIVE.width), packs.sizes[which]
    found = _view(rows, LIVE.dtype)
    rate, worn = found["heart_rate"], found["worn"]
    declared = np.where(found["rr_count"] > live.MOST_BEATS, 0, found["rr_count"])
    known = (sizes > 18) & (worn <= 1)
    return Lives(
        index=which,
        ts=found["ts"].astype(np.int64),
        subsec=found["subsec"].astype(np.int64),
        heart_rate=np.where(rate < live.RATE.stop, rate, 0).astype(np.uint8),
        **_beats(found["rr"], _there(declared, sizes, 10), live.MOST_BEATS),
        worn=np.where(known, worn, -1).astype(np.int8),
    )


def _motions(packs: Packed, which: Ints) -> Motions:
    sizes = packs.sizes[which]
    rows = packs.rows(which, MOTION_SHORTEST)
    head = np.zeros((which.size, MOTION.width), np.uint8)
    head[:, :MOTION_HEAD] = rows[:, :MOTION_HEAD]
    found = _view(head, MOTION.dtype)
    samples = np.ascontiguousarray(rows[:, 85:MOTION_SHORTEST]).view("<i2")
    return Motions(
        index=which,
        ts=found["ts"].astype(np.int64),
        subsec=found["subsec"].astype(np.int64),
        counter=found["counter"].astype(np.int64),
        heart_rate=found["heart_rate"].copy(),
        **_beats(found["rr"], _there(found["rr_count"], sizes, 19), MOST_BEATS),
        gravity=_gravity(found, rows, sizes),
        moving=sizes >= MOTION_SHORTEST,
        acceleration=samples.reshape(which.size, 3, imu.RATE),
    )


def _gravity(found: NDArray[np.void], rows: Bytes, sizes: Ints) -> Floats:
    """Where the head is the known one: zeros inserted, and the vector there twice."""
    vector, finite = _rounded(found["gravity"])
    same = (rows[:, 46:58] == rows[:, 62:74]).all(axis=1)
    known = finite & same & ~found["inserted"].any(axis=1) & vector.any(axis=1) & (sizes >= 74)
    vector[~known] = np.nan
    return vector


def _parts(packs: Packed, which: Ints) -> Parts:
    found = _view(packs.rows(which, IMU_PART.width), IMU_PART.dtype)
    return Parts(
        index=which,
        ts=found["ts"].astype(np.int64),
        part=found["index"].astype(np.int64),
        acceleration=np.stack([found[axis] for axis in imu.AXES], axis=1),
    )


def _summaries(packs: Packed, which: Ints) -> Summaries:
    found = _view(packs.rows(which, SUMMARY.width), SUMMARY.dtype)
    rate, skin = found["heart_rate"], found["skin_temperature"]
    vector, finite = _rounded(found["acceleration"])
    with np.errstate(invalid="ignore"):
        known = finite & (np.abs(vector) <= summaries.MOST_G).all(axis=1)
    vector[~known] = np.nan
    likely = (rate >= summaries.RATE.start) & (rate < summaries.RATE.stop)
    return Summaries(
        index=which,
        ts=found["ts"].astype(np.int64),
        subsec=found["subsec"].astype(np.int64),
        counter=found["counter"].astype(np.int64),
        heart_rate=np.where(likely, rate, 0).astype(np.uint8),
        **_beats(found["rr"], found["rr_count"], summaries.MOST_BEATS),
        acceleration=vector,
        skin_temperature=np.where(skin == summaries.NO_SKIN, np.nan, skin / 100),
    )
