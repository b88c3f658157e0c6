"""Which bytes may be written to a band: asked of the frame itself, at the one place that writes."""

from openfit_openstrap_band.wire import frames
from openfit_openstrap_band.wire.commands import COMMAND
from openfit_openstrap_band.wire.words import OPCODE, Level

TRIMS = 0x17
SET_CONFIG = 0x78
SAVES_ON_GEN5 = 0x6B
STREAMS = frozenset((0x3F, 0x6A, 0x6B, 0x6C))  # their last byte switches: off is always allowed
# Flags of gen5's deep buffers. Nothing else that outlives a restart is ever written.
FLAGS = frozenset(
    (
        *(f"enable_r22_{version}packets" for version in ("", "v2_", "v3_", "v4_")),
        *(f"enable_r22_{version}packets" for version in ("v5_", "v6_", "v8_")),
        "disable_pip_r26_packets",
    )
)


class Refused(ValueError):
    """A frame that must not be written."""


def allow(raw: bytes, asked: Level = Level.SAFE) -> bytes:
    """`raw`, if it may be written."""
    reason = refused(raw, asked)
    if reason is not None:
        raise Refused(reason)
    return raw


def refused(raw: bytes, asked: Level = Level.SAFE) -> str | None:
    """Why these bytes must not be written; None when they may be.

    `asked` is how far who asks may go: SAFE a schedule, USER a person who asked for just this,
    CONSENT one who was told that it stays in the band. NEVER is out of everyone's reach. What is
    not in the tables is refused: an unknown command may erase.
    """
    frame = frames.identify(raw)
    if frame is None or not frame.decodable or len(frame.inner) < 4:
        return "These bytes are not one whole frame of a command. Nothing was sent."
    if frame.packet_type != COMMAND:
        return f"A packet of type {frame.packet_type:#04x} is no command to the band. Not sent."
    level = level_of(frame)
    if level <= asked and level is not Level.NEVER:
        return _malformed(frame)
    return f"{_called(frame)} {REASONS[level]} Nothing was sent."


def level_of(frame: frames.Frame) -> Level:
    """Who may have this command sent."""
    inner = frame.inner
    word = OPCODE.get(inner[2])
    if word is None or (frame.generation == 5 and word.code == SAVES_ON_GEN5):
        return Level.NEVER
    if word.code in STREAMS and _off(frame):
        return Level.SAFE
    if word.code == SET_CONFIG and (frame.generation == 4 or _flag(inner) not in FLAGS):
        return Level.NEVER
    return word.level


REASONS = {
    Level.USER: "is sent only when a person asks for it.",
    Level.CONSENT: "stays in the band for good: it is sent only with consent (--i-understand).",
    Level.NEVER: "can erase, change or brick the band: it is never sent.",
}


def _called(frame: frames.Frame) -> str:
    word = OPCODE.get(frame.inner[2])
    return f"{word.name if word else 'An unknown command'} ({frame.inner[2]:#04x})"


def _off(frame: frames.Frame) -> bool:
    """A switch with nothing but zeros where its 01 would stand."""
    body = frame.inner[3:]
    revised = frame.inner[2] in (0x6B, 0x6C) or frame.generation == 5
    return not any(body[1:]) and (body[0] == 1 if revised else body[0] == 0)


def _flag(inner: bytes) -> str:
    return inner[4:36].rstrip(b"\0").decode("latin-1")


def _malformed(frame: frames.Frame) -> str | None:
    """An acknowledgement lets the band trim: it has its exact shape or is not sent."""
    body = frame.inner[3:]
    exact = not any(body) or (body[0] == 1 and len(body) == 9)
    if frame.opcode != TRIMS or exact:
        return None
    return "A history result is a refusal, or 01 and eight bytes of token. Nothing was sent."
