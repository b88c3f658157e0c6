"""Importing on the page: files dropped or chosen, followed, cancelled, and found in the lists."""

import random
import re
import time

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from support import files
from support.pages import complaints, drop, overflow, settled, small_targets

PIECES = "**/api/v1/uploads/*"
PIECE = 8 * 1024 * 1024  # bytes, as uploading.js cuts them
WITHIN_MS = 30_000  # for files to be read and days to be derived


def test_a_dropped_file_is_imported_listed_and_opened(page, hub):
    page.goto(hub.at("/activities"))
    expect(page.get_by_role("heading", name="Your activities will be here")).to_be_visible()
    drop(page, "outing.gpx", files.gpx(3))
    expect(page.locator("p[role=status]")).to_have_text(
        "Import finished: 1 imported.", timeout=WITHIN_MS
    )
    expect(page.locator("a.row .name")).to_have_text("Outing 3")
    page.get_by_role("link", name="Open activity").click()
    expect(page.get_by_role("heading", name="Outing 3")).to_be_visible()
    expect(page.locator(".track polyline").first).to_be_visible()
    expect(page.locator(".plot canvas").first).to_be_visible()


def test_the_same_file_again_is_called_already_here(page, hub):
    page.goto(hub.at("/activities"))
    drop(page, "outing.gpx", files.gpx(3))
    expect(page.locator("p[role=status]")).to_have_text(
        "Import finished: 1 imported.", timeout=WITHIN_MS
    )
    drop(page, "copy.gpx", files.gpx(3))
    expect(page.locator("p[role=status]")).to_have_text(
        "Import finished: 1 already here.", timeout=WITHIN_MS
    )
    expect(page.locator("a.row")).to_have_count(1)


def test_a_file_that_cannot_be_read_says_why_and_what_to_do(page, hub):
    page.goto(hub.at("/activities"))
    drop(page, "letter.txt", b"Dear diary, today I ran.")
    report = page.locator(".file-report")
    expect(report.locator(".file-state")).to_have_text("Not supported", timeout=WITHIN_MS)
    expect(report.locator(".file-said")).to_contain_text("FIT, GPX or TCX")


def test_a_running_import_is_shown_again_cancelled_and_resumed(page, hub):
    big = files.zipped({f"{n}.gpx": files.gpx(n, points=900) for n in range(200)})
    page.goto(hub.at("/activities"))
    drop(page, "all-my-rides.zip", big)
    expect(page.get_by_text("files read inside archives")).to_be_visible(timeout=30_000)
    page.reload()
    bar = page.get_by_role("progressbar", name="Import")
    expect(bar).to_have_attribute("aria-valuetext", re.compile(r"0 of 1 file · .* of .* MB · "))
    page.get_by_role("button", name="Cancel import").click()
    expect(page.locator("p[role=status]")).to_have_text(
        "Import cancelled: 1 file set aside.", timeout=30_000
    )
    expect(page.get_by_text("Originals are kept, so it can be resumed.")).to_be_visible()
    assert Axe().run(page).violations_count == 0
    page.get_by_role("button", name="Resume import").click()
    expect(page.locator("p[role=status]")).to_have_text(
        "Import finished: 1 imported.", timeout=90_000
    )


def test_files_dropped_beside_an_import_that_goes_on_have_a_report_of_their_own(page, hub):
    big = files.zipped({f"{n}.gpx": files.gpx(n, points=900) for n in range(200)})
    page.goto(hub.at("/activities"))
    drop(page, "all-my-rides.zip", big)
    expect(page.get_by_text("files read inside archives")).to_be_visible(timeout=WITHIN_MS)
    page.reload()
    expect(page.get_by_role("button", name="Cancel import")).to_be_visible()
    drop(page, "today.gpx", files.gpx(500))
    expect(page.locator("p[role=status]")).to_have_text(
        "Import finished: 1 imported.", timeout=WITHIN_MS
    )
    expect(page.locator(".file-name")).to_have_count(1)
    expect(page.locator(".file-name")).to_contain_text("today.gpx")


def test_files_chosen_with_the_button_are_imported_together(page, hub, tmp_path):
    page.goto(hub.at("/activities"))
    chosen = files.folder(tmp_path / "chosen", 4)
    page.locator(".import-files").first.set_input_files(chosen)
    expect(page.locator("p[role=status]")).to_have_text(
        "Import finished: 4 imported.", timeout=WITHIN_MS
    )
    expect(page.locator("a.row")).to_have_count(4)
    page.goto(f"{hub.url}/sources")
    expect(page.locator("summary").filter(has_text="4 files: 4 imported")).to_be_visible()


def test_an_outing_from_two_sources_is_one_line(page, hub):
    page.goto(hub.at("/activities"))
    drop(page, "watch.gpx", files.gpx(3))
    expect(page.locator("p[role=status]")).to_have_text(
        "Import finished: 1 imported.", timeout=WITHIN_MS
    )
    other = files.gpx(3).replace(b"openfit tests", b"another device")
    drop(page, "phone.gpx", other)
    expect(page.locator("a.row .when")).to_contain_text(
        "Also from 1 other source", timeout=WITHIN_MS
    )
    expect(page.locator("a.row")).to_have_count(1)
    expect(page.locator(".month h2 small")).to_have_text("1 activity")


