"""Answers of the band plugin to the published vectors of its frames, in the vectors' names."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import asdict
from openfit_openstrap_band.wire import (
    commands,
    control,
    crc,
    events,
    frames,
    hello,
    responses,
    words,
)

Input = dict[str, Any]
BAND = {"gen4": 4, "gen5": 5, 4: 4, 5: 5}


def frame_parity(group: str, input: Input, generation: str | int | None = None) -> Any:
    """What `expected` holds for `input`; None for what must be absent.

    The vectors tell the band's generation beside the input. Without it, it is read from the
    bytes where they show it, or from a command or reply that one generation alone has, and is gen4
    where nothing tells.
    """
    told = generation or input.get("generation") or shown_by(input)
    return GROUPS[group](input, BAND[told])


def shown_by(input: Input) -> str:
    if "command" in input:
        return "gen5" if of_gen5_alone(input) else "gen4"
    if input.get("inner_hex", "").startswith("24"):
        inner = bytes.fromhex(input["inner_hex"])
        battery = inner[2:3] == b"\x1a" and len(inner) == 6  # one octet: gen4 says two
        return "gen5" if inner[2:3] == b"\x93" or battery else "gen4"
    return by_header(input)


def of_gen5_alone(input: Input) -> bool:
    try:
        build_command(input, 4)
    except commands.InvalidArgument as error:
        return "generation 4 has no command" in str(error)
    return False


def by_header(input: Input) -> str:
    """The header of a frame passes the check of one generation."""
    raw = bytes.fromhex(input.get("hex") or "".join(input.get("chunks_hex", [])))
    return "gen5" if len(raw) > 8 and frames.header_ok(raw, 5) else "gen4"


def checksum(input: Input, generation: int) -> dict[str, int]:
    return {"value": getattr(crc, input["function"])(bytes.fromhex(input["hex"]))}


def frame_parse(input: Input, generation: int) -> dict[str, Any] | None:
    frame = frames.parse(bytes.fromhex(input["hex"]), generation)
    return frame and {
        "header_crc_ok": frame.header_ok,
        "crc32_ok": frame.crc_ok,
        "valid": frame.valid,
        "decodable": frame.decodable,
        "inner_hex": frame.inner.hex(),
        "packet_type": frame.packet_type,
        "seq": frame.sequence,
        "opcode": frame.opcode,
    }


def frame_build(input: Input, generation: int) -> dict[str, str]:
    return {"frame_hex": frames.build(bytes.fromhex(input["inner_hex"]), generation).hex()}


def reassembly(input: Input, generation: int) -> dict[str, Any]:
    stream = frames.Reassembler(generation)
    found = [one for chunk in input["chunks_hex"] for one in stream.feed(bytes.fromhex(chunk))]
    return {
        "frames": [{"valid": one.valid, "inner_hex": one.inner.hex()} for one in found],
        "valid_count": sum(one.valid for one in found),
        "resynced": stream.resynced > 0,
    }


def command(input: Input, generation: int) -> dict[str, Any]:
    try:
        inner = build_command(input, generation)
    except commands.InvalidArgument:
        return {"error": "invalid_argument"}
    frame = frames.build(inner, generation)
    return {"opcode": inner[2], "body_hex": inner[3:].hex(), "frame_hex": frame.hex()}


def build_command(input: Input, generation: int) -> bytes:
    arguments = {
        **{ARGUMENTS.get(name, name): value for name, value in input["args"].items()},
        **({"consent": True} if input["command"] == "set_config" else {}),
    }
    if "token" in arguments:
        arguments["token"] = bytes.fromhex(arguments["token"])
    for key in {"wrist", "operation"} & set(arguments):
        arguments[key] = CHOICES.get(arguments[key], arguments[key])
    name = COMMANDS.get(input["command"], input["command"])
    return commands.inner(name, input["seq"], generation, **arguments)


def command_response(input: Input, generation: int) -> dict[str, Any] | None:
    got = responses.response(bytes.fromhex(input["inner_hex"]), generation)
    if got is None:
        return None
    ring = got.ring and {key: getattr(got.ring, key) for key in RING}
    told = {
        "opcode": got.opcode,
        "req_seq": got.request,
        "cmd_status": got.status,
        "battery_pct": got.battery,
        "clock_epoch": got.clock.seconds if got.clock and got.clock.set else None,
        "range_oldest": got.span and got.span[0],
        "range_newest": got.span and got.span[1],
        "ring": ring,
        "alarm_epoch": got.alarm and got.alarm.epoch,
        "alarm_active": got.alarm and got.alarm.active,
        "alarm_status": got.alarm_status,
        "alarm_status_name": alarm_status(got.alarm_status),
        "strap_name": got.name,
        "body_location": got.location and asdict(got.location),
        "battery_pack": got.pack and asdict(got.pack),
        "version_raw_hex": got.version and got.version.hex(),
    }
    return {key: value for key, value in told.items() if value is not None}


def alarm_status(code: int | None) -> str | None:
    return None if code is None else words.name(words.ALARM_STATUSES, code, "status")


def hello_gen4(input: Input, generation: int) -> dict[str, Any]:
    got = hello.hello_gen4(bytes.fromhex(input["payload_hex"]))
    return {"battery_pct": got.battery, "serial": got.serial, "commit": got.commit}


def gen5_hello(input: Input, generation: int) -> dict[str, Any] | None:
    got = hello.hello_gen5(bytes.fromhex(input["body_hex"]))
    return got and {
        "hello_revision": got.revision,
        "battery_pct": got.battery,
        "charging": got.charging,
        "ts_seconds": got.ts,
        "ts_subseconds": got.subsec,
        "ts_seconds_plausible": got.ts if got.clock_set else None,
        "serial": got.serial or "",
        "commit_hex": got.commit,
        "cpu_hex": got.cpu,
        "hardware_family": got.hardware_family,
        "pcba_revision": got.board_revision,
        "optical_discriminator": got.optical,
        "is_gen5": got.whoop_5,
        "firmware_version": got.firmware,
        "signal_processor_version": got.signal_processor,
        "hr_broadcast": got.heart_rate_broadcast,
        "wrist_on": got.on_wrist,
        "error_byte": got.error,
    }


def event(input: Input, generation: int) -> dict[str, Any] | None:
    got = events.event(bytes.fromhex(input["inner_hex"]), generation)
    return got and {
        "event_id": got.event_id,
        "name": got.name if got.event_id in NAMED else f"EVENT_{got.event_id}",
        "ts_epoch": got.ts or 0,
        "ts_subsec": got.subsec or 0,
        "body_hex": got.body.hex(),
        "decoded": got.details,
    }


def metadata(input: Input, generation: int) -> dict[str, Any] | None:
    got = control.mark(bytes.fromhex(input["inner_hex"]))
    return got and {
        "sub": got.subtype,
        "name": got.name,
        "expected_packet_count": got.count,
        "token_hex": got.token and got.token.hex(),
        "wrap_count": got.wrap_count,
        "strap_clock_epoch": got.clock if got.clock_set else None,
        "strap_clock_subsec": got.clock_subsec if got.clock_set else None,
    }


def console_log(input: Input, generation: int) -> dict[str, Any] | None:
    got = control.console(bytes.fromhex(input["inner_hex"]))
    return got and {
        "record_index": got.index,
        "unix": got.ts,
        "subsec": got.subsec,
        "chunk_len": got.length,
        "text": got.text,
    }


def console_reassembly(input: Input, generation: int) -> dict[str, Any]:
    log, extended, runs = control.Console(), [], []
    for text in input["inners_hex"]:
        chunk = control.console(bytes.fromhex(text))
        if chunk is not None:
            extended.append(log.extends(chunk))
            runs.append(log.add(chunk))
    return {"extended": extended, "runs": [*filter(None, runs), log.flush()]}


CHOICES = {"right": 1, "left": 2, "stop": 1, "start": 2, "restart": 3}
ARGUMENTS = {
    "token_hex": "token",
    "alarm_index": "index",
    "interval_seconds": "interval_s",
    "duration_seconds": "duration_s",
    "op": "operation",
    "enabled": "on",
    "selection": "wrist",
}
COMMANDS = {
    "get_hello_harvard": "get_hello",
    "get_battery": "get_battery_level",
    "get_name": "get_advertising_name",
    "set_name": "set_advertising_name",
    "get_advertising_name_harvard": "get_advertising_name",
    "set_advertising_name_harvard": "set_advertising_name",
    "get_config_count": "get_config_key_count",
    "get_config_name": "get_config_key_name",
    "get_flag_count": "get_flag_key_count",
    "get_flag_name": "get_flag_key_name",
    "get_version_info": "report_version_info",
    "toggle_hr": "toggle_realtime_hr",
    "toggle_imu_mode": "toggle_imu",
    "toggle_optical_mode": "toggle_optical",
    "enable_optical_data": "enable_optical",
    "filtered_reading_filtered": "filtered_reading",
    "labrador_data_generation": "filtered_reading_generation",
    "labrador_raw_save": "filtered_reading_raw_save",
    "labrador_filtered": "filtered_reading",
    "start_raw_data": "raw_data_start",
    "stop_raw_data": "raw_data_stop",
}
RING = (
    "write_page",
    "used_records",
    "total_pages",
    "trim_page",
    "wrap_count",
    "free_records",
)
# The vectors name only these events; the others are numbers there, whatever they are called here.
NAMED = frozenset(
    (3, 7, 8, 9, 10, 13, 14, 16, 21, 22, 28, 29, 31, 33, 34, 56, 57, 60, 63)
    + (96, 97, 98, 100, 109, 111, 123)
)
GROUPS: dict[str, Callable[[Input, int], Any]] = {
    "crc": checksum,
    "frame_parse": frame_parse,
    "frame_build": frame_build,
    "reassembly": reassembly,
    "command": command,
    "command_response": command_response,
    "hello_gen4": hello_gen4,
    "gen5_hello": gen5_hello,
    "event": event,
    "metadata": metadata,
    "console_log": console_log,
    "console_reassembly": console_reassembly,
}
