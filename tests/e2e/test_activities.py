"""Finding activities, and their calendar: what is shown is what the API says."""

import re

import pytest
from playwright.sync_api import Page, expect
from support import files, hubs
from support.asked import ask
from support.pages import complaints, overflow, settled, small_targets

from .conftest import Served


def opened(page: Page, served: Served, path: str = "/activities") -> None:
    page.goto(served.at(path))
    settled(page)


def newest(served: Served) -> dict:
    return ask(served, "/activities?limit=1")["items"][0]


def test_the_list_has_every_activity_of_the_api(page, filled):
    opened(page, filled)
    names = [one["name"] for one in ask(filled, "/activities?limit=50")["items"]]
    expect(page.locator("a.row .name")).to_have_text(names)
    expect(page.get_by_text(f"That is all: {len(names)} activities.")).to_be_visible()


def test_words_are_looked_for_as_they_are_typed_and_stand_in_the_address(page, filled):
    opened(page, filled)
    page.get_by_label("Search names, notes and tags").type("outing 3")
    expect(page.locator("a.row .name")).to_have_text(["Outing 3"])
    expect(page).to_have_url(re.compile(r"q=outing\+3"))
    expect(page.get_by_text("1 activity fits.")).to_be_visible()
    page.reload()
    expect(page.locator("a.row .name")).to_have_text(["Outing 3"])
    page.get_by_role("button", name="Remove the filter: “outing 3”").click()
    expect(page.locator("a.row")).to_have_count(6)


def test_days_narrow_the_list_and_the_way_back_widens_it(page, filled):
    opened(page, filled)
    expect(page.locator("a.row")).to_have_count(6)
    day = newest(filled)["day"]
    page.get_by_role("button", name="More filters").click()
    page.get_by_label("From", exact=True).fill(day)
    wanted = ask(filled, f"/activities?from={day}")["items"]
    expect(page.locator("a.row")).to_have_count(len(wanted))
    page.go_back()
    expect(page.locator("a.row")).to_have_count(6)


def test_the_sports_to_choose_from_are_those_there_are_with_their_counts(page, filled):
    opened(page, filled)
    [sport] = ask(filled, "/activities/sports")["items"]
    choice = page.locator(".filters select").first
    choice.select_option(sport["sport"])
    expect(choice.locator("option:checked")).to_have_text(f"Running ({sport['count']})")
    expect(page.locator("a.row")).to_have_count(sport["count"])


def test_what_nothing_fits_says_so_and_filters_go_at_once(page, filled):
    opened(page, filled, "/activities?q=nowhere&has=power")
    expect(page.get_by_role("heading", name="No activity fits")).to_be_visible()
    page.locator(".empty").get_by_role("button", name="Clear filters").click()
    expect(page.locator("a.row")).to_have_count(6)


def test_lengths_are_given_in_the_unit_of_the_person(page, filled):
    rows = ask(filled, "/activities?limit=50")["items"]
    far = sorted(one["computed"]["distance"] for one in rows)
    middle = (far[2] + far[3]) / 2
    opened(page, filled, f"/activities?min={middle / 1000}")
    expect(page.locator("a.row")).to_have_count(sum(one >= middle for one in far))


def test_the_calendar_has_every_day_with_its_sum(page, filled):
    row = newest(filled)
    month = row["day"][:7]
    opened(page, filled, f"/activities?view=calendar&month={month}")
    days = ask(filled, f"/activities/calendar?from={month}-01&to={month}-28")["days"]
    for one in days:
        cell = page.locator(f"[data-day='{one['day']}']")
        expect(cell).to_have_accessible_name(re.compile(rf"{one['count']} activit(y|ies), Running"))
    page.locator(f"[data-day='{row['day']}']").click()
    expect(page).to_have_url(f"{filled.url}/activities?from={row['day']}&to={row['day']}")
    expect(page.locator("a.row").first).to_be_visible()


def test_months_and_years_are_walked_with_the_keyboard(page, filled):
    opened(page, filled, "/activities?view=calendar&month=2026-03")
    step = page.get_by_role("link", name="The month before")
    step.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="February 2026")).to_be_visible()
    page.get_by_role("link", name="The year before").click()
    expect(page.get_by_text("No activity in 2025.")).to_be_visible()


def test_weeks_begin_and_months_end_where_they_should(page, filled):
    page.goto(filled.url)
    weeks, year = page.evaluate(
        """() => import('/static/calendar.js').then((it) =>
          [it.weeksOf("2026-02", 1), it.yearGrid("2024", 7).length])"""
    )
    assert weeks[0] == [None] * 6 + ["2026-02-01"]
    assert weeks[-1] == [f"2026-02-{n}" for n in range(23, 29)] + [None]
    assert year == 366


def test_the_list_follows_what_comes_in_by_another_way(page, hub, tmp_path):
    opened(page, hub, "/activities")
    expect(page.get_by_role("heading", name="Your activities will be here")).to_be_visible()
    hubs.import_lines(*files.folder(tmp_path / "two", 2), data=hub.data)
    expect(page.locator("a.row")).to_have_count(2, timeout=30_000)


def test_what_is_deleted_can_come_back_at_once_and_later(page, hub, tmp_path):
    hubs.import_lines(*files.folder(tmp_path / "two", 2), data=hub.data)
    gone = newest(hub)
    opened(page, hub, f"/activities/{gone['id']}")
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete activity").click()
    expect(page.get_by_text(f"{gone['name']} is deleted.")).to_be_visible()
    expect(page.locator("a.row")).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("a.row")).to_have_count(2)
    opened(page, hub, f"/activities/{gone['id']}")
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete activity").click()
    expect(page.locator("a.row")).to_have_count(1)
    page.reload()
    page.get_by_text("Deleted activities").click()
    page.get_by_role("button", name=f"Restore: {gone['name']}").click()
    expect(page.locator("a.row")).to_have_count(2)
    assert newest(hub)["id"] == gone["id"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_page(page, filled, scheme):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 360, "height": 800})
    for path in ("/activities?has=heart_rate", "/activities?view=calendar"):
        opened(page, filled, path)
        assert overflow(page) <= 0, path
        assert complaints(page) == [], path
        assert small_targets(page) == [], path
