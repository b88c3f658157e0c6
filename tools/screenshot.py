"""Take the pictures of the docs from a demo hub that runs: python tools/screenshot.py [address]."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).parents[1] / "docs" / "images"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]


def main(address: str) -> None:
    found = shutil.which("chromium") or shutil.which("chromium-headless-shell")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(address)
        page.locator("a[href^='/activities/']").first.wait_for()
        page.screenshot(path=IMAGES / "activities.png")
        rides = page.locator("a[href^='/activities/']", has_text="Cycling")
        rides.first.click()
        page.locator("canvas").first.wait_for()
        page.wait_for_timeout(1500)
        page.set_viewport_size({"width": 1280, "height": 2000})
        page.wait_for_timeout(800)
        page.screenshot(path=IMAGES / "activity.png")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8080/")
