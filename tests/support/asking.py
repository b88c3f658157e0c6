"""Clients of a hub in this process, each with a key of its own, on either database."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import uvicorn
from litestar import Litestar
from litestar.testing import TestClient
from openfit.cli import importing_now
from openfit.config import Config
from openfit.hub import Hub, now_ms, open_hub, owner_id
from openfit.store import keys, people
from openfit.store.engine import write
from support.apps import app_over
from support.ports import free_port

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
    with app_over(hub) as app, TestClient(app, base_url=base_url) as client:
        client.headers["authorization"] = f"Bearer {key_of(hub)}"
        yield client


def read_in(hub: Hub, client: TestClient, name: str, body: bytes) -> dict[str, Any]:
    """Send a file and read it, as the worker does."""
    taken = client.post(f"{API}/activities/import", params={"name": name}, content=body).json()
    importing_now.read_all(hub, owner_id(hub), taken["import_id"])
    return client.get(f"{API}/imports/{taken['import_id']}").json()


def activity_in(hub: Hub, client: TestClient, body: bytes, name: str = "run.gpx") -> str:
    return str(read_in(hub, client, name, body)["files"][0]["activities"][0])


@contextmanager
def served(hub: Hub) -> Iterator[httpx.Client]:
    """Over a socket of its own."""
    with (
        app_over(hub) as app,
        listening(app, free_port()) as url,
        httpx.Client(base_url=url, timeout=30) as client,
    ):
        client.headers["authorization"] = f"Bearer {key_of(hub)}"
        client.app = app
        yield client


@contextmanager
def listening(app: Litestar, port: int) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, lifespan="on"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < until and thread.is_alive()
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        app.state.live.closing = True
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()
