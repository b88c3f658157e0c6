"""What a device can be told, on the page, and a device that is watched live. The device is
invented; the page makes everything of its manifest."""

import re
import sys
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from support import devices
from support.pages import complaints, overflow, settled, small_targets

from .conftest import Served, serve

WITHIN_MS = 60_000


@pytest.fixture(scope="module")
def ready(tmp_path_factory) -> Iterator[Served]:
    """A hub with the belt installed."""
    data = tmp_path_factory.mktemp("hub")
    site = devices.site(tmp_path_factory.mktemp("site") / "site")
    before = [path for path in sys.path if path.endswith(("core", "sdk", "schema"))]
    yield from serve(data, PYTHONPATH=":".join([site, *before]))


def panel(page):
    return page.locator("li.panel", has=page.get_by_role("heading", name="Pulse Belt", exact=True))


@pytest.fixture
def sources(page, ready):
    page.goto(ready.at("/sources"))
    settled(page)
    return page


@pytest.fixture
def paired(sources):
    """With Ann's belt, which is found and paired where it is not yet."""
    mine = panel(sources)
    if mine.locator(".connection").count() == 0:
        mine.get_by_role("button", name="Look for belts: Pulse Belt").click()
        mine.get_by_role("button", name="Pair: Ann's belt").click(timeout=WITHIN_MS)
        form = sources.get_by_role("dialog", name="Pair a belt: Pulse Belt")
        expect(form.get_by_label("Address")).to_have_value("PB:01")
        form.get_by_role("button", name="Pair a belt").click()
        expect(mine.locator(".connection")).to_have_count(1, timeout=WITHIN_MS)
    return sources


def fits(page, within=15):
    """Charts are drawn anew once the window has changed."""
    until = time.monotonic() + within
    while overflow(page) > 0 and time.monotonic() < until:
        page.wait_for_timeout(50)
    return overflow(page) <= 0


def tell(page, title):
    return panel(page).locator(".connection").get_by_role("button", name=f"{title}: Pulse Belt")


def test_devices_are_found_and_one_is_paired(paired):
    mine = panel(paired)
    expect(mine).to_contain_text("Its device is reached by Bluetooth")
    expect(mine.locator(".connection .status")).to_have_text("Working.")
    assert mine.get_by_role("button", name=re.compile("^Connect")).count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_panel_of_a_device_reads_well_everywhere(paired, scheme):
    paired.emulate_media(color_scheme=scheme)
    paired.reload()
    settled(paired)
    assert complaints(paired) == []
    paired.set_viewport_size({"width": 360, "height": 740})
    assert overflow(paired) <= 0
    assert small_targets(paired) == []


def test_a_form_asks_for_what_the_manifest_lists_and_says_what_came_of_it(paired):
    tell(paired, "Set an alarm").click()
    form = paired.get_by_role("dialog", name="Set an alarm: Pulse Belt")
    assert complaints(paired) == []
    expect(form.get_by_label("Pattern")).to_have_value("soft")
    expect(form.get_by_label("Times")).to_have_value("3")
    expect(form).to_contain_text("1 to 9")
    form.get_by_label("At", exact=True).fill("2031-05-01T07:30")
    form.get_by_label("Pattern").select_option("strong")
    form.get_by_label("Loud").check()
    form.get_by_role("button", name="Set an alarm").click()
    told = panel(paired).locator(".connection .told")
    expect(told).to_contain_text("2031-05-01T05:30:00+00:00", timeout=WITHIN_MS)
    expect(told).to_contain_text("strong")
    expect(panel(paired).locator(".connection")).to_contain_text("Done.")


def test_what_is_dangerous_is_asked_for_each_time(paired):
    for _ in range(2):
        tell(paired, "Erase the belt").click()
        form = paired.get_by_role("dialog", name="Erase the belt: Pulse Belt")
        expect(form).to_contain_text("This cannot be undone.")
        form.get_by_role("button", name="Erase the belt").click()
        expect(form).to_be_visible()  # the box is not ticked
        form.get_by_label("I understand, and want it.").check()
        assert complaints(paired) == []
        form.get_by_role("button", name="Erase the belt").click()
        expect(form).to_have_count(0)
        expect(panel(paired)).to_contain_text("Erased.", timeout=WITHIN_MS)


def test_what_goes_wrong_is_said_with_a_next_step(paired):
    paired.forgive("503")
    tell(paired, "Fail").click()
    form = paired.get_by_role("dialog", name="Fail: Pulse Belt")
    form.get_by_label("How").select_option("away")
    form.get_by_role("button", name="Fail").click()
    said = panel(paired).get_by_role("alert")
    expect(said).to_contain_text("The belt is out of range.", timeout=WITHIN_MS)
    expect(said).to_contain_text("Try again in a moment.")


