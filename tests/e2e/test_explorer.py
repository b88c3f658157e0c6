"""The explorer of metrics: it shows what the API says, and the address keeps what is looked at."""

import re
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect
from support.asked import ask
from support.pages import complaints, overflow, settled, small_targets

HEART = "/metrics/heart_rate"
RESTING = "/metrics/resting_heart_rate"
LAST_NIGHTS = "from=2026-04-07T20:00:00.000Z&to=2026-04-09T20:00:00.000Z"


def explore(page: Page, served, path: str) -> None:
    page.goto(served.at(path))
    settled(page)
    expect(page.locator(".plot canvas").first).to_be_visible()


def asked(page: Page) -> dict[str, str]:
    return {key: value[0] for key, value in parse_qs(urlsplit(page.url).query).items()}


def calendar_day(iso: str) -> str:
    return f"{date.fromisoformat(iso):%-d %b %Y}"


def drag(page: Page, from_share: float, to_share: float) -> None:
    plot = page.locator(".explore .u-over").last
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.mouse.move(box["x"] + from_share * box["width"], box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + to_share * box["width"], box["y"] + 40, steps=4)
    page.mouse.up()


def test_every_metric_in_store_is_offered(page, worn):
    page.goto(worn.at("/metrics"))
    settled(page)
    stored = {one["type"] for one in ask(worn, "/metrics")["items"]}
    links = page.locator(".metrics a")
    assert {link.get_attribute("href") for link in links.all()} == {
        f"/metrics/{one}" for one in stored
    }
    links.filter(has_text="Resting heart rate").click()
    expect(page.get_by_role("heading", name="Resting heart rate", exact=True)).to_be_visible()


def test_an_empty_hub_says_what_would_be_here(page, hub):
    page.goto(hub.at("/metrics"))
    expect(
        page.get_by_role("heading", name="What your devices measure will be here")
    ).to_be_visible()
    page.goto(hub.at("/metrics/heart_rate"))
    expect(page.get_by_role("link", name="All metrics")).to_be_visible()


def test_the_answer_is_the_mean_of_the_days_that_hold(page, worn):
    explore(page, worn, RESTING)
    values = ask(worn, f"{RESTING}/daily")["values"]
    mean, low, high = sum(values) / len(values), min(values), max(values)
    expect(page.locator(".answer").first).to_have_text(
        f"{mean:.1f} bpm on average, from {low:.1f} to {high:.1f} bpm."
    )


def test_the_span_ends_on_the_last_day_and_counts_days_as_the_calendar_does(page, worn):
    """The wearer's clock is ahead of UTC: midnight there is another day here."""
    explore(page, worn, RESTING)
    days = ask(worn, f"{RESTING}/daily")["days"]
    first, last = (calendar_day(days[n]) for n in (0, -1))
    span = page.locator("h1 ~ .hint")
    expect(span).to_have_text(f"{first} to {last}. All of {len(days)} days have a value.")
    page.get_by_role("button", name="Month", exact=True).click()
    expect(span).to_have_text(f"{calendar_day(days[-30])} to {last}. All of 30 days have a value.")
    page.get_by_role("button", name="Day", exact=True).click()
    expect(span).to_have_text(f"{last}.")
    page.get_by_role("button", name="Closer").click()
    expect(span).to_have_text(f"{last}, 06:00 to {last}, 18:00.")
    page.goto(worn.at(f"{RESTING}?from=2026-03-10T00:00:00Z&to=2026-03-14T00:00:00Z"))
    settled(page)
    expect(span).to_contain_text("10 Mar 2026, 01:00")


def test_the_table_has_every_day_with_its_source(page, worn):
    explore(page, worn, RESTING)
    page.get_by_text("Values as a table").first.click()
    rows = page.get_by_role("region", name="Values of days").locator("tbody tr")
    days = ask(worn, f"{RESTING}/daily")
    expect(rows).to_have_count(len(days["days"]))
    latest = rows.first.locator("td")
    expect(latest.first).to_have_text(f"{days['values'][-1]:.1f} bpm")
    winner = days["sources"][days["winner"][-1]]["label"]
    expect(latest.nth(1)).to_have_text(winner)


