"""Installed and without a hub: the page opens, and shows what was seen, to whom it was shown."""

import json
import re

import pytest
from playwright.sync_api import expect
from support.pages import settled

READY = "navigator.serviceWorker.ready.then((one) => one.active.state)"
KEPT = """caches.keys().then((names) => Promise.all(names
  .filter((name) => name.startsWith("openfit-seen-"))
  .map((name) => caches.open(name).then((cache) => cache.keys()))))
  .then((all) => all.flat().map(({ url }) => new URL(url).pathname))"""
SECRETS = re.compile(r"/(auth|account|grants|users|people|live|uploads|export|raw)")


@pytest.fixture
def seen(page, filled):
    """A page that saw the activities, with its worker at work."""
    page.forgive("ERR_")
    page.goto(filled.link)
    settled(page)
    page.wait_for_function(f"{READY}.then((state) => state === 'activated')")
    page.goto(f"{filled.url}/activities")
    expect(page.locator("a.row")).to_have_count(6)
    return page


def test_what_was_seen_is_read_without_a_hub_and_says_as_of_when(seen, filled):
    seen.context.set_offline(True)
    seen.reload()
    expect(seen.locator("a.row")).to_have_count(6)
    expect(seen.get_by_text("The hub does not answer. What you see is as of")).to_be_visible()
    seen.context.set_offline(False)
    seen.reload()
    expect(seen.locator("a.row")).to_have_count(6)
    expect(seen.get_by_text("The hub does not answer.")).to_have_count(0)


def test_a_page_that_was_never_open_opens_offline_and_says_what_is_missing(seen, filled):
    seen.context.set_offline(True)
    seen.goto(f"{filled.url}/settings/keys")
    expect(seen.get_by_role("heading", name="Settings")).to_be_visible()
    expect(seen.get_by_role("alert").first).to_contain_text("The hub does not answer.")
    seen.context.set_offline(False)


def test_nothing_that_opens_anything_is_kept(seen, filled):
    for path in (
        "/settings/keys",
        "/settings/security",
        "/settings/sharing",
        "/settings/household",
    ):
        seen.goto(filled.url + path)
        settled(seen)
    kept = seen.evaluate(KEPT)
    assert "/api/v1/activities" in kept
    assert [path for path in kept if SECRETS.search(path)] == []


def test_signing_out_leaves_nothing_to_read(seen, filled):
    seen.goto(f"{filled.url}/settings")
    seen.get_by_role("button", name="Sign out").click()
    expect(seen.get_by_role("heading", name="Sign in")).to_be_visible()
    assert seen.evaluate(KEPT) == []
    assert seen.evaluate("localStorage.length") == 0


def test_two_people_of_one_browser_do_not_see_each_other_s(page, filled):
    module = """import("/static/offline.js").then(async ({ keep, seen }) => {
      const headers = { "content-type": "application/json" };
      const answer = () => new Response('{"of": "ann"}', { headers });
      const [today, keys] = ["/api/v1/today", "/api/v1/account/keys"];
      await keep("ann-own", today, answer());
      await keep("ann-own", keys, answer());
      const hers = await seen("ann-own", today);
      return [(await hers.json()).of, await seen("ben-own", today), await seen("ann-own", keys)];
    })"""
    page.goto(filled.url)
    assert page.evaluate(module) == ["ann", None, None]


def test_the_page_can_be_installed(page, filled):
    manifest = json.loads(page.request.get(f"{filled.url}/static/manifest.webmanifest").text())
    assert (manifest["start_url"], manifest["display"]) == ("/", "standalone")
    for icon in manifest["icons"]:
        assert page.request.get(filled.url + icon["src"]).ok
    assert {"maskable", "any"} == {icon["purpose"] for icon in manifest["icons"]}
