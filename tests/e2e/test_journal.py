"""The journal and the search over all that a person wrote: what is shown is what the API says."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect
from support import files, hubs
from support.asked import ask
from support.pages import complaints, overflow, settled, small_targets

DAY = "2026-03-12"
NOTE = "Slept badly, then a long walk."


@pytest.fixture
def own(hub, tmp_path):
    """A hub with two outings, that a test may write to."""
    hubs.import_lines(*files.folder(tmp_path / "few", 2), data=hub.data)
    return hub


def write(page: Page, note: str, tags: str) -> None:
    page.get_by_label("Note").fill(note)
    page.get_by_label(re.compile("^Tags")).fill(tags)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def test_a_day_is_written_found_by_its_words_and_erased(page, own):
    page.goto(own.at("/journal"))
    expect(page.get_by_role("heading", name="What you write about your days")).to_be_visible()
    page.goto(f"{own.url}/journal/{DAY}")
    settled(page)
    write(page, NOTE, "#Travel, late meal")
    assert {key: ask(own, f"/journal/{DAY}")[key] for key in ("note", "tags")} == {
        "note": NOTE,
        "tags": ["travel", "late meal"],
    }
    page.get_by_role("link", name="Journal", exact=True).click()
    entry = page.locator(".journal .entry")
    expect(entry).to_have_count(1)
    expect(entry).to_contain_text("#travel #late meal")
    page.get_by_label("Search all you wrote").fill("bad")
    expect(page.locator("mark")).to_have_text(["badly"])
    expect(page).to_have_url(re.compile(r"q=bad"))
    entry.click()
    expect(page).to_have_url(re.compile(rf"/journal/{DAY}$"))
    page.get_by_role("button", name="Erase this day's words").click()
    expect(page.get_by_text("Erased.")).to_be_visible()
    assert ask(own, "/journal")["items"] == []
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert [one["note"] for one in ask(own, "/journal")["items"]] == [NOTE]


def test_one_search_finds_activities_and_days_and_leads_to_each(page, own):
    newest = ask(own, "/activities?limit=1")["items"][0]
    page.goto(own.at(f"/journal/{newest['day']}"))
    settled(page)
    write(page, f"Nothing like {newest['name']} before", "")
    expect(page.get_by_role("link", name=re.compile(newest["name"]))).to_be_visible()
    page.goto(f"{own.url}/journal?q={newest['name']}")
    hits = ask(own, f"/search?q={newest['name'].replace(' ', '+')}")["items"]
    assert {one["kind"] for one in hits} == {"activity", "day"}
    expect(page.locator(".journal .entry")).to_have_count(len(hits))
    page.locator(".entry").filter(has_text="Running").or_(
        page.locator(f".entry[href$='{newest['id']}']")
    ).first.click()
    expect(page).to_have_url(f"{own.url}/activities/{newest['id']}")
    page.keyboard.type("/")
    expect(page.get_by_label("Search all you wrote")).to_be_focused()
    page.keyboard.type("no such word")
    expect(page.get_by_role("heading", name="Nothing you wrote holds these words")).to_be_visible()
    page.get_by_label("Search all you wrote").fill("")
    expect(page.locator(".journal .entry")).to_have_count(1)


def test_days_are_walked_and_what_is_no_day_is_said(page, filled):
    page.goto(filled.at(f"/journal/{DAY}"))
    settled(page)
    page.get_by_role("link", name="The day after").click()
    after = date.fromisoformat(DAY) + timedelta(days=1)
    expect(page).to_have_url(f"{filled.url}/journal/{after}")
    page.goto(f"{filled.url}/journal/yesterday")
    expect(page.get_by_text("yesterday is no day.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_page(page, filled, scheme):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(filled.at("/journal"))
    for path in ("/journal", "/journal?q=outing", f"/journal/{DAY}"):
        page.goto(filled.url + path)
        settled(page)
        found = [overflow(page), complaints(page), small_targets(page)]
        assert (path, found) == (path, [0, [], []])
