"""Answers to commands."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from openfit_openstrap_band.wire.events import address, printable, tenths, u16, u32
from openfit_openstrap_band.wire.hello import Hello, hello_gen4, hello_gen5
from openfit_openstrap_band.wire.words import PENDING, SUCCESS, WALL_CLOCK

RESPONSE = 0x24
ANSWERED_TWICE = frozenset((0x22, 0x91))  # for these, pending is followed by the answer
NAME_LENGTHS = range(1, 21)


class Clock(msgspec.Struct, frozen=True):
    """The band's own time. One that was never set counts from 1970: it is told too."""

    seconds: int
    subsec: int | None = None

    @property
    def set(self) -> bool:
        return self.seconds in WALL_CLOCK


class Ring(msgspec.Struct, frozen=True):
    """The flash: pages, and records in them."""

    old_page: int
    read_page: int
    write_page: int
    trim_page: int
    wrap_count: int
    total_pages: int
    used_records: int
    free_records: int


class Alarm(msgspec.Struct, frozen=True):
    """`epoch` 0 says that none is set; `active` is unknown in the simple form."""

    epoch: int
    active: bool | None = None


class BodyLocation(msgspec.Struct, frozen=True):
    revision: int
    status: int
    confidence: int
    location: int


class BatteryPack(msgspec.Struct, frozen=True):
    revision: int
    attached: bool
    identifier: str
    name: str
    type: int
    status: int


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """An answer, with what its body says; None for all that it does not."""

    opcode: int
    sequence: int
    request: int | None = None  # the sequence of the command, which acknowledgements echo as 0
    status: int | None = None
    battery: float | None = None
    clock: Clock | None = None
    span: tuple[int, int] | None = None  # oldest and newest record, s
    ring: Ring | None = None
    alarm: Alarm | None = None
    alarm_status: int | None = None
    name: str | None = None
    location: BodyLocation | None = None
    pack: BatteryPack | None = None
    version: bytes | None = None
    wrist: bytes | None = None
    hello: Hello | None = None

    @property
    def final(self) -> bool:
        return self.status != PENDING or self.opcode not in ANSWERED_TWICE


def response(inner: bytes, generation: int = 4) -> Response | None:
    if len(inner) < 3 or inner[0] != RESPONSE:
        return None
    opcode, status = inner[2], inner[4] if len(inner) > 4 else None
    reader = READERS.get(opcode)
    told: dict[str, Any] = {}
    if reader and (status == SUCCESS or opcode not in _gated(generation)):
        told = reader(inner, generation)
    request = inner[3] if len(inner) > 3 else None
    return Response(opcode=opcode, sequence=inner[1], request=request, status=status, **told)


def answers(got: Response, opcode: int, sequence: int, pending: Iterable[int] = ()) -> bool:
    """Whether `got` answers the command `opcode` that was sent as `sequence`.

    Some answers echo 0 instead: taken where `pending`, the opcodes that wait, holds it once.
    """
    if got.opcode != opcode:
        return False
    return got.request == sequence or (got.request == 0 and list(pending).count(opcode) == 1)


def _gated(generation: int) -> frozenset[int]:
    """What only success fills in: on gen5 all others hold what memory held before."""
    return (frozenset(READERS) if generation == 5 else GATED) - ALARM_STATUS


def _battery(inner: bytes, generation: int) -> dict[str, Any]:
    if generation == 5:
        return {"battery": float(inner[5])} if len(inner) > 5 and inner[5] <= 100 else {}
    percent = tenths(inner, 5) if len(inner) >= 7 else None
    padding = percent == 0 and inner[4] != SUCCESS  # all that a failure without a body holds
    return {} if padding else {"battery": percent}


def _clock(inner: bytes, generation: int) -> dict[str, Any]:
    if len(inner) < 9:
        return {}
    return {"clock": Clock(u32(inner, 5), u32(inner, 9) if len(inner) >= 13 else None)}


def _clock_gen5(inner: bytes, generation: int) -> dict[str, Any]:
    if generation != 5 or len(inner) < 10 or inner[5] != 1:
        return {}
    return {"clock": Clock(u32(inner, 6), u16(inner, 10) if len(inner) >= 12 else None)}


def _range(inner: bytes, generation: int) -> dict[str, Any]:
    if len(inner) < 38 or inner[5] != 1:
        return {}
    ring = Ring(*(u32(inner, at) for at in range(6, 38, 4)))
    told: dict[str, Any] = {}
    if 0 < ring.total_pages >= ring.write_page:
        told["ring"] = ring
    oldest, newest = u32(inner, 38), u32(inner, 62)
    if len(inner) >= 66 and oldest in WALL_CLOCK and newest in WALL_CLOCK and oldest <= newest:
        told["span"] = oldest, newest
    return told


def _alarm(inner: bytes, generation: int) -> dict[str, Any]:
    form = inner[5] if len(inner) > 5 else None
    if form == 1 and len(inner) >= 10:
        return {"alarm": Alarm(u32(inner, 6))}
    if form == 4 and len(inner) >= 11:
        return {"alarm": Alarm(u32(inner, 7), inner[6] == 1)}
    return {}


def _alarm_status(inner: bytes, generation: int) -> dict[str, Any]:
    return {"alarm_status": inner[6]} if len(inner) > 6 else {}


def _name(inner: bytes, generation: int) -> dict[str, Any]:
    counted = inner[7] if len(inner) > 8 else 0
    called = printable(inner[8 : 8 + counted]) if counted in NAME_LENGTHS else ""
    return {"name": called or printable(inner[3:].lstrip(bytes(range(0x20)))) or None}


def _location(inner: bytes, generation: int) -> dict[str, Any]:
    return {"location": BodyLocation(*inner[5:9])} if len(inner) >= 9 else {}


def _wrist(inner: bytes, generation: int) -> dict[str, Any]:
    return {"wrist": bytes(inner[5:])} if len(inner) > 5 else {}


def _pack(inner: bytes, generation: int) -> dict[str, Any]:
    if len(inner) < 33:
        return {}
    named = printable(inner[13:29])
    pack = BatteryPack(inner[5], inner[6] == 1, address(inner[7:13]), named, inner[31], inner[32])
    return {"pack": pack}


def _version(inner: bytes, generation: int) -> dict[str, Any]:
    return {"version": bytes(inner[3:])} if generation == 4 else {}


def _hello_gen4(inner: bytes, generation: int) -> dict[str, Any]:
    return {"hello": hello_gen4(inner[3:])}


def _hello_gen5(inner: bytes, generation: int) -> dict[str, Any]:
    return {"hello": hello_gen5(inner[5:])}


ALARM_STATUS = frozenset((0x42, 0x44))  # says why, on failure most of all
GATED = frozenset((0x4C, 0x7B, 0x8D, 0x91))  # on gen4 the status of the others proves nothing
READERS: dict[int, Callable[[bytes, int], dict[str, Any]]] = {
    0x07: _version,
    0x0B: _clock,
    0x1A: _battery,
    0x22: _range,
    0x23: _hello_gen4,
    0x42: _alarm_status,
    0x43: _alarm,
    0x44: _alarm_status,
    0x4C: _name,
    0x54: _location,
    0x7B: _wrist,
    0x8D: _name,
    0x91: _hello_gen5,
    0x93: _clock_gen5,
    0x97: _pack,
}
