"""What a plugin has left running, where nothing could keep it from starting processes."""

import contextlib
import os
import signal
from collections.abc import Iterator


def descendants(pid: int) -> list[int]:
    """Its children and theirs. Asked while it is stopped, or more may come."""
    parents: dict[int, list[int]] = {}
    for found, parent in processes():
        parents.setdefault(parent, []).append(found)
    below, waiting = [], [pid]
    while waiting:
        children = parents.get(waiting.pop(), [])
        below += children
        waiting += children
    return below


def processes() -> Iterator[tuple[int, int]]:
    """Every process and its parent."""
    for name in os.listdir("/proc"):
        if name.isdecimal():
            with contextlib.suppress(OSError, IndexError), open(f"/proc/{name}/stat", "rb") as stat:
                yield int(name), int(stat.read().rpartition(b")")[2].split()[1])


def of_host(scratch: str, account: int | None) -> list[int]:
    """Processes of this account, or that were started with this folder as their home."""
    found = [pid for pid, _ in processes()]
    if account is not None:
        return [pid for pid in found if owner(pid) == account]
    return [pid for pid in found if f"HOME={scratch}".encode() in environment(pid)]


def owner(pid: int) -> int | None:
    try:
        with open(f"/proc/{pid}/status", "rb") as status:
            return int(next(line for line in status if line.startswith(b"Uid:")).split()[1])
    except (OSError, StopIteration):
        return None


def environment(pid: int) -> list[bytes]:
    try:
        with open(f"/proc/{pid}/environ", "rb") as held:
            return held.read().split(b"\0")
    except OSError:
        return []


def end(pid: int, scratch: str, account: int | None) -> None:
    """Stop a host and end all that it started. What took another parent and another environment
    is not found, unless the host had an account of its own."""
    kill(pid, signal.SIGSTOP)
    for found in {*descendants(pid), *of_host(scratch, account)} - {pid, os.getpid()}:
        kill(found, signal.SIGKILL)


def kill(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
