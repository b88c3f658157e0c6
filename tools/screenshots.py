"""Pictures of every page of a demo, in both themes at three widths, with a sheet to look them over.

    python tools/screenshots.py /tmp/pictures            all of them
    python tools/screenshots.py /tmp/pictures --only sleep
    python tools/screenshots.py /tmp/pictures --docs     and the chosen few to docs/screens
    python tools/screenshots.py /tmp/pictures --locale de-DE

A demo hub is started in a folder of its own and ended afterwards. Which pages there are is read
from the page's own table, so that a new one is never forgotten.
"""

import argparse
import base64
import html
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).parents[1]
WEB = ROOT / "core" / "openfit" / "web"
SCREENS = ROOT / "docs" / "screens"
WIDTHS = {360: 780, 1024: 768, 1920: 1080}
THEMES = ("light", "dark")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
TALLEST = 4000  # pixels of a page that are shown
LARGEST = 150_000  # bytes of a picture in the docs
READY_SECONDS = 300
STOP_SECONDS = 30
FEWEST, CALM_SECONDS = 500, 8  # records of half a year, and how long nothing more is made of them
SHOWN = {"metrics": "resting_heart_rate", "wellness": "heart"}

# Name, page, theme, width: what the docs show.
CHOSEN = (
    ("today", "today", "light", 1024),
    ("today-dark", "today", "dark", 360),
    ("sleep", "sleep-id", "dark", 1024),
    ("night", "night", "light", 1024),
    ("activity", "activities-id", "light", 1024),
    ("metrics", "metrics-id", "light", 1024),
    ("training", "training", "light", 1024),
)
# Nothing has moved for half a second, and nothing says that it waits.
SETTLED = """() => new Promise((done) => {
  const begun = performance.now();
  let timer;
  const watch = new MutationObserver(again);
  function again() { clearTimeout(timer); timer = setTimeout(look, 500); }
  function look() {
    const waits = document.querySelector('[aria-busy="true"], .skeleton, .bone');
    if (waits && performance.now() - begun < 9000) return again();
    watch.disconnect();
    done(!waits);
  }
  watch.observe(document, { subtree: true, childList: true, attributes: true });
  again();
})"""


class Shot(NamedTuple):
    """One picture that was taken."""

    page: str
    theme: str
    width: int
    path: Path
    settled: bool


class Hub:
    """A demo that serves."""

    def __init__(self, url: str, data: Path) -> None:
        self.url, self.data = url, data
        self.key = str(self.get("/meta")["token"])

    def get(self, path: str) -> Any:
        headers = {"Authorization": f"Bearer {getattr(self, 'key', '')}"}
        with urlopen(Request(f"{self.url}/api/v1{path}", headers=headers), timeout=30) as answer:
            return json.load(answer)


@contextmanager
def served() -> Iterator[Hub]:
    with tempfile.TemporaryDirectory(prefix="openfit-screens-") as folder:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        own = {"OPENFIT_DATA": folder, "OPENFIT_LISTEN": f"127.0.0.1:{port}"}
        process = subprocess.Popen(
            [sys.executable, "-m", "openfit", "demo"],
            env=os.environ | own,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield wait_until_ready(f"http://localhost:{port}", Path(folder))
        finally:
            process.terminate()
            try:
                process.wait(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_until_ready(url: str, data: Path) -> Hub:
    """Until it answers, and then until nothing is left to read, derive or analyse."""
    until = time.monotonic() + READY_SECONDS
    while True:
        try:
            hub = Hub(url, data)
            break
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.5)
    seen, since = None, time.monotonic()
    while time.monotonic() < until:
        now = counts(data)
        if now != seen:
            seen, since = now, time.monotonic()
        if not now[0] and now[1] > FEWEST and time.monotonic() - since > CALM_SECONDS:
            return hub
        time.sleep(1)
    raise TimeoutError(f"{seen} after {READY_SECONDS} s: waiting, read, days, results")


def counts(data: Path) -> tuple[int, ...]:
    """What waits to be read, what was, and what was made of it."""
    tables = ("raw_items WHERE state != 'done'", "raw_items", "daily_resolved", "results")
    with closing(sqlite3.connect(f"file:{data / 'openfit.db'}?mode=ro", uri=True)) as conn:
        return tuple(
            int(conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0]) for table in tables
        )


def pages(hub: Hub) -> dict[str, str]:
    """Every page by name, with its address; one example of those that show one thing."""
    found = {}
    routes = re.findall(r'\["(/[^"]*)", "([\w-]+)"', (WEB / "pages.js").read_text())
    for address, name in routes:
        if not address.endswith("/:id"):
            found[name if address == "/" else address.strip("/").replace("/", "-")] = address
            continue
        for suffix, one in examples(hub, address):
            found[address.strip("/").replace("/:id", suffix).replace("/", "-")] = one
    return found | {"missing": "/nowhere"}


