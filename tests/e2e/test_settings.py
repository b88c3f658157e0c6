"""What a person decides about data on the page: how long originals stay, what goes, backups."""

import re
import sqlite3
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from support import files
from support.pages import complaints, drop, overflow, settled, small_targets

DONE = 60_000  # ms, for the worker to do what it was asked
OUTING = 3


@pytest.fixture
def brought(page, hub):
    """A hub into which two files came."""
    page.goto(hub.at("/activities"))
    for n in (OUTING, 4):
        drop(page, f"outing-{n}.gpx", files.gpx(n))
        finished(page)
    return hub


def finished(page):
    expect(page.locator(".import > header p")).to_have_text(
        re.compile("^Import finished"), timeout=DONE
    )


def section(page, name):
    return page.locator("section", has=page.get_by_role("heading", name=name, exact=True))


def made_old(data, receipt):
    with sqlite3.connect(data / "openfit.db", timeout=20) as database:
        database.execute("update raw_items set received_at = 1 where receipt = ?", (receipt,))


def test_originals_are_kept_as_long_as_a_person_says(page, brought):
    made_old(brought.data, 1)
    page.goto(f"{brought.url}/settings/data")
    part = section(page, "How long originals are kept")
    expect(part.locator("li")).to_contain_text("2 originals kept")
    keep = part.get_by_label(re.compile("^Keep originals: "))
    keep.select_option("30")
    effect = part.get_by_role("group", name=re.compile("^What this does to"))
    expect(effect).to_contain_text("1 original of more than 30 days (")
    expect(effect).to_contain_text("Activities, nights, samples and daily values stay.")
    assert complaints(page) == []
    effect.get_by_role("button", name="Leave it as it is").click()
    expect(keep).to_have_value("")
    keep.select_option("30")
    effect.get_by_role("button", name="Choose this").click()
    expect(part.get_by_role("status")).to_contain_text("lose nothing")
    page.reload()
    expect(part.locator("li")).to_contain_text("until then you can change this")
    expect(keep).to_have_value("30")
    keep.select_option("365")
    effect.get_by_role("button", name="Choose this").click()
    part.get_by_role("button", name=re.compile("^Take it back")).click()
    expect(part.get_by_role("status")).to_have_text("Taken back. Nothing was lost.")
    expect(keep).to_have_value("30")
    page.set_viewport_size({"width": 360, "height": 800})
    assert overflow(page) <= 0
    assert small_targets(page) == []


def test_what_is_deleted_is_counted_stays_away_and_is_let_back(page, brought):
    day = (files.START + timedelta(days=OUTING)).date().isoformat()
    page.goto(f"{brought.url}/settings/data")
    part = section(page, "Delete data")
    counted(part, "2001-01-01")
    expect(part).to_contain_text("Nothing would go.")
    expect(part.get_by_role("button", name="Delete it for good")).to_have_count(0)
    part.get_by_role("button", name="Keep it").click()
    counted(part, day)
    expect(part.locator("li").first).to_have_text("1 activity")
    expect(part).to_contain_text("It stays away when the same is imported again.")
    part.get_by_role("button", name="Delete it for good").click()
    expect(part.get_by_role("status")).to_contain_text("It is being deleted.")
    page.goto(f"{brought.url}/jobs")
    line = page.locator("li").filter(has_text="Deletion")
    expect(line).to_contain_text("1 original taken away; an import does not", timeout=DONE)
    drop(page, "again.gpx", files.gpx(OUTING))
    finished(page)
    page.goto(f"{brought.url}/activities")
    expect(page.locator("a.row .name")).to_have_text(["Outing 4"])
    page.goto(f"{brought.url}/jobs")
    line.get_by_role("button", name=re.compile("^Let it come back: ")).click()
    expect(line.get_by_role("status")).to_contain_text("An import brings it back now.")
    expect(line.get_by_role("button")).to_have_count(0)
    page.goto(f"{brought.url}/activities")
    expect(listed_names(page, 2)).to_have_text(["Outing 4", "Outing 3"])


def counted(part, day):
    part.get_by_label("From").fill(day)
    part.get_by_label("Until").fill(day)
    part.get_by_role("button", name="Count what would go").click()


def listed_names(page, count):
    """The list follows within seconds: what is read anew comes through the live channel."""
    names = page.locator("a.row .name")
    expect(names).to_have_count(count, timeout=DONE)
    return names


def test_the_profile_is_among_the_settings(page, filled):
    page.goto(filled.at("/settings/profile"))
    settled(page)
    tab = page.get_by_role("navigation", name="Settings").get_by_role("link", name="Profile")
    expect(tab).to_have_attribute("aria-current", "page")
    expect(page.get_by_role("heading", name="Own heart-rate zones")).to_be_visible()
    expect(page.get_by_text(re.compile("^Your data begins on"))).to_have_count(1)
    assert complaints(page) == []
    for width in (360, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        assert overflow(page) <= 0


def test_backups_are_planned_made_and_listed(page, hub):
    page.goto(hub.at("/settings/data"))
    part = section(page, "Backups")
    expect(part).to_contain_text("No backup yet.")
    part.get_by_role("button", name="Make a backup now").click()
    expect(part.get_by_text("A backup is being made.", exact=False)).to_be_visible()
    made = part.locator(".lines li")
    expect(made).to_have_count(1, timeout=DONE)
    expect(made).to_contain_text(re.compile(r"not sealed.*openfit-.*\.tar"))
    part.get_by_label("Made by themselves").select_option("week")
    part.get_by_label("Passphrase", exact=True).fill("kept on paper")
    part.get_by_label("Weeks").fill("6")
    part.get_by_role("button", name="Save the plan").click()
    expect(part.get_by_text("The plan is changed.")).to_be_visible()
    page.reload()
    expect(part.get_by_label("Made by themselves")).to_have_value("week")
    expect(part.get_by_label("Weeks")).to_have_value("6")
    expect(part.get_by_label("A passphrase")).to_be_checked()
    assert complaints(page) == []
    part.get_by_role("button", name="Make a backup now").click()
    expect(made.first).to_contain_text(re.compile(r"sealed.*\.tar\.sealed"), timeout=DONE)
    page.goto(f"{hub.url}/jobs")
    expect(page.locator("li").filter(has_text="Backup done")).to_have_count(2)