def test_a_report_that_was_closed_stays_closed_whatever_comes(page, hub):
    """The page goes on asking while days are derived, and may hear nothing of use."""
    closed: list[str] = []

    def answered(route):
        if closed:
            closed.append(route.request.url)
            route.fulfill(body="<p>A proxy says no")
            return
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | {"deriving": True})

    page.goto(hub.link)
    page.route("**/api/v1/imports/*", answered)
    drop(page, "ride.gpx", files.gpx(3))
    expect(page.locator("p[role=status]")).to_have_text(
        "Import finished: 1 imported.", timeout=WITHIN_MS
    )
    page.get_by_role("button", name="Close the report").click()
    closed.append("from now on")
    deadline = time.monotonic() + WITHIN_MS / 1000
    while len(closed) < 3 and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert len(closed) >= 3  # by the second question the first answer has been dealt with
    expect(page.locator("section.import")).to_have_count(0)


def test_a_file_that_waits_for_a_plugin_says_so_and_nothing_asks_on(page, hub):
    asked: list[str] = []

    def without_plugin(route):
        asked.append(route.request.url)
        answer = route.fetch()
        still = {"state": "running", "remaining_reason": "no_plugin", "deriving": False}
        said = answer.json() | still
        error = {"code": "no_plugin", "message": "It waits.", "next_step": "pip install it."}
        waits = {"status": "blocked", "error": error, "activities": []}
        said["files"] = [file | waits for file in said["files"]]
        route.fulfill(response=answer, json=said)

    page.route("**/api/v1/imports/*", without_plugin)
    page.goto(hub.at("/activities"))
    drop(page, "ride.gpx", files.gpx(3))
    expect(page.locator("p[role=status]")).to_have_text(
        "Kept, and waiting for a plugin: 1 file.", timeout=WITHIN_MS
    )
    report = page.locator(".file-report")
    expect(report.locator(".file-state")).to_have_text("Waits for a plugin")
    expect(report.locator(".file-said")).to_contain_text("It waits. pip install it.")
    page.get_by_role("button", name="Close the report").click()
    seen = len(asked)
    page.wait_for_timeout(1500)
    assert len(asked) == seen


def test_a_big_file_goes_on_where_a_broken_line_left_it(page, hub, tmp_path):
    """Three pieces: the line breaks after the first, the page is closed, and opened again."""
    filler = random.Random(1).randbytes(18_000_000)
    big = tmp_path / "all of it.zip"
    big.write_bytes(files.zipped({"outing.gpx": files.gpx(3), "picture.jpg": filler}))
    page.forgive("ERR_FAILED")
    sent: list[int] = []

    def broken(route):
        at = offset_of(route.request)
        if at is not None:
            sent.append(at)
        route.abort() if at else route.continue_()

    page.goto(hub.at("/activities"))
    page.route(PIECES, broken)
    choose(page, big)
    with page.expect_event("requestfailed", lambda asked: len(sent) == 3):
        pass  # a piece, and two tries at the next
    assert sent == [0, PIECE, PIECE]
    page.reload()
    part = page.get_by_role("region", name="Sent in part")
    expect(part).to_contain_text("all of it.zip")
    expect(part).to_contain_text("8.4 MB of 18.0 MB")
    settled(page)
    assert complaints(page) == []
    page.unroute(PIECES)
    sent.clear()
    page.on("request", lambda asked: asked.method == "PATCH" and sent.append(offset_of(asked)))
    choose(page, big)
    expect(page.locator("p[role=status]")).to_have_text(
        "Import finished: 1 imported.", timeout=WITHIN_MS
    )
    assert sent == [PIECE, 2 * PIECE]
    expect(page.locator("a.row .name")).to_have_text("Outing 3")


def test_a_big_file_is_stopped_found_among_the_jobs_sent_on_or_thrown_away(page, hub, tmp_path):
    big, small = tmp_path / "rides.zip", tmp_path / "other.zip"
    filler = random.Random(2).randbytes(18_000_000)
    big.write_bytes(files.zipped({"outing.gpx": files.gpx(3), "picture.jpg": filler}))
    small.write_bytes(b"too small")
    page.goto(hub.at("/activities"))
    page.route(PIECES, lambda route: offset_of(route.request) == 0 and route.continue_())
    for _ in range(2):
        choose(page, big)
        page.wait_for_event("request", lambda asked: offset_of(asked) == PIECE)
        page.get_by_role("button", name="Cancel import").click()
        expect(page.locator("p[role=status]")).to_contain_text("1 file set aside")
        expect(page.get_by_text("choose the same file again")).to_be_visible()
        page.evaluate("localStorage.removeItem('openfit.uploads')")  # as another browser
        page.reload()
    page.unroute(PIECES)
    page.goto(f"{hub.url}/jobs")
    lines = page.get_by_role("region", name="Sent in part").locator("li")
    expect(lines).to_have_count(2)
    assert (overflow(page), small_targets(page), complaints(page)) == (0, [], [])
    lines.first.get_by_role("button", name="Throw away: rides.zip").click()
    expect(lines).to_have_count(1)
    lines.locator("input").set_input_files(small)
    expect(lines.get_by_role("alert")).to_contain_text("That is another file")
    lines.locator("input").set_input_files(big)
    expect(page.locator(".import > header p")).to_have_text(
        "Import finished: 1 imported.", timeout=WITHIN_MS
    )
    page.reload()
    expect(page.get_by_role("heading", name="Sent in part")).to_have_count(0)


def choose(page, file):
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.locator(".import-files").first.set_input_files(file)


def offset_of(asked) -> int | None:
    said = asked.headers.get("upload-offset")
    return None if said is None else int(said)
