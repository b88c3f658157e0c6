"""Connecting sources on the page as their manifests ask for it, and what can be done to them then.

The plugins are the test's own: each lets in whoever knows its secret, and brings an hour of heart
rate. The vendor's page is a picture of one, so nothing leaves this machine."""

import re
import sys
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect
from support.pages import complaints, overflow, settled, small_targets

from .conftest import Served, serve

WITHIN_MS = 60_000
MANIFEST = """
id = "{id}"
name = "{name}"
sdk = "1"
data_types = ["metric:heart_rate"]
sync_modes = ["poll"]
access = "unofficial"
hosts = ["api.{id}.example"]
fallbacks = ["its export as a file"]
terms_url = "https://{id}.example/terms"
[auth]
{auth}
[limits]
every = "6h"
slice = "400d"
"""
CODE = """
import json
from datetime import datetime, timedelta

from openfit_sdk import AuthState, PermanentError, RawItem, SyncResult, hookimpl
from openfit_sdk.schema import Metric


@hookimpl
def authenticate(credentials):
    given = {{name: getattr(credentials, name) for name in credentials.__struct_fields__}}
    wanted = {wanted}
    if any(given.get(name) != value for name, value in wanted.items()):
        raise PermanentError("That is not what opens {name}.")
    if "code" in given and not given["code_verifier"]:
        raise PermanentError("There is no verifier.")
    return AuthState(access_token="opened by somebody", account_id="one")


@hookimpl
def sync(auth_state, window):
    hour = window.end.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    day = {{"id": "hour", "start": hour.isoformat()}}
    yield SyncResult([RawItem.from_json("day", json.dumps(day).encode())])


@hookimpl
def normalize(raw_item):
    start = datetime.fromisoformat(json.loads(raw_item.read())["start"])
    values = [60.0 + n for n in range(60)]
    yield Metric(key="hour", type="heart_rate", start=start, interval_ms=60_000, v=values)
"""
OAUTH = """type = "oauth2"
authorize_url = "http://127.0.0.1:9/authorize?theme=plain"
token_url = "https://api.door.example/token"
scopes = ["sleep", "heart"]"""
PLUGINS = [
    ("lock", "Padlock", 'type = "api_key"', {"key": "open sesame 123"}),
    ("gate", "Gate", 'type = "password"', {"username": "ann", "password": " two words "}),
    ("door", "Front Door", OAUTH, {"code": "yes-of-ann", "client_secret": "secret of ours"}),
]


# A host is isolated from the environment, so the hub is told of the folder.
SHOWN_TO_HOSTS = """
from pathlib import Path
from openfit.hosting import hosts
hosts.PATHS.append(Path({plugins!r}))
"""


def install(folder, id, name, auth, wanted):
    package = folder / f"plugin_{id}"
    package.mkdir()
    (package / "__init__.py").write_text(CODE.format(name=name, wanted=wanted))
    (package / "manifest.toml").write_text(MANIFEST.format(id=id, name=name, auth=auth))
    info = folder / f"plugin_{id}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: plugin-{id}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[openfit]\n{id} = plugin_{id}\n")


@pytest.fixture(scope="module")
def ready(tmp_path_factory) -> Iterator[Served]:
    """A hub with a plugin for each way of signing in."""
    data, plugins = tmp_path_factory.mktemp("hub"), tmp_path_factory.mktemp("plugins")
    for plugin in PLUGINS:
        install(plugins, *plugin)
    (plugins / "sitecustomize.py").write_text(SHOWN_TO_HOSTS.format(plugins=str(plugins)))
    with pytest.MonkeyPatch.context() as patch:
        before = [path for path in sys.path if path.endswith(("core", "sdk", "schema"))]
        patch.setenv("PYTHONPATH", ":".join([str(plugins), *before]))
        yield from serve(data)


def panel(page, name):
    return page.locator("li.panel", has=page.get_by_role("heading", name=name, exact=True))


def opened(page, ready, name):
    page.goto(ready.at("/sources"))
    settled(page)
    panel(page, name).get_by_role("button", name=re.compile("^Connect")).click()
    return page.get_by_role("dialog", name=f"Connect {name}")