def test_what_is_under_way_can_be_stopped(paired):
    tell(paired, "Fail").click()
    form = paired.get_by_role("dialog", name="Fail: Pulse Belt")
    form.get_by_label("How").select_option("stubborn")
    form.get_by_role("button", name="Fail").click()
    mine = panel(paired).locator(".connection")
    expect(mine.get_by_role("progressbar", name="Fail")).to_be_visible(timeout=WITHIN_MS)
    expect(tell(paired, "Set an alarm")).to_be_disabled()
    assert complaints(paired) == []
    mine.get_by_role("button", name="Stop").click()
    expect(mine).to_contain_text("Fail: stopped.")
    expect(tell(paired, "Set an alarm")).to_be_enabled()


def test_what_it_holds_becomes_heart_rate(paired):
    tell(paired, "Fetch what it holds").click()
    expect(panel(paired)).to_contain_text("Burst 2", timeout=WITHIN_MS)
    row = paired.get_by_role("row").filter(has_text="Heart rate")
    expect(row).to_be_visible(timeout=WITHIN_MS)


# Live --------------------------------------------------------------------------------------------


@pytest.fixture
def live(paired):
    panel(paired).get_by_role("link", name="Watch the heart: Pulse Belt").click()
    expect(paired.get_by_role("heading", name="Live: Pulse Belt")).to_be_visible()
    expect(paired.locator(".live")).to_have_attribute("data-state", "watching", timeout=WITHIN_MS)
    return paired


def test_heart_and_beats_come_as_they_are_measured(live):
    pulse = live.locator(".pulse strong")
    expect(pulse).to_have_text(re.compile(r"^6[0-4]$"))
    first = pulse.inner_text()
    expect(pulse).not_to_have_text(first)
    expect(live.locator(".told")).to_contain_text("Battery81 %")
    expect(live.locator(".told")).to_contain_text("WornYes")
    expect(live.locator(".summary")).to_contain_text(re.compile(r"60 bpm to 64 bpm, \d+ beats"))
    assert live.locator(".plot canvas").count() == 2
    painted = live.evaluate(PAINTED)
    assert min(painted) > 10, painted  # of both charts: a line, and dots


PAINTED = """() => {
  const probe = document.createElement("i");
  probe.style.color = "var(--series-heart_rate)";
  document.body.append(probe);
  const [r, g, b] = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
  probe.remove();
  return [...document.querySelectorAll(".plot canvas")].map((one) => {
    const { data } = one.getContext("2d").getImageData(0, 0, one.width, one.height);
    let n = 0;
    for (let at = 0; at < data.length; at += 4)
      n += data[at + 3] > 200 && Math.abs(data[at] - r) + Math.abs(data[at + 1] - g) + Math.abs(data[at + 2] - b) < 30;
    return n;
  });
}"""  # noqa: E501


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_live_view_reads_well_everywhere(live, scheme):
    live.emulate_media(color_scheme=scheme)
    live.reload()
    expect(live.locator(".live")).to_have_attribute("data-state", "watching", timeout=WITHIN_MS)
    assert complaints(live) == []
    live.set_viewport_size({"width": 360, "height": 740})
    assert fits(live)
    assert small_targets(live) == []


def test_in_german_it_fits_a_small_screen_too(live, browser):
    context = browser.new_context(locale="de-DE", viewport={"width": 360, "height": 740})
    page = context.new_page()
    token = live.evaluate("localStorage.getItem('openfit.token')")
    page.goto(f"{live.url.partition('/live')[0]}/sources#token={token}")
    settled(page)
    expect(panel(page)).to_contain_text("über Bluetooth erreicht")
    assert overflow(page) <= 0
    address = live.url
    live.goto(f"{address.partition('/live')[0]}/more")  # one at a time
    page.goto(address)
    expect(page.locator(".live")).to_have_attribute("data-state", "watching", timeout=WITHIN_MS)
    expect(page.locator(".summary")).to_contain_text(re.compile(r"In den letzten 3 Minuten: \d+"))
    assert fits(page)
    context.close()


def test_stopping_lets_the_device_go_and_it_can_be_taken_up_again(live, ready):
    live.get_by_role("button", name="Stop").click()
    expect(live.locator(".state")).to_have_text("Stopped.")
    expect(live.locator(".pulse strong")).to_have_text("–")
    live.get_by_role("button", name="Connect").click()
    state = live.locator(".live")
    expect(state).to_have_attribute("data-state", "watching", timeout=WITHIN_MS)
    live.get_by_role("link", name="All sources").click()
    settled(live)
    expect(tell(live, "Erase the belt")).to_be_enabled()


