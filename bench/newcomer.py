"""A newcomer's path in a real browser, by the clock: from a clone to a day of one's own.

    python bench/newcomer.py [--set-up] [--json]

Clones this checkout, serves its demo, opens what it prints, and with nothing but what the page says
imports a file, finds it, opens it, takes it away as GPX and deletes it.
`--set-up` begins with an empty environment, as after the first `git clone`, and so measures the
network as well; without it the environment of this checkout is used. The alternative is the demo's
own half a year, which is read in while all of that happens.
"""

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import recordings
import support
from playwright.sync_api import Page, expect, sync_playwright
from servers import free_port

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_MS = 120_000
PATIENCE = 600.0  # s
PAGE_WITHIN, DEMO_WITHIN = 10, 60  # s; setting up comes before, and depends on the network
NUMBER = 4711
NAME = f"Outing {NUMBER}"
FEWEST = 500  # records of half a year
COUNTS = "SELECT sum(state != 'done'), count(*) FROM raw_items"
FLAGS = ["--disable-gpu", "--disable-quic", "--disable-background-networking"]


class Clock:
    """Seconds of each step, in order."""

    def __init__(self) -> None:
        self.begun = self.last = time.perf_counter()
        self.steps: dict[str, float] = {}

    def lap(self, step: str) -> None:
        now = time.perf_counter()
        self.steps[step], self.last = round(now - self.last, 2), now

    @property
    def total(self) -> float:
        return time.perf_counter() - self.begun


@contextmanager
def demo(clone: Path, command: list[str], data: Path) -> Iterator[str]:
    """The address that it prints."""
    data.mkdir()
    log = data / "demo.log"
    kept = {name: value for name, value in os.environ.items() if "OPENFIT_" not in name}
    own = {
        "OPENFIT_DATA": str(data),
        "OPENFIT_LISTEN": f"127.0.0.1:{free_port()}",
        "PYTHONUNBUFFERED": "1",
    }
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=clone, env=kept | own, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield until(lambda: address_in(log, process))
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def address_in(log: Path, process: subprocess.Popen[bytes]) -> str | None:
    text = log.read_text()
    if process.poll() is not None:
        raise RuntimeError(text)
    found = re.search(r"OpenFit demo: (\S+)/", text)
    return found and found[1]


def until(look: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.05)
    raise TimeoutError(f"nothing came within {PATIENCE:.0f} s")


def walk(page: Page, address: str, file: Path, clock: Clock) -> None:
    """What a person clicks, in the words of the page."""
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address)
    expect(page.get_by_role("heading", name="Today")).to_be_visible(timeout=PATIENCE_MS)
    clock.lap("first page")
    page.get_by_role("link", name="Activity", exact=True).click()
    page.locator(".import-files").first.set_input_files(file)
    expect(page.locator("p[role=status]")).to_have_text(
        "Import finished: 1 imported.", timeout=PATIENCE_MS
    )
    clock.lap("import a file")
    page.get_by_role("button", name="Close the report").click()
    page.get_by_role("searchbox").fill(NAME)
    row = page.locator("a.row").filter(has_text=NAME)
    expect(row).to_have_count(1, timeout=PATIENCE_MS)
    row.click()
    expect(page.locator(".plot canvas").first).to_be_visible(timeout=PATIENCE_MS)
    clock.lap("find and open it")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as GPX").click()
    download.value.path()
    clock.lap("take it as GPX")
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete activity").click()
    expect(page.get_by_text(f"{NAME} is deleted.")).to_be_visible(timeout=PATIENCE_MS)
    clock.lap("delete it")


def half_a_year(data: Path) -> bool:
    """Whether the demo's records are in, and nothing waits to be read."""
    with closing(sqlite3.connect(f"file:{data / 'openfit.db'}?mode=ro", uri=True)) as conn:
        [(waiting, read)] = conn.execute(COUNTS).fetchall()
    return not waiting and read >= FEWEST


def measure(folder: Path, *, from_nothing: bool) -> dict[str, Any]:
    clone, file = folder / "clone", folder / "outing.gpx"
    file.write_bytes(recordings.gpx(NUMBER, 1800))
    clock = Clock()
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", ROOT.as_uri(), clone], check=True)
    clock.lap("git clone")
    python = "python3" if from_nothing else sys.executable
    command = [python, *(["dev.py"] if from_nothing else ["-m", "openfit"]), "demo"]
    with demo(clone, command, folder / "data") as address, sync_playwright() as playwright:
        clock.lap("set up and start" if from_nothing else "start")
        sandbox = [] if os.geteuid() else ["--no-sandbox"]  # Chromium's own needs a plain user
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS + sandbox)
        walk(browser.new_page(locale="en-GB"), address, file, clock)
        walked = time.perf_counter()
        browser.close()
        until(lambda: half_a_year(folder / "data"))
        clock.lap("until half a year is read")
    command_to_page = clock.steps[list(clock.steps)[1]] + clock.steps["first page"]
    return {
        "steps": clock.steps,
        "walk_seconds": round(walked - clock.begun, 1),
        "half_a_year_seconds": round(clock.last - clock.begun - clock.steps["git clone"], 1),
        "goals": {
            f"a page within {PAGE_WITHIN} s of the command": command_to_page <= PAGE_WITHIN,
            f"half a year within {DEMO_WITHIN} s": clock.last - clock.begun <= DEMO_WITHIN,
        },
    }


def chromium() -> str:
    names = ("chromium", "chromium-headless-shell", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise SystemExit("No Chromium is here: `apt-get install chromium`.")
    return found


def shown(found: dict[str, Any]) -> str:
    rows = [(step, seconds) for step, seconds in found["steps"].items()]
    rows += [("all that a person does", found["walk_seconds"])]
    return support.table(("step", "s"), rows) + "\n\n" + support.goals(found["goals"])


def main() -> None:
    parser = support.options(__doc__)
    parser.add_argument("--set-up", action="store_true", help="from an empty environment")
    args = parser.parse_args()
    with TemporaryDirectory(prefix="openfit-bench-") as name:
        found = measure(Path(name), from_nothing=args.set_up)
    support.show(found, as_json=args.json, text=shown)


if __name__ == "__main__":
    main()
