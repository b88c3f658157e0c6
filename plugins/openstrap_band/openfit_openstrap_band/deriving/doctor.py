"""What is inside a file or item of frames, for the person who asks why something is missing."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
from openfit_sdk import RawItem

from openfit_openstrap_band.deriving.clockgate import FARTHEST, SET
from openfit_openstrap_band.deriving.normalizing import VERSIONED, silent, versioned
from openfit_openstrap_band.deriving.receiving import parts
from openfit_openstrap_band.reading import hexlines
from openfit_openstrap_band.reading.batch import columns
from openfit_openstrap_band.reading.packed import BARE, DAMAGED, SEALED, Ints, Packed, packed
from openfit_openstrap_band.reading.tables import SECONDS, SUMMARIES, Columns
from openfit_openstrap_band.wire.words import PACKETS

NAMES = {row.code: row.name for row in PACKETS}
ENVELOPES = {BARE: "none", 4: "gen4", 5: "gen5", SEALED: "other", DAMAGED: "damaged"}
SAMPLES = 3  # of each kind that cannot be read
SAMPLE_BYTES = 256
MOST_GAPS = 20
MOST_LINES = 20
# A serial number, a name and a firmware's commit are runs of letters; signals rarely are.
TELLING = re.compile(rb"[0-9A-Za-z][0-9A-Za-z' _-]{5,}")

Kind = tuple[int, int, int]  # packet, version, length


@dataclass
class Findings:
    frames: int = 0
    octets: int = 0
    envelopes: Counter[str] = field(default_factory=Counter)
    kinds: Counter[Kind] = field(default_factory=Counter)
    decoded: Counter[Kind] = field(default_factory=Counter)
    unreadable: Counter[Kind] = field(default_factory=Counter)
    samples: dict[Kind, list[str]] = field(default_factory=dict)
    lines: list[dict[str, Any]] = field(default_factory=list)
    bad_lines: int = 0
    unset: int = 0
    far: int = 0
    seconds: Ints = field(default_factory=lambda: np.empty(0, np.int64))

    def add(self, packs: Packed) -> None:
        found = columns(packs)
        self.frames += found.verdict.size
        self.octets += int(packs.data.size)
        envelopes, times = np.unique(packs.generation, return_counts=True)
        for code, count in zip(envelopes.tolist(), times.tolist(), strict=True):
            self.envelopes[ENVELOPES[code]] += count
        self._count(packs, found)
        ts = found.ts[found.decoded]
        self.unset += int((ts < SET).sum())
        self.far += int((ts > FARTHEST).sum())
        dated = found.ts[np.isin(found.verdict, (SECONDS, SUMMARIES))]
        dated = dated[(dated >= SET) & (dated <= FARTHEST)]
        self.seconds = np.unique(np.r_[self.seconds, dated])

    def _count(self, packs: Packed, found: Columns) -> None:
        quiet = silent(found)
        rows = np.stack([found.packet, versioned(found), packs.sizes], axis=1)
        for verdicts, mask in (
            (self.kinds, None),
            (self.decoded, found.decoded),
            (self.unreadable, quiet),
        ):
            some = rows if mask is None else rows[mask]
            each, times = np.unique(some, axis=0, return_counts=True)
            for row, count in zip(each.tolist(), times.tolist(), strict=True):
                verdicts[tuple(row)] += count
        for at in np.flatnonzero(quiet).tolist():
            shown = self.samples.setdefault(tuple(rows[at].tolist()), [])
            if len(shown) < SAMPLES:
                begin = int(packs.starts[at])
                end = begin + min(int(packs.sizes[at]), SAMPLE_BYTES)
                shown.append(redacted(packs.data[begin:end].tobytes()).hex())

    def add_lines(self, bad: list[tuple[int, str]], first: int) -> None:
        self.bad_lines += len(bad)
        for at, line in bad[: MOST_LINES - len(self.lines)]:
            self.lines.append({"line": first + at + 1, "fault": fault(line)})


def inspect(item: RawItem) -> dict[str, Any]:
    found = Findings()
    if item.pieces is not None:
        found.add(packed(item.read(), np.asarray(item.pieces.sizes, np.int64)))
        return told(found)
    first = 0
    with item.open() as file:
        for text in parts(file):
            lines = hexlines.read(text)
            found.add(packed(lines.data, lines.sizes[lines.sizes > 0]))
            found.add_lines(lines.bad, first)
            first += lines.sizes.size
    return told(found)


def told(found: Findings) -> dict[str, Any]:
    return {
        "kind": "band_frames",
        "frames": found.frames,
        "bytes": found.octets,
        "envelopes": dict(sorted(found.envelopes.items())),
        "crc_failures": found.envelopes["damaged"],
        "kinds": [
            {**named(kind), "count": count, "decoded": found.decoded[kind]}
            for kind, count in sorted(found.kinds.items())
        ],
        "clock": clock(found),
        "gaps": gaps(found.seconds),
        "undecodable": [
            {**named(kind), "count": count, "samples": found.samples[kind]}
            for kind, count in found.unreadable.most_common()
        ],
        "lines_that_are_no_hex": found.bad_lines,
        "bad_lines": found.lines,
        "warnings": warnings(found),
        "error": nothing(found),
    }


def named(kind: Kind) -> dict[str, Any]:
    packet, version, length = kind
    called = {"packet": f"{packet:02X}", "name": NAMES.get(packet, "unknown"), "length": length}
    return called | ({"version": version} if packet in VERSIONED else {})


def clock(found: Findings) -> dict[str, Any]:
    """By the band's own clock: where dated seconds begin and end, and records without a date."""
    ends = found.seconds[[0, -1]].tolist() if found.seconds.size else []
    first, last = map(moment, ends) if ends else (None, None)
    return {"first": first, "last": last, "not_set": found.unset, "impossible": found.far}


