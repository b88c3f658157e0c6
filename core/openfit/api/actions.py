"""Actions of sources: what a device can be told to do, done while one listens.

They run in threads of their own, since one may take minutes; who asked and left stops his.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import msgspec
from litestar import Controller, Request, Response, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from msgspec import Struct
from openfit.api.answers import says
from openfit.api.auth import current_user
from openfit.api.errors import problem_of
from openfit.api.headers import header
from openfit.api.live import HEADERS, PATIENCE_SECONDS, left, still_in
from openfit.api.scopes import writes
from openfit.errors import HubError, TooOften
from openfit.hosting import actions
from openfit.hosting.acting import Acting, Step, alone
from openfit.hosting.actions import Task
from openfit.hub import Hub

log = logging.getLogger("openfit.actions")

MOST = 16  # under way at once in this process
HEARTBEAT_SECONDS = 15.0
LOOK_UP_SECONDS = 5.0  # how soon an ended session ends what it began
EVENT_STREAM = "text/event-stream"
EVENTS = ResponseSpec(
    Step,
    media_type="application/json",
    description="The last step. With `Accept: text/event-stream`, and of a `live` action always, "
    "each step as it comes: events `step`, and at the end `done`, `failed` (a problem) or "
    "`stopped`",
)
MAY_SAY = writes() | says(503) | {"streams": True, "rate": "heavy"}


class Wish(Struct, forbid_unknown_fields=True):
    """What an action is given, by the names of its arguments. What is dangerous wants `consent`
    each time."""

    arguments: dict[str, Any] = {}
    consent: bool = False


class Actions(Controller):
    tags = ["sources"]

    @post(
        "/connections/{connection_id:str}/actions/{action:str}",
        status_code=200,
        operation_id="act",
        opt=MAY_SAY,
        responses={200: EVENTS},
    )
    async def act(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        connection_id: FromPath[str],
        action: FromPath[str],
        data: JSONBody[Wish],
    ) -> Response[Any]:
        """Tell a connected source to do something that its integration lists under `actions`.
        One at a time, and not while it syncs."""
        task = await asked(request, actions.of_connection, hub, connection_id, action, data)
        return await answered(request, hub, task)

    @post(
        "/integrations/{integration_id:str}/actions/{action:str}",
        status_code=200,
        operation_id="actUnconnected",
        opt=MAY_SAY,
        responses={200: EVENTS},
    )
    async def act_unconnected(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        integration_id: FromPath[str],
        action: FromPath[str],
        data: JSONBody[Wish],
    ) -> Response[Any]:
        """Do what needs no connection, such as to look for devices, or to pair with one: what
        that makes is in `connection_id`."""
        task = await asked(request, actions.of_integration, hub, integration_id, action, data)
        return await answered(request, hub, task)


async def asked(
    request: Request[Any, Any, Any], find: Any, hub: Hub, whose: str, action: str, wish: Wish
) -> Task:
    pool, loop = request.app.state.pool, asyncio.get_running_loop()
    now = datetime.now(UTC)
    user_id = current_user(request)
    found: Task = await loop.run_in_executor(
        pool, find, hub, user_id, whose, action, wish.arguments, wish.consent, now
    )
    return found


async def answered(request: Request[Any, Any, Any], hub: Hub, task: Task) -> Response[Any]:
    threads: ActionThreads = request.app.state.actions
    run = threads.begin(hub, task)
    await run.begun()
    accepts = header(request.scope["headers"], b"accept")
    if task.action.live or EVENT_STREAM in accepts:
        return StepEvents(request, run)
    gone = asyncio.ensure_future(left(request.receive))
    last = Step()
    try:
        async for step in run.steps(gone):
            last = step if step is not None else last
    finally:
        gone.cancel()
        run.acting.stop()
    woken(request, run)
    return Response(last)


def woken(request: Request[Any, Any, Any], run: "Run") -> None:
    """What an action stored is read, and what it connected is synced, now."""
    if run.acting.stored or run.acting.connection_id:
        request.app.state.worker.wake()


class ActionThreads:
    """Where actions run: beside the threads that answer, which they would hold up."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(MOST, thread_name_prefix="openfit-act")
        self.running: set[Run] = set()

    def begin(self, hub: Hub, task: Task) -> "Run":
        if len(self.running) >= MOST:
            raise TooOften(
                f"{MOST} actions are under way at once, which is the most.",
                next_step="Wait until one is over, or stop one.",
                retry_after=10,
            )
        run = Run(hub, task, asyncio.get_running_loop())
        self.running.add(run)
        self.pool.submit(run.go).add_done_callback(lambda _: self.running.discard(run))
        return run

    def stop(self) -> None:
        for run in [*self.running]:
            run.acting.stop()

    def close(self) -> None:
        self.stop()
        self.pool.shutdown(wait=False, cancel_futures=True)


