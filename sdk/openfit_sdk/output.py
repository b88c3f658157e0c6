"""What a plugin prints, on its way to the hub's log."""

import socket
import threading
from collections.abc import Callable, Iterator
from typing import BinaryIO

from openfit_sdk.failures import CONTROL
from openfit_sdk.redaction import Redactor

Log = Callable[[str], None]

MAX_BYTES = 1024 * 1024  # over the life of a host
MAX_LINE = 2000
LINE_COST = 80  # what a line takes in a log beside its own bytes: empty ones count too
LAST_WORDS = 0.5  # seconds that a dead plugin's output has to arrive
DROPPED = "(it printed too much; the rest is dropped)"


class Output:
    """Reads all that is printed and passes on the first of it, so that a flood neither fills the
    log nor stops the plugin. A socket, not a pipe: a read of it can be ended from here, even
    while a process that got away from us holds the other end open."""

    def __init__(self, log: Log, redactor: Redactor | None = None) -> None:
        self._ours, self.theirs = socket.socketpair()
        self._redactor = redactor or Redactor()
        self._thread = threading.Thread(target=self._drain, args=(log,), daemon=True)

    def start(self) -> None:
        """Once the plugin has its end."""
        self.theirs.close()
        self._thread.start()

    def close(self) -> None:
        self._thread.join(LAST_WORDS)
        if self._thread.is_alive():
            self._ours.shutdown(socket.SHUT_RDWR)
            self._thread.join()
        self._ours.close()

    def _drain(self, log: Log) -> None:
        left = MAX_BYTES
        with self._ours.makefile("rb") as printed:
            for line in pieces(printed, self._redactor):
                if left <= 0:
                    continue
                left -= len(line) + LINE_COST
                log(CONTROL.sub(" ", line.decode(errors="replace")).rstrip())
                if left <= 0:
                    log(DROPPED)


def pieces(printed: BinaryIO, redactor: Redactor) -> Iterator[bytes]:
    """Lines without secrets, long ones in parts. A secret that a cut would halve is held back
    until the rest of it has come."""
    held = b""
    while piece := printed.readline(MAX_LINE):
        held = redactor.hide_bytes(held + piece)
        if piece.endswith(b"\n"):
            yield held
            held = b""
            continue
        kept = max(0, redactor.longest - 1)
        if len(held) > kept:
            yield held[: len(held) - kept]
            held = held[len(held) - kept :]
    if held:
        yield held
