"""A day of a band's frames: decoded in one process, against a straight Python loop.

    python bench/band.py [--frames 86400] [--decoding] [--json]

Both sides do the same: heart rate, beats, gravity and optical counts of each second, gated and
rounded, or nothing. From packets of 96 bytes (one buffer, a list), from lines of hex, and from
whole frames with both checksums. CPU time of this process, each side by its best run.

End to end: posts over loopback until everything is stored and rolled up, by the clock; beside it
the straight way, a loop that fills two tables of SQLite and has no HTTP to speak.
"""

import struct
import sys
import zlib
from argparse import Namespace
from collections.abc import Callable, Sequence
from importlib.util import module_from_spec, spec_from_file_location
from math import floor, isfinite
from pathlib import Path
from types import ModuleType
from typing import Any

import ingesting
import numpy as np
import support
from openfit_openstrap_band.deriving.normalizing import normalize
from openfit_openstrap_band.reading.batch import decode_batch
from openfit_openstrap_band.wire.crc import CRC8
from openfit_sdk import Pieces, RawItem

MADE = Path(__file__).parents[1] / "tests" / "support" / "band.py"
GOALS = {"bytes": 1_000_000, "hex": 600_000, "framed": 400_000}  # frames a second
STORED = {"small": 100_000, "big": 300_000}  # end to end: posts of 600, and of 50,000
STORED_HEADS = ("posts", "number", "stored/s", "acknowledged/s", "straight way/s", "times")
BIG_DAYS = 4
EARLY = 1_700_000_000  # s since 1970
NORMALIZE_SECONDS = 0.15  # of a day
DAY = 86_400
LOOP = 20_000  # frames that the loop is given: more of them change nothing but the wait
HEAD, REST = struct.Struct("<3xIIH4xBB8h"), struct.Struct("<29xH5x3f16xHH2xH")
GRAVITY_SCALE = 10_000


# The straight loop -------------------------------------------------------------------------------


def by_loop(packets: Sequence[bytes]) -> list[dict[str, Any] | None]:
    return [one_second(packet) for packet in packets]


def one_second(packet: bytes) -> dict[str, Any] | None:
    if len(packet) < 72 or packet[0] != 0x2F or packet[1] not in (24, 12):
        return None
    counter, ts, subsec, rate, count, *slots = HEAD.unpack_from(packet)
    green, x, y, z, red, infrared, ambient = REST.unpack_from(packet)
    if not (isfinite(x) and isfinite(y) and isfinite(z)):
        return None
    beats = slots[:count] if count <= 8 else []
    return {
        "ts": ts,
        "subsec": subsec,
        "counter": counter,
        "heart_rate": rate or None,
        "rr": [beat if 200 <= beat <= 2500 else None for beat in beats],
        "acceleration": [floor(part * GRAVITY_SCALE + 0.5) / GRAVITY_SCALE for part in (x, y, z)],
        "ppg_green": green or None,
        "spo2_red": red or None,
        "spo2_infrared": infrared or None,
        "ambient_light": ambient or None,
    }


def hex_by_loop(text: bytes) -> list[dict[str, Any] | None]:
    return by_loop([bytes.fromhex(line) for line in text.decode().split()])


def framed_by_loop(frames: Sequence[bytes]) -> list[dict[str, Any] | None]:
    return [one_second(inner) if (inner := opened(frame)) else None for frame in frames]


def opened(frame: bytes) -> bytes | None:
    """A packet out of a frame that passes both of its checks."""
    size = int.from_bytes(frame[1:3], "little")
    inner = frame[4:size]
    if frame[0] != 0xAA or len(frame) != size + 4 or CRC8[CRC8[frame[1]] ^ frame[2]] != frame[3]:
        return None
    return inner if zlib.crc32(inner) == int.from_bytes(frame[-4:], "little") else None


# Side by side ------------------------------------------------------------------------------------


def decoding(band: ModuleType, count: int) -> dict[str, Any]:
    packets = band.day(seconds=count)
    few = packets[:LOOP]
    frames = [band.framed(packet) for packet in packets]
    text = "\n".join(packet.hex() for packet in packets).encode()
    body, sizes = b"".join(packets), np.full(count, len(packets[0]), np.int64)
    same(packets, few)
    return {
        "bytes": rates(lambda: decode_batch(body, sizes), count, lambda: by_loop(few), len(few)),
        "list": rates(lambda: decode_batch(packets), count, lambda: by_loop(few), len(few)),
        "hex": rates(
            lambda: decode_batch(text),
            count,
            lambda: hex_by_loop(text[: len(few) * 193 - 1]),
            len(few),
        ),
        "framed": rates(
            lambda: decode_batch(frames),
            count,
            lambda: framed_by_loop(frames[: len(few)]),
            len(few),
        ),
    }


def rates(
    ours: Callable[[], object], count: int, loop: Callable[[], object], few: int
) -> dict[str, float]:
    """Frames a second of each side, and how many times faster ours is."""
    spent = support.compare(ours, loop)
    us, them = count / spent.ours, few / spent.theirs
    return {"frames_per_second": us, "loop_frames_per_second": them, "ratio": us / them}


