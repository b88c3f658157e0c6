"""Files of originals that no row names any more: noted before their rows go, unlinked once nobody
reads all originals, and kept where the same bytes came in again meanwhile."""

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Engine

from openfit.store import holding, raw, removal


def note(store: raw.Store, files: Iterable[Path]) -> None:
    for file in files:
        folder = notes(store)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file.name).touch()


def notes(store: raw.Store) -> Path:
    return store.data / "raw" / "leftover"


def unlink(engine: Engine, store: raw.Store) -> None:
    """What is noted and not named. While an export or a backup runs it waits for the next time."""
    folder = notes(store)
    found = list(folder.iterdir()) if folder.is_dir() else []
    if not found:
        return
    with holding.alone(store) as free, engine.connect() as conn:
        for noted in found if free else []:
            sha256, _, _ = noted.name.partition(".")
            if not removal.still_named(conn, sha256):
                store.path(sha256).with_name(noted.name).unlink(missing_ok=True)
            noted.unlink(missing_ok=True)
