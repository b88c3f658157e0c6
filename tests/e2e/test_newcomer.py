"""A newcomer's path from the printed address, with nothing to go by but what the page says."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

from playwright.sync_api import Page, expect
from support import files, hubs
from support.ports import free_port

PASSWORD = "correct horse battery staple"
PATIENCE_MS = 60_000  # a demo of half a year is being read meanwhile
START_SECONDS = 60


@contextmanager
def printed(command: str, data: Path, wanted: str) -> Iterator[Callable[[], str]]:
    """A hub as a person starts it; what is yielded waits for an address that it prints."""
    log = data / "printed.log"
    environment = hubs.environment(
        data, OPENFIT_LISTEN=f"127.0.0.1:{free_port()}", PYTHONUNBUFFERED="1"
    )
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "openfit", command],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def address() -> str:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert process.poll() is None, log.read_text()
            if found := re.findall(wanted, log.read_text()):
                return found[0]
            time.sleep(0.1)
        raise AssertionError(f"no address was printed: {log.read_text()}")

    try:
        yield address
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def import_one(page: Page, file: Path) -> None:
    page.locator(".import-files").first.set_input_files(file)
    expect(page.locator("p[role=status]")).to_have_text(
        "Import finished: 1 imported.", timeout=PATIENCE_MS
    )


def test_a_demo_is_opened_fed_taken_from_and_cleaned_again(page, tmp_path):
    outing = tmp_path / "my outing.gpx"
    outing.write_bytes(files.gpx(3))
    data = tmp_path / "hub"
    data.mkdir()
    with printed("demo", data, r"OpenFit demo: (\S+)") as address:
        page.goto(address())
        expect(page.get_by_role("heading", name="Today")).to_be_visible()
        page.get_by_role("link", name="Activity", exact=True).click()
        import_one(page, outing)
        page.get_by_role("button", name="Close the report").click()
        search = page.get_by_role("searchbox")
        search.fill("Outing 3")
        row = page.locator("a.row").filter(has_text="Outing 3")
        expect(row).to_have_count(1, timeout=PATIENCE_MS)
        row.click()
        expect(page.get_by_role("heading", name="Outing 3", level=1)).to_be_visible()
        expect(page.locator(".track polyline").first).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("button", name="Download as GPX").click()
        taken = ElementTree.parse(download.value.path())
        assert len(taken.findall(".//{*}trkpt")) == files.gpx(3).count(b"<trkpt")
        page.get_by_role("button", name="Delete", exact=True).click()
        page.get_by_role("button", name="Delete activity").click()
        expect(page.get_by_text("Outing 3 is deleted.")).to_be_visible()
        page.reload()
        page.get_by_role("searchbox").fill("Outing 3")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator("a.row")).to_have_count(0)


def test_a_hub_of_ones_own_is_set_up_by_the_printed_link_and_entered_again(page, tmp_path):
    outing = tmp_path / "outing.gpx"
    outing.write_bytes(files.gpx(3))
    data = tmp_path / "hub"
    data.mkdir()
    with printed("serve", data, r"Open this link to set the hub up: (\S+)") as address:
        page.goto(address())
        page.get_by_label("Your name").fill("Ann")
        page.get_by_label("Mail address").fill("ann@example.org")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Begin").click()
        expect(page.get_by_role("heading", name="Your day will be here")).to_be_visible()
        import_one(page, outing)
        expect(page.locator("a.row .name")).to_have_text("Outing 3", timeout=PATIENCE_MS)
        page.get_by_role("link", name="More").click()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        page.get_by_label("Mail address").fill("ann@example.org")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Today")).to_be_visible()
        expect(page.locator("a.row .name")).to_have_text("Outing 3")
        expect(page.get_by_text("Import finished")).to_have_count(0)  # of the session before
