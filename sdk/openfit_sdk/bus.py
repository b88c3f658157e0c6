"""The way to Bluetooth for a plugin that may have it: D-Bus's system bus, and no other socket.

On Linux a Bluetooth adapter is spoken to through the system bus. A filter of calls cannot see which
path a `connect` names, and behind other paths lie databases and managers of services. So a sealed
host never connects: before it seals itself it starts a porter, a process of our own code and of the
same account, that connects to this one path when it is asked and hands the descriptor over.
"""

import _socket
import os
import signal
import socket
import threading
from collections.abc import Callable
from typing import Any

USUAL = "/run/dbus/system_bus_socket"
SPELLED = (USUAL, "/var/run/dbus/system_bus_socket")
ADDRESS = "DBUS_SYSTEM_BUS_ADDRESS"  # where a hub says that it lies elsewhere
KIND = 0xF  # the bits of a socket's type that are not flags


def path() -> str:
    """Where the system bus is on this machine, whether or not anybody listens there."""
    for address in os.environ.get(ADDRESS, "").split(";"):
        transport, _, rest = address.partition(":")
        options = dict(part.partition("=")[::2] for part in rest.split(","))
        if transport == "unix" and "path" in options:
            return options["path"]
    return USUAL


def start_porter(bus: str) -> socket.socket:
    """Fork the porter, before any thread runs. Answers the end at which it is asked; it is over
    when that is closed, at the latest with this process."""
    asked, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    if os.fork():
        theirs.close()
        return asked
    try:  # the porter; whatever happens, it never becomes a second host
        os.dup2(theirs.fileno(), 0)
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 1)
        os.dup2(null, 2)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))  # the hub's channel among them
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        serve(socket.socket(fileno=0), bus)
    finally:
        os._exit(0)


def serve(asked: socket.socket, bus: str) -> None:
    """One byte asks for one connection; the answer is a number of an error, or 0 and it."""
    while asked.recv(1):
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as found:
                found.connect(bus)
                socket.send_fds(asked, [b"\0"], [found.fileno()])
        except OSError as error:
            asked.sendall(bytes([(error.errno or 1) & 0xFF]))


def asking(porter: socket.socket) -> Callable[[], int]:
    """Asks the porter for a connection, from any thread."""
    turn = threading.Lock()

    def ask() -> int:
        with turn:
            porter.sendall(b"?")
            error, fds, _, _ = socket.recv_fds(porter, 1, 1)
        if not error or error != b"\0":
            number = error[0] if error else 32  # EPIPE: the porter is gone
            raise OSError(number, os.strerror(number), "the system bus")
        return int(fds[0])

    return ask


def guide(porter: socket.socket, bus: str) -> None:
    """From now on a Python socket that connects to the system bus asks the porter for it. Every
    other one ends at the filter, as before."""
    ask, plain = asking(porter), socket.socket

    class Guided(plain):  # type: ignore[misc,valid-type]
        """Half of a pair until it connects, since the call `socket` is refused."""

        def __init__(
            self, family: int = -1, type: int = -1, proto: int = -1, fileno: int | None = None
        ) -> None:
            if fileno is None and family == socket.AF_UNIX and is_stream(type):
                ours, theirs = _socket.socketpair()
                theirs.close()
                fileno = ours.detach()
            super().__init__(family, type, proto, fileno)

        def connect(self, address: Any) -> None:
            if self.family != socket.AF_UNIX or os.fsdecode(address) not in (bus, *SPELLED):
                super().connect(address)
                return
            found = ask()
            try:
                os.dup2(found, self.fileno(), inheritable=False)
            finally:
                os.close(found)
            self.settimeout(self.gettimeout())  # blocking or not is a matter of the descriptor

    socket.socket = Guided  # type: ignore[misc]


def is_stream(type: int) -> bool:
    return type == -1 or type & KIND == socket.SOCK_STREAM
