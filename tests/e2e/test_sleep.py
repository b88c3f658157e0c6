"""Sleep, night by night, and daily values: what is shown is what the API says."""

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from support import wearer
from support.asked import ask
from support.pages import complaints, overflow, settled, small_targets

from .conftest import Served, serve


def hours(minutes: float) -> str:
    whole = int(minutes + 0.5)
    return f"{whole // 60} h {whole % 60:02}"


def opened(page: Page, served: Served, path: str) -> None:
    page.goto(served.at(path))
    settled(page)


def spoken(text: str) -> re.Pattern[str]:
    """As it reads: a space that does not break is a space."""
    return re.compile(re.escape(text).replace(r"\ ", r"\s"))


def night_of_two(served: Served) -> dict:
    days = ask(served, "/sleep?limit=10")["days"]
    return next(one for day in days for one in day["sleeps"] if one["twins"])


@pytest.fixture
def own(tmp_path):
    """A hub that a test may change."""
    wearer.lived(tmp_path)
    yield from serve(tmp_path)


def test_the_last_night_is_said_in_one_line(page, worn):
    opened(page, worn, "/sleep")
    [latest] = ask(worn, "/sleep?limit=1")["days"]
    expect(page.locator(".answer")).to_contain_text(
        spoken(f"You slept {hours(latest['asleep_minutes'])} in the night to")
    )


def test_every_night_is_listed_once_with_its_naps(page, worn):
    opened(page, worn, "/sleep")
    days = ask(worn, "/sleep?limit=30")["days"]
    rows = page.locator(".nights > li")
    expect(rows).to_have_count(len(days))
    page.get_by_role("button", name="Earlier nights").click()
    expect(rows).to_have_count(wearer.DAYS)
    expect(page.locator(".sleep-row.small")).to_have_count(1)
    expect(page.locator(".sleep-row.small")).to_contain_text("Nap")
    expect(page.get_by_text(f"That is all: {wearer.DAYS} days with sleep.")).to_be_visible()


def test_a_night_shows_what_each_device_saw(page, worn):
    sleep = night_of_two(worn)
    detail = ask(worn, f"/sleep/{sleep['id']}")
    opened(page, worn, f"/sleep/{sleep['id']}")
    expect(page.get_by_role("img", name=re.compile("^Hypnogram, "))).to_have_count(2)
    computed = detail["sleep"]["computed"]
    tile = page.locator(".tile").filter(has_text="Share of time in bed")
    expect(tile.locator(".figure")).to_have_text(f"{round(computed['efficiency'])} %")
    for stage, minutes in computed["minutes"].items():
        row = page.locator(f"[data-stage={stage}] .num").first
        said = hours(minutes) if minutes >= 60 else f"{round(minutes)} min"
        expect(row).to_have_text(spoken(said))


def test_the_keyboard_walks_through_the_night(page, worn):
    opened(page, worn, f"/sleep/{night_of_two(worn)['id']}")
    expect(page.locator(".plot canvas")).to_have_count(3)
    slider = page.get_by_role("slider", name="Place in the night")
    slider.focus()
    for _ in range(5):
        page.keyboard.press("Shift+ArrowRight")
    stage = "(Awake|REM|Light|Deep)"
    expect(slider).to_have_attribute(
        "aria-valuetext",
        re.compile(rf"acme \w+ \w+ {stage} · acme \w+ \w+ {stage} · Heart rate \d+"),
    )
    page.keyboard.press("Escape")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("Arrow keys move"))


def test_stages_are_there_as_a_table(page, worn):
    sleep = night_of_two(worn)
    stages = ask(worn, f"/sleep/{sleep['id']}")["stages"]
    opened(page, worn, f"/sleep/{sleep['id']}")
    page.get_by_text("Stages as a table").first.click()
    rows = page.get_by_role("region", name=re.compile("^Stages as a table")).first.locator(
        "tbody tr"
    )
    expect(rows).to_have_count(len(stages))


