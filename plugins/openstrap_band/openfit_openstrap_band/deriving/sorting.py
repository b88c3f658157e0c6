"""Frames on their way in: the raw items that hold them, byte for byte as they came."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
from openfit_sdk import Pieces, RawItem
from openfit_sdk.schema import column

from openfit_openstrap_band.deriving.clockgate import FARTHEST, SET
from openfit_openstrap_band.reading.packed import (
    DAMAGED,
    GENERATION,
    Bytes,
    Ints,
    Mask,
    Packed,
    among,
)

MEDIA_TYPE = "application/octet-stream"
FRAMES, MOTION, EVENTS, UNREADABLE = "frames", "imu", "events", "unreadable"
# Where each type of packet says its time.
TIME_AT = {0x2F: 7, 0x2B: 7, 0x28: 2, 0x33: 4, 0x30: 4, 0x32: 4}
EVENT, RAW, STORED, STREAM = 0x30, 0x2B, 0x2F, 0x33
MOTION_VERSIONS = {4: among((10, 11, 21)), 5: among((20, 21, 26))}
HOUR = 3600


def items(body: bytes, sizes: Ints, packs: Packed) -> list[RawItem]:
    """Of frames one after another, which `packs` has taken out of their envelopes."""
    at = times(packs)
    damaged = packs.generation == DAMAGED
    event = ~damaged & (packs.octet(0) == EVENT)
    motion = ~damaged & is_motion(packs) & (at >= SET) & (at <= FARTHEST)
    plain = ~(motion | event | damaged)
    if plain.all():
        return [item(FRAMES, body, sizes, at)] if sizes.size else []
    cut = Cutter(body, sizes, at)
    found = [
        cut.item(kind, np.flatnonzero(mask))
        for kind, mask in ((FRAMES, plain), (EVENTS, event), (UNREADABLE, damaged))
        if mask.any()
    ]
    return [*found, *hours(cut, np.flatnonzero(motion))]


def hours(cut: "Cutter", motion: Ints) -> Iterator[RawItem]:
    """Motion is always read in whole hours, so that no walk falls apart."""
    hour = cut.at[motion] // HOUR
    order = np.argsort(hour, kind="stable")
    breaks = np.flatnonzero(np.diff(hour[order])) + 1
    for which in np.split(motion[order], breaks) if motion.size else ():
        begin = int(cut.at[which[0]]) // HOUR * HOUR
        name = datetime.fromtimestamp(begin, UTC).strftime("%Y-%m-%dT%H")
        yield cut.item(MOTION, which, name)


class Cutter:
    """Some of the frames of a body, as an item of their own."""

    def __init__(self, body: bytes, sizes: Ints, at: Ints) -> None:
        self.view, self.sizes, self.at = memoryview(body), sizes, at
        self.ends = np.cumsum(sizes)

    def item(self, kind: str, which: Ints, name: str = "") -> RawItem:
        sizes, ends = self.sizes[which], self.ends[which]
        rows = zip((ends - sizes).tolist(), ends.tolist(), strict=True)
        body = b"".join([self.view[begin:end] for begin, end in rows])
        return item(kind, body, sizes, self.at[which], name)


def item(kind: str, body: bytes, sizes: Ints, at: Ints, name: str = "") -> RawItem:
    return RawItem(
        kind=kind,
        id=name or hashlib.sha256(body).hexdigest()[:32],
        body=body,
        media_type=MEDIA_TYPE,
        pieces=Pieces(column(sizes.astype(np.uint16)), column(at.astype(np.uint32))),
        joins="all" if name else "waiting",
    )


def texts(lines: list[str], longest: int) -> RawItem:
    """What came as a frame and is none, in pieces that are not too long."""
    whole = [line.encode(errors="surrogateescape") for line in lines]
    bodies = [line[at : at + longest] for line in whole for at in range(0, len(line), longest)]
    sizes = np.fromiter(map(len, bodies), np.int64, len(bodies))
    return item(UNREADABLE, b"".join(bodies), sizes, np.zeros_like(sizes))


def is_motion(packs: Packed) -> Mask:
    packet, version = packs.octet(0), packs.octet(1)
    found: Mask = (packet == RAW) | (packet == STREAM)
    early, late = MOTION_VERSIONS[4][version], MOTION_VERSIONS[5][version]
    found |= (packet == STORED) & np.where(packs.generation == 5, late, early)
    return found


def times(packs: Packed) -> Ints:
    """In s since 1970, as the band says; 0 where it says nothing."""
    packet = packs.octet(0)
    found = np.zeros(packs.sizes.size, np.int64)
    for kind, at in TIME_AT.items():
        which = np.flatnonzero((packet == kind) & (packs.sizes >= at + 4))
        if which.size:
            stamps: Bytes = np.ascontiguousarray(packs.rows(which, at + 4)[:, at:])
            found[which] = stamps.view("<u4")[:, 0]
    return np.where(packs.generation > GENERATION, 0, found)
