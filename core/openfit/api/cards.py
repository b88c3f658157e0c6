"""Cards of plugins, served so that they can draw and do nothing else.

The page puts each into a frame with `sandbox="allow-scripts"`: an origin of its own, that has no
cookies, no storage and no token. The policy here forbids every request but for the card's modules;
the page's own policy keeps the frame from going elsewhere. What a card shows, the page hands it.
"""

from pathlib import Path

from litestar import MediaType, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct
from openfit.api.face import WEB
from openfit.api.scopes import OPEN, reads
from openfit.hosting import cards
from openfit.hub import Hub

KIT = "card-kit.js"
POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "connect-src 'none'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
        "sandbox allow-scripts",
    ]
)
FRAME = """<!doctype html>
<meta charset="utf-8">
<title>{plugin}: {card}</title>
<style>
  :root {{ color-scheme: light dark; }}
  body {{ margin: 0; background: transparent; color: var(--ink);
    font: 100%/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
    font-variant-numeric: tabular-nums; }}
</style>
<main id="card"></main>
<script type="module" src="{place}/{plugin}/modules/{module}"></script>
"""


class CardList(Struct):
    items: list[cards.CardInfo]


@get("/cards", sync_to_thread=True, operation_id="listCards", opt=reads(), tags=["sources"])
def listed(hub: NamedDependency[Hub]) -> CardList:
    """What plugins have to show on the page, and what each wants to be handed for it."""
    return CardList(cards.cards(hub.plugins))


@get(
    f"{cards.PLACE}/{{plugin:str}}/{{card:str}}",
    include_in_schema=False,
    sync_to_thread=True,
    opt=OPEN,
)
def frame(hub: NamedDependency[Hub], plugin: FromPath[str], card: FromPath[str]) -> Response[str]:
    """The document of a card's frame: nothing of anybody is in it."""
    _, found = cards.card_of(hub.plugins, plugin, card)
    text = FRAME.format(plugin=plugin, card=card, place=cards.PLACE, module=found.module)
    headers = {
        "content-security-policy": POLICY,
        "cache-control": "no-cache",
        "x-dns-prefetch-control": "off",
        "x-frame-options": "SAMEORIGIN",
    }
    return Response(text, media_type=MediaType.HTML, headers=headers)


@get(
    f"{cards.PLACE}/{{plugin:str}}/modules/{{path:path}}",
    include_in_schema=False,
    sync_to_thread=True,
    opt=OPEN,
)
def module(
    hub: NamedDependency[Hub], plugin: FromPath[str], path: FromPath[Path]
) -> Response[bytes]:
    """A module of a card. The frame's origin is nobody's, so reading is open; the code of an
    installed plugin is no secret."""
    return script(cards.module(hub.plugins, plugin, str(path).lstrip("/")))


@get(f"{cards.PLACE}/kit.js", include_in_schema=False, sync_to_thread=True, opt=OPEN)
def kit() -> Response[bytes]:
    """What all cards share."""
    return script((WEB / KIT).read_bytes())


def script(body: bytes) -> Response[bytes]:
    headers = {"access-control-allow-origin": "*", "cache-control": "no-cache"}
    return Response(body, media_type="text/javascript", headers=headers)


ROUTES = [frame, module, kit]
