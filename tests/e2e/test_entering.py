"""What a person says themselves: entries by hand, whose value counts, backups, ways in; and the
archive of everything, which the browser keeps by itself."""

import re
import zipfile

import pytest
from playwright.sync_api import Page, expect
from support import wearer
from support.asked import ask
from support.pages import complaints, overflow, settled, small_targets
from support.provider import CLIENT, SECRET, Provider

from .conftest import serve

PHONE = {"width": 360, "height": 740}
PASSWORD = "correct horse battery staple"
READ = 60_000  # ms, for an entry to be read


def fits(page: Page) -> None:
    """On a phone, and to whoever does not see the page."""
    page.set_viewport_size(PHONE)
    assert [overflow(page) <= 0, small_targets(page), complaints(page)] == [True, [], []]
    page.set_viewport_size({"width": 1280, "height": 900})


def sheet(page: Page, name: str = "Add by hand"):
    found = page.get_by_role("dialog", name=name)
    expect(found.locator(".bone")).to_have_count(0)
    return found


def listed(page: Page):
    return page.locator("section.entries li")


def test_a_weight_is_entered_in_ones_own_unit_corrected_deleted_and_taken_back(page, hub):
    page.goto(hub.at("/settings"))
    settled(page)
    with page.expect_navigation():
        page.get_by_label("Units").select_option("imperial")
    settled(page)
    page.goto(f"{hub.url}/")
    settled(page)
    page.get_by_role("button", name="Add", exact=True).click()
    dialog = sheet(page)
    field = dialog.get_by_label("Weight, lb")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description("This is needed.")
    field.fill("9999")
    page.keyboard.press("Enter")
    expect(dialog.locator(".fault")).to_have_text("Possible is 2.2 to 1,543 lb.")
    assert small_targets(page) == [] and complaints(page) == []
    fits(page)
    field.fill("154,3")
    dialog.get_by_label("When").fill("2026-03-01T07:30")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    [one] = ask(hub, "/entries")["items"]
    assert one["entry"]["kilograms"] == pytest.approx(154.3 * 0.45359237, abs=1e-4)
    assert one["entry"]["at"].startswith("2026-03-01T07:30:00+")

    page.goto(f"{hub.url}/journal")
    settled(page)
    expect(listed(page)).to_contain_text("154.3 lb")
    fits(page)
    page.get_by_role("button", name=re.compile("^Change: Weight")).click()
    dialog = sheet(page, "Change what you entered")
    expect(dialog.get_by_label("Weight, lb")).to_have_value("154.3")
    dialog.get_by_label("Body fat, %").fill("18")
    dialog.get_by_role("button", name="Change").click()
    expect(listed(page)).to_contain_text("Body fat 18.0 %")
    [again] = ask(hub, "/entries")["items"]
    assert again["entry"]["at"] == one["entry"]["at"] and again["id"] == one["id"]
    assert again["entry"]["kilograms"] == one["entry"]["kilograms"]
    page.get_by_role("button", name=re.compile("^Delete: Weight")).click()
    expect(listed(page)).to_have_count(0)
    assert ask(hub, "/entries")["items"] == []
    page.get_by_role("button", name="Undo").click()
    expect(listed(page)).to_have_count(1)
    assert ask(hub, "/entries")["items"][0]["entry"] == again["entry"]
    assert ask(hub, "/metrics/weight/daily")["days"] in ([], ["2026-03-01"])


