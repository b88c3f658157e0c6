"""The band's readers on bytes that no band would send, for as long as wanted.

    python bench/fuzz_band.py --minutes 10 [--seconds 20] [--inputs 5000] [--seed 1] [--json]

Captured packets (OPENFIT_TEST_DATA, where they are) and made ones are cut, flipped, spliced and
framed anew. Found are exceptions, hangs, memory that grows, values outside their gates, damaged
frames that pass, and a batch that says something else than the frames one by one. Exits 1 then.
"""

import argparse
import gzip
import json
import math
import os
import random
import resource
import signal
import struct
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import numpy as np
from band_gates import BEAT, LATEST, RECEIVED, SET, bounded, need, plausible, stored
from openfit_openstrap_band.deriving.normalizing import normalize
from openfit_openstrap_band.deriving.receiving import receive
from openfit_openstrap_band.reading import batch as batches
from openfit_openstrap_band.reading.records import decode
from openfit_openstrap_band.wire import commands, control, events, frames, guard, hello, responses
from openfit_openstrap_band.wire.words import Level
from openfit_sdk import BadInput, Push, RawItem
from openfit_sdk.items import Pieces
from openfit_sdk.schema import Event, Metric

DATA = Path(os.environ.get("OPENFIT_TEST_DATA") or Path(__file__).parents[2] / "shared" / "data")
PATIENCE = 5.0  # s for one input; the slowest takes a few ms
WARM = 0.2  # of the run; what memory grows by before is caches
MOST_GROWTH = 24 << 20  # bytes
BATCH = 60
SHOWN = 10  # failures; more of them say the same
EDGES = [bytes([octet]) * size for octet in (0, 0x7F, 0x80, 0xFF) for size in (1, 2, 4)]
EDGES += [struct.pack("<f", value) for value in (math.nan, math.inf, -math.inf, 1e30, -0.0)]
KINDS = [
    *((0x2F, version, 96) for version in (24, 12, 9, 7, 18, 25, 99)),
    *((0x2F, 24, size) for size in (71, 72, 88, 89)),
    *((0x28, 2, 20), (0x28, 2, 9), (0x2B, 10, 1920), (0x2F, 10, 1920), (0x33, 65, 144)),
    *((0x2F, 18, 112), (0x2F, 20, 2128), (0x2F, 21, 1232), (0x2B, 21, 1232), (0x2F, 26, 76)),
    *((0x2F, 22, 176), (0x2F, 21, 1236), (0x2F, 11, 1924), (0x24, 7, 71), (0x24, 7, 112)),
    *((0x30, 7, 31), (0x31, 2, 24), (0x32, 7, 60)),
]
# Texts that are no frame, and one thing that is no text.
SPOILT: list[Callable[[str], Any]] = [
    lambda text: text + "0",
    lambda text: text[:-1] + "g",
    lambda text: text[:2] + " " + text[2:3],
    lambda text: "\u00e4" + text,
    lambda text: 7,
]


class Hang(Exception):
    """An input that takes too long."""


class Corpus(NamedTuple):
    packets: list[bytes]
    captured: int


def corpus(chance: random.Random) -> Corpus:
    captured = sorted(set(captures()))
    return Corpus(captured + [made(chance) for _ in range(300)], len(captured))


def captures() -> Iterator[bytes]:
    folder = DATA / "openstrap"
    for name in ("decode_cases.json.gz", "frame_vectors.json.gz"):
        if (folder / name).is_file():
            yield from packets_in(json.loads(gzip.decompress((folder / name).read_bytes())))
    if (folder / "r10_fixture.hex").is_file():
        yield bytes.fromhex((folder / "r10_fixture.hex").read_text())


def packets_in(found: Any) -> Iterator[bytes]:
    """Every text of hex in it, bare."""
    if isinstance(found, dict):
        found = list(found.values())
    if isinstance(found, list):
        for one in found:
            yield from packets_in(one)
    elif isinstance(found, str) and len(found) >= 8:
        try:
            raw = bytes.fromhex(found)
        except ValueError:
            return
        frame = frames.identify(raw)
        yield frame.inner if frame else raw


def made(chance: random.Random) -> bytes:
    """A packet of a known kind, of numbers that a band may well send."""
    packet, version, size = chance.choice(KINDS)
    inner = bytearray(chance.randbytes(max(size, 96)))
    struct.pack_into("<BBBIIH", inner, 0, packet, version, 5, 1, 1_780_000_000, 0)
    inner[8 if packet == 0x28 else 17], inner[18], inner[9] = 60, chance.randrange(9), 2
    struct.pack_into("<6f", inner, 36, 0.1, 0.2, 0.95, 0.0, 0.1, 0.2)
    if packet == 0x24:
        inner[2], inner[4], inner[5] = chance.choice(list(responses.READERS)), 1, 1
    if packet == 0x30:
        inner[2], inner[3] = chance.choice([*events.READERS, *events.GEN5_READERS]), 0
        inner[10:12] = (size - 12).to_bytes(2, "little")
    return bytes(inner[:size])


