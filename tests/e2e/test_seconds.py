"""A night second by second: what is painted is what was worn, gap for gap and beat for beat."""

import json
import re
import shutil
import time
import urllib.request
from dataclasses import dataclass

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from support import band
from support import night as nights
from support.asked import ask
from support.night import Night
from support.pages import complaints, settled, small_targets

from .conftest import Served, serve

READ_SECONDS = 120
DAY = nights.DAY
WRIST_ON, WRIST_OFF = 9, 10
OFF = (3300, 3400)  # seconds of the made night, told by the band
# What was painted on each canvas since it was last wiped: paths that were stroked, and dots.
RECORD = """const kept = new WeakMap();
window.painted = (canvas) => kept.get(canvas) ?? { lines: [], dots: [] };
const of = (ctx) => {
  if (!kept.has(ctx.canvas)) kept.set(ctx.canvas, { lines: [], dots: [], path: [] });
  return kept.get(ctx.canvas);
};
const hear = (name, heard) => {
  const own = CanvasRenderingContext2D.prototype[name];
  CanvasRenderingContext2D.prototype[name] = function (...given) {
    heard(of(this), this, ...given);
    return own.apply(this, given);
  };
};
hear("clearRect", (it) => Object.assign(it, { lines: [], dots: [], path: [] }));
hear("beginPath", (it) => (it.path = []));
hear("moveTo", (it, ctx, x, y) => it.path.push([x, y]));
hear("lineTo", (it, ctx, x, y) => it.path.push([x, y]));
hear("stroke", (it, ctx) => it.lines.push([ctx.strokeStyle, ctx.globalAlpha, it.path]));
hear("fillRect", (it, ctx, x, y, w, h) =>
  it.dots.push([ctx.fillStyle, x + w / 2, y + h / 2, w, h]));
hear("arc", (it, ctx, x, y, r) => it.dots.push([ctx.fillStyle, x, y, 2 * r, 2 * r]));
"""
OVER = """async () => {
  const over = () => document.documentElement.scrollWidth - innerWidth;
  for (let frame = 0; over() > 0 && frame < 300; frame++) await new Promise(requestAnimationFrame);
  return over();
}"""  # once charts have followed the window
LOOK = """(panel) => {
  const figure = document.querySelector(`[data-panel=${panel}]`);
  const [canvas, over] = ["canvas", ".u-over"].map((one) => figure.querySelector(one));
  const [outer, inner] = [canvas, over].map((one) => one.getBoundingClientRect());
  const { lines, dots } = window.painted(canvas);
  const scale = canvas.width / outer.width;
  const box = [inner.left - outer.left, inner.top - outer.top, inner.width, inner.height];
  return { lines, dots, box: box.map((one) => one * scale) };
}"""


@dataclass(frozen=True)
class Painted:
    """A panel: pixels of its plot, and what was painted there."""

    box: tuple[float, float, float, float]
    lines: list[tuple[str, float, list[list[float]]]]
    dots: list[tuple[str, float, float, float, float]]

    def times(self, x: np.ndarray, span: tuple[float, float]) -> np.ndarray:
        left, _, width, _ = self.box
        return span[0] + (x - left) / width * (span[1] - span[0])

    def values(self, y: np.ndarray, reach: tuple[float, float]) -> np.ndarray:
        _, top, _, height = self.box
        return reach[1] - (y - top) / height * (reach[1] - reach[0])

    def strokes(self) -> list[np.ndarray]:
        """Of the colour in which most was painted: the line, without grid and pale hatching."""
        full = [(colour, path) for colour, alpha, path in self.lines if alpha == 1]
        colours = [colour for colour, path in full for _ in path]
        most = max(set(colours), key=colours.count)
        return [np.array(path) for colour, path in full if colour == most]


def look(page: Page, panel: str) -> Painted:
    found = page.evaluate(LOOK, panel)
    return Painted(tuple(found["box"]), found["lines"], found["dots"])


def send(served: Served, route: str, body: dict) -> None:
    request = urllib.request.Request(
        f"{served.url}/api/v1/ingest/{route}",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {served.token}", "Content-Type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=60).close()


def wear(served: Served, night: Night) -> None:
    """As an app posts it; and until the hub has read it."""
    for post in night.posts():
        send(served, "batch", post)
    until = time.monotonic() + READ_SECONDS
    while not read_in(served, night):
        assert time.monotonic() < until, "the hub did not read the night"
        time.sleep(0.3)


def read_in(served: Served, night: Night) -> bool:
    sources = ask(served, f"/night/{DAY}")["sources"]
    counts = [sources[0][kind] for kind in ("heart_rate", "beats")] if sources else [None]
    return None not in counts and [one["n"] for one in counts] == [
        night.second.size,
        night.beat.size,
    ]