def test_every_kind_is_entered_by_keys_alone(page, hub):
    page.goto(hub.at("/journal"))
    settled(page)
    page.keyboard.press("+")
    dialog = sheet(page)
    dialog.get_by_role("button", name="Blood pressure").press("Enter")
    dialog.get_by_label("Systolic").fill("121")
    dialog.get_by_label("Diastolic").fill("79")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(listed(page)).to_contain_text("121/79 mmHg")

    page.keyboard.press("+")
    sheet(page).get_by_role("button", name="Other").press("Space")
    dialog.get_by_label("What was measured").select_option("steps")
    dialog.get_by_label("Steps").fill("8000")
    dialog.get_by_label("Day").fill("2026-03-02")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()

    page.keyboard.press("+")
    sheet(page).get_by_role("button", name="Workout").press("Enter")
    dialog.get_by_label("Start").fill("2026-03-02T18:00")
    dialog.get_by_label("End").fill("2026-03-02T17:00")
    dialog.get_by_label("Distance, km").fill("10.5")
    page.keyboard.press("Enter")
    expect(dialog.get_by_label("End")).to_be_focused()
    expect(dialog.locator(".fault")).to_have_text("The end must come after the start.")
    dialog.get_by_label("End").fill("2026-03-02T19:00")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()

    page.keyboard.press("+")
    sheet(page).get_by_role("button", name="Sleep").press("Enter")
    dialog.get_by_label("Start").fill("2026-03-02T23:00")
    dialog.get_by_label("End").fill("2026-03-03T07:00")
    dialog.get_by_label("Kind of sleep").select_option("A nap")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()

    expect(listed(page)).to_have_count(4)
    made = {one["entry"]["kind"]: one["entry"] for one in ask(hub, "/entries")["items"]}
    assert made["metric"]["seconds"] == 86_400
    assert made["metric"]["at"].startswith("2026-03-02T00:00:00")
    assert made["workout"]["distance"] == 10_500
    assert made["sleep"]["type"] == "nap"
    expect(page.locator("section.entries")).not_to_contain_text("being read", timeout=READ)
    page.keyboard.type("ga")
    expect(page.locator("a.row")).to_have_count(1)


def test_where_the_hub_refuses_a_field_says_so(page, hub):
    page.goto(hub.at("/journal"))
    settled(page)
    page.keyboard.press("+")
    dialog = sheet(page)
    page.forgive("400")
    page.route("**/api/v1/entries", lambda route: route.fulfill(
        status=400, content_type="application/problem+json",
        body='{"status": 400, "code": "invalid", "message": "No.", "next_step": "",'
        ' "problems": [{"where": "body", "name": "kilograms", "message": "is too round"}]}',
    ) if route.request.method == "POST" else route.fallback())  # fmt: skip
    dialog.get_by_label("Weight, kg").fill("70")
    page.keyboard.press("Enter")
    expect(dialog.get_by_label("Weight, kg")).to_have_accessible_description("is too round")


