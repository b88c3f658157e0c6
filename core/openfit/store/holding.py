"""Originals on disk while somebody reads them all: what is deleted meanwhile is unlinked later."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Row

from openfit.store import raw
from openfit.store.zstd import decompress, open_packed

CHUNK = 1024 * 1024


@contextmanager
def held(store: raw.Store) -> Iterator[None]:
    """No original is unlinked until this ends. Any number of readers may hold them at once."""
    descriptor = opened(store)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def alone(store: raw.Store) -> Iterator[bool]:
    """Whether originals may be unlinked now; False while somebody holds them."""
    descriptor = opened(store)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(descriptor)


def opened(store: raw.Store) -> int:
    folder = store.data / "raw"
    folder.mkdir(parents=True, exist_ok=True)
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def place(store: raw.Store, row: Row[Any]) -> Path:
    """Where a body lies that is not in the database."""
    path = store.path(row.sha256)
    return path.with_suffix(".zst") if row.encoding else path


def pieces(store: raw.Store, row: Row[Any]) -> Iterator[bytes]:
    """An original's own bytes, whatever form it is kept in."""
    if row.body is not None:
        yield decompress(row.body) if row.encoding else bytes(row.body)
        return
    if row.encoding:
        with open_packed(place(store, row)) as packed:
            yield from chunks(packed)
        return
    with place(store, row).open("rb") as plain:
        yield from chunks(plain)


def chunks(source: IO[bytes]) -> Iterator[bytes]:
    while chunk := source.read(CHUNK):
        yield chunk