# States of the model, with a device whose words are given ----------------------------------------

MODEL = """async ({ steps, end }) => {
  const { Watch } = await import("/static/watching.js");
  const watch = new Watch("/connections/x", "live");
  watch.heardAt = watch.span.peek()[1];
  const at = watch.heardAt;
  const seen = steps.map(([after, values]) => {
    if (values) watch.take({ values }, at + after); else watch.tick(at + after);
    return [watch.state.value, watch.pulse, watch.silence];
  });
  if (end) watch.end(end);
  return { seen, end: watch.state.value, beats: [watch.beats.t.map((t) => t - at), watch.beats.v],
    others: watch.others, heart: watch.heart.v };
}"""


@pytest.fixture
def watched(page, ready):
    page.goto(f"{ready.url}/sign-in")

    def run(*steps, end=None):
        return page.evaluate(MODEL, {"steps": [list(one) for one in steps], "end": end})

    return run


def test_a_missing_number_stays_missing(watched):
    found = watched(
        (0, {"state": "connecting"}),
        (1000, {"heart_rate": 61, "wear": 100}),
        (2000, {"wear": 100}),
        (3000, {"heart_rate": 0, "wear": 100}),
        (4000, {"heart_rate": 62, "wear": 100}),
    )
    assert found["seen"] == [
        ["connecting", None, 0],
        ["watching", 61, 0],
        ["watching", None, 0],
        ["watching", None, 0],
        ["watching", 62, 0],
    ]
    assert found["heart"] == [61, 62]


def test_off_the_wrist_no_number_is_shown(watched):
    found = watched(
        (0, {"heart_rate": 61, "wear": 100}),
        (1000, {"heart_rate": 61, "wear": 0}),
        (2000, {"heart_rate": 60, "wear": 100}),
    )
    assert [one[:2] for one in found["seen"]] == [["watching", 61], ["off", None], ["watching", 60]]


def test_silence_is_said_and_an_old_number_goes(watched):
    found = watched((0, {"heart_rate": 61}), (5000, None), (9000, None), (9500, {}))
    assert found["seen"] == [
        ["watching", 61, 0],
        ["watching", 61, 0],
        ["watching", None, 9],
        ["watching", None, 10],  # alive, and silent all the same
    ]


def test_beats_end_when_they_came_and_lie_as_far_apart_as_they_say(watched):
    found = watched((5000, {"rr_interval": [900, 1100, 0, 1000]}))
    assert found["beats"] == [[2900, 4000, 5000], [900, 1100, 1000]]


def test_what_is_older_than_the_window_is_forgotten(watched):
    found = watched((0, {"heart_rate": 61}), (200_000, {"heart_rate": 62}))
    assert found["heart"] == [62]


def test_what_is_said_now_and_then_holds(watched):
    found = watched((0, {"battery": 80, "wear": 100}), (1000, {"heart_rate": 61, "time": 5}))
    assert dict(found["others"]) == {"battery": 80, "wear": 100}


@pytest.mark.parametrize(
    ("said", "end", "state"),
    [
        ({"state": "no_adapter"}, "lost", "no_adapter"),
        ({"state": "connecting"}, "failed", "failed"),
        ({"heart_rate": 60}, "lost", "lost"),
        ({"state": "lost"}, "stopped", "stopped"),
    ],
)
def test_how_it_ended_is_said_as_it_was(watched, said, end, state):
    assert watched((0, said), end=end)["end"] == state


def test_words_of_a_stream_may_come_in_any_pieces(page, ready):
    page.goto(f"{ready.url}/sign-in")
    found = page.evaluate(
        """async () => {
          const { events } = await import("/static/acting.js");
          const text = 'event: step\\ndata: {"a":"ä: b"}\\n\\n: still here\\n\\nevent: done\\ndata: {}\\n\\n';
          const bytes = new TextEncoder().encode(text);
          const all = [];
          for (let size = 1; size < 12; size++) {
            const body = new ReadableStream({ start(to) {
              for (let at = 0; at < bytes.length; at += size) to.enqueue(bytes.slice(at, at + size));
              to.close();
            } });
            const found = [];
            for await (const one of events(body)) found.push(one);
            all.push(JSON.stringify(found));
          }
          return [...new Set(all)];
        }"""  # noqa: E501
    )
    assert found == ['[{"event":"step","data":{"a":"ä: b"}},{"event":"done","data":{}}]']
