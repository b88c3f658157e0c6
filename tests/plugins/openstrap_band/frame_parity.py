"""Answers of the band plugin to the published vectors of its frames, in the vectors' names."""

from collections.abc import Callable
from typing import Any

from openfit_openstrap_band import commands, crc, frames

Input = dict[str, Any]
BAND = {"gen4": 4, "gen5": 5}


def frame_parity(group: str, input: Input, generation: str | None = None) -> Any:
    """What `expected` holds for `input`; None for what must be absent.

    The vectors tell the band's generation beside the input. Without it, it is read from the
    bytes where they show it, and is gen4 where they do not.
    """
    told = generation or input.get("generation") or shown_by(input)
    return GROUPS[group](input, BAND[told])


def shown_by(input: Input) -> str:
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
    arguments = {
        **{ARGUMENTS.get(name, name): value for name, value in input["args"].items()},
        **({"consent": True} if input["command"] == "set_config" else {}),
    }
    if "token" in arguments:
        arguments["token"] = bytes.fromhex(arguments["token"])
    name = COMMANDS.get(input["command"], input["command"])
    try:
        inner = commands.inner(name, input["seq"], generation, **arguments)
    except commands.InvalidArgument:
        return {"error": "invalid_argument"}
    frame = frames.build(inner, generation)
    return {"opcode": inner[2], "body_hex": inner[3:].hex(), "frame_hex": frame.hex()}


ARGUMENTS = {"token_hex": "token"}
COMMANDS: dict[str, str] = {}
GROUPS: dict[str, Callable[[Input, int], Any]] = {
    "crc": checksum,
    "frame_parse": frame_parse,
    "frame_build": frame_build,
    "reassembly": reassembly,
    "command": command,
}