def same(packets: Sequence[bytes], few: Sequence[bytes]) -> None:
    """Both sides say the same of what they are measured by."""
    found = decode_batch(list(few)).seconds
    for at, row in enumerate(by_loop(few)):
        assert row is not None
        assert found.ts[at] == row["ts"] and found.heart_rate[at] == (row["heart_rate"] or 0)
        assert found.acceleration[at].tolist() == row["acceleration"]
        beats = found.rr[at][: found.declared[at]].tolist()
        assert beats == [beat or 0 for beat in row["rr"]]
    assert decode_batch(list(packets)).decoded.all()


def normalizing(band: ModuleType, count: int) -> dict[str, Any]:
    """An item of a day, as the hub gives it, to the metrics that it gets."""
    rows = band.day_rows(seconds=count)
    pieces = Pieces(np.full(count, rows.shape[1], np.int64), np.zeros(count, np.int64))
    item = RawItem(kind="frames", id="day", body=rows.tobytes(), pieces=pieces)
    spent = min(support.cpu_seconds(lambda: list(normalize(item))) for _ in range(5))
    return {"seconds": spent, "frames_per_second": count / spent}


def end_to_end(band: ModuleType, count: int) -> dict[str, Any]:
    """A day in small posts, and several in big ones, into a hub of their own each time."""
    big = count * BIG_DAYS
    lines = [packet.hex() for packet in band.day(band.START // DAY * DAY, big)]
    early = [band.second(EARLY + at).hex() for at in range(2)]
    return {
        "small": posted(lines[:count], early, ingesting.SMALL),
        "big": posted(lines, early, ingesting.BIG),
    }


def posted(lines: Sequence[str], early: Sequence[str], size: int) -> dict[str, float]:
    """Beside it the straight way, with the first of the frames."""
    ours = ingesting.run(lines, early, size)
    few = lines[:DAY]
    straight = ingesting.straight(ingesting.bodies(few, size), one_second)
    return {
        "posts": ours.posts,
        "frames": ours.frames,
        "acknowledged_seconds": ours.acknowledged,
        "stored_seconds": ours.stored,
        "frames_per_second": ours.per_second,
        "straight_frames_per_second": len(few) / straight,
        "ratio": ours.per_second * straight / len(few),
    }


def measured(arguments: Namespace) -> dict[str, Any]:
    band = made()
    found: dict[str, Any] = {
        "frames": arguments.frames,
        "decoding": decoding(band, arguments.frames),
        "normalizing": normalizing(band, arguments.frames),
    }
    if not arguments.decoding:
        found["end_to_end"] = end_to_end(band, arguments.frames)
    found["goals"] = goals(found)
    return found


def goals(found: dict[str, Any]) -> dict[str, bool]:
    met = {
        f"decoded from {name}: at least {goal:,} frames a second": found["decoding"][name][
            "frames_per_second"
        ]
        >= goal
        for name, goal in GOALS.items()
    }
    for name, row in found.get("end_to_end", {}).items():
        goal = STORED[name]
        met[f"stored from {name} posts: at least {goal:,} frames a second"] = (
            row["frames_per_second"] >= goal
        )
    share = found["frames"] / DAY
    return met | {
        f"a day normalised in {NORMALIZE_SECONDS} s": found["normalizing"]["seconds"]
        <= NORMALIZE_SECONDS * share
    }


def text(found: dict[str, Any]) -> str:
    rows = [
        (
            name,
            f"{row['frames_per_second']:,.0f}",
            f"{row['loop_frames_per_second']:,.0f}",
            row["ratio"],
        )
        for name, row in found["decoding"].items()
    ]
    normalized = found["normalizing"]
    stored = [
        (
            name,
            row["posts"],
            f"{row['frames_per_second']:,.0f}",
            f"{row['frames'] / row['acknowledged_seconds']:,.0f}",
            f"{row['straight_frames_per_second']:,.0f}",
            row["ratio"],
        )
        for name, row in found.get("end_to_end", {}).items()
    ]
    parts = [
        support.table(("from", "frames/s", "loop, frames/s", "times"), rows),
        f"normalised: {normalized['frames_per_second']:,.0f} frames/s, {normalized['seconds']} s",
        *([support.table(STORED_HEADS, stored)] if stored else []),
        support.goals(found["goals"]),
    ]
    return "\n\n".join(parts)


def made() -> ModuleType:
    """The frames that the tests are fed with, whose folder bears the name of a module here."""
    spec = spec_from_file_location("made_band", MADE)
    assert spec and spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> int:
    parser = support.options(__doc__)
    parser.add_argument("--frames", type=int, default=DAY)
    parser.add_argument("--decoding", action="store_true", help="leave the hub out")
    arguments = parser.parse_args()
    support.show(measured(arguments), as_json=arguments.json, text=text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
