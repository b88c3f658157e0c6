"""Commands to the band, and the sequence numbers that they carry."""

from collections.abc import Callable, Sequence
from typing import Any

from openfit_openstrap_band.wire import frames

COMMAND = 0x23
ALL_ALARMS = 0xFF
SUBSECONDS = 32768  # of the band's clock, in a second
RAW_MS = 86_400_000  # the longest raw stream: one day
ALARM_HAPTICS = bytes.fromhex("2F98 000000000000 0000 07 1E")  # 8 effects, loops, loops, seconds
ALARM_IDS = {4: range(0, 7), 5: range(1, 7)}  # gen5 can neither run nor disable an alarm 0

# Opcode and body as they are sent, gen4 and gen5; None where that generation has no such command.
FIXED: dict[str, tuple[str | None, str | None]] = {
    "link_valid": ("01 00", "01 00"),
    "get_max_protocol_version": ("02", None),
    "report_version_info": ("07", None),
    "get_clock": ("0B", "0B"),
    "abort_historical": ("14 00", "14 00"),
    "send_historical_data": ("16 00", "16"),
    "history_result_fail": ("17 00", "17 00 00"),
    "get_battery_level": ("1A", "1A"),
    "get_data_range": ("22 00", "22"),
    "get_hello": ("23 00", "91 01"),
    "get_advertising_name": ("4C 00", None),
    "get_custom_advertising_name": (None, "8D 01"),
    "raw_data_stop": (None, "52 01"),
    "get_body_location": ("54 01", "54 01"),
    "exit_high_freq_sync": ("61", "61"),
    "stop_haptics": ("7A 01", "7A 01"),
    "get_battery_pack_info": ("97 01", "97 01"),
    "get_config_key_count": (None, "73 01"),
    "get_config_key_name": (None, "74 01"),
    "get_flag_key_count": (None, "75 01"),
    "get_flag_key_name": (None, "76 01"),
}
# The same, with 01 for on and 00 for off to follow. On gen5, 6B saves to history: not offered.
TOGGLES: dict[str, tuple[str | None, str | None]] = {
    "toggle_realtime_hr": ("03", "03"),
    "send_r10_r11_realtime": ("3F", None),
    "toggle_imu": ("6A", "6A 01"),
    "enable_optical": ("6B 01", None),
    "toggle_optical": ("6C 01", "6C 01"),
    "filtered_reading_raw_save": (None, "7D 01"),
    "filtered_reading": (None, "8B 01"),
}
# Sequence number and command, one at a time, each after the write before it is acknowledged.
INIT = {
    4: (
        (0, "get_hello"),
        (1, "get_advertising_name"),
        (2, "get_data_range"),
        (3, "get_alarm_time"),
        (4, "send_historical_data"),
    ),
    5: ((1, "get_hello"), (2, "get_data_range"), (3, "send_historical_data")),
}


class InvalidArgument(ValueError):
    """A command that the band would refuse, or misread."""


class Sequences:
    """The next sequence numbers of one connection: acknowledgements have a range of their own."""

    def __init__(self) -> None:
        self._ack, self._command = 5, 0xA0

    def ack(self) -> int:
        given, self._ack = self._ack, self._ack + 1 if self._ack < 0xFF else 5
        return given

    def command(self) -> int:
        given, self._command = self._command, self._command + 1 if self._command < 0xFF else 0xA0
        return given


def frame(command: str, sequence: int, generation: int = 4, **arguments: Any) -> bytes:
    """The bytes to write for `command`."""
    return frames.build(inner(command, sequence, generation, **arguments), generation)


def inner(command: str, sequence: int, generation: int = 4, **arguments: Any) -> bytes:
    """The packet of `command`, not yet padded: type, sequence, opcode, body."""
    _within("sequence", sequence, range(256))
    return bytes((COMMAND, sequence)) + packet(command, generation, **arguments)


def init_frames(generation: int = 4) -> list[bytes]:
    """What opens a connection; the last one starts the drain of the flash."""
    return [frame(command, sequence, generation) for sequence, command in INIT[generation]]


