"""Events: what the band noticed, and the few of them that carry numbers."""

from collections.abc import Callable

import msgspec

from openfit_openstrap_band.wire.words import HAPTICS_ENDS, event_name, name

EVENT = 0x30
DORSET_DETECTED = 6
BATTERY_LEVEL, STRAP_CONDITION, HAPTICS_TERMINATED = 3, 29, 100
BATTERY_PACK, FIRMWARE_EVENT = 109, 123

Detail = bool | int | float | str
Details = dict[str, Detail]


class Event(msgspec.Struct, frozen=True):
    """By the band's own clock. `details` holds what its body says, no more."""

    event_id: int
    name: str
    sequence: int
    ts: int | None = None
    subsec: int | None = None
    body: bytes = b""
    details: Details = {}


def event(inner: bytes, generation: int = 4) -> Event | None:
    if len(inner) < 4 or inner[0] != EVENT:
        return None
    event_id, contents = u16(inner, 2), body(inner)
    return Event(
        event_id,
        event_name(event_id, generation),
        inner[1],
        u32(inner, 4) if len(inner) >= 8 else None,
        u16(inner, 8) if len(inner) >= 10 else None,
        contents,
        details(event_id, contents, generation),
    )


def body(inner: bytes) -> bytes:
    """What an event or a console packet holds; behind it stands padding."""
    return bytes(inner[12 : 12 + u16(inner, 10)]) if len(inner) >= 12 else b""


def details(event_id: int, contents: bytes, generation: int) -> Details:
    if event_id in STATES:
        key, value = STATES[event_id]
        return {key: value}
    if event_id in READERS or (generation == 5 and event_id in GEN5_READERS):
        return (READERS | GEN5_READERS)[event_id](contents)
    return {}


def u16(octets: bytes, at: int) -> int:
    return int.from_bytes(octets[at : at + 2], "little")


def u32(octets: bytes, at: int) -> int:
    return int.from_bytes(octets[at : at + 4], "little")


def tenths(octets: bytes, at: int) -> float | None:
    """A percentage in tenths; None where it is none."""
    value = u16(octets, at)
    return value / 10 if value <= 1000 else None


def printable(octets: bytes) -> str:
    """The plain letters up to the first NUL."""
    return "".join(map(chr, filter(range(0x20, 0x7F).__contains__, octets.split(b"\0")[0]))).strip()


def address(octets: bytes) -> str:
    return octets.hex(":")


def _battery(contents: bytes) -> Details:
    if len(contents) < 12:
        return {}
    percent = tenths(contents, 1)
    told: Details = {} if percent is None else {"battery_pct": percent}
    return {**told, "battery_mv": u16(contents, 5), "charging": contents[9] != 0}


def _condition(contents: bytes) -> Details:
    """Each field stands on its own: shorter reports lack the last ones."""
    soc = tenths(contents, 6)
    told: dict[str, tuple[int, Detail | None]] = {
        "condition_pages_behind": (4, u32(contents, 0)),
        "condition_backlog": (6, u16(contents, 4) / 10),
        "condition_soc_pct": (8, soc),
        "condition_flash": (9, contents[8] if len(contents) > 8 else None),
        "condition_charging": (10, contents[9] != 0 if len(contents) > 9 else None),
        "condition_wrist_state": (11, contents[10] if len(contents) > 10 else None),
    }
    return {
        key: value
        for key, (needs, value) in told.items()
        if len(contents) >= needs and value is not None
    }


def _haptics(contents: bytes) -> Details:
    if len(contents) < 2:
        return {}
    return {
        "haptics_revision": contents[0],
        "haptics_termination_code": contents[1],
        "haptics_termination": name(HAPTICS_ENDS, contents[1], "code"),
    }


def _pack(contents: bytes) -> Details:
    if len(contents) < 27:
        return {}
    called = printable(contents[7:23])
    return {
        "pack_revision": contents[0],
        "pack_address": address(contents[1:7]),
        **({"pack_name": called} if called else {}),
        "pack_battery_raw": u16(contents, 23),
        "pack_colorway": contents[25],
        "pack_hardware_family": contents[26],
    }


def _firmware(contents: bytes) -> Details:
    if len(contents) < 3:
        return {}
    number = u16(contents, 1)
    called = "DORSET_DETECTED" if number == DORSET_DETECTED else f"FIRMWARE_EVENT_{number}"
    return {"fw_event_revision": contents[0], "fw_event_id": number, "fw_event": called}


STATES: dict[int, tuple[str, Detail]] = {
    7: ("charging", True),
    8: ("charging", False),
    9: ("on_wrist", True),
    10: ("on_wrist", False),
    14: ("double_tap", True),
    21: ("pack_connected", True),
    22: ("pack_connected", False),
    33: ("realtime_hr_stream", True),
    34: ("realtime_hr_stream", False),
    96: ("high_freq_sync", "prompt"),
    97: ("high_freq_sync", "enabled"),
    98: ("high_freq_sync", "disabled"),
}
READERS: dict[int, Callable[[bytes], Details]] = {BATTERY_LEVEL: _battery}
GEN5_READERS: dict[int, Callable[[bytes], Details]] = {
    STRAP_CONDITION: _condition,
    HAPTICS_TERMINATED: _haptics,
    BATTERY_PACK: _pack,
    FIRMWARE_EVENT: _firmware,
}
