"""Many records in one body: before each its length as two bytes, little-endian.

So the hub keeps items that come in `Pieces`; a plugin is given them unpacked.
"""

import sys
from array import array
from collections.abc import Iterable

from msgspec.structs import replace

from openfit_sdk.items import Pieces, RawItem

MEDIA_TYPE = "application/vnd.openfit.records"
LONGEST = 0xFFFF  # bytes of a record
PREFIX = 2


def pack(records: Iterable[bytes]) -> bytes:
    return b"".join(len(one).to_bytes(PREFIX, "little") + one for one in records)


def unpack(body: bytes) -> "tuple[bytes, array[int]]":
    """The records one after another, and their lengths; ValueError for another kind of body."""
    if not body:
        return b"", array("H")
    step = PREFIX + int.from_bytes(body[:PREFIX], "little")
    n, rest = divmod(len(body), step)
    if not rest and all(body[at::step] == body[at : at + 1] * n for at in range(PREFIX)):
        return unpack_alike(body, step), array("H", [step - PREFIX]) * n
    return unpack_mixed(body)


def unpack_alike(body: bytes, step: int) -> bytes:
    numpy = sys.modules.get("numpy")  # a plugin that works on arrays has it already
    if numpy is not None:
        rows = numpy.frombuffer(body, numpy.uint8).reshape(-1, step)
        return bytes(rows[:, PREFIX:].tobytes())
    return b"".join([body[at : at + step - PREFIX] for at in range(PREFIX, len(body), step)])


def unpack_mixed(body: bytes) -> "tuple[bytes, array[int]]":
    parts, sizes, at = [], array("H"), 0
    while at < len(body):
        size = int.from_bytes(body[at : at + PREFIX], "little")
        at += PREFIX + size
        if at > len(body):
            raise ValueError(f"record {len(sizes)} ends {at - len(body)} bytes after the body")
        parts.append(body[at - size : at])
        sizes.append(size)
    return b"".join(parts), sizes


def opened(item: RawItem) -> RawItem:
    """An item as `normalize` gets it: a body of records in pieces, every other as it is."""
    if item.media_type != MEDIA_TYPE:
        return item
    body, sizes = unpack(item.read())
    return replace(item, body=body, pieces=Pieces(sizes, array("q", bytes(8 * len(sizes)))))
