"""The page against a real hub, in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect
from support import files
from support.pages import complaints, drop, overflow

PAGES = ["/activities", "/sources"]
WIDTHS = [360, 1024, 1920]


def open_newest(page: Page, served) -> None:
    page.goto(served.at("/activities"))
    page.locator("a.row").first.click()
    expect(page.locator(".plot canvas").first).to_be_visible()


# One activity -------------------------------------------------------------------------------------


def test_the_keyboard_walks_through_the_activity(page, filled):
    open_newest(page, filled)
    slider = page.get_by_role("slider")
    slider.focus()
    page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"9:59, .*Heart rate \d+ bpm"))
    page.keyboard.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuenow", "596")
    expect(page.locator(".dot")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".dot")).to_be_hidden()


def test_a_drag_zooms_every_chart_and_asks_for_finer_samples(page, filled):
    open_newest(page, filled)
    plot = page.locator(".plot .u-over").first
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    with page.expect_request(
        lambda request: "/streams?" in request.url and "start=" in request.url
    ):
        page.mouse.move(box["x"] + 100, box["y"] + 40)
        page.mouse.down()
        page.mouse.move(box["x"] + 250, box["y"] + 40, steps=4)
        page.mouse.up()
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_role("button", name="Show all")).to_have_count(0)


def test_samples_are_there_as_tables(page, filled):
    open_newest(page, filled)
    page.get_by_text("Samples as a table").click()
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Heart rate"))
    expect(row).to_contain_text("600")
    expect(row).to_contain_text("reported")


def test_a_total_opens_its_why(page, filled):
    open_newest(page, filled)
    tile = page.locator(".tile").filter(has_text="Distance")
    tile.locator("summary").click()
    expect(tile).to_contain_text("Computed from the samples")


def test_the_original_comes_back_byte_for_byte(page, filled, tmp_path):
    page.goto(filled.at("/activities"))
    page.locator("a.row").last.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the original").click()
    assert download.value.suggested_filename == "outing-000.gpx"
    assert download.value.path().read_bytes() == files.gpx(0, points=600)


@pytest.mark.parametrize(
    ("kind", "begins"), [("FIT", b"\x0e\x20"), ("GPX", b"<?xml"), ("TCX", b"<?xml")]
)
def test_an_activity_is_taken_away_as_a_file(page, filled, kind, begins):
    open_newest(page, filled)
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Download as {kind}").click()
    assert download.value.suggested_filename.endswith(f"-running.{kind.lower()}")
    assert download.value.path().read_bytes().startswith(begins)


def test_a_name_is_corrected_and_taken_back(page, hub):
    page.goto(hub.at("/activities"))
    drop(page, "outing.gpx", files.gpx(3))
    page.get_by_role("link", name="Open activity").click()
    page.get_by_role("button", name="Correct").click()
    page.get_by_label("Name").fill("Along the river")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Along the river")).to_be_visible()
    page.get_by_role("button", name="Take back the name").click()
    expect(page.get_by_role("heading", name="Outing 3")).to_be_visible()


def test_a_deleted_activity_leaves_the_list(page, hub):
    page.goto(hub.at("/activities"))
    drop(page, "outing.gpx", files.gpx(3))
    page.get_by_role("link", name="Open activity").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete activity").click()
    expect(page.get_by_role("heading", name="Your activities will be here")).to_be_visible()


def test_an_activity_that_is_not_there_is_said_to_be_missing(browser, filled):
    page = browser.new_page()
    page.goto(f"{filled.url}/activities/nothing#token={filled.token}")
    expect(page.get_by_role("alert")).to_contain_text("There is no activity with this id.")
    page.close()


# Samples as they are drawn ------------------------------------------------------------------------


def evaluated(page: Page, served, module: str, expression: str) -> object:
    page.goto(served.url)
    return page.evaluate(f"import('/static/{module}').then((it) => {expression})")


def test_time_without_samples_is_a_gap_in_the_line(page, filled):
    drawn = evaluated(page, filled, "series.js", "it.withGaps([0, 1e3, 2e3, 60e3], [5, 6, 7, 8])")
    assert drawn == {"t": [0, 1000, 2000, 31000, 60000], "v": [5, 6, 7, None, 8]}


def test_a_pause_breaks_the_line_however_short(page, filled):
    given = "[0, 20e3, 40e3, 60e3], [5, 6, 7, 8], [[25e3, 38e3]]"
    drawn = evaluated(page, filled, "series.js", f"it.withGaps({given})")
    assert drawn == {"t": [0, 20000, 30000, 40000, 60000], "v": [5, 6, None, 7, 8]}


def test_thinned_samples_have_extremes_and_no_average(page, filled):
    samples = "{ t: [0, 1e3, 2e3], v: [0, 9, 0], gap: 1e4, resolution: 'thinned' }"
    said = evaluated(page, filled, "series.js", f"it.summary({samples})")
    assert said == {"average": None, "low": 0, "high": 9}


def test_marks_of_an_axis_are_round_as_they_are_written(page, filled):
    both = "[it.speedTicks('cycling')(2, 12), it.speedTicks('running')(2, 4)]"
    speeds, paces = evaluated(page, filled, "ticks.js", both)
    assert [round(speed * 3.6, 6) for speed in speeds] == [10, 20, 30, 40]
    assert [round(1000 / speed) for speed in paces] == [480, 360, 300]


def test_a_gap_has_no_value_and_no_weight_in_the_average(page, filled):
    samples = "{ t: [0, 1e3, 2e3, 3e6, 3.001e6], v: [1, 1, 1, 3, 3], gap: 1e4 }"
    said = evaluated(
        page, filled, "series.js", f"[it.valueAt({samples}, 1e6), it.summary({samples})]"
    )
    assert said == [None, {"average": pytest.approx(5 / 3), "low": 1, "high": 3}]


def test_an_outing_over_the_date_line_stays_in_one_piece(page, filled):
    track = "{ t: [0, 1e3], latitude: [0, 0], longitude: [179.999, -179.999] }"
    px = evaluated(page, filled, "projection.js", f"it.project({track}, 400, 400, 20)")
    assert px["px"] == pytest.approx([20, 380])
    assert px["metresPerPixel"] * 360 == pytest.approx(222.4, rel=0.001)


def test_the_last_month_is_summed_up_from_what_is_listed(page, filled):
    rows = """[
      { start: "2026-03-02T08:00:00Z", reported: { distance: 10200 }, twins: 1 },
      { start: "2026-03-02T06:00:00Z", reported: { distance: 3000 }, twins: 0 },
      { start: "2026-03-01T08:00:00Z", reported: {}, twins: 0 },
      { start: "2026-01-01T08:00:00Z", reported: { distance: 5000 }, twins: 0 },
    ]"""
    now = "Date.parse('2026-03-03T00:00:00Z')"
    assert evaluated(page, filled, "pages/activities.js", f"it.lastMonth({rows}, {now})") == {
        "count": 3,
        "withDistance": 2,
        "metres": 13200,
        "twins": True,
        "reachesBack": True,
    }


# Form ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_window(page, filled, width):
    page.set_viewport_size({"width": width, "height": 800})
    open_newest(page, filled)
    assert overflow(page) <= 0
    for path in PAGES:
        page.goto(filled.url + path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert overflow(page) <= 0


def test_text_of_twice_the_size_still_fits_a_phone(page, filled):
    page.set_viewport_size({"width": 360, "height": 800})
    open_newest(page, filled)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert overflow(page) <= 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page, filled, scheme):
    page.emulate_media(color_scheme=scheme)
    open_newest(page, filled)
    assert complaints(page) == []
    for path in PAGES:
        page.goto(filled.url + path)
        expect(page.get_by_role("heading", level=2).first).to_be_visible()
        assert complaints(page) == []


def test_the_way_back_works_as_in_every_browser(page, filled):
    open_newest(page, filled)
    page.go_back()
    expect(page.locator("a.row")).to_have_count(6)
    page.go_forward()
    expect(page.locator(".plot canvas").first).to_be_visible()