def mutated(packet: bytes, packets: Sequence[bytes], chance: random.Random) -> bytes:
    octets = bytearray(packet)
    for _ in range(chance.choice((0, 1, 1, 2, 4, 16))):
        at = chance.randrange(len(octets)) if octets else 0
        how = chance.randrange(6)
        if how == 0 and octets:
            octets[at] ^= 1 << chance.randrange(8)
        elif how == 1:
            edge = chance.choice(EDGES)
            octets[at : at + len(edge)] = edge
        elif how == 2:
            del octets[at:]
        elif how == 3:
            octets[at:at] = chance.randbytes(chance.randrange(1, 9))
        elif how == 4:
            other = chance.choice(packets)
            octets[at:] = other[chance.randrange(len(other) + 1) :]
        else:
            del octets[at : at + chance.randrange(1, 9)]
    return bytes(octets[:3000])


def wrapped(packet: bytes, chance: random.Random) -> bytes:
    """Bare, framed, or framed and then damaged."""
    how = chance.randrange(5)
    if how == 0 or len(packet) > 4000:
        return packet
    whole = frames.build(packet, chance.choice((4, 5)))
    return whole if how < 4 else mutated(whole, [packet], chance)


def one_frame(raw: bytes) -> bool:
    """Every reader of a single packet or frame; whether a record came of it."""
    for generation in (4, 5):
        frames.parse(raw, generation)
        for answer in (responses.response(raw, generation), events.event(raw, generation)):
            bounded(answer)
    control.mark(raw)
    control.console(raw)
    bounded(hello.hello_gen4(raw))
    bounded(hello.hello_gen5(raw))
    sent = guard.refused(raw, Level.CONSENT) is None
    frame = frames.identify(raw)
    need(not sent or (frame is not None and frame.packet_type == commands.COMMAND), "guard")
    record = decode(raw)
    plausible(record)
    return record is not None


