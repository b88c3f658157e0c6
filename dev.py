"""Set up and use this checkout with nothing but git and Python 3.11 or newer."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
STAMP = VENV / "openfit-stamp"
PLUGINS = sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))
MEMBERS = [ROOT / "schema", ROOT / "sdk", ROOT / "core", *PLUGINS]
BOOTSTRAP_LOCK, RUN_LOCK, TEST_LOCK = "bootstrap.lock", "requirements-run.lock", "requirements.lock"
USAGE = """usage: python3 dev.py COMMAND [ARGUMENT...]

  demo     set up what running needs, then serve a hub with sample data
  test     set up what testing needs, then run the tests (arguments go to pytest)
  lock     write the lock files anew; add --upgrade to take newer versions
  vendor   fetch the web libraries named in tools/vendor.py (needs npm)
"""


def run(words: str, *arguments: str | Path) -> None:
    """Run a program of the virtual environment."""
    program, *fixed = words.split()
    if subprocess.run([BIN / program, *fixed, *arguments], cwd=ROOT).returncode:
        sys.exit(f"`{words}` failed, see above. Correct that, then run this again.")


def make_venv() -> None:
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], capture_output=True)
    if made.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit("This Python cannot make a virtual environment: `apt-get install python3-venv`.")


def install(lock: str) -> None:
    """Everything comes from the lock files, by hash; the workspace's own packages are editable."""
    pip = "python -m pip install --quiet --disable-pip-version-check --require-hashes -r"
    uv = "uv pip install --quiet --python"
    run(pip, BOOTSTRAP_LOCK)
    run(uv, BIN / "python", "--compile-bytecode", "--require-hashes", "-r", lock)
    editables = [argument for member in MEMBERS for argument in ("-e", member)]
    run(uv, BIN / "python", "--no-deps", "--no-build-isolation", *editables)
    run("python -m compileall -q", *MEMBERS)  # a plugin's process may not write what it compiles


def fingerprint() -> str:
    """Of all that decides what is installed; the folder too, since a venv cannot be moved."""
    locks = [ROOT / name for name in (BOOTSTRAP_LOCK, RUN_LOCK, TEST_LOCK)]
    projects = [member / "pyproject.toml" for member in MEMBERS]
    content = b"".join(path.read_bytes() for path in locks + projects)
    return hashlib.sha256(bytes(ROOT) + content).hexdigest()


def set_up(lock: str) -> None:
    enough = {f"{name} {fingerprint()}" for name in (lock, TEST_LOCK)}  # testing needs the most
    if STAMP.exists() and STAMP.read_text() in enough:
        return
    if not (BIN / "python").exists():
        make_venv()
    print("Setting up .venv, which takes a minute the first time ...", file=sys.stderr, flush=True)
    install(lock)
    STAMP.write_text(f"{lock} {fingerprint()}")


def demo(arguments: list[str]) -> None:
    set_up(RUN_LOCK)
    os.execv(BIN / "openfit", ["openfit", "demo", *arguments])


def test(arguments: list[str]) -> None:
    set_up(TEST_LOCK)
    spread = ["-n", "2"] if (os.cpu_count() or 1) > 1 else []
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # hundreds of processes would each compile all
    sys.exit(subprocess.call([BIN / "python", "-m", "pytest", *spread, *arguments], cwd=ROOT))


def lock(arguments: list[str]) -> None:
    """Names, versions and hashes, no address. Pins that hold stay, unless --upgrade is given."""
    set_up(TEST_LOCK)
    resolve = "uv pip compile --quiet --universal --python-version 3.11 --generate-hashes"
    resolve += " --no-header --no-annotate --no-emit-package openfit"
    names = [member.name.replace("_", "-") for member in MEMBERS]
    ours = [f"--no-emit-package=openfit-{name}" for name in names]
    projects = [member / "pyproject.toml" for member in MEMBERS]
    groups = ["--group", "dev", "--group", "build", "--group", "bootstrap"]
    run(resolve, *arguments, *ours, *projects, "--all-extras", *groups, "-o", TEST_LOCK)
    same = ["--constraints", TEST_LOCK]
    run(resolve, *ours, *projects, "--group", "build", *same, "-o", RUN_LOCK)
    run(resolve, "--group", "bootstrap", *same, "-o", BOOTSTRAP_LOCK)


def vendor(arguments: list[str]) -> None:
    sys.exit(subprocess.call([sys.executable, ROOT / "tools" / "vendor.py", *arguments]))


COMMANDS = {"demo": demo, "test": test, "lock": lock, "vendor": vendor}


def main(name: str = "help", *arguments: str) -> None:
    if sys.version_info < (3, 11):
        sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    if name not in COMMANDS:
        sys.exit(USAGE)
    COMMANDS[name](list(arguments))


if __name__ == "__main__":
    main(*sys.argv[1:])
