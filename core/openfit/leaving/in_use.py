"""A lock on the data folder: held by whatever serves or works on it, and by nobody else while the
database is carried elsewhere or filled anew."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from openfit.errors import Refused

LOCK = "in-use.lock"


def opened(data: Path) -> int:
    return os.open(data / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


@contextmanager
def shared(data: Path) -> Iterator[None]:
    """Several processes of one hub at the same time."""
    descriptor = opened(data)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def alone(data: Path) -> Iterator[None]:
    """Refused while the hub serves or works."""
    descriptor = opened(data)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise Refused(
            "The hub is running on this data folder.",
            code="in_use",
            next_step="Stop it (openfit serve, openfit worker), then do this again.",
        ) from error
    finally:
        os.close(descriptor)