def gaps(seconds: Ints) -> dict[str, Any]:
    """Between records of one second each: the longest, in order of time."""
    steps = np.diff(seconds)
    at = np.flatnonzero(steps > 1)
    longest = np.sort(at[np.argsort(-steps[at], kind="stable")[:MOST_GAPS]])
    return {
        "count": at.size,
        "seconds": int((steps[at] - 1).sum()),
        "longest": [
            {
                "after": moment(int(seconds[one])),
                "before": moment(int(seconds[one + 1])),
                "seconds": int(steps[one]) - 1,
            }
            for one in longest.tolist()
        ],
    }


def warnings(found: Findings) -> list[str]:
    damaged, bad = found.envelopes["damaged"], found.bad_lines
    counted = (
        (damaged, "Frames that fail their checks", "Sync again where the band still has them."),
        (found.unset, "Records made while the band's clock was not set", "A sync sets it."),
        (found.far, "Records dated after the year 2099", "A sync sets the band's clock."),
        (bad, "Lines that are no hex", "Export the file again, or leave them out."),
    )
    return [f"{what}: {count:,}. {then}" for count, what, then in counted if count]


def nothing(found: Findings) -> dict[str, Any] | None:
    if found.frames:
        return None
    message = "There is no frame of a band in this. Lines of hex, one frame each, can be read."
    return {"code": "no_frames", "message": message, "at_byte": 0}


def fault(line: str) -> str:
    """What is wrong with a line, without the line: who knows what stands in it."""
    wrong = next((n for n, one in enumerate(line) if one not in "0123456789abcdefABCDEF"), None)
    if wrong is not None:
        return f"character {wrong + 1} of {len(line)} is no hex digit"
    return f"{len(line)} digits; a byte takes two"


def redacted(packet: bytes) -> bytes:
    """Letters that may be a serial number or a name become X."""
    return TELLING.sub(lambda run: b"X" * len(run[0]), packet)


def moment(ts: int) -> str:
    return datetime.fromtimestamp(ts, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