@pytest.fixture(scope="session")
def slept(tmp_path_factory, migrated_file):
    """A hub that has a made night. Tests that share it must leave it as it is."""
    data = tmp_path_factory.mktemp("slept")
    shutil.copy(migrated_file, data / "openfit.db")
    for served in serve(data):
        told = [(WRIST_ON, 0), (WRIST_OFF, OFF[0]), (WRIST_ON, OFF[1])]
        events = [band.event(kind, nights.START + at).hex() for kind, at in told]
        send(served, "events", {"device_id": "band", "records": events})
        wear(served, nights.made())
        yield served


def shown(page: Page, served: Served, path: str = f"/night/{DAY}") -> None:
    page.context.add_init_script(RECORD)
    page.goto(served.at(path))
    settled(page)
    expect(page.locator(".seconds .plot canvas")).to_have_count(3)


def span_of(night: Night) -> tuple[float, float]:
    first, last = night.second[[0, -1]]
    return (nights.START + first) * 1000, (nights.START + last + 1) * 1000


def beats_as_worn(page: Page, night: Night) -> None:
    """A dot for each beat, at its time and height, and a mark for each gap: nothing else."""
    painted, span = look(page, "beats"), span_of(night)
    colours = [dot[0] for dot in painted.dots]
    hue = max(set(colours), key=colours.count)
    dots = np.array([dot[1:3] for dot in painted.dots if dot[0] == hue])
    assert len(dots) == night.beat.size
    pixel = (span[1] - span[0]) / painted.box[2]
    assert np.abs(painted.times(dots[:, 0], span) - night.beat_ms).max() < pixel
    low, high = night.beat.min(), night.beat.max()
    room = max((high - low) * 0.08, 40)
    reach = max(0, low - room), high + room
    off = np.abs(painted.values(dots[:, 1], reach) - night.beat).max()
    assert off < (reach[1] - reach[0]) / painted.box[3]
    marks = [dot for dot in painted.dots if dot[0] != hue and dot[3] < dot[4]]
    middles = (night.beat_ms[night.breaks] + night.beat_ms[night.breaks - 1]) / 2
    assert len(marks) == night.breaks.size
    assert np.abs(painted.times(np.array([mark[1] for mark in marks]), span) - middles).max() < (
        2 * pixel
    )


def lines_as_worn(page: Page, night: Night, panel: str, t: np.ndarray, v: np.ndarray) -> None:
    """Unbroken where every second is there, broken where one is missing; each corner was measured,
    and so were the highest and the lowest."""
    painted, span = look(page, panel), span_of(night)
    strokes = [stroke for stroke in painted.strokes() if len(stroke)]
    edges = np.flatnonzero(np.diff(t) > 1500) + 1
    assert len(strokes) == edges.size + 1
    pixel = (span[1] - span[0]) / painted.box[2]
    for stroke, at in zip(strokes, np.split(np.arange(t.size), edges), strict=True):
        times = painted.times(stroke[[0, -1], 0], span)
        assert np.abs(times - t[at[[0, -1]]]).max() < pixel
    y = np.concatenate(strokes)[:, 1]
    heights = np.unique(np.round(y, 3))
    low, high = heights[-1], heights[0]
    back = v.min() + (low - heights) / (low - high) * (v.max() - v.min())
    apart = np.abs(back[:, None] - np.unique(v)[None, :]).min(axis=1)
    assert apart.max() < (v.max() - v.min()) / painted.box[3]


def everything_as_worn(page: Page, night: Night) -> None:
    beats_as_worn(page, night)
    at = (nights.START + night.second) * 1000
    lines_as_worn(page, night, "heart_rate", at, night.heart_rate)
    lines_as_worn(page, night, "motion", *night.motion)


def test_a_made_night_is_painted_as_it_was_worn(page, slept):
    shown(page, slept)
    everything_as_worn(page, nights.made())


def test_a_real_night_is_painted_as_it_was_worn(page, tmp_path, sqlite_url, test_data):
    night = nights.captured(test_data)
    if night is None:
        pytest.skip("real night absent: set OPENFIT_TEST_DATA")
    for served in serve(tmp_path, OPENFIT_RATES="pushes=1000/1000"):
        wear(served, night)
        shown(page, served)
        expect(page.locator(".answer")).to_have_text("32,041 values of heart rate, 32,382 beats.")
        everything_as_worn(page, night)
        close(page, 0.5, 0.51)
        expect(page.locator("[data-panel=heart_rate]")).to_contain_text("each as measured")


def close(page: Page, start: float, end: float) -> None:
    over = page.locator(".seconds .u-over").first
    over.scroll_into_view_if_needed()
    box = over.bounding_box()
    page.mouse.move(box["x"] + start * box["width"], box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + end * box["width"], box["y"] + 40, steps=4)
    with page.expect_response(re.compile(rf"/night/{DAY}\?start=")):
        page.mouse.up()
    expect(page.locator(".seconds[aria-busy=true]")).to_have_count(0)


