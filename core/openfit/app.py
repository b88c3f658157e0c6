"""The serving process: wires the parts to one Litestar application. Only here is that done."""

import asyncio
import logging
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from litestar import Litestar, Request, Response, Router
from litestar.concurrency import set_asyncio_executor
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from openfit import work
from openfit.api import errors, face, meta
from openfit.api.activities import Activities
from openfit.api.analytics import Analytics
from openfit.api.auth import require_token
from openfit.api.export import Export
from openfit.api.files import Imports
from openfit.api.jobs import Jobs
from openfit.api.journal import Journal
from openfit.api.profile import Profile
from openfit.api.search import search
from openfit.api.sources import Metrics, Sources
from openfit.config import LOOPBACK
from openfit.errors import Refused
from openfit.hub import Hub
from openfit.worker import Worker

log = logging.getLogger("openfit")

SWEEP_SECONDS = 30.0


def build(hub: Hub) -> Litestar:
    """An application over an open hub."""
    threads = 2 if hub.engine.dialect.name == "sqlite" else 8
    pool = ThreadPoolExecutor(threads, thread_name_prefix="openfit-api")
    set_asyncio_executor(pool)
    api = Router(
        "/api/v1",
        route_handlers=[
            meta.meta,
            meta.health,
            Activities,
            Imports,
            Export,
            Jobs,
            Journal,
            search,
            Sources,
            Metrics,
            Analytics,
            Profile,
        ],
        guards=[require_token],
    )
    return Litestar(
        [api, face.index, face.static],
        dependencies={"hub": Provide(lambda: hub, sync_to_thread=False, use_cache=True)},
        exception_handlers=errors.HANDLERS,
        lifespan=[lifespan],
        state=State(
            {
                "hub": hub,
                "pool": pool,
                "worker": Worker(hub),
                "page_policy": face.content_security_policy(),
            }
        ),
        openapi_config=openapi(),
        compression_config=CompressionConfig("gzip", minimum_size=1000, exclude=["/raw/"]),
        before_request=refuse_other_names,
        after_request=harden,
        logging_config=None,
    )


def openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="OpenFit",
        version=version("openfit"),
        description="A self-hosted hub for health and fitness data.",
        path="/api/v1/openapi",
        render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        security=[{"token": []}],
        components=Components(
            security_schemes={"token": SecurityScheme(type="http", scheme="bearer")}
        ),
        use_handler_docstrings=True,
    )


async def refuse_other_names(request: Request[Any, Any, Any]) -> None:
    """A hub on loopback answers to loopback names alone, so that no other site's name can be
    pointed at it from a browser."""
    if request.app.state.hub.config.is_local and request.url.hostname not in LOOPBACK:
        raise Refused(
            "This hub answers on this machine only.",
            code="host",
            next_step="Open it as http://localhost, or set OPENFIT_URL to its public address.",
        )


def harden(response: Response[Any]) -> Response[Any]:
    response.headers.setdefault("x-content-type-options", "nosniff")
    response.headers.setdefault("referrer-policy", "no-referrer")
    return response


@asynccontextmanager
async def lifespan(app: Litestar) -> AsyncIterator[None]:
    """While the hub serves, a sweep finds work that is due and wakes the worker for it."""
    worker: Worker = app.state.worker
    sweep = asyncio.create_task(sweeping(app.state.hub, worker))
    try:
        yield
    finally:
        sweep.cancel()
        worker.stop()
        app.state.pool.shutdown(wait=False, cancel_futures=True)


async def sweeping(hub: Hub, worker: Worker) -> None:
    """An idle hub has no worker: it takes tens of megabytes and half a second to start."""
    while True:
        if await asyncio.to_thread(work.anything_due, hub):
            worker.wake()
        await asyncio.sleep(SWEEP_SECONDS)
