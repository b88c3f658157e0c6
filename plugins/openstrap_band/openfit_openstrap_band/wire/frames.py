"""Frames: the envelope around each packet, and frames out of notifications cut anywhere."""

import msgspec

from openfit_openstrap_band.wire.crc import crc8, crc16_modbus, crc32

START = 0xAA
HEADER = {4: 4, 5: 8}
CRC = 4  # octets of the checksum that ends a frame and that its size counts
LONGEST = 4096  # of a frame on the wire; the longest known is 2140
REVISION = 1  # of the gen5 envelope: another one places the fields of its packet elsewhere
TO_BAND = b"\x00\x01"


class Frame(msgspec.Struct, frozen=True):
    """A frame as it came: `inner` is still padded to a multiple of four."""

    generation: int
    inner: bytes
    header_ok: bool
    crc_ok: bool
    revision: int = REVISION

    @property
    def valid(self) -> bool:
        return self.header_ok and self.crc_ok

    @property
    def decodable(self) -> bool:
        """Whether its packet may be read. What is valid and not decodable is kept as bytes."""
        return self.valid and self.revision == REVISION

    @property
    def packet_type(self) -> int | None:
        return self._at(0)

    @property
    def sequence(self) -> int | None:
        return self._at(1)

    @property
    def opcode(self) -> int | None:
        return self._at(2)

    def _at(self, place: int) -> int | None:
        return self.inner[place] if place < len(self.inner) else None


def build(inner: bytes, generation: int = 4) -> bytes:
    """The frame that carries `inner` to the band."""
    padded = inner + bytes(-len(inner) % 4)
    if HEADER[generation] + len(padded) + CRC > LONGEST:
        raise ValueError(
            f"A packet of {len(inner)} bytes is longer than a frame of {LONGEST} holds."
        )
    size = (len(padded) + CRC).to_bytes(2, "little")
    if generation == 4:
        header = bytes((START, *size, crc8(size)))
    else:
        head = bytes((START, REVISION, *size, *TO_BAND))
        header = head + crc16_modbus(head).to_bytes(2, "little")
    return header + padded + crc32(padded).to_bytes(CRC, "little")


def parse(raw: bytes, generation: int = 4) -> Frame | None:
    """The frame that `raw` begins with; None where it begins with no frame or a cut one."""
    whole = length(raw, generation)
    if raw[:1] != bytes((START,)) or whole is None or len(raw) < whole:
        return None
    inner = bytes(raw[HEADER[generation] : whole - CRC])
    told = int.from_bytes(raw[whole - CRC : whole], "little")
    return Frame(
        generation,
        inner,
        header_ok(raw, generation),
        crc32(inner) == told,
        raw[1] if generation == 5 else REVISION,
    )


def identify(raw: bytes) -> Frame | None:
    """The frame that is all of `raw`, of the generation whose checks it passes."""
    for generation in HEADER:
        frame = parse(raw, generation) if length(raw, generation) == len(raw) else None
        if frame is not None and frame.valid:
            return frame
    return None


def length(raw: bytes, generation: int) -> int | None:
    """How long the frame says it is; None where that cannot be, or is not told yet."""
    header = HEADER[generation]
    if len(raw) < header + CRC:
        return None
    at = header // 4  # the size follows the start byte, on gen5 the revision too
    size = int.from_bytes(raw[at : at + 2], "little")
    return header + size if size >= CRC else None


def header_ok(raw: bytes, generation: int) -> bool:
    if generation == 4:
        return crc8(raw[1:3]) == raw[3]
    return crc16_modbus(raw[:6]) == int.from_bytes(raw[6:8], "little")


class Reassembler:
    """Frames out of one characteristic's notifications, on one connection.

    It goes by lengths: a start byte also occurs inside packets, and chunks begin with one by
    chance. A frame with a wrong checksum is given too, for the statistics, but its length is not
    believed: one wrong header in 256 passes its CRC-8.
    """

    def __init__(self, generation: int = 4) -> None:
        self.generation = generation
        self.resynced = 0  # how often bytes had to be skipped to find the next frame
        self._waiting = b""
        self._padding = False  # whether zeros may follow: they do after a frame

    def feed(self, chunk: bytes) -> list[Frame]:
        """The frames that end within `chunk`; what is left waits, at most one longest frame."""
        buffer, at = self._waiting + chunk, 0
        frames: list[Frame] = []
        while (at := self._past_padding(buffer, at)) + HEADER[self.generation] + CRC <= len(buffer):
            whole = self._announced(buffer[at : at + HEADER[5] + CRC])
            if whole is not None and at + whole > len(buffer):
                break
            frame = whole and parse(buffer[at : at + whole], self.generation)
            if frame:
                frames.append(frame)
            self._padding = bool(frame and frame.crc_ok)
            at = at + whole if whole and self._padding else self._resync(buffer, at)
        self._waiting = buffer[at:]
        return frames

    def _past_padding(self, buffer: bytes, at: int) -> int:
        while self._padding and at < len(buffer):
            self._padding = buffer[at] == 0
            at += self._padding
        return at

    def _announced(self, head: bytes) -> int | None:
        """The length of the frame that begins here; None where its header says none does."""
        whole = length(head, self.generation)
        begins = head[0] == START and whole is not None and whole <= LONGEST
        return whole if begins and header_ok(head, self.generation) else None

    def _resync(self, buffer: bytes, at: int) -> int:
        self.resynced += 1
        found = buffer.find(START, at + 1)
        return len(buffer) if found < 0 else found
