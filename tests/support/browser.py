"""Debian's Chromium for Playwright, which would otherwise download a browser of its own."""

import os
import shutil
import subprocess

from playwright._impl._driver import compute_driver_executable

NO_CHROMIUM = "no Chromium found: `apt-get install chromium`, or set OPENFIT_TEST_CHROMIUM"
NO_DRIVER = "Playwright's driver does not start: `apt-get install libatomic1`"
NAMES = ("chromium", "chromium-headless-shell", "google-chrome")
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str | None:
    told = os.environ.get("OPENFIT_TEST_CHROMIUM")
    return shutil.which(told) if told else next(filter(None, map(shutil.which, NAMES)), None)


def obstacle() -> str | None:
    """Why no browser test can run here, if so."""
    if find_chromium() is None:
        return NO_CHROMIUM
    node, _ = compute_driver_executable()
    started = subprocess.run([node, "--version"], capture_output=True)
    return NO_DRIVER if started.returncode else None


def launch_args() -> dict[str, object]:
    sandbox = [] if os.geteuid() else ["--no-sandbox"]  # Chromium's own needs a plain user
    return {"executable_path": find_chromium(), "args": FLAGS + sandbox}
