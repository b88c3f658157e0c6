"""The files that a plugin's process may open, enforced by the kernel (landlock(7), Linux 5.13)."""

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

CREATE, ADD_RULE, RESTRICT = 444, 445, 446  # the same on every architecture
ASK_VERSION = 1
BENEATH = 1
PR_SET_NO_NEW_PRIVS = 38
O_PATH = 0x20_0000

WRITE_FILE, READ_FILE, READ_DIR = 1 << 1, 1 << 2, 1 << 3
REMOVE_DIR, REMOVE_FILE, MAKE_DIR, MAKE_REG = 1 << 4, 1 << 5, 1 << 7, 1 << 8
REFER, CUT = 1 << 13, 1 << 14
FILE_RIGHTS = WRITE_FILE | READ_FILE | CUT
READ = READ_FILE | READ_DIR
# No links, devices, pipes or sockets: nothing in a scratch folder needs them.
OWN = READ | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | REFER | CUT

FIRST_RIGHTS = (1 << 13) - 1  # of version 1; what later versions add stands in `rights`
BIND_TCP, CONNECT_TCP = 1, 2
ABSTRACT_SOCKETS, SIGNALS = 1, 2


def rights(version: int) -> tuple[int, int, int]:
    """What this version can refuse: of files, of the network, of other processes."""
    files = FIRST_RIGHTS
    files |= REFER if version >= 2 else 0
    files |= CUT if version >= 3 else 0
    files |= 1 << 15 if version >= 5 else 0  # ioctl of devices
    network = BIND_TCP | CONNECT_TCP if version >= 4 else 0
    others = ABSTRACT_SOCKETS | SIGNALS if version >= 6 else 0
    return files, network, others


class Landlock:
    """The calls, and what they answered last."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)

    def version(self) -> int:
        """0 where the kernel has none, or the container does not let it be asked."""
        return max(0, self._call(CREATE, None, ctypes.c_size_t(0), ASK_VERSION))

    def restrict(self, version: int, allowed: Iterable[tuple[Path | str, int]]) -> str:
        """Leave this thread, and every one that it starts, these paths. Answers why not."""
        files, network, others = rights(version)
        described = struct.pack("=QQQ", files, network, others)
        size = 8 if version < 4 else 16 if version < 6 else 24
        ruleset = self._call(CREATE, described, ctypes.c_size_t(size), 0)
        if ruleset < 0:
            return self._why()
        try:
            for path, wanted in allowed:
                self._allow(ruleset, path, wanted & files)
            self._libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
            return "" if self._call(RESTRICT, ruleset, 0) == 0 else self._why()
        finally:
            os.close(ruleset)

    def _allow(self, ruleset: int, path: Path | str, wanted: int) -> None:
        """What is not there needs no rule."""
        try:
            fd = os.open(path, O_PATH | os.O_CLOEXEC)
        except OSError:
            return
        try:
            if not os.path.isdir(path):
                wanted &= FILE_RIGHTS
            self._call(ADD_RULE, ruleset, BENEATH, struct.pack("=Qi", wanted, fd), 0)
        finally:
            os.close(fd)

    def _call(self, *arguments: object) -> int:
        return int(self._libc.syscall(*arguments))

    def _why(self) -> str:
        return os.strerror(ctypes.get_errno())
