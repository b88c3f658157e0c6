"""A host that tries what a plugin must not be able to, and says what came of it.

Run in place of `openfit_sdk.host`, with no plugin: what the hub says of a machine is tried there.
"""

import os
import socket
import sys
from collections.abc import Callable, Iterator

from openfit_sdk.host import Child, decoded, main
from openfit_sdk.wire import Call

HOOK = "probe"


class ProbeChild(Child):
    """Tries, under the limits and layers of any host."""

    def answer(self, call: Call) -> None:
        given = decoded(call)["settings"]
        self.send_value(dict(attempts(given["read"], given["write"])))


def attempts(read: str, write: str) -> Iterator[tuple[str, str]]:
    """Names of what was tried, and how it was refused; empty where it was not."""
    parent = os.getppid()
    tries: dict[str, Callable[[], object]] = {
        "read": lambda: open(read, "rb").close(),
        "write": lambda: open(write, "ab").close(),
        "memory": lambda: open(f"/proc/{parent}/mem", "rb").close(),
        "connect": lambda: socket.socket(socket.AF_INET).close(),
        "start": start,
        "signal": lambda: os.kill(parent, 0),
    }
    for name, attempt in tries.items():
        try:
            attempt()
        except OSError as error:
            yield name, error.strerror or "refused"
        else:
            yield name, ""


def start() -> None:
    """A process of its own."""
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


if __name__ == "__main__":
    main(*sys.argv[1:], child=ProbeChild)
