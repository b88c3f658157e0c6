"""The serving process: wires the parts to one Litestar application. Only here is that done."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from litestar import Litestar, Request, Router
from litestar.concurrency import set_asyncio_executor
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from openfit.access.desk import Access
from openfit.api import account_data, cards, errors, face, health, meta, webhooks
from openfit.api.account import AccountRoutes
from openfit.api.actions import Actions, ActionThreads
from openfit.api.activities import Activities
from openfit.api.analytics import Analytics
from openfit.api.answers import Answers, StrictStructs
from openfit.api.app_status import AppStatusRoutes
from openfit.api.auth import require_token
from openfit.api.before import before
from openfit.api.capabilities import capabilities
from openfit.api.clock import wearer_clock
from openfit.api.conditional import Validators
from openfit.api.devices import Devices
from openfit.api.entries import Entries
from openfit.api.export import Export
from openfit.api.files import Imports
from openfit.api.gate import Gate
from openfit.api.ingest import ingest, unversioned
from openfit.api.jobs import Jobs
from openfit.api.journal import Journal
from openfit.api.live import live
from openfit.api.metrics import Metrics
from openfit.api.nights import Nights
from openfit.api.notices import Notices
from openfit.api.parameters import Parameters
from openfit.api.people import People, Users
from openfit.api.preferences import PreferenceRoutes
from openfit.api.profile import Profile
from openfit.api.retention import RetentionRoutes
from openfit.api.search import search
from openfit.api.sign_in import SignIn
from openfit.api.sleep import Sleeps
from openfit.api.sources import Sources
from openfit.api.tickets import Tickets
from openfit.api.today import Days
from openfit.api.uploads import Uploads
from openfit.background import work
from openfit.background.quiet import Quiet
from openfit.background.worker import Worker
from openfit.hub import Hub, now_ms
from openfit.intake import pushing, uploads
from openfit.leaving.outside import Places
from openfit.rates import Rates
from openfit.store import outlived, replays
from openfit.store.engine import write
from openfit.store.versions import Versions
from openfit.watching.live import Channel
from openfit.watching.metrics_export import Monitor

log = logging.getLogger("openfit")

SWEEP_SECONDS = 30.0
HOUR_MS = 3_600_000
LARGEST_BODY = 1024 * 1024  # of what is no file


def build(hub: Hub) -> Litestar:
    """An application over an open hub."""
    return furnish(routed(), hub)


def routed() -> Litestar:
    """All routes, over no hub yet: to read some hundred signatures takes longer than the rest."""
    api = Router(
        "/api/v1",
        route_handlers=[
            meta.meta,
            health.health,
            health.ready,
            capabilities,
            AppStatusRoutes,
            live,
            Uploads,
            Activities,
            Imports,
            ingest,
            Export,
            Tickets,
            account_data.Deletions,
            account_data.delete_account,
            account_data.Tasks,
            account_data.BackupRoutes,
            Jobs,
            Journal,
            Notices,
            search,
            Sources,
            Actions,
            Metrics,
            Sleeps,
            Nights,
            Days,
            Devices,
            Entries,
            webhooks.receive,
            webhooks.greet,
            webhooks.address,
            Analytics,
            Profile,
            wearer_clock,
            PreferenceRoutes,
            RetentionRoutes,
            cards.listed,
            SignIn,
            AccountRoutes,
            People,
            Users,
        ],
        guards=[require_token],
        before_request=before,
    )
    figures = Router(
        "/api/v1",
        route_handlers=[health.prometheus],
        guards=[health.monitor_or_owner],
        before_request=before,
    )
    older = Router("/", route_handlers=[unversioned], guards=[require_token], before_request=before)
    return Litestar(
        [api, figures, older, *face.ROUTES, *cards.ROUTES],
        dependencies={"hub": Provide(hub_of, sync_to_thread=False)},
        exception_handlers=errors.HANDLERS,
        lifespan=[lifespan],
        openapi_config=openapi(),
        plugins=[Answers(), Parameters(), StrictStructs()],
        request_max_body_size=LARGEST_BODY,
        logging_config=None,
    )


def hub_of(request: Request[Any, Any, Any]) -> Hub:
    hub: Hub = request.app.state["hub"]
    return hub


def furnish(app: Litestar, hub: Hub) -> Litestar:
    """What the routes ask for: the hub, and what the process knows beside it."""
    threads = 2 if hub.engine.dialect.name == "sqlite" else 8
    pool = ThreadPoolExecutor(threads, thread_name_prefix="openfit-api")
    set_asyncio_executor(pool)
    monitor, worker = Monitor(), Worker(hub)
    app.state = State(
        {
            "hub": hub,
            "access": Access(hub),
            "pool": pool,
            "worker": worker,
            "page_policy": face.content_security_policy(),
            "monitor": monitor,
            "validators": Validators(Versions(hub.engine)),
            "rates": Rates(hub.config.rates),
            "live": Channel(hub, lambda work: in_pool(pool, work)),
            "upload_turns": uploads.Turns(),
            "pushes": pushing.Desk(hub),
            "pushed": Quiet(worker.wake),
            "exports": Places(),
            "actions": ActionThreads(),
        }
    )
    app.asgi_handler = Gate(app.asgi_handler, app.asgi_router.handle_routing, hub.config, monitor)
    return app


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


async def in_pool(pool: ThreadPoolExecutor, work: Callable[[], Any]) -> Any:
    return await asyncio.get_running_loop().run_in_executor(pool, work)


def tidy(hub: Hub, now: int) -> None:
    """Forget what was kept for a while, and is over."""
    uploads.sweep(hub, now)
    with write(hub.engine) as conn:
        replays.sweep(conn, now)
        outlived.forget(conn, now)
        outlived.drop_unproven(conn, now)


@asynccontextmanager
async def lifespan(app: Litestar) -> AsyncIterator[None]:
    """While the hub serves, a sweep finds work that is due and wakes the worker for it."""
    worker: Worker = app.state.worker
    sweep = asyncio.create_task(sweeping(app.state.hub, worker, app.state.pushes))
    try:
        yield
    finally:
        sweep.cancel()
        app.state.live.close()
        app.state.actions.close()
        app.state.validators.versions.close()
        worker.stop()
        app.state.access.close()
        app.state.pushed.close()
        app.state.pushes.close()
        app.state.pool.shutdown(wait=False, cancel_futures=True)


async def sweeping(hub: Hub, worker: Worker, pushes: pushing.Desk) -> None:
    """An idle hub has no worker: it takes tens of megabytes and half a second to start."""
    swept = 0
    while True:
        if now_ms() - swept >= HOUR_MS:
            swept = now_ms()
            await asyncio.to_thread(tidy, hub, swept)
        if await asyncio.to_thread(work.anything_due, hub):
            worker.wake()
        await asyncio.to_thread(pushes.tidy)
        await asyncio.sleep(SWEEP_SECONDS)
