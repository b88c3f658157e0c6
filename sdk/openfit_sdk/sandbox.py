"""What a host gives up before it imports its plugin."""

import ctypes
import os
import resource
import signal
import stat
import struct
import sys
from collections.abc import Iterable

from msgspec import Struct

from openfit_sdk import bus, landlock, readable, seccomp

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38
CAPABILITY_VERSION = 0x2008_0522
READ_ANYTHING = 1 << 2  # CAP_DAC_READ_SEARCH


class Limits(Struct, frozen=True, kw_only=True):
    """Bytes, seconds, counts. None sets no limit."""

    memory: int | None = 1024 * 1024 * 1024
    cpu_seconds: int | None = None  # over the whole life of a host, which may read many files
    open_files: int | None = 64
    file_size: int | None = 2 * 1024 * 1024 * 1024  # of one file in its scratch folder
    threads: int | None = 128  # counts where the host has an account of its own
    account: int | None = None  # the number of that account, where the hub may give it one
    bus: str | None = None  # the path of the system bus, where it may speak to Bluetooth


class Layer(Struct, frozen=True):
    """One wall around a plugin: whether it stands here, and if not, why."""

    name: str  # "calls", "files" or "account"
    active: bool
    said: str = ""


def confine(limits: Limits, module: str = "", paths: tuple[str, ...] = ()) -> list[Layer]:
    """Give up for good what a plugin has no need of. Says what could be done about it here."""
    limit(limits)
    if sys.platform != "linux":
        return [Layer(name, False, "this is not Linux") for name in ("calls", "files", "account")]
    account = leave_account(limits, module, paths)
    porter = bus.start_porter(limits.bus) if limits.bus is not None else None
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # it ends with the hub
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    files = close_files(module, paths)
    if not files.active:
        libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)  # else its neighbours could read its memory
    missing = seccomp.install()
    if porter is not None and limits.bus is not None:
        bus.guide(porter, limits.bus)
    return [Layer("calls", not missing, missing), files, account]


def limit(limits: Limits) -> None:
    for which, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_FSIZE, limits.file_size),
        (resource.RLIMIT_CORE, 0),
    ):
        if most is not None:
            restrict(which, most)


def restrict(which: int, most: int) -> None:
    """Never above what the hub itself was given, which only root could raise."""
    _, given = resource.getrlimit(which)
    # At the hard limit of processor time the kernel kills without a word; a second before it,
    # it sends SIGXCPU, by which the hub can tell why.
    hard = most + 1 if which == resource.RLIMIT_CPU else most
    hard = hard if given == resource.RLIM_INFINITY else min(hard, given)
    resource.setrlimit(which, (min(most, hard), hard))


def close_files(module: str, paths: tuple[str, ...]) -> Layer:
    lock = landlock.Landlock()
    version = lock.version()
    if version == 0:
        return Layer("files", False, "this kernel or container has no Landlock")
    missing = lock.restrict(version, readable.allowed(module, paths, "."))
    if missing:
        return Layer("files", False, f"Landlock is refused here ({missing})")
    return Layer("files", True, f"Landlock, version {version}")


# Accounts ----------------------------------------------------------------------------------------


def leave_account(limits: Limits, module: str, paths: tuple[str, ...]) -> Layer:
    """Change to an account of its own, if that one can read what the plugin is made of."""
    if os.geteuid() != 0:
        return Layer("account", False, "the hub does not run as root, and shares its account")
    needed = [os.path.dirname(os.__file__), *sys.path, *paths, *readable.folders_of(module)]
    if limits.account is None:
        drop_capabilities(needed)
        return Layer("account", False, "the hub gave it none")
    os.setgroups([])
    os.setegid(limits.account)
    os.seteuid(limits.account)
    closed = first_closed(needed)
    os.seteuid(0)
    if closed:
        os.setegid(0)
        os.chown(".", 0, 0)  # which was given to that account
        drop_capabilities(needed)
        return Layer("account", False, f"other accounts cannot read {closed}")
    if limits.threads is not None:
        restrict(resource.RLIMIT_NPROC, limits.threads)
    os.setresgid(limits.account, limits.account, limits.account)
    os.setresuid(limits.account, limits.account, limits.account)
    return Layer("account", True, f"account {limits.account}")


def first_closed(paths: Iterable[str]) -> str:
    """The first of these that this account may not look into."""
    return next((path for path in paths if is_closed(path)), "")


def is_closed(path: str) -> bool:
    if os.access(path, os.R_OK | os.X_OK, effective_ids=True):
        return False
    try:
        return stat.S_ISDIR(os.stat(path).st_mode)
    except PermissionError:
        return True
    except OSError:
        return False  # it is not there


def drop_capabilities(needed: Iterable[str]) -> None:
    """Root without its powers: it cannot raise its limits, nor open what others closed, unless
    the packages themselves can be read by such power alone."""
    set_capabilities(0, 0xFFFF_FFFF_FFFF_FFFF & permitted())
    kept = READ_ANYTHING & permitted() if first_closed(needed) else 0
    set_capabilities(kept, kept)


def permitted() -> int:
    libc, held = ctypes.CDLL(None), ctypes.create_string_buffer(24)
    libc.capget(struct.pack("=Ii", CAPABILITY_VERSION, 0), held)
    _, low, _, _, high, _ = struct.unpack("=6I", held.raw)
    return int(low | high << 32)


def set_capabilities(effective: int, allowed: int) -> None:
    words = [word for at in (0, 32) for word in (effective >> at, allowed >> at, 0)]
    packed = struct.pack("=6I", *(word & 0xFFFF_FFFF for word in words))
    ctypes.CDLL(None).capset(struct.pack("=Ii", CAPABILITY_VERSION, 0), packed)
