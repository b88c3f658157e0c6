"""Zstandard, from the standard library where it has it."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

zstd_error: type[Exception] = zstd.ZstdError

LEVEL = 3
CHUNK = 1024 * 1024


def compress(body: bytes) -> bytes:
    return zstd.compress(body, LEVEL)


def decompress(body: bytes) -> bytes:
    """One whole frame, as `compress` makes it."""
    reader = zstd.ZstdDecompressor()
    found: bytes = reader.decompress(body)
    if not reader.eof:
        raise zstd.ZstdError("The end is missing.")
    return found


def compress_file(source: Path, target: Path) -> None:
    with source.open("rb") as plain, zstd.open(target, "wb", level=LEVEL) as packed:
        while chunk := plain.read(CHUNK):
            packed.write(chunk)


def unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """A stream of one frame, piece by piece."""
    reader = zstd.ZstdDecompressor()
    for piece in pieces:
        yield reader.decompress(piece)
    if not reader.eof:
        raise zstd.ZstdError("The end is missing.")


def open_packed(source: Path) -> IO[bytes]:
    """A packed file, read as if it were not."""
    opened: Any = zstd.open(source, "rb")
    found: IO[bytes] = opened
    return found


def decompress_file(source: Path, target: IO[bytes]) -> None:
    with zstd.open(source, "rb") as packed:
        while chunk := packed.read(CHUNK):
            target.write(chunk)
