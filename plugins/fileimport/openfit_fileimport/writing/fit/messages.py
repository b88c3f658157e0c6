"""FIT as bytes: messages as NumPy rows, their definitions, and the frame of a file."""

import struct
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from openfit_fileimport.fit import profile
from openfit_fileimport.fit.columns import BASE_TYPES, EPOCH
from openfit_fileimport.fit.crc import crc16

Octets = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.float64]

PROTOCOL, PROFILE = 0x20, 2132  # 2.0 brought developer fields; profile 21.32
HEADER = 14
ENUM, S8, U8, S16, U16, S32, U32, STRING, F64 = 0, 1, 2, 0x83, 0x84, 0x85, 0x86, 7, 0x89
U32Z, BYTE = 0x8C, 0x0D
LONGEST_TEXT = 254  # bytes, and a NUL


class Field(NamedTuple):
    """One field of a definition. value = stored / scale - offset."""

    number: int
    base_type: int
    scale: float = 1
    offset: float = 0
    size: int = 0  # bytes; 0 is one element
    developer: int = -1

    @property
    def dtype(self) -> np.dtype[np.generic]:
        base = BASE_TYPES[self.base_type & 0x1F]
        if self.base_type in (STRING, BYTE):
            return np.dtype(f"V{self.octets}")
        count = self.octets // base.size
        return np.dtype((f"<{base.dtype}", (count,))) if count > 1 else np.dtype(f"<{base.dtype}")

    @property
    def octets(self) -> int:
        return self.size or BASE_TYPES[self.base_type & 0x1F].size

    @property
    def invalid(self) -> int | None:
        return BASE_TYPES[self.base_type & 0x1F].invalid


def native(message: str, name: str, base_type: int, size: int = 0) -> Field:
    """A field by the profile's name, number and scale."""
    number, rule = profile.fields(profile.message_numbers()[message])[name]
    return Field(number, base_type, rule.scale, rule.offset, size)


class Rows(NamedTuple):
    """Messages of one layout, each a row of bytes, header and all."""

    message: int
    fields: tuple[Field, ...]
    octets: Octets  # shape (messages, bytes of one)


def rows(message: str, columns: Mapping[Field, Numbers | Sequence[bytes]], local: int = 0) -> Rows:
    """One row for each value of the columns; NaN, and what a field cannot hold, is invalid."""
    fields = tuple(columns)
    names = [f"f{n}" for n in range(len(fields))]
    layout = np.dtype([("head", "u1"), *zip(names, (f.dtype for f in fields), strict=True)])
    n = len(next(iter(columns.values())))
    table = np.zeros(n, layout)
    table["head"] = local
    for name, one in zip(names, fields, strict=True):
        values = columns[one]
        if isinstance(values, np.ndarray):
            table[name] = stored(one, values)
        else:
            table[name] = [np.void(text.ljust(one.octets, b"\0")) for text in values]
    octets = table.view(np.uint8).reshape(n, layout.itemsize)
    return Rows(profile.message_numbers()[message], fields, octets)


def stored(one: Field, values: Numbers) -> npt.NDArray[np.generic]:
    """Numbers as a field keeps them."""
    base = BASE_TYPES[one.base_type & 0x1F]
    if base.invalid is None:
        floats = values.astype(one.dtype.base)
        floats.view(np.uint8).reshape(-1, base.size)[~np.isfinite(values)] = 0xFF
        return floats
    scaled = np.round((values + one.offset) * one.scale)
    kind = np.iinfo(base.dtype)
    fits = (scaled >= kind.min) & (scaled <= kind.max) & (scaled != base.invalid)
    return np.where(fits, scaled, base.invalid).astype(np.int64).astype(one.dtype.base)


def definition(found: Rows, local: int) -> bytes:
    own = [one for one in found.fields if one.developer < 0]
    developers = [one for one in found.fields if one.developer >= 0]
    head = bytes([0x40 | (0x20 if developers else 0) | local, 0, 0])
    body = head + struct.pack("<HB", found.message, len(own))
    body += b"".join(bytes([one.number, one.octets, one.base_type]) for one in own)
    if developers:
        body += bytes([len(developers)])
        body += b"".join(bytes([one.number, one.octets, one.developer]) for one in developers)
    return body


def messages(found: Rows, local: int = 0) -> bytes:
    """A definition and its messages, one after the other."""
    found.octets[:, 0] = local
    return definition(found, local) + found.octets.tobytes()


def woven(streams: Sequence[tuple[npt.NDArray[np.int64], Rows]]) -> bytes:
    """Messages of several layouts in order of their times; at one time, in order of the streams."""
    defined = b""
    for local, (_, found) in enumerate(streams):
        found.octets[:, 0] = local
        defined += definition(found, local)
    widths = np.concatenate([np.full(t.size, found.octets.shape[1]) for t, found in streams])
    order = np.argsort(np.concatenate([t for t, _ in streams]), kind="stable")
    ends = np.cumsum(widths[order])
    places = np.empty(order.size, np.int64)
    places[order] = ends - widths[order]
    whole = np.empty(int(ends[-1]) if ends.size else 0, np.uint8)
    first = 0
    for t, found in streams:
        at = places[first : first + t.size]
        whole[at[:, None] + np.arange(found.octets.shape[1])] = found.octets
        first += t.size
    return defined + whole.tobytes()


def framed(records: bytes) -> bytes:
    """A file: header, records, and a checksum of each."""
    head = struct.pack("<BBHI4s", HEADER, PROTOCOL, PROFILE, len(records), b".FIT")
    body = head + struct.pack("<H", crc16(head)) + records
    return body + struct.pack("<H", crc16(body))


def text(value: str, longest: int = LONGEST_TEXT) -> bytes:
    """UTF-8 with its NUL, cut between characters; without what cannot be shown."""
    shown = "".join(c for c in value if c.isprintable())
    return shown.encode("utf-8", "replace")[:longest].decode("utf-8", "ignore").encode() + b"\0"


def fit_time(unix_seconds: Numbers) -> Numbers:
    """Whole seconds since 1989-12-31T00:00Z."""
    return np.floor(unix_seconds) - EPOCH