def test_a_nap_without_stages_says_so_and_shows_no_number(page, worn):
    days = ask(worn, "/sleep?limit=60")["days"]
    nap = next(one for day in days for one in day["sleeps"] if one["role"] == "nap")
    opened(page, worn, f"/sleep/{nap['id']}")
    expect(page.get_by_role("heading", name=re.compile("^Nap on"))).to_be_visible()
    expect(page.locator(".tile").filter(has_text="Asleep").first.locator(".figure")).to_have_text(
        "–"
    )
    expect(page.get_by_text("The source gave no stages for this sleep.")).to_be_visible()


def test_a_night_is_corrected_and_taken_back(page, own):
    sleep = night_of_two(own)
    opened(page, own, f"/sleep/{sleep['id']}")
    page.get_by_role("button", name="Correct").click()
    page.get_by_label("What it was").select_option("rest")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name=re.compile("^Rest on"))).to_be_visible()
    assert ask(own, f"/sleep/{sleep['id']}")["sleep"]["kind"] == "rest"
    page.get_by_role("button", name="Take back the kind").click()
    expect(page.get_by_role("heading", name=re.compile("^Night to"))).to_be_visible()
    assert ask(own, f"/sleep/{sleep['id']}")["edits"] == []
    fell = datetime.fromisoformat(sleep["start"]) + timedelta(minutes=25)
    local = fell + timedelta(hours=int(sleep["utc_offset"][:3]))
    page.get_by_role("button", name="Correct").click()
    page.get_by_label("Fell asleep").fill(f"{local:%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text(f"Fell asleep at {local:%H:%M}")).to_be_visible()
    expect(page.locator(".tile").filter(has_text="Until asleep").locator(".figure")).to_have_text(
        spoken("25 min")
    )
    kept = ask(own, f"/sleep/{sleep['id']}")
    assert datetime.fromisoformat(kept["sleep"]["asleep_start"]) == fell
    page.get_by_role("button", name="Take back the falling asleep").click()
    expect(page.get_by_text("Fell asleep at")).to_have_count(0)


def test_a_false_sleep_is_deleted_and_brought_back(page, own):
    sleep = night_of_two(own)
    opened(page, own, f"/sleep/{sleep['id']}")
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete sleep").click()
    expect(page.get_by_role("heading", name="This sleep is deleted.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="Delete this sleep?")).to_be_visible()
    assert ask(own, f"/sleep/{sleep['id']}")["sleep"]["id"] == sleep["id"]


def test_an_empty_hub_says_what_would_be_here(page, hub):
    opened(page, hub, "/sleep")
    expect(page.get_by_role("heading", name="Your nights will be here")).to_be_visible()
    opened(page, hub, "/wellness")
    expect(page.get_by_role("heading", name="Your days will be here")).to_be_visible()


# Daily values -------------------------------------------------------------------------------------


def test_daily_values_are_those_of_the_api_and_lead_to_their_metric(page, worn):
    opened(page, worn, "/wellness/heart?month=2026-03")
    said = ask(worn, "/wellness?from=2026-03-01&to=2026-03-31&family=heart")
    [family] = said["families"]
    resting = next(one for one in family["metrics"] if one["metric"] == "resting_heart_rate")
    link = page.get_by_role("link", name="Resting heart rate, bpm")
    column = [one["metric"] for one in family["metrics"]].index("resting_heart_rate")
    rows = page.get_by_role("table", name="Heart").locator("tbody tr")
    expect(rows).to_have_count(len(said["days"]))
    shown = rows.first.locator("td").nth(column)
    expect(shown).to_contain_text(f"{resting['values'][-1]:.1f}")
    link.click()
    expect(page).to_have_url(f"{worn.url}/metrics/resting_heart_rate")


def test_months_are_walked_and_one_without_values_says_so(page, worn):
    opened(page, worn, "/wellness?month=2026-03")
    page.get_by_role("link", name="The month before").click()
    expect(page).to_have_url(re.compile("month=2026-02"))
    expect(page.get_by_role("heading", name="February 2026")).to_be_visible()
    page.get_by_role("link", name="The month before").click()
    expect(page.get_by_text("No daily values in January 2026.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_page(page, worn, scheme):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 360, "height": 800})
    for path in ("/sleep", f"/sleep/{night_of_two(worn)['id']}", "/wellness"):
        opened(page, worn, path)
        assert overflow(page) <= 0, path
        assert complaints(page) == [], path
        assert small_targets(page) == [], path
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert overflow(page) <= 0, path
