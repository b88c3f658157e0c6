"""Looks after a running host: its folder, its disk, its processor time, its threads."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from openfit_sdk.budgets import MEGABYTE, Budget

EVERY = 0.2  # seconds
MAX_THREADS = 512
NOTICED = 8 * MEGABYTE  # a folder with less in it is not what fills a disk


class Guard:
    """Says once what a host did too much of; who is told ends the host."""

    def __init__(
        self, pid: int, scratch: Path, budget: Budget, tell: Callable[[str], None]
    ) -> None:
        self.pid, self.scratch, self.budget = pid, scratch, budget
        self.since = cpu_seconds(pid)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, args=(tell,), daemon=True)
        self._thread.start()

    def new_call(self) -> None:
        self.since = cpu_seconds(self.pid)

    def close(self) -> None:
        """From any thread but its own."""
        self._over.set()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _watch(self, tell: Callable[[str], None]) -> None:
        while not self._over.wait(EVERY):
            said = self.excess()
            if said:
                tell(said)
                return

    def excess(self) -> str:
        return self._processor() or self._folder()

    def _processor(self) -> str:
        used = cpu_seconds(self.pid) - self.since
        if used > self.budget.cpu_seconds:
            return f"used {used:,.0f} seconds of processor time for one call"
        if threads(self.pid) > MAX_THREADS:
            return f"started more than {MAX_THREADS} threads"
        return ""

    def _folder(self) -> str:
        size = count = 0
        try:
            for found in everything(self.scratch):
                size, count = size + found.st_blocks * 512, count + 1
                if count > self.budget.files:
                    return f"made more than {self.budget.files:,} files in its folder"
        except FileNotFoundError:
            pass  # what was there a moment ago; it is looked at again soon
        except OSError as error:
            return f"left its folder unreadable ({error.strerror})"
        size += deleted(self.pid)
        if size > self.budget.scratch:
            return f"filled its folder with more than {self.budget.scratch:,} bytes"
        if size > NOTICED and free(self.scratch) < self.budget.free:
            return f"filled the disk: less than {self.budget.free:,} bytes are free"
        return ""


def everything(folder: Path) -> Iterator[os.stat_result]:
    """Each thing below a folder, without following a link anywhere."""
    waiting = [str(folder)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                yield entry.stat(follow_symlinks=False)
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)


def deleted(pid: int) -> int:
    """Bytes in files that a process holds open and that have no name any more, where it can be
    seen."""
    size = 0
    try:
        for fd in os.scandir(f"/proc/{pid}/fd"):
            found = os.stat(fd.path)
            if found.st_nlink == 0 and os.access(fd.path, os.W_OK):
                size += found.st_blocks * 512
    except OSError:
        pass
    return size


def free(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def cpu_seconds(pid: int) -> float:
    """Of a whole process. Its clock has a number that is made of its own: CPUCLOCK_SCHED of
    linux/posix-timers.h."""
    try:
        return time.clock_gettime(~pid << 3 | 2)
    except OSError:
        return 0.0


def threads(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/stat", "rb") as status:
            return int(status.read().rpartition(b")")[2].split()[17])
    except (OSError, IndexError, ValueError):
        return 0
