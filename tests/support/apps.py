"""Applications for the hubs of one process's tests: routed once, furnished anew for each hub."""

from collections.abc import Iterator
from contextlib import contextmanager

from litestar import Litestar
from openfit.app import furnish, routed
from openfit.hub import Hub

idle: list[Litestar] = []


@contextmanager
def app_over(hub: Hub) -> Iterator[Litestar]:
    """An application that reads nothing by itself: its worker never wakes."""
    app = idle.pop() if idle else routed()
    bare = app.asgi_handler
    furnish(app, hub).state.worker.wake = lambda: None
    try:
        yield app
    finally:
        app.asgi_handler = bare
        idle.append(app)
