"""Coming in: the setup link, a password, a second factor, a key; and going out again."""

import base64
import hashlib
import hmac
import re
import struct
import time

import pytest
from openfit.access.totp import STEP
from playwright.sync_api import expect
from support import hubs
from support.pages import complaints, overflow, settled

PASSWORD = "correct horse battery staple"
TODAY = "Today"


def setup_link(hub) -> str:
    [link] = re.findall(r"http\S+/setup#\S+", (hub.data / "serve.log").read_text())
    return link.replace("127.0.0.1", "localhost")


def set_up(page, hub) -> None:
    page.goto(setup_link(hub))
    page.get_by_label("Your name").fill("Ann")
    page.get_by_label("Mail address").fill("ann@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", name=TODAY)).to_be_visible()


def sign_in(page, hub) -> None:
    page.goto(f"{hub.url}/sign-in")
    page.get_by_label("Mail address").fill("ann@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def sign_out(page, hub) -> None:
    page.goto(f"{hub.url}/settings")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_owner_sets_up_signs_out_and_comes_back_by_password(page, hub):
    set_up(page, hub)
    assert "#" not in page.url
    assert page.evaluate("Object.keys(localStorage).sort()") == ["openfit.session", "openfit.user"]
    page.reload()
    expect(page.get_by_role("heading", name=TODAY)).to_be_visible()
    sign_out(page, hub)
    assert page.evaluate("localStorage.length") == 0
    sign_in(page, hub)
    expect(page.get_by_role("heading", name=TODAY)).to_be_visible()


def test_no_script_can_read_what_renews_a_session(page, hub):
    set_up(page, hub)
    assert page.evaluate("document.cookie") == ""
    [kept] = page.context.cookies()
    assert (kept["httpOnly"], kept["sameSite"]) == (True, "Strict")


def test_two_pages_renew_one_session_without_ending_it(page, hub):
    set_up(page, hub)
    other = page.context.new_page()
    for _ in range(2):
        page.reload()
        other.goto(hub.url)
    for one in (page, other):
        expect(one.get_by_role("heading", name=TODAY)).to_be_visible()
    sign_out(page, hub)
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_wrong_password_is_refused_with_a_next_step(page, hub):
    page.forgive("401")
    set_up(page, hub)
    sign_out(page, hub)
    page.get_by_label("Mail address").fill("ann@example.org")
    page.get_by_label("Password", exact=True).fill("wrong and long enough")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    expect(page.get_by_role("alert")).to_contain_text("Check both")


def test_a_second_factor_is_switched_on_asked_for_and_switched_off(page, hub):
    page.forgive("401")
    set_up(page, hub)
    page.goto(f"{hub.url}/settings/security")
    settled(page)
    factor = page.locator("section", has=page.get_by_role("heading", name="Second factor"))
    factor.get_by_label("Your password").fill(PASSWORD)
    factor.get_by_role("button", name="Switch it on").click()
    expect(factor.get_by_role("img")).to_be_visible()
    secret = factor.locator("code").inner_text()
    factor.get_by_label("Code of the app").fill(code_of(secret))
    factor.get_by_role("button", name="Confirm").click()
    recovery = factor.locator(".secret pre").inner_text().split()
    assert len(set(recovery)) == 10
    assert complaints(page) == []
    sign_out(page, hub)
    sign_in(page, hub)
    page.get_by_label("Code of your authenticator app").fill(recovery[0])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name=TODAY)).to_be_visible()
    sign_out(page, hub)
    [link] = re.findall(
        r"http\S+/setup#\S+", hubs.openfit("user", "link", "1", data=hub.data).stdout
    )
    _, _, token = link.partition("#")
    page.goto(f"{hub.url}/setup#{token}")  # a link is no way around it
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Code of your authenticator app").fill(recovery[1])
    assert complaints(page) == []
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name=TODAY)).to_be_visible()


def code_of(secret: str) -> str:
    """As an authenticator app works it out (RFC 6238)."""
    key = base64.b32decode(secret.replace(" ", "").upper() + "=" * (-len(secret) % 8))
    mac = hmac.digest(key, struct.pack(">Q", int(time.time()) // STEP), hashlib.sha1)
    at = mac[-1] & 15
    number = int.from_bytes(mac[at : at + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def test_a_key_signs_in_and_leaves_the_address(page, hub):
    page.goto(hub.at("/sources"))
    expect(page.get_by_role("heading", name="Sources", exact=True)).to_be_visible()
    assert page.url == f"{hub.url}/sources"
    sign_out(page, hub)
    expect(page.get_by_text("Nobody has set up this hub yet.")).to_be_visible()
    expect(page.get_by_label("Mail address")).to_have_count(0)  # there is no account to sign in to
    page.get_by_label("API key").fill(f"  {hub.token} ")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name=TODAY)).to_be_visible()


def test_a_link_that_is_spent_says_so(page, hub):
    page.forgive("401")
    link = setup_link(hub)
    set_up(page, hub)
    sign_out(page, hub)
    page.goto("about:blank")
    page.goto(link)
    expect(page.get_by_role("alert")).to_contain_text("used already")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_doors_are_sound(page, hub, scheme):
    page.emulate_media(color_scheme=scheme)
    for address in (hub.url, setup_link(hub)):
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert complaints(page) == []
        for width in (360, 1920):
            page.set_viewport_size({"width": width, "height": 800})
            assert overflow(page) <= 0
