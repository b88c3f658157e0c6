"""What the hub tells a person, what its owner announces, and what is not offered to a looker-on."""

import json
import re
import urllib.request

from openfit.hub import now_ms
from openfit.store import engine, people, tasks
from playwright.sync_api import expect
from support.asked import ask
from support.pages import complaints, overflow, settled, small_targets

SOON = 30_000  # ms, for what comes through the live channel
BACK = "document.dispatchEvent(new Event('visibilitychange'))"
LOOK = "import('/static/session.js').then((it) => (it.viewed.value = { id: 1, name: 'Bob' }))"
SECURE = "https://fit.example"


def failed_backup(data):
    made = engine.create(f"sqlite:///{data / 'openfit.db'}")
    try:
        with engine.write(made) as conn:
            user = people.owner(conn)
            row = tasks.get(conn, user, tasks.add(conn, user, "backup", {}, now_ms()))
            tasks.change(conn, row, state="failed", message="No room.", ended_at=now_ms())
    finally:
        made.dispose()


def send(hub, method, path, body):
    request = urllib.request.Request(
        f"{hub.url}/api/v1{path}",
        data=body,
        method=method,
        headers={"Authorization": f"Bearer {hub.token}", "Content-Type": "application/json"},
    )
    return urllib.request.urlopen(request, timeout=20).read()


def announce(hub, message):
    said = {"banner": {"level": "warn", "message": message}}
    send(hub, "PUT", "/app/status", json.dumps(said).encode())


def fits_a_phone(page):
    size = page.viewport_size
    page.set_viewport_size({"width": 360, "height": 800})
    assert (overflow(page), small_targets(page)) == (0, [])
    page.set_viewport_size(size)


def test_the_bell_counts_what_is_told_and_leads_to_what_to_do(page, hub):
    page.goto(hub.at("/notifications"))
    settled(page)
    bell = page.locator(".rail").get_by_role("link", name=re.compile("^Notifications"))
    expect(page.locator("main")).to_contain_text("All is well")
    expect(bell).to_have_accessible_name("Notifications")
    assert complaints(page) == []
    failed_backup(hub.data)
    page.evaluate(BACK)
    expect(bell).to_have_accessible_name("Notifications 1 unread")
    send(hub, "POST", "/activities/import?name=a.gpx", b"<gpx><trk")
    expect(bell).to_have_accessible_name("Notifications 2 unread", timeout=SOON)
    lines = page.locator(".notices > li")
    expect(lines).to_have_count(2)
    expect(lines.nth(0)).to_contain_text("The backup failed: No room.")
    expect(lines.nth(1)).to_contain_text("1 of 1 files could not be read to their end.")
    assert complaints(page) == []
    fits_a_phone(page)
    lines.nth(0).get_by_role("link", name=re.compile("^Look at the jobs")).click()
    expect(page).to_have_url(f"{hub.url}/jobs")
    expect(bell).to_have_accessible_name("Notifications 1 unread")
    page.set_viewport_size({"width": 360, "height": 800})
    more = page.locator(".rail").get_by_role("link", name=re.compile("^More"))
    expect(more).to_have_accessible_name("More 1 unread")
    more.click()
    assert complaints(page) == []
    assert (overflow(page), small_targets(page)) == (0, [])
    page.locator("main").get_by_role("link", name=re.compile("^Notifications 1 unread")).click()
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.locator("main .answer")).to_have_text("Nothing new.")
    expect(page.locator("#main")).to_be_focused()  # as the button is gone
    expect(more).to_have_accessible_name("More")
    expect(page.locator(".notices > li.read")).to_have_count(2)
    assert ask(hub, "/notifications")["unread"] == 0


def test_the_owner_s_banner_stays_away_once_dismissed_until_it_says_something_else(page, hub):
    announce(hub, "Down on Sunday from eight.")
    page.goto(hub.link)
    settled(page)
    banner = page.get_by_role("region", name="Announcement of this hub")
    expect(banner).to_have_text("Down on Sunday from eight.")
    assert complaints(page) == []
    fits_a_phone(page)
    banner.get_by_role("button", name="Dismiss").click()
    expect(banner).to_have_count(0)
    page.reload()
    settled(page)
    expect(banner).to_have_count(0)
    announce(hub, "Up again.")
    page.reload()
    expect(banner).to_have_text("Up again.")
    opened_by_another_name(page, hub)


def opened_by_another_name(page, hub):
    """Over plain http, while the hub's own address is encrypted."""
    other = page.context.browser.new_context(locale="en-GB", service_workers="block")

    def carried(route):
        answer = route.fetch(url=route.request.url.replace("http://fit.lan", hub.url))
        if route.request.url.endswith("/meta"):
            return route.fulfill(response=answer, json=answer.json() | {"url": SECURE})
        return route.fulfill(response=answer)

    other.route("http://fit.lan/**", carried)
    there = other.new_page()
    there.goto("http://fit.lan/sign-in")
    expect(there.get_by_role("alert")).to_contain_text("Signing in will not last here")
    link = there.get_by_role("link", name="Go to fit.example")
    expect(link).to_have_attribute("href", f"{SECURE}/sign-in")
    expect(there.get_by_role("region", name="Announcement of this hub")).to_be_visible()
    assert complaints(there) == []
    there.goto("http://fit.lan/setup#once")
    expect(link).to_have_attribute("href", f"{SECURE}/setup#once")
    other.unroute_all(behavior="ignoreErrors")  # what the page still asks for
    other.close()


def test_who_looks_at_another_s_data_is_offered_no_change(page, filled, worn):
    outing = ask(filled, "/activities?limit=1")["items"][0]["id"]
    [day, *_] = [one for one in ask(worn, "/sleep")["days"] if one["sleeps"]]
    night = day["sleeps"][0]["id"]
    for hub, path in ((filled, f"/activities/{outing}"), (worn, f"/sleep/{night}")):
        page.goto(hub.at(path))
        settled(page)
        buttons = page.locator(".page-head").get_by_role("button")
        expect(buttons).to_have_count(2)
        page.evaluate(LOOK)
        expect(page.locator(".others-data")).to_contain_text("the data of Bob")
        expect(buttons).to_have_count(0)
        expect(page.locator(".rail .bell")).to_have_count(0)
        page.get_by_role("button", name="Back to my own").click()
        expect(buttons).to_have_count(2)
