"""Zstandard, from the standard library where it has it."""

import sys
from pathlib import Path
from typing import IO

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

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


def open_packed(source: Path) -> IO[bytes]:
    """A packed file, read as if it were not."""
    opened: IO[bytes] = zstd.open(source, "rb")
    return opened


def decompress_file(source: Path, target: IO[bytes]) -> None:
    with zstd.open(source, "rb") as packed:
        while chunk := packed.read(CHUNK):
            target.write(chunk)