def packet(command: str, generation: int, **arguments: Any) -> bytes:
    """Opcode and body."""
    if command in FIXED and not arguments:
        return _of(command, FIXED[command], generation)
    if command in TOGGLES:
        prefix = _of(command, TOGGLES[command], generation)
        return prefix + bytes((bool(arguments.get("on", True)),))
    if command in WITH_ARGUMENTS:
        return WITH_ARGUMENTS[command](generation, **arguments)
    raise InvalidArgument(f"There is no command {command!r} with arguments {sorted(arguments)}.")


def set_clock(generation: int, epoch_ms: int) -> bytes:
    """Eight bytes: with fewer or more the band answers success and keeps its old time."""
    return b"\x0a" + _instant(epoch_ms) + bytes(2)


def history_result_ok(generation: int, token: bytes) -> bytes:
    """The acknowledgement that lets the band trim: the burst's token, unchanged."""
    if len(token) != 8:
        raise InvalidArgument(f"A history token has 8 bytes, this one {len(token)}: {token.hex()}.")
    return b"\x17\x01" + token


def set_alarm(
    generation: int,
    epoch_ms: int,
    index: int | None = None,
    haptics: Sequence[int] = ALARM_HAPTICS,
) -> bytes:
    """A wake alarm with its pattern: eight effects, u16 loops of each, loops of all, seconds."""
    index = ALARM_IDS[generation][0] if index is None else index
    _within("alarm", index, ALARM_IDS[generation])
    if len(haptics) != len(ALARM_HAPTICS):
        raise InvalidArgument(f"A pattern has {len(ALARM_HAPTICS)} bytes, this {len(haptics)}.")
    for part in haptics:
        _within("A part of a pattern", part, range(256))
    kind = b"" if generation == 4 else b"\x00"
    return bytes((0x42, 4, index)) + _instant(epoch_ms) + bytes(haptics) + kind


def set_alarm_simple(generation: int, epoch_ms: int) -> bytes:
    """Time alone. Some firmware answers success and never buzzes, some buzzes for nothing else."""
    _only("set_alarm_simple", generation, 4)
    return b"\x42\x01" + _instant(epoch_ms)


def get_alarm_time(generation: int, alarm_id: int = 1) -> bytes:
    if generation == 4:
        return b"\x43\x01"
    return bytes((0x43, 4, _within("alarm", alarm_id, ALARM_IDS[5])))


def run_alarm(generation: int, mode: int | None = None) -> bytes:
    """Buzz now. On gen5 `mode` is the alarm to run, and must be given."""
    if generation == 5:
        return bytes((0x44, 2, _within("alarm", mode, ALARM_IDS[5])))
    return b"\x44\x01" if mode is None else bytes((0x44, 2, _within("mode", mode, range(256))))


def disable_alarm(generation: int, revision: int = 1, alarm_id: int | None = None) -> bytes:
    """All alarms, or one of them: revision 1, which gen5 has not, can name none."""
    revision = 2 if generation == 5 else _within("revision", revision, range(1, 3))
    if alarm_id is not None:
        _within("alarm", alarm_id, ALARM_IDS[generation])
        if revision == 1:
            raise InvalidArgument("Revision 1 disables all alarms: name one with revision 2.")
    if revision == 1:
        return b"\x45\x01"
    return bytes((0x45, 2, ALL_ALARMS if alarm_id is None else alarm_id))


def set_advertising_name(generation: int, name: str) -> bytes:
    _only("set_advertising_name", generation, 4)
    return b"\x4d\x01" + _name(name, 20)


def set_custom_advertising_name(generation: int, name: str) -> bytes:
    _only("set_custom_advertising_name", generation, 5)
    return b"\x8c\x01" + _name(name, 15)


def buzz(generation: int, pattern: int = 2) -> bytes:
    """A vibration; pattern 2 is one short pulse."""
    _only("buzz", generation, 4)
    return bytes((0x4F, _within("pattern", pattern, range(256)), 0, 0, 0, 0))


def buzz_maverick(generation: int, overall_loop: int = 1) -> bytes:
    _only("buzz_maverick", generation, 5)
    effects = bytes.fromhex("2F98 0000000000000000")
    return b"\x13\x01" + effects + bytes((min(max(overall_loop, 0), 255),))


