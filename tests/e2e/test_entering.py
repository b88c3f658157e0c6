"""What a person says themselves: entries by hand, whose value counts, backups, ways in; and the
archive of everything, which the browser keeps by itself."""

import re
import zipfile

import pytest
from playwright.sync_api import Page, expect
from support.asked import ask
from support.pages import complaints, overflow, settled, small_targets

PHONE = {"width": 360, "height": 740}
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
    sheet(page).get_by_role("button", name="Other value").press("Space")
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
    assert re.search(r"/api/v1/export/tickets/\w{20,}", download.url)
    download.save_as(tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.testzip() is None and "manifest.json" in archive.namelist()
    expect(page.get_by_text("Your browser is saving it", exact=False)).to_be_visible()
