"""What a host gives up before it imports its plugin."""

import ctypes
import resource
import signal
import sys

from msgspec import Struct

PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38


class Limits(Struct, frozen=True, kw_only=True):
    """Bytes, seconds, counts. None sets no limit."""

    memory: int | None = 1024 * 1024 * 1024
    cpu_seconds: int | None = None  # over the whole life of a host, which may read many files
    open_files: int | None = 64
    file_size: int | None = 2 * 1024 * 1024 * 1024  # of one file in its scratch folder


def confine(limits: Limits) -> None:
    """Set the limits of this process for good."""
    for which, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_FSIZE, limits.file_size),
        (resource.RLIMIT_CORE, 0),
    ):
        if most is not None:
            restrict(which, most)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # it ends with the hub
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def restrict(which: int, most: int) -> None:
    """Never above what the hub itself was given, which only root could raise."""
    _, given = resource.getrlimit(which)
    # At the hard limit of processor time the kernel kills without a word; a second before it,
    # it sends SIGXCPU, by which the hub can tell why.
    hard = most + 1 if which == resource.RLIMIT_CPU else most
    hard = hard if given == resource.RLIM_INFINITY else min(hard, given)
    resource.setrlimit(which, (min(most, hard), hard))
