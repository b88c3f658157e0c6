"""Read a Dockerfile, judge it, and run its steps by hand where there is no Docker.

    python tools/dockerfile_steps.py list  Dockerfile
    python tools/dockerfile_steps.py judge Dockerfile
    python tools/dockerfile_steps.py run   Dockerfile --root /path/to/a/debian [--offline WHEELS]

`run` carries out every COPY, RUN and ENV of all stages in one chroot (as root); the stages share
it, so `COPY --from` finds its files where they already are. The interpreter is the chroot's own.
"""

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

SECRET = re.compile(r"(?i)(password|secret|token|api_?key)")
PINNED = re.compile(r"[^:@\s]+(:(?!latest\b)[\w.-]*\d[\w.-]*|@sha256:[0-9a-f]{64})$")


class Step(NamedTuple):
    """One instruction, with the line on which it begins."""

    line: int
    name: str
    value: str


def steps(text: str) -> list[Step]:
    """The instructions, continued lines as one, without comments."""
    found: list[Step] = []
    begun = 0
    parts: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#") or (not parts and not line.strip()):
            continue
        begun = begun if parts else number
        parts.append(line.rstrip().removesuffix("\\").strip())
        if not line.rstrip().endswith("\\"):
            name, _, value = " ".join(parts).strip().partition(" ")
            found.append(Step(begun, name.upper(), value.strip()))
            parts = []
    return found


def judge(found: list[Step]) -> Iterator[str]:
    """What a strict reader would object to."""
    stages = [part for one in found if one.name == "FROM" for part in one.value.split()[2:3]]
    built = [one.value.split() for one in found if one.name == "FROM"]
    named = {words[-1] for words in built if len(words) == 3} | {*stages}
    for one in found:
        yield from judge_step(one, named)
    last = found[max(n for n, one in enumerate(found) if one.name == "FROM") :]
    names = [one.name for one in last]
    for wanted in ("USER", "HEALTHCHECK", "ENTRYPOINT", "STOPSIGNAL"):
        if wanted not in names:
            yield f"the last stage has no {wanted}"
    users = [one.value for one in last if one.name == "USER"]
    if users and users[-1].partition(":")[0] in ("root", "0"):
        yield "the last stage runs as root"
    if "USER" in names and any(name == "RUN" for name in names[names.index("USER") :]):
        yield "something is run after USER, where it may no longer be able to"


def judge_step(one: Step, named: set[str]) -> Iterator[str]:
    at, value = f"line {one.line}: ", one.value
    if one.name == "FROM" and value.split()[0] not in named and not PINNED.match(value.split()[0]):
        yield at + f"{value.split()[0]} is not pinned by a tag with a number"
    if one.name == "FROM" and "/" in value.split()[0]:
        yield at + "the image names a registry"
    if one.name == "ADD":
        yield at + "ADD fetches and unpacks unseen; COPY does not"
    if one.name in ("ENV", "ARG") and SECRET.search(value):
        yield at + "a secret would lie in the image"
    if one.name in ("CMD", "ENTRYPOINT") and not value.startswith("["):
        yield at + f"{one.name} in shell form does not pass signals on"
    if one.name == "HEALTHCHECK" and not re.search(r"CMD \[", value):
        yield at + "the health check starts a shell"
    if one.name == "RUN" and re.search(r"\b(curl|wget|sudo)\b", value):
        yield at + "fetches or changes user while it builds"
    if (
        one.name == "RUN"
        and "pip install" in value
        and not re.search(r"--require-hashes|--no-deps", value)
    ):
        yield at + "pip may fetch what no lock names"
    if one.name == "COPY" and value.split()[0] in (".", "./"):
        yield at + "copies everything; name what is needed"


# Run by hand -------------------------------------------------------------------------------------


def run(found: list[Step], context: Path, root: Path, offline: Path | None) -> None:
    workdir, env = "/", {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/root"}
    if offline is not None:
        env |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(offline)}
    for one in found:
        print(f"{one.line:3} {one.name} {one.value}", flush=True)
        if one.name == "WORKDIR":
            workdir = one.value
            (root / workdir.lstrip("/")).mkdir(parents=True, exist_ok=True)
        elif one.name == "ENV":
            for pair in shlex.split(one.value):
                name, _, value = pair.partition("=")
                env[name] = value.replace("$PATH", env["PATH"])
        elif one.name == "COPY" and not one.value.startswith("--from="):
            *sources, target = one.value.split()
            copy(context, sources, root / workdir.lstrip("/") / target)
        elif one.name == "RUN":
            inside(root, workdir, env, one.value)


def copy(context: Path, sources: list[str], target: Path) -> None:
    for source in sources:
        if (context / source).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
            shutil.copytree(context / source, target, ignore=ignored, dirs_exist_ok=True)
        else:
            into = target / source if target.is_dir() else target
            shutil.copy(context / source, into)


def inside(root: Path, workdir: str, env: dict[str, str], command: str) -> None:
    script = f"cd {shlex.quote(workdir)} && {command}"
    subprocess.run(["chroot", str(root), "/bin/sh", "-ec", script], env=env, check=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("what", choices=["list", "judge", "run"])
    parser.add_argument("file", type=Path)
    parser.add_argument("--root", type=Path, help="a Debian with Python, to be changed")
    parser.add_argument("--offline", type=Path, help="a folder of wheels inside the chroot")
    given = parser.parse_args()
    found = steps(given.file.read_text())
    if given.what == "list":
        print(json.dumps([one._asdict() for one in found], indent=1))
        return 0
    faults = list(judge(found))
    print("\n".join(faults), file=sys.stderr)
    if given.what == "run" and not faults:
        if given.root is None or os.geteuid() != 0:
            sys.exit("run needs --root and root.")
        run(found, given.file.resolve().parent, given.root, given.offline)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
