"""Clients of a hub in this process, each with a key of its own, on either database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from litestar.testing import TestClient
from openfit import importing_now
from openfit.app import build
from openfit.config import Config
from openfit.hub import Hub, now_ms, open_hub, owner_id
from openfit.store import keys, people
from openfit.store.engine import write

API = "/api/v1"


def hub_on(folder: Any, database_url: str, **settings: Any) -> Hub:
    return open_hub(Config(data=folder, database_url=database_url, **settings))


def key_of(hub: Hub, user_id: int | None = None) -> str:
    with write(hub.engine) as conn:
        return keys.add(conn, user_id or owner_id(hub), "test", now_ms())


def newcomer(hub: Hub) -> str:
    """Another user's key."""
    with write(hub.engine) as conn:
        return people.create_user(conn, "Other", now_ms())[1]


@contextmanager
def asking(hub: Hub, base_url: str = "http://localhost") -> Iterator[TestClient]:
    """Asks as the owner; reading is done by the tests themselves."""
    app = build(hub)
    app.state.worker.wake = lambda: None
    with TestClient(app, base_url=base_url) as client:
        client.headers["authorization"] = f"Bearer {key_of(hub)}"
        yield client


def read_in(hub: Hub, client: TestClient, name: str, body: bytes) -> dict[str, Any]:
    """Send a file and read it, as the worker does."""
    taken = client.post(f"{API}/activities/import", params={"name": name}, content=body).json()
    importing_now.read_all(hub, owner_id(hub), taken["import_id"])
    return client.get(f"{API}/imports/{taken['import_id']}").json()


def activity_in(hub: Hub, client: TestClient, body: bytes, name: str = "run.gpx") -> str:
    return str(read_in(hub, client, name, body)["files"][0]["activities"][0])
