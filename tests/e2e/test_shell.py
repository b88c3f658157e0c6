"""The frame of the page: five places, keys, colours, languages, what cannot be found."""

import gzip
import re

import pytest
from playwright.sync_api import Page, expect
from support.asked import ask
from support.pages import complaints, overflow, settled, small_targets

PLACES = ["Today", "Sleep", "Activity", "Trends", "More"]
PAGES = ["/", "/more", "/jobs", "/sources", "/settings", "/settings/keys", "/settings/sharing"]
PAGES += ["/settings/household", "/settings/data", "/settings/account", "/no/such/page"]
PAGES += ["/devices", "/metrics", "/sleep", "/night", "/wellness"]
DATA_PAGES = ["/activities", "/activities?view=calendar", "/training", "/training/records"]
DATA_PAGES += ["/training/thresholds", "/journal"]
STILL = [
    "/",
    "/devices",
    "/metrics",
    "/sleep",
    "/night",
    "/wellness",
    "/more",
    "/settings/data",
    *DATA_PAGES,
]
WIDTHS = [360, 1024, 1920, 3840]
MOST_SHIFTED = 0.1
SHIFTS = """window.shifted = [];
new PerformanceObserver((list) => {
  for (const one of list.getEntries())
    if (!one.hadRecentInput) window.shifted.push([one.value, one.sources.map(({ node }) =>
      node?.outerHTML?.slice(0, 60))]);
}).observe({ type: "layout-shift", buffered: true });"""
TINY = """() => [...document.querySelectorAll("nav *, main *")]
  .filter((one) => [...one.childNodes].some((it) => it.nodeType === 3 && it.data.trim()))
  .filter((one) => one.checkVisibility() && parseFloat(getComputedStyle(one).fontSize) < 12)
  .map((one) => one.outerHTML.slice(0, 80))"""
WIDTHS_OF_FIELDS = """[...new Set([...document.querySelectorAll(
  "main select, main input:not([type=checkbox], [type=radio])")]
  .filter((one) => one.checkVisibility())
  .map((one) => Math.round(one.getBoundingClientRect().width)))]"""
GROUND = "getComputedStyle(document.documentElement).backgroundColor"


@pytest.fixture
def signed_in(page, filled) -> Page:
    page.goto(filled.link)
    settled(page)
    return page


def test_the_five_places_are_named_and_the_current_one_is_marked(signed_in, filled):
    nav = signed_in.get_by_role("navigation", name="Pages")
    assert [link.inner_text() for link in nav.get_by_role("listitem").all()] == PLACES
    expect(nav.locator("[aria-current=page]")).to_have_text("Today")
    nav.get_by_role("link", name="Activity").click()
    expect(nav.locator("[aria-current=page]")).to_have_text("Activity")
    signed_in.locator("a.row").first.click()
    expect(nav.locator("[aria-current=true]")).to_have_text("Activity")


def test_the_first_key_skips_to_the_content(signed_in):
    signed_in.keyboard.press("Tab")
    expect(signed_in.locator(":focus")).to_have_text("Skip to content")
    signed_in.keyboard.press("Enter")
    expect(signed_in.locator("#main")).to_be_focused()


def test_keys_go_to_pages_and_the_overlay_lists_them(signed_in, filled):
    signed_in.keyboard.type("ga")
    expect(signed_in).to_have_url(f"{filled.url}/activities")
    signed_in.keyboard.type("?")
    help = signed_in.get_by_role("dialog", name="Keyboard")
    expect(help).to_be_visible()
    assert complaints(signed_in) == []
    help.get_by_label("Single keys do something").uncheck()
    signed_in.keyboard.press("Escape")
    expect(help).to_be_hidden()
    signed_in.keyboard.type("gt?")
    expect(signed_in).to_have_url(f"{filled.url}/activities")
    expect(help).to_be_hidden()


def test_keys_do_nothing_while_one_writes(signed_in, filled):
    signed_in.goto(f"{filled.url}/settings/keys")
    signed_in.get_by_label("Name").fill("")
    signed_in.get_by_label("Name").press_sequentially("gt?")
    expect(signed_in.get_by_label("Name")).to_have_value("gt?")
    expect(signed_in).to_have_url(f"{filled.url}/settings/keys")


def preferred(answer):
    """A choice has reached the hub, as against one that is read from it."""
    return "/preferences" in answer.url and answer.request.method == "PUT" and answer.ok


def test_dark_can_be_chosen_and_is_remembered(page, filled):
    page.emulate_media(color_scheme="light")
    page.goto(filled.link)
    settled(page)
    light = page.evaluate(GROUND)
    dark_button = page.locator(".rail").get_by_role("button", name="Dark")
    with page.expect_response(preferred):
        dark_button.click()
    expect(dark_button).to_have_attribute("aria-pressed", "true")
    assert page.evaluate(GROUND) != light
    page.reload()
    expect(dark_button).to_have_attribute("aria-pressed", "true")
    with page.expect_response(preferred):
        page.locator(".rail").get_by_role("button", name="As system").click()
    assert page.evaluate(GROUND) == light


