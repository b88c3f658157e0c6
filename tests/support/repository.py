"""The checkout as the house tests see it: packages, their declarations, the files under git."""

import subprocess
import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PLUGINS = sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))
MEMBERS = [ROOT / "schema", ROOT / "sdk", ROOT / "core", *PLUGINS]


@cache
def project(member: Path) -> dict:
    return tomllib.loads((member / "pyproject.toml").read_text())["project"]


def package(member: Path) -> Path:
    """The one top-level package of a member."""
    (found,) = (path.parent for path in member.glob("openfit*/__init__.py"))
    return found


@cache
def files() -> list[Path]:
    """Every file that is, or is about to be, under git."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        found = [ROOT / name for name in listed.stdout.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):  # an exported tree
        unlisted = {".git", ".venv", "__pycache__"}
        found = [path for path in ROOT.rglob("*") if unlisted.isdisjoint(path.parts)]
    return sorted(path for path in found if path.is_file())


@cache
def tree() -> set[Path]:
    """The files of `files` and the folders that hold them."""
    return {folder for path in files() for folder in (path, *path.parents)}


@cache
def texts() -> dict[Path, str]:
    """Every text file; a file with a NUL byte near its start is taken for binary."""
    readable = {}
    for path in files():
        content = path.read_bytes()
        if b"\0" not in content[:8192]:
            readable[path] = content.decode(errors="replace")
    return readable


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
