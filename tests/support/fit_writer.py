"""A small FIT encoder, so that every case of the reader has a file made here."""

import struct

EPOCH = 631_065_600
START = 1_772_348_400 - EPOCH  # 2026-03-01T07:00:00Z
FORMATS = {
    0x00: "B", 0x01: "b", 0x02: "B", 0x83: "h", 0x84: "H", 0x85: "i", 0x86: "I", 0x88: "f",
    0x89: "d", 0x0A: "B", 0x8B: "H", 0x8C: "I", 0x8E: "q", 0x8F: "Q", 0x90: "Q",
}  # fmt: skip
U8, U16, U32, S32, ENUM, STRING, BYTE = 0x02, 0x84, 0x86, 0x85, 0x00, 0x07, 0x0D
FLOAT32 = 0x88
CRC_TABLE = (
    0x0000, 0xCC01, 0xD801, 0x1400, 0xF001, 0x3C00, 0x2800, 0xE401,
    0xA001, 0x6C00, 0x7800, 0xB401, 0x5000, 0x9C01, 0x8801, 0x4400,
)  # fmt: skip


def crc(body: bytes) -> int:
    """The checksum nibble by nibble, as the protocol's description writes it."""
    value = 0
    for byte in body:
        for nibble in (byte & 0xF, byte >> 4):
            value = (value >> 4) & 0x0FFF ^ CRC_TABLE[value & 0xF] ^ CRC_TABLE[nibble]
    return value


class Writer:
    """Writes one FIT file: define a message, then write its values."""

    def __init__(self, *, big_endian: bool = False, header: int = 14) -> None:
        self.records = bytearray()
        self.order = ">" if big_endian else "<"
        self.header = header
        self.layouts = {}

    def define(self, local, message, fields, developer=()):
        """`fields`: (number, base type, elements); `developer`: (number, size, index)."""
        self.layouts[local] = (fields, developer)
        self.records += bytes([0x40 | (0x20 if developer else 0) | local, 0, self.order == ">"])
        self.records += struct.pack(self.order + "H", message) + bytes([len(fields)])
        for number, base, count in fields:
            size = count if base in (STRING, BYTE) else count * struct.calcsize(FORMATS[base])
            self.records += bytes([number, size, base])
        if developer:
            self.records += bytes([len(developer)])
            for row in developer:
                self.records += bytes(row)
        return self

    def write(self, local, *values, compressed=None):
        head = local if compressed is None else 0x80 | local << 5 | compressed & 0x1F
        self.records += bytes([head])
        fields, developer = self.layouts[local]
        for (_, base, count), value in zip(fields, values, strict=False):
            self.records += self.packed(base, count, value)
        for (_, size, _), value in zip(developer, values[len(fields) :], strict=True):
            self.records += value.ljust(size, b"\0")
        return self

    def packed(self, base, count, value):
        if base in (STRING, BYTE):
            return bytes(value).ljust(count, b"\0" if base == STRING else b"\xff")
        values = value if isinstance(value, list | tuple) else [value]
        return struct.pack(self.order + FORMATS[base] * count, *values)

    def raw(self, octets):
        self.records += octets
        return self

    def bytes(self) -> bytes:
        head = struct.pack("<BBHI4s", self.header, 0x20, 2132, len(self.records), b".FIT")
        if self.header == 14:
            head += struct.pack("<H", crc(head))
        body = head + bytes(self.records)
        return body + struct.pack("<H", crc(body))


def activity(
    *, seconds: int = 60, big_endian: bool = False, header: int = 14, start: int = START, sport=1
) -> bytes:
    """A whole activity: file_id, events, 1 Hz records with a pause, lap, session, activity."""
    w = Writer(big_endian=big_endian, header=header)
    w.define(0, 0, [(0, ENUM, 1), (1, U16, 1), (2, U16, 1), (3, 0x8C, 1), (4, U32, 1)])
    w.write(0, 4, 1, 1836, 123456789, start)
    w.define(1, 21, [(253, U32, 1), (0, ENUM, 1), (1, ENUM, 1)])
    w.write(1, start, 0, 0)
    w.define(2, 20, [(253, U32, 1), (0, S32, 1), (1, S32, 1), (2, U16, 1), (3, U8, 1),
                     (4, U8, 1), (5, U32, 1), (6, U16, 1), (7, U16, 1), (13, 0x01, 1)])  # fmt: skip
    pause = seconds // 2
    for n in range(seconds):
        at = start + n + (20 if n >= pause else 0)
        if n == pause:
            w.write(1, start + n - 1, 0, 4).write(1, at, 0, 0)
        w.write(2, at, 500_000_000 + 300 * n, 90_000_000 + 200 * n, (500 + n) * 5, 120 + n % 40,
                85, n * 300, 3000, 200 + n % 50, 18)  # fmt: skip
    end = start + seconds + 20
    lap = [(253, U32), (2, U32), (7, U32), (8, U32), (9, U32), (24, ENUM)]
    elapsed, timer, metres = (seconds + 20) * 1000, seconds * 1000, seconds * 300
    w.define(3, 19, [(number, base, 1) for number, base in lap])
    w.write(3, end, start, elapsed, timer, metres, 7)
    session = [(253, U32), (2, U32), (5, ENUM), (6, ENUM), (7, U32), (8, U32), (9, U32)]
    session += [(11, U16), (16, U8), (17, U8)]
    w.define(4, 18, [(number, base, 1) for number, base in session])
    w.write(4, end, start, sport, 0, elapsed, timer, metres, 42, 139, 159)
    w.define(5, 34, [(253, U32, 1), (5, U32, 1)])
    w.write(5, end, end + 2 * 3600)
    return w.bytes()
