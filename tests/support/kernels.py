"""Kernels that lack something, as plugins find them on other machines and in containers."""

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from openfit_sdk import landlock, seccomp
from openfit_sdk.seccomp import ALLOW, ARGUMENTS_AT, EQUAL, ERRNO, LOAD, NUMBER_AT, RETURN, Op

LANDLOCK = (landlock.CREATE, landlock.ADD_RULE, landlock.RESTRICT)


def lacking(calls: tuple[int, ...], error: int, *, filters: bool) -> bytes:
    """A filter after which these calls are answered with an error, and with `filters` no process
    can filter its own calls any more."""
    refusal = Op(RETURN, ERRNO | error)
    ops = [Op(LOAD, NUMBER_AT)]
    for number in calls:
        ops += [Op(EQUAL, number, 0, 1), refusal]
    if filters:
        arch = seccomp.ARCHS[os.uname().machine]
        prctl = {"x86_64": 157, "aarch64": 167}[os.uname().machine]
        ops += [Op(EQUAL, arch.seccomp, 0, 1), refusal, Op(EQUAL, prctl, 0, 3)]
        ops += [Op(LOAD, ARGUMENTS_AT), Op(EQUAL, seccomp.PR_SET_SECCOMP, 0, 1), refusal]
    return seccomp.assembled([*ops, Op(RETURN, ALLOW)])


def launcher(folder: Path, *, files: bool = True, filters: bool = True, error: int = 38) -> Path:
    """A Python whose kernel has no Landlock, or no filters of calls, to start hosts with."""
    ends = lacking(() if files else LANDLOCK, error, filters=not filters)
    script = folder / f"python-{files}-{filters}-{error}"
    script.write_text(
        f"#!{sys.executable} -IS\nimport ctypes, os, sys\n"
        f"held = ctypes.create_string_buffer({ends!r}, {len(ends)})\n"
        "import struct\n"
        "told = ctypes.create_string_buffer("
        f"struct.pack('HxxxxxxP', {len(ends) // 8}, ctypes.addressof(held)))\n"
        "libc = ctypes.CDLL(None)\n"
        f"assert libc.prctl({seccomp.PR_SET_NO_NEW_PRIVS}, 1, 0, 0, 0) == 0\n"
        f"assert libc.prctl({seccomp.PR_SET_SECCOMP}, {seccomp.MODE_FILTER}, told, 0, 0) == 0\n"
        f"os.execv({sys.executable!r}, [{sys.executable!r}, *sys.argv[1:]])\n"
    )
    script.chmod(0o755)
    return script


def has_filters() -> bool:
    """Whether a process can filter its own calls here."""
    code = "import sys; from openfit_sdk import seccomp; sys.exit(bool(seccomp.install()))"
    return subprocess.call([sys.executable, "-I", "-c", code]) == 0


def has_landlock() -> bool:
    return landlock.Landlock().version() > 0


needs_filters = pytest.mark.skipif(not has_filters(), reason="this kernel filters no calls")
needs_landlock = pytest.mark.skipif(not has_landlock(), reason="this kernel has no Landlock")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives accounts to plugins")


# A small machine for filters ---------------------------------------------------------------------


def verdict(program: list[Op], arch: int, number: int, arguments: tuple[int, ...] = ()) -> int:
    """What the kernel would answer to one call."""
    padded = [*arguments, 0, 0, 0, 0, 0, 0][:6]
    call = struct.pack("=IIQ6Q", number, arch, 0, *(a & 0xFFFF_FFFF_FFFF_FFFF for a in padded))
    at = held = 0
    while True:
        op = program[at]
        at += 1
        if op.code == seccomp.LOAD:
            (held,) = struct.unpack_from("=I", call, op.k)
        elif op.code == seccomp.AND:
            held &= op.k
        elif op.code == seccomp.RETURN:
            return op.k
        else:
            compare = {seccomp.EQUAL: held == op.k, seccomp.ABOVE: held > op.k}
            at += op.then if compare[op.code] else op.other