def test_everything_is_downloaded_by_the_browser_itself(page, hub, tmp_path):
    page.add_init_script(
        "URL.createObjectURL = () => { throw new Error('the archive went through memory') }"
    )
    page.goto(hub.at("/settings/data"))
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download the archive").click()
    download = waiting.value
    assert download.suggested_filename == "openfit.zip"
    assert re.search(r"/api/v1/export/tickets/[\w-]{20,}", download.url)
    download.save_as(tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.testzip() is None and "manifest.json" in archive.namelist()
    expect(page.get_by_text("Your browser is saving it", exact=False)).to_be_visible()


@pytest.fixture
def two_devices(tmp_path):
    """A hub of somebody with a watch and a ring, which a test may change."""
    data = tmp_path / "two"
    data.mkdir()
    wearer.lived(data)
    yield from serve(data)


def ranked(page: Page) -> list[str]:
    return page.locator(".ranking strong").all_inner_texts()


def test_whose_value_counts_is_ordered_by_buttons_and_keys_and_its_effect_is_said(
    page, two_devices
):
    served = two_devices
    page.goto(served.at("/devices"))
    settled(page)
    page.get_by_label("For", exact=True).select_option("resting_heart_rate")
    names = ranked(page)
    first, second = names
    before = ask(served, "/metrics/resting_heart_rate/daily")
    up = page.get_by_role("button", name=f"Move {second} up")
    up.press("Enter")
    assert ranked(page) == [second, first]
    expect(page.get_by_text(f"{second} is now 1 of 2.")).to_be_visible()
    down = page.get_by_role("button", name=f"Move {second} down")
    expect(down).to_be_focused()
    page.keyboard.press("ArrowDown")
    assert ranked(page) == [first, second]
    page.keyboard.press("ArrowUp")
    assert ranked(page) == [second, first]
    ids = [one["source_id"] for one in before["sources"]]
    both = [
        n for n, day in enumerate(before["days"])
        if all(source["values"][n] is not None for source in before["sources"])
    ]  # fmt: skip
    effect = page.locator(".ladder-effect")
    expect(effect).to_have_text(
        f"It changes whose value is shown on {len(both)} days of {len(before['days'])}."
    )
    fits(page)
    page.get_by_role("button", name="Use this order").click()
    expect(page.get_by_text("It holds.", exact=False)).to_be_visible()
    expect(page.get_by_text("Your order for this.")).to_be_visible()
    [kept] = ask(served, "/ladders")["items"]
    assert (kept["metric"], {*kept["ranking"]}) == ("resting_heart_rate", {*ids})
    for _ in range(100):
        after = ask(served, "/metrics/resting_heart_rate/daily")
        if sum(a != b for a, b in zip(after["winner"], before["winner"], strict=True)) == len(both):
            break
        page.wait_for_timeout(200)
    assert [after["values"][n] for n in both] != [before["values"][n] for n in both]
    page.get_by_role("button", name="Give up this order").click()
    expect(page.get_by_text("Given up.", exact=False)).to_be_visible()
    assert ask(served, "/ladders")["items"] == []
    assert ranked(page) == names


@pytest.fixture
def service():
    found = Provider()
    found.claims = {"sub": "u-77", "email": "ben@elsewhere.example", "email_verified": True}
    yield found
    found.close()


@pytest.fixture
def open_hub(tmp_path, service):
    """Whoever comes may make an account, and link it to a sign-in service."""
    yield from serve(
        tmp_path,
        OPENFIT_REGISTRATION="open",
        OPENFIT_OIDC_ISSUER=service.issuer,
        OPENFIT_OIDC_CLIENT_ID=CLIENT,
        OPENFIT_OIDC_CLIENT_SECRET=SECRET,
    )


def set_up(page: Page, hub) -> None:
    [link] = re.findall(r"http\S+/setup#\S+", (hub.data / "serve.log").read_text())
    page.goto(link.replace("127.0.0.1", "localhost"))
    page.get_by_label("Your name").fill("Ann")
    page.get_by_label("Mail address").fill("ann@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", name="Today")).to_be_visible()


def signed_out(page: Page, hub) -> None:
    page.goto(f"{hub.url}/settings")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_somebody_makes_an_account_and_links_it_to_a_sign_in_service(page, open_hub):
    hub = open_hub
    set_up(page, hub)
    signed_out(page, hub)
    page.get_by_role("link", name="I have no account yet").click()
    page.get_by_label("Your name").fill("Ben")
    page.get_by_label("Mail address").fill("ben@example.org")
    page.forgive("400")
    page.get_by_label("Password").fill("aaaaaaaaaaaa")
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("alert")).to_contain_text("password", ignore_case=True)
    fits(page)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    expect(page).to_have_url(f"{hub.url}/")

    page.goto(f"{hub.url}/settings/security")
    page.get_by_role("button", name="Link it", exact=True).click()
    expect(page.get_by_text("can also be opened by your sign-in service")).to_be_visible()
    expect(page).to_have_url(f"{hub.url}/settings/security")
    fits(page)
    signed_out(page, hub)
    page.get_by_role("link", name="Sign in with your sign-in service").click()
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    signed_out(page, hub)

    page.get_by_label("Mail address").fill("ann@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    page.goto(f"{hub.url}/settings/security")
    page.get_by_role("button", name="Link it", exact=True).click()
    expect(page.get_by_text("The sign-in service did not link your account.")).to_be_visible()
    signed_out(page, hub)

    page.get_by_label("Mail address").fill("ben@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    page.goto(f"{hub.url}/settings/security")
    part = page.locator("section", has=page.get_by_role("heading", name="Sign-in service"))
    part.get_by_label("Your password").fill(PASSWORD)
    part.get_by_role("button", name="Link it no longer").click()
    expect(part.get_by_role("button", name="Link it", exact=True)).to_be_visible()