def damaged_frame(packet: bytes, chance: random.Random) -> None:
    """A single flipped bit must cost the frame, wherever it is."""
    whole = bytearray(frames.build(packet[:3000], chance.choice((4, 5))))
    bit = chance.randrange(len(whole) * 8)
    whole[bit // 8] ^= 1 << bit % 8
    need(frames.identify(bytes(whole)) is None, "a flipped bit passes the checks")
    need(decode(bytes(whole)) is None, "a flipped bit yields a record")
    need(guard.refused(bytes(whole), Level.CONSENT) is not None, "a flipped bit passes the guard")


def stream(packets: Sequence[bytes], chance: random.Random) -> None:
    """Frames with noise between them, cut anywhere: none that is whole is lost or invented."""
    generation, clean = chance.choice((4, 5)), chance.random() < 0.5
    sent = [frames.build(one[:3000], generation) for one in chance.choices(packets, k=8)]
    noise = [b"" if clean else chance.randbytes(chance.randrange(40)) for _ in sent]
    whole = b"".join(between + frame for between, frame in zip(noise, sent, strict=True))
    reader, found, at = frames.Reassembler(generation), [], 0
    while at < len(whole):
        size = chance.choice((1, 20, 23, 244, 5000))
        found += reader.feed(whole[at : at + size])
        at += size
        need(len(reader._waiting) <= frames.LONGEST, "the reassembler keeps more than a frame")
    valid = [frames.build(one.inner, generation) for one in found if one.valid and one.decodable]
    need(not clean or len(valid) == len(sent), "the reassembler lost a frame of a clean stream")
    need(all(one[-8:] in whole for one in valid), "the reassembler invented a frame")


def a_batch(raws: list[bytes]) -> None:
    """As arrays, from bytes and from hex, and one by one: the same."""
    lines = b"\n".join(raw.hex().encode() for raw in raws if raw)
    for columns, sent in (
        (batches.decode_batch(raws), raws),
        (batches.decode_batch(lines), [raw for raw in raws if raw]),
    ):
        said = [decode(raw) for raw in sent]
        need(len(columns.verdict) == len(sent), "a batch has another length than its frames")
        told = [record.ts if record else 0 for record in said]
        need(columns.ts.tolist() == told, "a batch dates a frame otherwise")
        decoded = [record is not None for record in said]
        need(columns.decoded.tolist() == decoded, "a batch decodes other frames")
        for table in (columns.seconds, columns.lives, columns.motions):
            rates = [getattr(said[at], "heart_rate", None) or 0 for at in table.index.tolist()]
            need(table.heart_rate.tolist() == rates, "a batch has another heart rate")
            beats = table.rr[(table.rr != 0)]
            need(bool(((beats >= BEAT[0]) & (beats <= BEAT[-1])).all()), "a batch has such beats")
        vectors = columns.seconds.acceleration
        one_by_one = [said[at].acceleration for at in columns.seconds.index.tolist()]
        for ours, theirs in zip(vectors.tolist(), one_by_one, strict=True):
            same = all(map(math.isnan, ours)) if theirs is None else tuple(ours) == theirs
            need(same, "a batch has another acceleration")


def normalized(raws: list[bytes]) -> None:
    """What the hub would store of them: dated by a clock that was set, and within its bounds."""
    sizes, nothing = [len(raw) for raw in raws], [0] * len(raws)
    for kind in ("frames", "imu"):
        item = RawItem(
            kind=kind,
            id="2026-05-28T20",
            body=b"".join(raws),
            pieces=Pieces(sizes, nothing),
            received_at=RECEIVED,
        )
        for entity in normalize(item):
            if isinstance(entity, Metric):
                stored(entity)
            elif isinstance(entity, Event):
                need(SET <= entity.start <= LATEST, f"an event at {entity.start}")


def posted(raws: list[bytes], chance: random.Random) -> None:
    """What a client posts, its texts damaged too: every frame comes out once, all are counted."""
    texts = [raw.hex() for raw in raws]
    spoilt = {at: chance.choice(SPOILT)(texts[at]) for at in chance.choices(range(len(texts)), k=4)}
    sent = [spoilt.get(at, text) for at, text in enumerate(texts)]
    body = json.dumps({"device_id": "band", "records": sent}).encode()
    [got] = receive(Push(route="batch", body=body, media_type="application/json"), RECEIVED)
    counted = got.counts["decoded"] + got.counts["undecodable"]
    need(counted == len(sent), f"{len(sent)} frames posted, {counted} counted")
    kept = Counter(one for item in got.items for one in cut(item))
    need(kept.total() == len(sent), f"{len(sent)} frames posted, {kept.total()} kept")
    lost = Counter(raw for at, raw in enumerate(raws) if at not in spoilt and raw) - kept
    need(not lost, f"{lost.total()} frames are not kept as they came")
    with suppress(BadInput):
        damaged = Push(route="batch", body=mutated(body, [body], chance), media_type="text/plain")
        list(receive(damaged, RECEIVED))


def cut(item: RawItem) -> Iterator[bytes]:
    sizes, body, at = np.asarray(item.pieces.sizes), item.read(), 0
    for size in sizes.tolist():
        yield body[at : at + size]
        at += size
    need(at == len(body), "the sizes of an item are not those of its body")


class Fuzz:
    """One run: what was tried, and what went wrong."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.packets, self.captured = corpus(self.chance)
        self.tried = self.decoded = 0
        self.failures: list[dict[str, str]] = []
        self.warm: int | None = None

    def run(self, seconds: float, inputs: int | None) -> None:
        began = time.monotonic()
        while len(self.failures) < SHOWN:
            gone = time.monotonic() - began
            if (inputs and self.tried >= inputs) or (not inputs and gone >= seconds):
                return
            self.round()
            share = self.tried / inputs if inputs else gone / seconds
            if self.warm is None and share >= WARM:
                self.warm = resident()

    def round(self) -> None:
        chosen = self.chance.choices(self.packets, k=BATCH)
        bare = [mutated(packet, self.packets, self.chance) for packet in chosen]
        raws = [wrapped(packet, self.chance) for packet in bare]
        for packet, raw in zip(bare, raws, strict=True):
            self.attempt(raw, lambda raw=raw: self.one_frame(raw))
            self.attempt(packet, lambda packet=packet: damaged_frame(packet, self.chance))
        self.attempt(b"".join(bare), lambda: stream(bare, self.chance))
        lines = b"\n".join(raw.hex().encode() for raw in raws)
        self.attempt(lines, lambda: a_batch(raws))
        self.attempt(lines, lambda: normalized(raws))
        self.attempt(lines, lambda: posted(raws, self.chance))

    def attempt(self, raw: bytes, call: Callable[[], None]) -> None:
        self.tried += 1
        signal.setitimer(signal.ITIMER_REAL, PATIENCE)
        try:
            call()
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            self.failures.append({"error": said[:300], "input": raw.hex()[:8000]})
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def one_frame(self, raw: bytes) -> None:
        self.decoded += one_frame(raw)

    @property
    def growth(self) -> int:
        return resident() - self.warm if self.warm is not None else 0


def resident() -> int:
    """Bytes that this process holds now."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * resource.getpagesize()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def hang(number: int, frame: FrameType | None) -> None:
    raise Hang(f"more than {PATIENCE:g} s")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=0)
    parser.add_argument("--seconds", type=float, default=0)
    parser.add_argument("--inputs", type=int, help="stop after so many instead")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print the JSON line alone")
    chosen = parser.parse_args(arguments)
    seconds = chosen.minutes * 60 + chosen.seconds or 20.0
    signal.signal(signal.SIGALRM, hang)
    fuzz = Fuzz(chosen.seed)
    began = time.monotonic()
    fuzz.run(seconds, chosen.inputs)
    found = {
        "inputs": fuzz.tried,
        "records": fuzz.decoded,
        "captured_packets": fuzz.captured,
        "seconds": round(time.monotonic() - began, 1),
        "seed": chosen.seed,
        "memory_growth_bytes": fuzz.growth,
        "failures": fuzz.failures,
    }
    if not chosen.json:
        print(f"{fuzz.tried:,} inputs, {len(fuzz.failures)} failures, {fuzz.growth:,} bytes grown")
    print(json.dumps(found))
    return 1 if fuzz.failures or fuzz.growth > MOST_GROWTH else 0


if __name__ == "__main__":
    raise SystemExit(main())
