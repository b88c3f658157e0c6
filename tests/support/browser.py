"""Debian's Chromium for Playwright, which would otherwise download a browser of its own."""

import os
import shutil

MISSING = "no Chromium found: `apt-get install chromium`, or set OPENFIT_TEST_CHROMIUM"
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


def launch_args(executable: str) -> dict[str, object]:
    sandbox = [] if os.geteuid() else ["--no-sandbox"]  # Chromium's own needs a plain user
    return {"executable_path": executable, "args": FLAGS + sandbox}
