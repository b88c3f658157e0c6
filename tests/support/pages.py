"""What tests ask of a page in a browser."""

import base64

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

DROP = """async ({ name, body }) => {
  const bytes = Uint8Array.from(atob(body), (c) => c.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name));
  for (const type of ["dragover", "drop"]) {
    const event = new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true });
    document.querySelector("main").dispatchEvent(event);
  }
}"""
SMALL_TARGETS = """() => [...document.querySelectorAll(
  "button, select, nav a, a.button, input:not([type=checkbox], [type=radio], [type=file])")]
  .filter((one) => one.checkVisibility() && !one.closest("p, details, .u-over"))
  .map((one) => [one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
  .filter(([, box]) => box.height < 43.5 || box.width < 43.5)
  .map(([markup, box]) => `${Math.round(box.width)}x${Math.round(box.height)} ${markup}`)"""


SIDEWAYS = """() => [...document.querySelectorAll("table")]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
  .map((one) => one.outerHTML.slice(0, 90))"""


def drop(page: Page, name: str, body: bytes) -> None:
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.evaluate(DROP, {"name": name, "body": base64.b64encode(body).decode()})


def settled(page: Page) -> None:
    """Nothing is being loaded any more."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".bone")).to_have_count(0)


def complaints(page: Page) -> list[str]:
    """Everything that axe finds, however small."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {[node['html'][:120] for node in one['nodes']]}" for one in found]


def overflow(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def sideways(page: Page) -> list[str]:
    """Tables that have to be pushed sideways to be read, those behind a line opened."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    return page.evaluate(SIDEWAYS)


def small_targets(page: Page) -> list[str]:
    """Controls that a thumb would miss: less than 44 px either way."""
    return page.evaluate(SMALL_TARGETS)