class Run:
    """One action: its thread on one side, whoever listens on the other."""

    def __init__(self, hub: Hub, task: Task, loop: asyncio.AbstractEventLoop) -> None:
        self.hub, self.task, self.loop = hub, task, loop
        self.acting = Acting(hub, task)
        self.said: asyncio.Queue[Step | HubError | None] = asyncio.Queue()
        self.start: asyncio.Future[None] = loop.create_future()

    def go(self) -> None:
        """In the thread. Whatever happens, the listener hears of the end."""
        end: HubError | None = None
        try:
            with alone(self.acting):
                self.tell(self.started, None)
                for step in self.acting.steps():
                    self.tell(self.said.put_nowait, step)
        except HubError as error:
            end = error
        except Exception:
            log.exception("%s of %s failed", self.task.name, self.task.plugin)
            end = HubError("The hub failed on this action.", next_step="Its log says more.")
        self.tell(self.started, end)
        self.tell(self.said.put_nowait, end)

    def tell(self, what: Any, value: Any) -> None:
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(what, value)

    def started(self, error: HubError | None) -> None:
        if self.start.done():
            return
        if error is None:
            self.start.set_result(None)
        else:
            self.start.set_exception(error)

    async def begun(self) -> None:
        """Once nobody else acts on it; the refusal where somebody does."""
        try:
            await self.start
        except asyncio.CancelledError:
            self.acting.stop()
            raise

    async def steps(self, gone: asyncio.Future[None]) -> AsyncIterator[Step | None]:
        """As they come, and None now and then while nothing does. Who has gone stops it."""
        while True:
            heard = asyncio.ensure_future(self.said.get())
            either: set[asyncio.Future[Any]] = {heard, gone}
            await asyncio.wait(either, timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                self.acting.stop()
            if not heard.done():
                heard.cancel()
                if gone.done():
                    return
                yield None
                continue
            found = heard.result()
            if isinstance(found, HubError):
                raise found
            if found is None:
                return
            yield found


class StepEvents(Response[None]):
    """Steps as server-sent events, until it is over or its listener leaves."""

    def __init__(self, request: Request[Any, Any, Any], run: Run) -> None:
        super().__init__(None)
        self.request, self.run_ = request, run

    def to_asgi_response(self, *_: Any, **__: Any) -> Any:
        return self.answer

    async def answer(self, _: Any, receive: Any, send: Any) -> None:
        gone = asyncio.ensure_future(left(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            async for piece in self.pieces(gone):
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            log.info("an action was not listened to and is stopped")
        finally:
            gone.cancel()
            self.run_.acting.stop()
            woken(self.request, self.run_)

    async def pieces(self, gone: asyncio.Future[None]) -> AsyncIterator[bytes]:
        last, spoke, looked = Step(), time.monotonic(), time.monotonic()
        try:
            async for step in self.run_.steps(gone):
                now = time.monotonic()
                if now - looked > LOOK_UP_SECONDS:
                    looked = now
                    if not await still_in(self.request):
                        self.run_.acting.stop()
                        yield event("signed_out", {})
                        return
                if step is not None:
                    last, spoke = step, now
                    yield event("step", step)
                elif now - spoke > HEARTBEAT_SECONDS:
                    spoke = now
                    yield b": still here\n\n"
        except HubError as error:
            yield event("failed", problem_of(error))
            return
        yield event("stopped" if self.run_.acting.stopping.is_set() else "done", last)


def event(kind: str, data: Any) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), msgspec.json.encode(data))
