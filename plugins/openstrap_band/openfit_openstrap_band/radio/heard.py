"""What the sync conversation has to know of a frame: marker, reply, or something to keep."""

from openfit_openstrap_band.wire import control, responses
from openfit_openstrap_band.wire.control import Mark
from openfit_openstrap_band.wire.frames import Frame
from openfit_openstrap_band.wire.responses import Response

REPLY, RECORD, EVENT, METADATA, CONSOLE = 0x24, 0x2F, 0x30, 0x31, 0x32
WRAPPERS = (0x35, 0x36, 0x37)
COUNTED = {RECORD, EVENT, CONSOLE, *WRAPPERS}
PASSING = {REPLY, METADATA, 0x26, 0x28, 0x2B, 0x33}  # replies, and live data that nobody stores


def marker(frame: Frame) -> Mark | None:
    return control.mark(frame.inner) if frame.decodable else None


def reply(frame: Frame) -> Response | None:
    return responses.response(frame.inner, frame.generation) if frame.decodable else None


def counts(frame: Frame) -> bool:
    """Whether a burst's announced number counts it. What cannot be read is counted."""
    return frame.valid and (not frame.decodable or frame.packet_type in COUNTED)


def lasting(frame: Frame) -> bool:
    """Whether it is stored: all but replies, markers and live data."""
    return frame.valid and (not frame.decodable or frame.packet_type not in PASSING)


def is_record(frame: Frame) -> bool:
    return frame.decodable and frame.packet_type == RECORD