def test_an_address_that_no_page_has_says_so_and_leads_home(page, filled):
    page.goto(filled.at("/no/such/page"))
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
    page.get_by_role("link", name="Go to today").click()
    expect(page.get_by_role("heading", name="Today")).to_be_visible()


def test_an_address_of_the_api_that_is_not_there_is_no_page(page, filled):
    answer = page.request.get(f"{filled.url}/api/v1/no/such")
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")
    assert page.request.get(f"{filled.url}/static/nothing.js").status == 404


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(page, filled, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto(filled.link)
    for path in PAGES:
        page.goto(filled.url + path)
        settled(page)
        assert (path, complaints(page)) == (path, [])


def test_every_page_fits_every_window_and_every_thumb(page, filled):
    page.goto(filled.link)
    for path in PAGES:
        page.goto(filled.url + path)
        settled(page)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            assert (path, width, overflow(page)) == (path, width, 0)
            assert (path, width, small_targets(page)) == (path, width, [])
        page.set_viewport_size({"width": 360, "height": 800})
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert (path, "200 %", overflow(page)) == (path, "200 %", 0)


def test_every_page_is_named_is_legible_and_stands_still(page, filled):
    """Figures as Lighthouse takes them, on a phone."""
    newest = ask(filled, "/activities?limit=1")["items"][0]
    page.context.add_init_script(SHIFTS)
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(filled.link)
    settled(page)
    titles, moved = [], {}
    for path in [*PAGES, *DATA_PAGES, f"/activities/{newest['id']}"]:
        page.goto(filled.url + path)
        settled(page)
        page.wait_for_function("document.fonts.status === 'loaded'")
        title = page.title()
        titles.append(title)
        assert title.endswith(" · OpenFit"), (path, title)
        assert (path, page.evaluate(TINY)) == (path, [])
        shifted = page.evaluate("window.shifted")
        if path in STILL and sum(value for value, _ in shifted) >= MOST_SHIFTED:
            moved[path] = shifted
    assert moved == {}
    assert len(set(titles)) == len(titles), titles


def test_the_page_says_what_it_is_and_can_be_installed(page, filled):
    page.goto(filled.link)
    settled(page)
    head = page.evaluate(
        """[document.documentElement.lang, document.querySelector("meta[name=viewport]").content,
          document.querySelector("meta[name=description]").content,
          document.querySelectorAll("main h1").length]"""
    )
    assert head[0] == "en"
    assert "width=device-width" in head[1] and "user-scalable" not in head[1]
    assert 50 <= len(head[2]) <= 160
    assert head[3] == 1
    link = page.locator("link[rel=manifest]").get_attribute("href")
    manifest = page.request.get(filled.url + link).json()
    assert (manifest["start_url"], manifest["display"]) == ("/", "standalone")
    assert manifest["name"] and manifest["short_name"] and manifest["theme_color"]
    sizes = {one["sizes"] for one in manifest["icons"]}
    assert {"192x192", "512x512"} <= sizes
    for icon in manifest["icons"]:
        assert page.request.get(filled.url + icon["src"]).ok, icon
    page.wait_for_function("navigator.serviceWorker.ready.then((it) => it.active !== null)")


def test_choices_are_as_wide_as_fields_on_a_phone(page, filled):
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(filled.link)
    for path in ("/settings/sharing", "/settings/keys", "/metrics/heart_rate"):
        page.goto(filled.url + path)
        settled(page)
        expect(page.locator("main select").first).to_be_visible()
        assert (path, page.evaluate(WIDTHS_OF_FIELDS)) == (path, [328])


def test_the_first_view_is_small(page, filled):
    """Its answers included, as it goes over the wire compressed; charts come later."""
    sent = []
    page.on("requestfinished", lambda request: sent.append(request.response()))
    page.context.add_init_script("delete Navigator.prototype.serviceWorker")
    page.goto(filled.link)
    expect(page.locator("a.row").first).to_be_visible()
    assert not any(re.search(r"uPlot\.js|/text/de/", response.url) for response in sent)
    bytes = sum(
        len(gzip.compress(one.body()))
        for one in sent
        if one.status == 200 and "/live" not in one.url
    )
    assert 0 < bytes < 150_000


def test_the_page_speaks_german_from_the_person_s_setting_on_every_device(page, browser, hub):
    page.goto(hub.at("/settings"))
    settled(page)
    with page.expect_navigation():
        page.get_by_label("Language").select_option("de")
    expect(page.get_by_role("heading", name="Einstellungen")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "de"
    other = browser.new_context(locale="en-GB").new_page()
    other.goto(hub.link)
    expect(other.get_by_role("heading", name="Heute")).to_be_visible()
    other.context.close()


def test_miles_and_sundays_can_be_chosen(page, hub):
    page.goto(hub.at("/settings"))
    settled(page)
    with page.expect_navigation():
        page.get_by_label("Units").select_option("imperial")
    settled(page)
    with page.expect_navigation():
        page.get_by_label("The week begins on").select_option("sunday")
    settled(page)
    said = page.evaluate(
        """Promise.all([import("/static/format.js"), import("/static/week.js")]).then(
          ([{ distance }, { firstWeekday }]) => [distance(16093.44), firstWeekday])"""
    )
    assert said == ["10.00 mi", 7]
