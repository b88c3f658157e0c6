"""The page of one activity: tags, twins, laps, slope, what it weighs."""

import gzip
import re

import pytest
from playwright.sync_api import Page, expect
from support import files, hubs
from support.asked import ask
from support.pages import complaints, overflow, settled

from .conftest import Served

MOST = 150_000  # bytes, compressed


def opened(page: Page, served: Served, activity: str) -> None:
    page.goto(served.at(f"/activities/{activity}"))
    settled(page)
    expect(page.locator(".plot canvas").first).to_be_visible()


def newest(served: Served) -> dict:
    return ask(served, "/activities?limit=1")["items"][0]


@pytest.fixture
def two(hub, tmp_path):
    """Two records of one outing, which begin two seconds apart, and another outing of that day."""
    folder = tmp_path / "both"
    folder.mkdir()
    one = files.gpx(3, points=600)
    (folder / "one.gpx").write_bytes(one)
    later = re.sub(
        rb"T(\d\d):(\d\d):(\d\d)Z",
        lambda at: b"T%s:%s:%02dZ" % (at[1], at[2], min(59, int(at[3]) + 1)),
        one,
    )
    (folder / "two.gpx").write_bytes(later.replace(b"Outing 3", b"By the other watch"))
    hubs.import_lines(folder, data=hub.data)
    assert newest(hub)["twins"] == 1
    return hub


def test_tags_are_written_shown_and_found(page, hub, tmp_path):
    hubs.import_lines(*files.folder(tmp_path / "one", 1), data=hub.data)
    activity = newest(hub)["id"]
    opened(page, hub, activity)
    page.get_by_role("button", name="Correct").click()
    page.get_by_label(re.compile("^Tags")).fill("#Race, with Anna")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".tags a")).to_have_text(["#race", "#with anna"])
    assert ask(hub, f"/activities/{activity}")["tags"] == ["race", "with anna"]
    page.get_by_role("link", name="#with anna").click()
    expect(page).to_have_url(re.compile(r"tag=with\+anna"))
    expect(page.locator("a.row")).to_have_count(1)


def test_a_twin_is_laid_over_the_charts_and_taken_off(page, two):
    opened(page, two, newest(two)["id"])
    over = page.get_by_role("button", name="Lay over the charts")
    over.click()
    expect(page.locator(".chart .tag").filter(has_text="dashed:").first).to_be_visible()
    page.get_by_role("button", name="Take off the charts").click()
    expect(page.locator(".chart .tag").filter(has_text="dashed:")).to_have_count(0)


def test_twins_are_split_and_that_is_taken_back(page, two):
    row = newest(two)
    opened(page, two, row["id"])
    page.get_by_role("button", name="Not the same event").click()
    expect(page.get_by_role("status").filter(has_text="two events now")).to_be_visible()
    expect(page.get_by_role("button", name="Join")).to_be_visible(timeout=20_000)
    assert ask(two, f"/activities/{row['id']}").get("twins", []) == []
    page.locator(".twins").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Not the same event")).to_be_visible(timeout=20_000)


def test_a_track_is_coloured_by_a_slope_that_no_device_recorded(page, filled):
    opened(page, filled, newest(filled)["id"])
    page.get_by_label("Colour by").select_option("grade")
    expect(page.locator(".track .legend")).to_contain_text("%")
    shown = page.evaluate(
        """() => import('/static/series.js').then((it) => it.grades(
          { t: [0, 1e3, 2e3, 3e3], v: [0, 10, 20, 20], gap: 1e4 },
          { t: [0, 1e3, 2e3, 3e3], v: [0, 100, 200, 300] }).v)"""
    )
    assert shown == pytest.approx([10, 10, 5, 0])


def test_zooming_the_charts_lets_the_rest_of_the_track_stand_back(page, filled):
    opened(page, filled, newest(filled)["id"])
    expect(page.locator(".track .beyond")).to_have_count(0)
    plot = page.locator(".plot .u-over").first
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 250, box["y"] + 40, steps=4)
    page.mouse.up()
    expect(page.locator(".track .beyond").first).to_be_attached()


def test_a_page_opened_on_an_activity_stays_small(page, filled):
    """Its samples included, as it goes over a compressing proxy."""
    sent = []
    page.on("requestfinished", lambda request: sent.append(request.response()))
    opened(page, filled, newest(filled)["id"])
    expect(page.locator(".results .tile").first).to_be_visible()
    assert 0 < sum(len(gzip.compress(answer.body())) for answer in sent) < MOST


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_page(page, two, scheme):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 360, "height": 800})
    opened(page, two, newest(two)["id"])
    assert overflow(page) <= 0
    assert complaints(page) == []