def raw_data_start(generation: int, duration_ms: int) -> bytes:
    """Always bounded: without a length the band streams for a day."""
    _only("raw_data_start", generation, 5)
    _within("duration_ms", duration_ms, range(1, RAW_MS + 1))
    return b"\x51\x02" + duration_ms.to_bytes(4, "little")


def enter_high_freq_sync(generation: int, interval_s: int = 180, duration_s: int = 7200) -> bytes:
    """A prompt to fetch history every `interval_s`. gen5 bounds both."""
    intervals, durations = (range(61, 65536), range(28_800))
    if generation == 4:
        intervals = durations = range(65536)
    _within("interval_s", interval_s, intervals)
    _within("duration_s", duration_s, durations)
    return b"\x60\x02" + interval_s.to_bytes(2, "little") + duration_s.to_bytes(2, "little")


def select_wrist(generation: int, wrist: int) -> bytes:
    """1 right, 2 left."""
    return bytes((0x7B, 1, _within("wrist", wrist, range(1, 3))))


def get_config_value(generation: int, name: str) -> bytes:
    _only("get_config_value", generation, 5)
    return b"\x79\x01" + _key(name)


def get_flag_value(generation: int, name: str) -> bytes:
    _only("get_flag_value", generation, 5)
    return b"\x80\x01" + _key(name)


def filtered_reading_generation(generation: int, operation: int) -> bytes:
    """1 stop, 2 start, 3 restart."""
    _only("filtered_reading_generation", generation, 5)
    return bytes((0x7C, 1, _within("operation", operation, range(1, 4))))


def set_config(generation: int, name: str, value: str, consent: bool = False) -> bytes:
    """A flag that outlives a restart: '1' switches it on, '2' off. One cannot be taken back."""
    _only("set_config", generation, 5)
    if not consent:
        raise InvalidArgument(f"Setting {name} stays in the band for good: it needs consent.")
    if value not in ("1", "2"):
        raise InvalidArgument(f"A flag of the band is '1' (on) or '2' (off), not {value!r}.")
    return b"\x78\x01" + _key(name) + value.encode() + bytes(31)


WITH_ARGUMENTS: dict[str, Callable[..., bytes]] = {
    body.__name__: body
    for body in (
        set_clock,
        history_result_ok,
        set_alarm,
        set_alarm_simple,
        get_alarm_time,
        run_alarm,
        disable_alarm,
        set_advertising_name,
        set_custom_advertising_name,
        buzz,
        buzz_maverick,
        raw_data_start,
        enter_high_freq_sync,
        select_wrist,
        get_config_value,
        get_flag_value,
        filtered_reading_generation,
        set_config,
    )
}


def _of(command: str, forms: tuple[str | None, str | None], generation: int) -> bytes:
    form = forms[generation - 4]
    if form is None:
        raise InvalidArgument(f"A band of generation {generation} has no command {command}.")
    return bytes.fromhex(form)


def _only(command: str, generation: int, which: int) -> None:
    if generation != which:
        raise InvalidArgument(f"A band of generation {generation} has no command {command}.")


def _within(what: str, value: int | None, bounds: range) -> int:
    if value is None or value not in bounds:
        raise InvalidArgument(f"{what} is {bounds[0]} to {bounds[-1]}, not {value}.")
    return value


def _instant(epoch_ms: int) -> bytes:
    """Seconds and 1/32768 s, six bytes."""
    seconds, ms = divmod(_within("epoch_ms", epoch_ms, range(1 << 42)), 1000)
    _within("seconds", seconds, range(1 << 32))
    return seconds.to_bytes(4, "little") + (ms * SUBSECONDS // 1000).to_bytes(2, "little")


def _name(name: str, longest: int) -> bytes:
    if not name.isascii() or not name.isprintable() or not 1 <= len(name) <= longest:
        raise InvalidArgument(f"A band's name has 1 to {longest} plain letters, not {name!r}.")
    return bytes((len(name),)) + name.encode() + bytes(4)


def _key(name: str) -> bytes:
    if not name.isascii() or not 1 <= len(name) <= 31:
        raise InvalidArgument(f"A setting of the band has 1 to 31 plain letters, not {name!r}.")
    return name.encode().ljust(32, b"\0")