def examples(hub: Hub, address: str) -> Iterator[tuple[str, str]]:
    stem = address.removesuffix("/:id")
    kind = stem.strip("/").split("/")[0]
    if kind == "settings":
        parts = re.findall(r"^  (\w+): lazily", (WEB / "pages" / "settings.js").read_text(), re.M)
        yield from ((f"-{part}", f"{stem}/{part}") for part in parts)
    elif kind in SHOWN:
        yield "-id", f"{stem}/{SHOWN[kind]}"
    elif kind == "activities":
        items = hub.get("/activities?limit=50")["items"]
        rides = [one for one in items if one.get("sport") == "cycling"]
        yield "-id", f"{stem}/{(rides or items)[0]['id']}"
    elif kind == "sleep":
        days = hub.get("/sleep?limit=7")["days"]
        items = [one for day in days for one in day["sleeps"]]
        if items:
            yield "-id", f"{stem}/{items[0]['id']}"
    elif kind == "night":
        latest = hub.get("/night")["latest"]
        if latest:
            yield "-id", f"{stem}/{latest}"
    elif stem.endswith("thresholds"):
        yield "-id", f"{stem}/max_heart_rate"


# Taking them -------------------------------------------------------------------------------------


def take_all(hub: Hub, folder: Path, only: str | None, locale: str) -> list[Shot]:
    found = shutil.which("chromium") or shutil.which("chromium-headless-shell")
    wanted = {name: at for name, at in pages(hub).items() if only is None or only in name}
    shots = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        for theme in THEMES:
            for width in WIDTHS:
                context = window(browser, theme, width, locale)
                shots += list(take_size(context, hub, folder, wanted, theme, width))
                context.close()
        browser.close()
    return shots


def window(browser: Browser, theme: str, width: int, locale: str) -> BrowserContext:
    return browser.new_context(
        viewport={"width": width, "height": WIDTHS[width]},
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
        timezone_id="Etc/GMT-2",
        locale=locale,
    )


def take_size(
    context: BrowserContext, hub: Hub, folder: Path, wanted: dict[str, str], theme: str, width: int
) -> Iterator[Shot]:
    page = context.new_page()
    for name, address in wanted.items():
        page.goto(hub.url + address)
        settled = bool(page.evaluate(SETTLED))
        path = folder / f"{name}-{theme}-{width}.png"
        for chosen in CHOSEN:
            if chosen[1:] == (name, theme, width):
                (folder / f"docs-{chosen[0]}.webp").write_bytes(small(page))
        page.set_viewport_size({"width": width, "height": whole(page, WIDTHS[width])})
        settled &= bool(page.evaluate(SETTLED))  # what waited to come into view
        page.screenshot(path=path)
        page.set_viewport_size({"width": width, "height": WIDTHS[width]})
        yield Shot(name, theme, width, path, settled)


def whole(page: Page, least: int) -> int:
    """As tall as the page, so that what is fixed to an edge stays at it."""
    height = int(page.evaluate("document.documentElement.scrollHeight"))
    return max(least, min(height, TALLEST))


def small(page: Page) -> bytes:
    """The first view, as good as fits."""
    session = page.context.new_cdp_session(page)
    for quality in (90, 80, 65, 50, 35):
        wish = {"format": "webp", "quality": quality}
        body = base64.b64decode(session.send("Page.captureScreenshot", wish)["data"])
        if len(body) <= LARGEST:
            return body
    return body


def sheet(shots: list[Shot]) -> str:
    rows = []
    for name in dict.fromkeys(shot.page for shot in shots):
        cells = "".join(
            f'<figure><a href="{shot.path.name}"><img loading="lazy" src="{shot.path.name}"></a>'
            f"<figcaption>{shot.theme}, {shot.width}{'' if shot.settled else ', still waits'}"
            "</figcaption></figure>"
            for shot in shots
            if shot.page == name
        )
        rows.append(f"<h2>{html.escape(name)}</h2><div>{cells}</div>")
    return STYLE + "".join(rows)


STYLE = """<!doctype html><meta charset="utf-8"><title>OpenFit, every page</title><style>
body { font: 14px system-ui; margin: 1rem; background: #888 }
div { display: flex; gap: .5rem; overflow-x: auto; align-items: flex-start }
figure { margin: 0; flex: none } img { height: 420px; background: #fff }
h2 { margin: 1rem 0 .25rem }
</style>"""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", help="pages whose name holds this")
    parser.add_argument("--locale", default="en-GB", help="en-GB unless told, or de-DE")
    parser.add_argument("--docs", action="store_true", help="renew docs/screens as well")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # and end the demo first
    given.folder.mkdir(parents=True, exist_ok=True)
    with served() as hub:
        shots = take_all(hub, given.folder, given.only, given.locale)
    (given.folder / "index.html").write_text(sheet(shots))
    if given.docs:
        SCREENS.mkdir(exist_ok=True)
        for name, *_ in CHOSEN:
            shutil.copy(given.folder / f"docs-{name}.webp", SCREENS / f"{name}.webp")
    waiting = [f"{shot.page} {shot.theme} {shot.width}" for shot in shots if not shot.settled]
    print(f"{len(shots)} pictures; look at {given.folder / 'index.html'}")
    if waiting:
        print("Not settled:", ", ".join(waiting))
    return 1 if waiting else 0


if __name__ == "__main__":
    sys.exit(main())
