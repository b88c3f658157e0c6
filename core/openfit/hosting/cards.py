"""Cards of plugins: modules of their packages that the page shows in frames that reach nothing."""

from functools import lru_cache
from pathlib import Path

from msgspec import Struct
from openfit_sdk.manifest import CARD_MODULE, Card, Installed, folder_of

from openfit.errors import NotFound
from openfit.hosting.registry import Registry

LARGEST = 256 * 1024
PLACE = "/plugin-cards"


class CardInfo(Struct, frozen=True):
    """A card of an installed plugin. `address` is a document for a sandboxed frame."""

    plugin: str
    plugin_name: str
    id: str
    title: str
    reads: list[str]
    days: int
    address: str


def cards(plugins: Registry) -> list[CardInfo]:
    return [
        CardInfo(
            found.name,
            found.manifest.name,
            card.id,
            card.title,
            list(card.reads),
            card.days,
            f"{PLACE}/{found.name}/{card.id}",
        )
        for found in plugins.plugins.values()
        if found.manifest is not None
        for card in found.manifest.cards
    ]


def card_of(plugins: Registry, plugin: str, card: str) -> tuple[Installed, Card]:
    found = plugins.plugins.get(plugin)
    manifest = found.manifest if found is not None else None
    for one in manifest.cards if manifest is not None else []:
        if found is not None and one.id == card:
            return found, one
    raise NotFound("There is no such card.", code="no_card")


def module(plugins: Registry, plugin: str, name: str) -> bytes:
    """A module below the plugin's folder of cards, and nothing else of it."""
    found = plugins.plugins.get(plugin)
    if found is None or found.manifest is None or not found.manifest.cards:
        raise NotFound("There is no such card.", code="no_card")
    if not CARD_MODULE.fullmatch(name):
        raise NotFound("There is no such module.", code="no_module")
    return read(folder_of(found.module), name)


@lru_cache(64)
def read(folder: Path, name: str) -> bytes:
    target = (folder / name).resolve()
    if folder.resolve() not in target.parents or not target.is_file():
        raise NotFound("There is no such module.", code="no_module")
    if target.stat().st_size > LARGEST:
        raise NotFound(f"{name} is larger than a card's module may be.", code="no_module")
    return target.read_bytes()
