"""Results, load, records and thresholds: what is shown is what the API says."""

import gzip
import json
import re
import urllib.request
from datetime import UTC, date, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from openfit.demo import outing, training
from openfit.demo.story import Story
from playwright.sync_api import Page, expect
from support import files, hubs
from support.pages import sideways

from .conftest import Served, serve

PAGES = ["/training", "/training/records", "/training/thresholds"]
STATED = {
    "max_heart_rate": "187",
    "resting_heart_rate": "48",
    "functional_threshold_power": "215",
    "sex": "female",
}
ENOUGH = 20  # outings: three weeks and more


def ask(served: Served, path: str) -> dict:
    request = urllib.request.Request(
        f"{served.url}/api/v1{path}", headers={"Authorization": f"Bearer {served.token}"}
    )
    return json.load(urllib.request.urlopen(request, timeout=20))


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A hub of an athlete with thresholds. Tests that share it must leave it as it is."""
    data = tmp_path_factory.mktemp("trained")
    for field, value in STATED.items():
        hubs.openfit("profile", field, value, "--since", "2020-01-01", data=data)
    folder = data / "files"
    folder.mkdir()
    now = datetime.now(UTC)
    strapped = [one for one in training.planned(Story(now.date()), now) if one.strapped]
    for one in strapped[:ENOUGH]:
        (folder / one.name).write_text(outing.tcx(one.outing()))
    hubs.import_lines(folder, data=data)
    yield from serve(data)


def newest(served: Served, sport: str) -> dict:
    rows = ask(served, "/activities?limit=50")["items"]
    return next(row for row in rows if row["sport"] == sport and row["reported"])


def results_of(served: Served, activity: str) -> dict[str, dict]:
    return {one["id"]: one for one in ask(served, f"/activities/{activity}/results")["items"]}


def open_activity(page: Page, served: Served, sport: str) -> dict[str, dict]:
    activity = newest(served, sport)["id"]
    page.goto(f"{served.url}/activities/{activity}#token={served.token}")
    expect(page.locator(".results .tile").first).to_be_visible()
    return results_of(served, activity)


def open_page(page: Page, served: Served, path: str) -> None:
    page.goto(f"{served.url}{path}#token={served.token}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".bone")).to_have_count(0)


def clock(seconds: float) -> str:
    whole = int(seconds + 0.5)
    minutes = f"{whole // 60 % 60}:{whole % 60:02}"
    return f"{whole // 3600}:{minutes.zfill(5)}" if whole >= 3600 else minutes


def rounded(value: float) -> str:
    return f"{int(abs(value) + 0.5):,}"


# One activity -------------------------------------------------------------------------------------


def test_zones_are_those_of_the_api_with_their_bounds(page, trained):
    found = open_activity(page, trained, "cycling")
    zones = [found[f"heart_rate_zone_{n}_minutes"] for n in range(6)]
    rows = page.locator(".zones tbody tr")
    expect(rows).to_have_count(6)
    whole = sum(zone["value"] for zone in zones)
    for n, zone in enumerate(zones):
        cells = rows.nth(n).locator("td.num")
        expect(cells.first).to_contain_text(clock(zone["value"] * 60))
        expect(cells.last).to_have_text(f"{rounded(100 * zone['value'] / whole)} %")
        if n:
            expect(rows.nth(n)).to_contain_text(f"{rounded(zone['drivers']['lower'])} ")
    expect(page.locator(".zones-part")).to_contain_text("your highest heart rate, 187 bpm")


def test_the_longest_bar_is_the_zone_with_most_time(page, trained):
    found = open_activity(page, trained, "running")
    minutes = [found[f"heart_rate_zone_{n}_minutes"]["value"] for n in range(6)]
    bars = page.locator(".zones tbody tr")
    widths = [bars.nth(n).locator("i").bounding_box() for n in range(6) if minutes[n]]
    longest = max(range(len(widths)), key=lambda n: widths[n]["width"])
    assert [m for m in minutes if m][longest] == max(minutes)


@pytest.mark.parametrize(
    ("id", "unit"),
    [
        ("session_load", "points"),
        ("trimp", "points"),
        ("training_stress_score", "points"),
        ("normalized_power", "W"),
        ("heart_rate_held", "bpm"),
    ],
)
def test_a_figure_has_value_unit_and_a_why_for_the_keyboard(page, trained, id, unit):
    result = open_activity(page, trained, "cycling")[id]
    tile = page.locator(f"[data-result={id}]")
    expect(tile.locator(".main")).to_have_text(f"{rounded(result['value'])} {unit}")
    tile.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(tile.locator(".why")).to_be_visible()
    expect(tile.locator(".why")).to_contain_text(f"{rounded(100 * result['confidence'])} % sure")
    expect(tile.locator(".why")).to_contain_text("version 1")
    expect(tile.locator(".why")).to_contain_text("Computed from measurements")


def test_what_is_missing_is_a_dash_with_its_reason(page, trained):
    assert open_activity(page, trained, "running")["normalized_power"]["value"] is None
    tile = page.locator("[data-result=normalized_power]")
    expect(tile.locator(".figure")).to_have_text("–")
    expect(tile).to_contain_text("No power was recorded.")


def test_best_efforts_are_those_of_the_api(page, trained):
    found = open_activity(page, trained, "cycling")
    efforts = {id: one for id, one in found.items() if re.match(r"best_\w+_(seconds|metres)", id)}
    assert len(efforts) > 8
    expect(page.locator(".effort")).to_have_count(len(efforts))
    for id, one in efforts.items():
        value = rounded(one["value"]) if one["unit"] == "W" else clock(one["value"])
        expect(page.locator(f"[data-result={id}] strong")).to_contain_text(value)


def test_without_thresholds_the_page_leads_to_the_form(page, filled):
    page.goto(filled.at("/activities"))
    page.locator("a.row").first.click()
    zones = page.locator(".zones-part")
    expect(zones).to_contain_text("Your highest heart rate on that day is not known.")
    zones.get_by_role("link", name="State your highest heart rate").click()
    expect(page).to_have_url(f"{filled.url}/training/thresholds/max_heart_rate")
    expect(page.locator("#max_heart_rate input[name=value]")).to_be_focused()


# Load ---------------------------------------------------------------------------------------------


def load_of(served: Served, first: str = "1970-01-01") -> tuple[list[str], dict[str, dict]]:
    answer = ask(served, f"/analytics/training-load?from={first}")
    return answer["days"], {one["id"]: one for one in answer["series"]}


def test_todays_figures_are_said_in_words(page, trained):
    open_page(page, trained, "/training")
    _, figures = load_of(trained)
    fitness, fatigue, form = (
        figures[id]["values"][-1] for id in ("chronic_load", "acute_load", "training_balance")
    )
    sign = "+" if form > 0 else "−"
    said = f"Fitness {rounded(fitness)}, fatigue {rounded(fatigue)}, form {sign}{rounded(form)}."
    expect(page.locator(".answer")).to_contain_text(said)
    tile = page.locator("[data-result=chronic_load]")
    expect(tile.locator(".figure")).to_have_text(rounded(fitness))
    tile.locator("summary").focus()
    page.keyboard.press("Enter")
    sure = f"{rounded(100 * figures['chronic_load']['confidence'][-1])} % sure"
    expect(tile.locator(".why")).to_contain_text(sure)


def test_the_keyboard_walks_from_day_to_day(page, trained):
    open_page(page, trained, "/training")
    expect(page.locator(".load-charts canvas")).to_have_count(3)
    days, figures = load_of(trained)
    slider = page.get_by_role("slider", name="Day in the chart")
    slider.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    fitness = rounded(figures["chronic_load"]["values"][-2])
    expect(slider).to_have_attribute("aria-valuetext", re.compile(f"Fitness {fitness} "))
    day = (date.fromisoformat(days[-2]) - date(1970, 1, 1)).days
    expect(slider).to_have_attribute("aria-valuenow", str(day))
    page.keyboard.press("Escape")
    expect(slider).to_contain_text("Move over the charts")


def test_the_table_has_every_day_and_a_dash_for_what_is_not_known(page, trained):
    open_page(page, trained, "/training")
    page.get_by_text("Days as a table").click()
    rows = page.get_by_role("region", name="Days as a table").locator("tbody tr")
    days, figures = load_of(trained)
    expect(rows).to_have_count(len(days))
    for n in (0, 3, len(days) - 1):
        value = figures["chronic_load"]["values"][-1 - n]
        shown = "–" if value is None else rounded(value)
        expect(rows.nth(n).locator("td").nth(2)).to_have_text(shown)


def test_a_period_is_asked_for_and_remembered(page, trained):
    open_page(page, trained, "/training")
    with page.expect_request(lambda request: "from=1970-01-01" in request.url):
        page.get_by_label("Period").select_option("all")
    page.reload()
    expect(page.get_by_label("Period")).to_have_value("all")


def test_an_empty_hub_says_what_would_be_here(page, hub):
    open_page(page, hub, "/training")
    expect(page.get_by_role("heading", name="Your training load will be here")).to_be_visible()
    open_page(page, hub, "/training/records")
    expect(page.get_by_role("link", name="Import activities")).to_be_visible()


def test_without_thresholds_no_load_is_shown_and_the_steps_are(page, filled):
    open_page(page, filled, "/training")
    expect(page.get_by_role("heading", name="is not known yet")).to_be_visible()
    expect(page.locator(".steps a")).to_have_count(2)
    expect(page.locator(".figure")).to_have_count(0)


def test_marks_of_the_day_axis_are_mondays_or_firsts_of_months(page, trained):
    page.goto(trained.url)
    marked = page.evaluate(
        "import('/static/load.js').then((it) => [it.dayMarks(20500, 20542, 400),"
        " it.dayMarks(20500, 20860, 300), it.dayMarks(20500, 24500, 300)])"
    )
    weeks, months, years = ([date(1970, 1, 1) + timedelta(days=n) for n in some] for some in marked)
    assert len(weeks) == 7 and {day.weekday() for day in weeks} == {0}
    assert 2 <= len(months) <= 6 and {day.day for day in months} == {1}
    assert 2 <= len(years) <= 6 and {(day.month, day.day) for day in years} == {(1, 1)}


# Records ------------------------------------------------------------------------------------------


def test_records_are_those_of_the_api_and_lead_to_their_activity(page, trained):
    open_page(page, trained, "/training/records")
    records = ask(trained, "/analytics/records")["items"]
    expect(page.locator("[data-record]")).to_have_count(len(records))
    best = next(one for one in records if one["id"] == "best_power_60_seconds")
    row = page.locator("tr").filter(has=page.locator("[data-record=best_power_60_seconds]"))
    expect(row.locator("strong")).to_have_text(f"{rounded(best['value'])} W")
    expect(row).to_contain_text(f"{rounded(best['before']['value'])} W")
    row.get_by_role("link").first.click()
    expect(page).to_have_url(f"{trained.url}/activities/{best['holder']['activity']}")


def test_records_of_one_sport_are_chosen(page, trained):
    open_page(page, trained, "/training/records")
    page.get_by_label("Sport").select_option("running")
    running = ask(trained, "/analytics/records?sport=running")["items"]
    expect(page.locator("[data-record]")).to_have_count(len(running))


# Thresholds ---------------------------------------------------------------------------------------


def test_a_threshold_is_stated_and_taken_back_with_the_keyboard(page, hub):
    open_page(page, hub, "/training/thresholds/functional_threshold_power")
    field = page.locator("#functional_threshold_power")
    expect(field.locator("input[name=value]")).to_be_focused()
    page.keyboard.type("245")
    page.keyboard.press("Enter")
    expect(field.locator(".field-now")).to_contain_text("245 W")
    [stated] = ask(hub, "/profile")["items"]
    assert (stated["field"], stated["value"]) == ("functional_threshold_power", 245)
    assert stated["since"] == page.evaluate("new Date().toLocaleDateString('sv')")
    field.get_by_role("button", name="Remove 245 W").focus()
    page.keyboard.press("Enter")
    expect(field.locator(".field-now")).to_have_text("Not stated")
    assert ask(hub, "/profile")["items"] == []


def test_what_the_hub_refuses_is_said_at_the_field(browser, hub):
    page = browser.new_page()  # the browser itself complains of a 400
    open_page(page, hub, "/training/thresholds")
    field = page.locator("#max_heart_rate")
    field.locator("input[name=value]").fill("18")
    answer = ask_and_click(page, field)
    assert answer.status == 400
    expect(field.get_by_role("alert")).to_contain_text(answer.json()["message"])
    expect(field.locator("input[name=value]")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("alert")).to_have_count(1)
    page.close()


def ask_and_click(page: Page, field):
    with page.expect_response(lambda response: "/profile/" in response.url) as answer:
        field.get_by_role("button", name="Add").click()
    return answer.value


def test_zones_of_ones_own_are_five_numbers(page, hub):
    open_page(page, hub, "/training/thresholds")
    field = page.locator("#heart_rate_zones")
    field.locator("input[name=value]").fill("95, 114 133;152 171")
    field.get_by_role("button", name="Add").click()
    expect(field.locator(".field-now")).to_contain_text("95, 114, 133, 152, 171 bpm")
    assert ask(hub, "/profile")["items"][0]["value"] == [95, 114, 133, 152, 171]


def test_a_heart_rate_above_the_stated_one_is_suggested_and_never_set_by_itself(page, hub):
    for field, value in (("max_heart_rate", "95"), ("resting_heart_rate", "40")):
        hubs.openfit("profile", field, value, "--since", "2020-01-01", data=hub.data)
    (hub.data / "one.gpx").write_bytes(files.gpx(3, points=600))
    hubs.import_lines(hub.data / "one.gpx", data=hub.data)
    [row] = ask(hub, "/activities")["items"]
    held = int(results_of(hub, row["id"])["heart_rate_held"]["value"])
    assert held > 95
    page.goto(f"{hub.url}/activities/{row['id']}#token={hub.token}")
    expect(page.locator(".suggestion")).to_contain_text(f"you held {held} bpm")
    assert [one["value"] for one in ask(hub, "/profile")["items"]] == [95, 40]
    page.locator(".suggestion").get_by_role("button").click()
    expect(page.locator(".suggestion")).to_have_count(0)
    stated = ask(hub, "/profile")["items"][0]
    assert (stated["value"], stated["since"]) == (held, row["day"])
    expect(page.locator(".zones-part")).to_contain_text(f"highest heart rate, {held} bpm")


# Form ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", ["100%", "200%"])
def test_nothing_is_wider_than_a_phone(page, trained, scale):
    page.set_viewport_size({"width": 360, "height": 800})
    wider = "document.documentElement.scrollWidth - innerWidth"
    resized = f"document.documentElement.style.fontSize = '{scale}'"
    for path in PAGES:
        open_page(page, trained, path)
        page.evaluate(resized)
        assert (path, sideways(page), page.evaluate(wider)) == (path, [], 0)
    open_activity(page, trained, "cycling")
    page.evaluate(resized)
    expect(page.get_by_role("table", name="Laps")).to_be_visible()
    assert (sideways(page), page.evaluate(wider)) == ([], 0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(page, trained, scheme):
    page.emulate_media(color_scheme=scheme)
    for path in PAGES:
        open_page(page, trained, path)
        assert serious(page) == []
    open_activity(page, trained, "cycling")
    page.locator(".effort summary").first.click()
    assert serious(page) == []


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {[node['html'][:120] for node in one['nodes']]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def test_charts_are_painted_anew_in_other_colours(page, trained):
    page.emulate_media(color_scheme="light")
    open_page(page, trained, "/training")
    expect(page.locator(".load-charts canvas")).to_have_count(3)
    painted = "document.querySelectorAll('.load-charts canvas')[1].toDataURL()"
    light = page.evaluate(painted)
    page.get_by_role("button", name="Dark").click()
    page.wait_for_function(f"(light) => {painted} !== light", arg=light)


def test_the_training_page_is_small(page, trained):
    sent = []
    page.on("requestfinished", lambda request: sent.append(request.response()))
    open_page(page, trained, "/training")
    expect(page.locator(".load-charts canvas")).to_have_count(3)
    assert 0 < sum(len(gzip.compress(response.body())) for response in sent) < 150_000