def test_a_key_connects_and_the_connection_is_paused_renamed_parted_and_renewed(page, ready):
    page.forgive("400")
    form = opened(page, ready, "Padlock")
    expect(form).to_contain_text("It speaks to api.lock.example and to nobody else.")
    expect(form).to_contain_text("may be against their terms")
    assert complaints(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert overflow(page) <= 0
    assert small_targets(page) == []
    form.get_by_label("Key").fill("wrong")
    form.get_by_role("button", name="Connect", exact=True).click()
    expect(form.get_by_role("alert")).to_contain_text("That is not what opens Padlock.")
    form.get_by_label("Key").fill("open sesame 123")
    form.get_by_role("button", name="Connect", exact=True).click()
    expect(form).to_have_count(0)
    mine = panel(page, "Padlock")
    expect(mine).to_contain_text("Padlock is connected.")
    expect(page.get_by_role("row").filter(has_text="Heart rate")).to_be_visible(timeout=WITHIN_MS)
    said = mine.locator(".connection")
    expect(said.locator(".status")).to_have_text("Working.")
    said.get_by_role("button", name=re.compile("^Pause")).click()
    expect(said.locator(".status")).to_have_text("Paused.")
    expect(said.get_by_role("status")).to_contain_text("Nothing is fetched")
    said.get_by_role("button", name=re.compile("^Go on")).click()
    expect(said.locator(".status")).to_have_text("Working.", timeout=WITHIN_MS)
    said.get_by_role("button", name=re.compile("^Fetch now")).click()
    expect(said.get_by_role("status")).to_contain_text("Asked for.")
    said.get_by_role("button", name=re.compile("^Rename")).click()
    page.get_by_label("Name", exact=True).fill("Shed")
    page.get_by_role("button", name="Save").click()
    expect(said).to_contain_text("Shed")
    said.get_by_role("button", name=re.compile("^Disconnect")).click()
    sure = page.get_by_role("dialog", name="Disconnect Shed?")
    expect(sure).to_contain_text("What came stays")
    sure.get_by_role("button", name="Disconnect").click()
    expect(said.locator(".status")).to_have_text("Disconnected. What came is kept.")
    expect(said.get_by_role("button", name=re.compile("^Fetch now"))).to_have_count(0)
    said.get_by_role("button", name=re.compile("^Sign in again")).click()
    form.get_by_label("Key").fill("open sesame 123")
    form.get_by_role("button", name="Connect", exact=True).click()
    expect(said.locator(".status")).to_have_text("Working.", timeout=WITHIN_MS)
    expect(said).to_have_count(1)


def test_a_password_is_sent_as_it_was_typed(page, ready):
    form = opened(page, ready, "Gate")
    form.get_by_label("User name or mail address").fill(" ann ")
    form.get_by_label("Password").fill(" two words ")
    form.get_by_role("button", name="Connect", exact=True).click()
    expect(panel(page, "Gate")).to_contain_text("Gate is connected.")


def test_a_person_says_yes_at_the_vendor_and_comes_back_connected(page, ready):
    asked: list[dict[str, list[str]]] = []

    def vendor(route):
        asked.append(parse_qs(urlsplit(route.request.url).query))
        route.fulfill(content_type="text/html", body="<title>Vendor</title><h1>Say yes?</h1>")

    page.route("http://127.0.0.1:9/**", vendor)

    def at_the_vendor():
        form = opened(page, ready, "Front Door")
        expect(form).to_contain_text(f"{ready.url}/sources/connected")
        form.get_by_label("Client ID").fill("ann-s hub")
        form.get_by_label("Client secret").fill("secret of ours")
        form.get_by_role("button", name="Go on at 127.0.0.1:9").click()
        expect(page.get_by_role("heading", name="Say yes?")).to_be_visible()
        return {name: values[0] for name, values in asked[-1].items()}

    wanted = at_the_vendor()
    assert {name: wanted[name] for name in ("theme", "client_id", "scope", "response_type")} == {
        "theme": "plain",
        "client_id": "ann-s hub",
        "scope": "sleep heart",
        "response_type": "code",
    }
    assert (wanted["code_challenge_method"], len(wanted["code_challenge"])) == ("S256", 43)
    page.goto(f"{wanted['redirect_uri']}?error=access_denied&state={wanted['state']}")
    expect(page.get_by_role("alert")).to_contain_text("without a yes: access_denied")
    at_the_vendor()
    page.goto(f"{wanted['redirect_uri']}?code=yes-of-ann&state={wanted['state']}")
    expect(page.get_by_role("alert")).to_contain_text("not asked for here")  # an earlier state
    wanted = at_the_vendor()
    page.goto(f"{wanted['redirect_uri']}?code=yes-of-ann&state={wanted['state']}")
    expect(page.get_by_text("Front Door is connected.")).to_be_visible()
    expect(panel(page, "Front Door").locator(".connection")).to_have_count(1)
    assert page.url == f"{ready.url}/sources"
    assert page.evaluate("sessionStorage.length") == 0
    page.reload()
    expect(page.get_by_role("alert")).to_have_count(0)
