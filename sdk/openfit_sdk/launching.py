"""Starting the process of a host, with nothing of the hub's own in it."""

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from openfit_sdk.sandbox import Limits

BUFFER = 1024 * 1024  # bytes on their way: a page fits, so that nobody waits for the other's turn


def launch(
    module: str, limits: Limits, scratch: Path, paths: Sequence[Path], runner: str, output: int
) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """The process and the hub's end of its channel. What it prints goes to `output`."""
    if limits.account is not None:
        os.chown(scratch, limits.account, limits.account, follow_symlinks=False)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    for end in (ours, theirs):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
    with theirs:
        arguments = [module, str(theirs.fileno())]
        arguments.append(msgspec.json.encode(limits).decode())
        arguments += map(str, paths)
        process = subprocess.Popen(
            [sys.executable, "-I", "-m", runner, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=scratch,
            env=environment(scratch, limits.account),
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
    return process, ours


def environment(scratch: Path, account: int | None = None) -> dict[str, str]:
    """Nothing of the hub's own: no addresses, no keys. An account that cannot come through the
    data folder reaches its own folder by way of where it runs."""
    home = str(scratch) if account is None else "/proc/self/cwd"
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TZDIR") if name in os.environ}
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return kept | threads | {"HOME": home, "TMPDIR": home, "TZ": "UTC"}
