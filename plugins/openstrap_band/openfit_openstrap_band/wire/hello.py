"""Who a band is: its answer to the first command, of either generation."""

import re

import msgspec

from openfit_openstrap_band.wire.events import u16, u32
from openfit_openstrap_band.wire.words import WALL_CLOCK

SERIAL_AT = 16
GEN5_LENGTH = 104
GEN5_REVISION = 1
WHOOP_5 = range(48, 86)
COMMIT = re.compile(rb"(?:^|[^\x20-\x7E])([0-9A-Fa-f]{16,})(?![\x20-\x7E])")


class Hello(msgspec.Struct, frozen=True):
    """What is known of a band; None where its answer does not say."""

    serial: str | None = None
    commit: str | None = None  # of its firmware
    battery: float | None = None  # %


class HelloGen5(Hello, frozen=True, kw_only=True):
    charging: bool
    on_wrist: bool
    ts: int  # the band's own clock, set or not
    subsec: int
    cpu: str
    hardware_family: int
    board_revision: int
    optical: int  # 48 to 85 is a WHOOP 5
    firmware: str
    signal_processor: str
    heart_rate_broadcast: bool
    error: int
    revision: int = GEN5_REVISION

    @property
    def clock_set(self) -> bool:
        return self.ts in WALL_CLOCK

    @property
    def whoop_5(self) -> bool:
        return self.optical in WHOOP_5


def hello_gen4(payload: bytes) -> Hello:
    """Read by content, `payload` after the opcode: its offsets move from firmware to firmware.

    Charging and wear stand nowhere in it; the offsets that other projects name are disproved.
    """
    if len(payload) < 10:
        return Hello()
    return Hello(_serial(payload), _commit(payload), _battery(payload))


def hello_gen5(body: bytes) -> HelloGen5 | None:
    """A fixed map, `body` after the status. None for a short or a foreign one."""
    if len(body) < GEN5_LENGTH or body[0] != GEN5_REVISION:
        return None
    percent = u32(body, 1) // 10
    return HelloGen5(
        serial=token(body[14:25]) or None,
        commit=body[25:49].hex(),
        battery=percent if percent <= 100 else None,
        charging=bool(body[5] & 1),
        on_wrist=body[102] == 1,
        ts=u32(body, 6),
        subsec=u32(body, 10),
        cpu=body[49:79].hex(),
        hardware_family=u32(body, 79),
        board_revision=u32(body, 83),
        optical=u32(body, 87),
        firmware=f"{body[91]}.{body[92]}.{body[93]}.{u32(body, 94)}",
        signal_processor=f"{body[98]}.{body[99]}.{body[100]}",
        heart_rate_broadcast=body[101] != 0,
        error=int.from_bytes(body[103:104], "little", signed=True),
    )


def token(octets: bytes) -> str:
    """The text up to the first NUL; empty where anything unprintable stands before it."""
    text = octets.split(b"\0")[0]
    return text.decode() if all(0x20 <= octet < 0x7F for octet in text) else ""


def _serial(payload: bytes) -> str | None:
    text = token(payload[SERIAL_AT:])
    return text if 6 <= len(text) <= 13 and text.isalnum() else None


def _commit(payload: bytes) -> str | None:
    """The first run of letters from the serial on that is all hexadecimal."""
    found = COMMIT.search(payload[SERIAL_AT:])
    return found[1].decode() if found else None


def _battery(payload: bytes) -> float | None:
    """The first number that can be one: echo and status, which stand before it, never are."""
    tenths = (u16(payload, at) for at in range(2, 10) if at + 2 <= len(payload))
    return next((value / 10 for value in tenths if 10 <= value <= 1000), None)
