"""Draws the installed page's icons out of web/icon.svg, in a browser: uv run tools/icons.py.

A maskable icon has no round corners and keeps its picture within the middle 80 %.
"""

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

WEB = Path(__file__).parent.parent / "core/openfit/web"
SIZES = (192, 512)
SAFE = 0.8


def drawn(svg: str, size: int) -> str:
    inner = round(size * SAFE)
    square = svg.replace(' rx="8"', "").replace(
        "<svg ", f'<svg width="{inner}" height="{inner}" ', 1
    )
    return (
        "<style>body{margin:0;background:#0d6a6e;display:grid;place-items:center;"
        f"width:{size}px;height:{size}px}}</style>{square}"
    )


def main() -> None:
    svg = (WEB / "icon.svg").read_text()
    with sync_playwright() as playwright:
        found = shutil.which("chromium") or shutil.which("chromium-headless-shell")
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        for size in SIZES:
            page = browser.new_page(viewport={"width": size, "height": size})
            page.set_content(drawn(svg, size))
            page.screenshot(path=WEB / f"icon-{size}.png")
        browser.close()


if __name__ == "__main__":
    main()