def test_each_source_is_named_and_says_how_many_days_are_its(page, worn):
    explore(page, worn, RESTING)
    days = ask(worn, f"{RESTING}/daily")
    for n, source in enumerate(days["sources"]):
        label = page.locator(".sources label").filter(has_text=source["label"])
        expect(label).to_have_count(1)
        if (won := days["winner"].count(n)) > 0:
            expect(label).to_contain_text(f"gives {won} of {len(days['days'])} days their value")


def test_lines_are_named_above_a_plot_that_has_no_room_beside_it(page, worn):
    labels = {one["label"] for one in ask(worn, f"{RESTING}/daily")["sources"]}
    named = page.locator(".line-names").first.locator("span")
    page.set_viewport_size({"width": 360, "height": 800})
    explore(page, worn, RESTING)
    expect(named).to_have_count(len(labels))
    assert set(named.all_inner_texts()) == labels
    page.set_viewport_size({"width": 1024, "height": 800})
    expect(named).to_have_count(0)


def test_a_device_has_the_hue_of_its_age_on_every_page(page, worn):
    devices = sorted(ask(worn, "/devices")["items"], key=lambda one: one["first_at"])
    hues = {one["label"]: f"var(--device-{n})" for n, one in enumerate(devices)}
    [both] = [one for one in ask(worn, "/sleep?limit=2")["days"][:1] if one["sleeps"][0]["twins"]]
    explore(page, worn, RESTING)
    seen = {
        one.inner_text().split("\n")[0]: one.locator(".swatch").evaluate("(it) => it.style.color")
        for one in page.locator(".sources label").all()
    }
    assert seen == hues
    page.goto(worn.at(f"/sleep/{both['sleeps'][0]['id']}"))
    expect(page.locator(".chart h3 .swatch")).to_have_count(2)
    for title in page.locator(".chart h3").filter(has=page.locator(".swatch")).all():
        label = title.inner_text().removeprefix("Stages, ")
        assert title.locator(".swatch").evaluate("(it) => it.style.color") == hues[label]
    page.goto(worn.at("/wellness"))
    for one in page.locator(".devices span").all():
        hue = one.locator("i").evaluate("(it) => it.style.background")
        assert hue == hues[one.inner_text().strip()]


def test_hiding_a_source_stands_in_the_address_and_survives_a_reload(page, worn):
    explore(page, worn, RESTING)
    ring = page.get_by_role("checkbox", name="acme Ring Two")
    ring.uncheck()
    source = next(one for one in ask(worn, f"{RESTING}/daily")["sources"] if "Ring" in one["label"])
    expect(page).to_have_url(re.compile(f"without={source['source_id']}"))
    page.reload()
    expect(ring).not_to_be_checked()


def test_a_drag_zooms_asks_the_hub_for_what_fits_and_stands_in_the_address(page, worn):
    explore(page, worn, HEART)
    before = page.locator("h1 + .answer").inner_text()
    with page.expect_response(lambda answer: f"{HEART}?" in answer.url) as fetched:
        drag(page, 0.4, 0.44)
    assert fetched.value.json()["resolution"] == "raw"
    expect(page.get_by_role("heading", name=re.compile("Samples"))).to_contain_text("as measured")
    expect(page).to_have_url(re.compile("from=2026-03-1.*to=2026-03-1"))
    page.reload()
    expect(page.get_by_role("heading", name=re.compile("Samples"))).to_contain_text("as measured")
    assert page.locator("h1 + .answer").inner_text() != before


def test_chosen_spans_are_steps_of_the_way_back(page, worn):
    explore(page, worn, HEART)
    page.get_by_role("button", name="Week").click()
    expect(page).to_have_url(re.compile("from="))
    expect(page.get_by_role("button", name="Week")).to_have_attribute("aria-pressed", "true")
    page.go_back()
    expect(page).not_to_have_url(re.compile("from="))
    expect(page.get_by_role("button", name="Week")).to_have_attribute("aria-pressed", "false")


def test_the_keyboard_reads_values_zooms_and_leaves(page, worn):
    explore(page, worn, f"{HEART}?{LAST_NIGHTS}")
    slider = page.get_by_role("slider")
    slider.focus()
    page.keyboard.press("End")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"acme Watch One \d+ bpm"))
    with page.expect_response(lambda answer: f"{HEART}?" in answer.url):
        page.keyboard.press("+")
    expect(page).not_to_have_url(re.compile(re.escape("from=2026-04-07T20%3A00")))
    page.keyboard.press("Escape")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("Arrow keys move"))