def test_where_nothing_was_measured_is_hatched_and_so_is_off_the_wrist(page, slept):
    shown(page, slept)
    span = span_of(nights.made())
    for panel in ("heart_rate", "beats", "motion"):
        painted = look(page, panel)
        left, _, width, _ = painted.box
        pale = [np.array(path)[:, 0] for _, alpha, path in painted.lines if alpha == 0.5]
        inside = [x for x in pale if x.max() > left + 1 and x.min() < left + width - 1]
        edges = [painted.times(x[[x.argmin(), x.argmax()]], span) / 1000 for x in inside]
        expected = [(nights.LOST.start, nights.LOST.stop), OFF]
        assert np.abs(np.array(edges) - nights.START - expected).max() < 3, panel


def test_a_closer_look_asks_the_hub_and_has_every_second(page, slept):
    shown(page, slept)
    expect(page.locator("[data-panel=motion]")).to_contain_text(re.compile("2,000 of 2,99"))
    close(page, 0.5, 0.55)
    expect(page.locator("[data-panel=motion]")).to_contain_text("each as measured")
    row = page.get_by_role("table", name="What there is").locator("tbody tr")
    seconds = int(re.search(r"(\d+), 0 gaps", row.inner_text())[1])
    assert 150 < seconds < 200
    [stroke] = [one for one in look(page, "heart_rate").strokes() if len(one)]
    assert seconds <= len(stroke) <= seconds + 2
    page.get_by_role("button", name="Back").click()
    expect(page.locator("[data-panel=motion]")).to_contain_text("2,000 of")


def test_what_there_is_is_counted_and_what_was_told_is_listed(page, slept):
    shown(page, slept)
    night = nights.made()
    row = page.get_by_role("table", name="What there is").locator("tbody tr")
    expect(row).to_contain_text(f"{night.second.size:,}, 1 gap")
    expect(row).to_contain_text(f"{night.beat.size:,}, 2 gaps")
    told = page.get_by_role("table", name="On the wrist and off").locator("tbody tr")
    assert [one.inner_text().split("\t")[1] for one in told.all()] == [
        "Put on",
        "Taken off",
        "Put on",
    ]


def test_the_keyboard_says_what_was_measured_and_what_was_not(page, slept):
    shown(page, slept)
    slider = page.get_by_role("slider", name="Place in the night")
    slider.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    said = re.compile(r"\d+ bpm · beat [\d,]+ ms · motion")
    expect(slider).to_have_attribute("aria-valuetext", said)
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^23:48: –$"))
    page.keyboard.press("Escape")
    page.keyboard.press("+")
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"^23:45(:00)?: –$"))


def test_tables_of_the_night_can_be_taken(page, slept):
    shown(page, slept)
    with page.expect_download() as taken:
        page.get_by_role("button", name="Beats (CSV)").click()
    lines = taken.value.path().read_text().splitlines()
    assert len(lines) - 1 == nights.made().beat.size
    assert sum(line.split(",")[2] == "1" for line in lines[1:]) == 2


def test_a_night_without_anything_leads_to_one_that_has(page, slept):
    page.goto(slept.at("/night/2025-12-24"))
    settled(page)
    expect(page.get_by_role("heading", name="Nothing was measured")).to_be_visible()
    page.get_by_role("link", name="The last night that was measured").click()
    expect(page.get_by_role("heading", name="Night to 9 Oct 2025")).to_be_visible()


def test_an_empty_hub_says_what_to_do(page, hub):
    page.goto(hub.at("/night"))
    settled(page)
    page.get_by_role("link", name="To the sources").click()
    expect(page).to_have_url(f"{hub.url}/sources")


def test_ways_lead_to_the_night(page, slept):
    for path, link in [
        ("/sleep", "Last night second by second"),
        (f"/journal/{DAY}", "The night to this day, second by second"),
        ("/sources", "Last night: OpenStrap band"),
    ]:
        page.goto(slept.at(path))
        settled(page)
        page.get_by_role("link", name=link).click()
        expect(page.get_by_role("heading", name="Night to 9 Oct 2025")).to_be_visible()


def test_any_source_s_night_is_shown_and_its_sleep_leads_here(page, worn):
    """A watch's minutes and a ring's, without beats or motion."""
    night = next(day for day in ask(worn, "/sleep?limit=10")["days"] if day["night"])
    page.goto(worn.at(f"/sleep/{night['night']}"))
    settled(page)
    page.get_by_role("link", name="This night second by second").click()
    expect(page.locator(".seconds .plot canvas")).to_have_count(1)
    expect(page.locator("[data-panel=beats]")).to_have_count(0)
    expect(page.get_by_role("link", name="The sleep of this night")).to_be_visible()
    rows = page.get_by_role("table", name="What there is").locator("tbody tr")
    expect(rows).to_have_count(len(ask(worn, f"/night/{night['day']}")["sources"]))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_page(page, slept, scheme):
    page.emulate_media(color_scheme=scheme)
    shown(page, slept)
    assert complaints(page) == []
    for width in (360, 1024, 3840):
        page.set_viewport_size({"width": width, "height": 800})
        assert (width, page.evaluate(OVER)) == (width, 0)
        assert (width, small_targets(page)) == (width, [])
    page.set_viewport_size({"width": 360, "height": 800})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate(OVER) == 0
