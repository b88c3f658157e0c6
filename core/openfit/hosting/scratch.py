"""The folders that plugins run in: one a host, gone with it, whatever was made in it."""

import contextlib
import fcntl
import os
import tempfile
from pathlib import Path


class Scratch:
    """A folder of one host. Its lock tells others that somebody still needs it."""

    def __init__(self, beside: Path, name: str) -> None:
        beside.mkdir(parents=True, exist_ok=True)
        self._lock: int | None = None
        while self._lock is None:  # somebody who sweeps may have taken it for an old one
            self.path = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=beside))
            self._lock = locked(self.path)

    def close(self) -> None:
        if self._lock is not None:
            remove(self.path)
            os.close(self._lock)
            self._lock = None


def locked(folder: Path) -> int | None:
    """A descriptor that holds the folder's lock; None while somebody else does. The kernel opens
    it again when its holder ends, however it ends."""
    try:
        held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(held)
        return None
    return held


def sweep(beside: Path) -> None:
    """Remove the folders of hubs that ended without time to."""
    with contextlib.suppress(OSError), os.scandir(beside) as entries:
        for entry in entries:
            held = locked(Path(entry.path))
            if held is not None:
                remove(Path(entry.path))
                os.close(held)


def remove(folder: Path) -> None:
    """Everything, however deep: what is below a folder is moved up before the folder goes, so that
    no path grows long and nothing recurses. Links are removed, never followed."""
    moved = 0
    with contextlib.suppress(OSError):
        while found := list(os.scandir(folder)):
            for entry in found:
                if not entry.is_dir(follow_symlinks=False):
                    os.unlink(entry.path)
                    continue
                os.chmod(entry.path, 0o700)
                for inner in list(os.scandir(entry.path)):
                    moved += 1
                    os.rename(inner.path, folder / f".{moved}-{os.getpid()}")
                os.rmdir(entry.path)
        os.rmdir(folder)