def test_a_gap_and_a_flight_are_marked_and_said(page, worn):
    explore(page, worn, HEART)
    gap = page.get_by_role("group", name="What happened").get_by_role("button")
    expect(gap.filter(has_text="").first).to_be_visible()
    labels = " ".join(one.get_attribute("aria-label") for one in gap.all())
    assert "clock moved from UTC+01:00 to UTC+09:00" in labels
    expect(page.locator(".explore")).to_contain_text("The wearer's clock changed")


def test_two_metrics_stand_below_each_other_with_how_they_go_together(page, worn):
    explore(page, worn, RESTING)
    page.get_by_label("Beside it").select_option("hrv_rmssd_night")
    expect(page).to_have_url(re.compile("with=hrv_rmssd_night"))
    expect(page.get_by_role("heading", name=re.compile("RMSSD, night, Day by day"))).to_be_visible()
    [pair] = ask(worn, "/metrics/correlate?metrics=resting_heart_rate,hrv_rmssd_night")["pairs"]
    said = page.locator("section").filter(has=page.locator("#together"))
    expect(said).to_contain_text(f"{pair['n']} days with both")
    r = f"{pair['spearman']['r']:.2f}".replace("-", "−")
    expect(said).to_contain_text(f"Rank correlation {r}")
    expect(said).to_contain_text("Tested 1 pair.")


def test_devices_are_compared_with_bias_and_limits(page, worn):
    explore(page, worn, RESTING)
    [pair] = ask(worn, "/analytics/cross-device?metric=resting_heart_rate")["pairs"]
    agree = page.locator(".agree")
    bias = abs(pair["agreement"]["bias"]["value"])
    expect(agree).to_contain_text(f"{pair['n']} days compared")
    assert bias == pytest.approx(2.5, abs=0.01)
    expect(agree.locator(".answer")).to_contain_text(
        re.compile(r"shows 2\.50* bpm (more|less) than")
    )


def test_a_metric_that_nobody_measured_leads_to_all_of_them(page, worn):
    page.goto(worn.at("/metrics/weight"))
    page.get_by_role("link", name="All metrics").click()
    expect(page.locator(".metrics a").first).to_be_visible()


def test_usual_range_needs_two_weeks_and_holds_the_middle(page, worn):
    page.goto(worn.url)
    days = [{"day": f"2026-01-{n:02}", "value": n} for n in range(1, 31)]
    band = page.evaluate(
        "(days) => import('/static/explore/model.js').then((it) => it.usualRange(days))", days
    )
    assert band["low"][:14] == [None] * 14 and band["low"][14] is not None
    assert (band["low"][-1], band["high"][-1]) == (4, 26)


def test_the_clock_knows_flights_and_days_of_any_length(page, worn):
    page.goto(worn.url)
    told = page.evaluate(
        """() => import('/static/explore/clock.js').then((it) => {
          const clock = new it.Clock([{ at: 0, minutes: 60 }, { at: 1e9, minutes: 540 },
            { at: 2e9, minutes: 540 }]);
          return [clock.offsetAt(0), clock.offsetAt(1e9), clock.notches(0, 3e9).length,
            it.zoneOffsets("Europe/Berlin", Date.UTC(2026, 0, 1), Date.UTC(2027, 0, 1)).slice(1)
              .map(({ at, minutes }) => [new Date(at).toISOString(), minutes])];
        })"""
    )
    assert told == [
        "+01:00",
        "+09:00",
        1,
        [["2026-03-29T01:00:00.000Z", 120], ["2026-10-25T01:00:00.000Z", 60]],
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_page(page, worn, scheme):
    page.emulate_media(color_scheme=scheme)
    for path in ("/metrics", f"{RESTING}?with=hrv_rmssd_night"):
        page.set_viewport_size({"width": 360, "height": 800})
        page.goto(worn.at(path))
        settled(page)
        assert overflow(page) <= 0
        assert complaints(page) == []
        assert small_targets(page) == []
