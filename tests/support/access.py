"""Ways in for tests: a key of the owner, made where the hub keeps its own."""

from pathlib import Path

from openfit.hub import Hub, now_ms, owner_id
from openfit.store import engine, keys, people


def owner_key(hub: Hub, **limits) -> str:
    """A new key of the owner, of all scopes where no limits are given."""
    with engine.write(hub.engine) as conn:
        return keys.add(conn, owner_id(hub), "tests", now_ms(), **limits)


def owner_key_in(data: Path, url: str | None = None) -> str:
    """The same for a hub that another process serves."""
    made = engine.create(url or f"sqlite:///{data / 'openfit.db'}")
    try:
        with engine.write(made) as conn:
            return keys.add(conn, people.owner(conn), "tests", now_ms())
    finally:
        made.dispose()
