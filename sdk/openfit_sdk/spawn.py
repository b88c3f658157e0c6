"""The hub's end of a host: start it, call it, and tell a person how it died."""

import contextlib
import os
import signal
import socket
import subprocess
import time
import weakref
from collections.abc import Generator, Iterator, Sequence
from inspect import GEN_CLOSED, getgeneratorstate
from pathlib import Path
from typing import Any, Self

import msgspec
from msgspec import Raw

from openfit_sdk import leftovers, wire
from openfit_sdk.budgets import Budget, Meter
from openfit_sdk.endings import ending
from openfit_sdk.errors import IntegrationError, PermanentError, TransientError
from openfit_sdk.failures import error_of
from openfit_sdk.fetching import answer
from openfit_sdk.guard import Guard
from openfit_sdk.host import LIST_ASKED, LIST_HOOKS, LIST_LAYERS
from openfit_sdk.http import Fetch
from openfit_sdk.items import Blob, Progress, Push, Pushed, RawItem, Report, SyncResult
from openfit_sdk.launching import launch
from openfit_sdk.measure import check_size
from openfit_sdk.output import Log, Output
from openfit_sdk.redaction import Redactor
from openfit_sdk.sandbox import Layer, Limits
from openfit_sdk.wire import Ask, Call, Close, End, Failure, FrameError, Next, Page, Value

DEADLINE = 60.0  # seconds in which the next frame must have come


class HostDied(TransientError):
    """The plugin's process is gone. The next call needs a new one."""


class Host:
    """One plugin in one process. For use by one thread at a time."""

    def __init__(
        self,
        module: str,
        process: subprocess.Popen[bytes],
        channel: socket.socket,
        output: Output,
        *,
        deadline: float,
        redactor: Redactor,
        scratch: Path,
        account: int | None,
        budget: Budget,
    ) -> None:
        self.module = module
        self.deadline = deadline
        self._process = process
        self._channel = channel
        self._output = output
        self._redactor = redactor
        self._scratch, self._account = scratch, account
        self._budget, self._meter = budget, Meter(budget)
        self._breach = ""  # what the guard has ended it for
        self._guard = Guard(process.pid, scratch, budget, self.end)
        self._frames = wire.decoder(wire.ToHub)
        self._doing = ""
        self._bodies: dict[str, Blob] = {}  # that this call has fetched
        self._layers: list[Layer] | None = None  # until the first call
        self._asked: dict[str, list[str]] | None = None  # until somebody wants to know
        self._patience = deadline
        self._paging: weakref.ref[Generator[list[Any], None, None]] | None = None

    @classmethod
    def start(
        cls,
        module: str,
        *,
        limits: Limits | None = None,
        budget: Budget | None = None,
        scratch: Path,
        log: Log | None = None,
        deadline: float = DEADLINE,
        paths: Sequence[Path] = (),
        runner: str = "openfit_sdk.host",
        redact: bool = True,
    ) -> Self:
        """Start a host. Its working folder is `scratch`; it gets no environment of ours. `paths`
        are folders to import from, for a plugin that is not installed. It ends with the thread
        that starts it. Without `redact` it is heard as it speaks, secrets and all."""
        limits, redactor = limits or Limits(), Redactor(redact)
        output = Output(log or (lambda line: None), redactor)
        process, channel = launch(module, limits, scratch, paths, runner, output.theirs.fileno())
        output.start()
        return cls(
            module,
            process,
            channel,
            output,
            deadline=deadline,
            redactor=redactor,
            scratch=scratch,
            account=limits.account,
            budget=budget or Budget(),
        )

    @property
    def alive(self) -> bool:
        return self._channel.fileno() >= 0 and self._process.poll() is None

    @property
    def idle(self) -> bool:
        """Whether nobody is in the middle of its pages."""
        paging = self._paging() if self._paging is not None else None
        return paging is None or getgeneratorstate(paging) == GEN_CLOSED

    @property
    def pid(self) -> int:
        return self._process.pid

    def hooks(self) -> list[str]:
        """The hooks that the plugin has."""
        found: list[str] = self.call(LIST_HOOKS)
        return found

    def asks_for(self, hook: str, helper: str) -> bool:
        """Whether the plugin's hook asks for this helper by name."""
        if self._asked is None:
            self._asked = self.call(LIST_ASKED)
        return helper in self._asked.get(hook, [])

    def layers(self) -> list[Layer]:
        """What its process has given up; asked before the plugin is imported, so it is true."""
        if self._layers is None:
            self._send(Call(LIST_LAYERS, {}))
            frame = self._next_frame(None)
            if not isinstance(frame, Value):
                raise self._unexpected(frame)
            [found] = self._decoded(LIST_LAYERS, [frame.value])
            self._layers = msgspec.convert(found, list[Layer])
        return self._layers

    def call(self, hook: str, http: Fetch | None = None, **arguments: Any) -> Any:
        """A hook that answers with one value."""
        self._finish_paging()
        self._send_call(hook, arguments)
        frame = self._next_frame(http)
        if isinstance(frame, Value):
            value = self._decoded(hook, [frame.value])[0]
            if hook == "authenticate":
                self._redactor.learn(value)
            return value
        raise self._unexpected(frame)

    def pages(self, hook: str, http: Fetch | None = None, **arguments: Any) -> Iterator[list[Any]]:
        """A hook that yields. Asking for the next page says that the last one is committed;
        closing this iterator, or calling something else, tells the plugin to stop."""
        self._finish_paging()
        paging = self._pages(hook, http, arguments)
        self._paging = weakref.ref(paging)  # weak, so that it closes as soon as it is dropped
        return paging

    def close(self) -> None:
        """End the process and everything that it started."""
        if self._channel.fileno() < 0:
            return  # its number may be another process's by now
        if not all(layer.active for layer in self._layers or [] if layer.name == "calls"):
            leftovers.end(self.pid, str(self._scratch), self._account)
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS says so of the dead
            os.killpg(self._process.pid, signal.SIGKILL)
        self._channel.close()
        self._guard.close()
        self._process.wait()
        self._output.close()

    def end(self, why: str) -> None:
        """From any thread: whoever waits for the host will find it dead, and say why."""
        self._breach = why
        self._process.kill()

    def _pages(
        self, hook: str, http: Fetch | None, arguments: dict[str, Any]
    ) -> Generator[list[Any], None, None]:
        self._send_call(hook, arguments)
        while True:
            frame = self._next_frame(http)
            if isinstance(frame, End):
                return
            if not isinstance(frame, Page):
                raise self._unexpected(frame)
            self._meter.page(sum(len(item) for item in frame.items))
            self._check_budget()
            page = self._decoded(hook, frame.items)
            try:
                yield page
            except GeneratorExit:
                self._stop_early(http)
                raise
            if hook in ("sync", "act"):
                self._release(page, http)
            self._send(Next())

    def _check_budget(self) -> None:
        excess = self._meter.excess()
        if excess:
            self.close()
            raise PermanentError(f"{self._name} {excess}{self._place} and was stopped.")

    def _release(self, pages: list[SyncResult | Progress], http: Fetch | None) -> None:
        """What is committed is kept elsewhere, so that its download may go."""
        release = getattr(http, "release", None)
        bodies = [item.body for page in pages for item in page.items]
        for body in bodies:
            if isinstance(body, Blob) and self._bodies.pop(body.sha256, body) and release:
                release(body)

    def _finish_paging(self) -> None:
        """Else the plugin would take the next call for a wish for more pages."""
        paging = self._paging() if self._paging is not None else None
        if paging is not None:
            paging.close()
        self._paging = None

    def _send_call(self, hook: str, arguments: dict[str, Any]) -> None:
        item = arguments.get("raw_item") or arguments.get("push")
        named = name_of(item) if isinstance(item, RawItem | Push) else ""
        self._doing = f" while reading {named}" if named else ""
        self._bodies = {}
        self._meter = Meter(self._budget, item.size if isinstance(item, RawItem | Push) else 0)
        self._redactor.learn(*(arguments.get(name) for name in wire.SECRET))
        self._guard.new_call()
        self.layers()
        encoded = {name: Raw(wire.encode(value)) for name, value in arguments.items()}
        body = item.body if isinstance(item, RawItem | Push) else arguments.get("samples")
        try:
            self._send(Call(hook, encoded), descriptors(body))
        except FrameError as error:
            raise PermanentError(f"The call is too large for {self.module}: {error}.") from error

    def _send(self, frame: wire.Frame, fds: tuple[int, ...] = ()) -> None:
        try:
            self._channel.settimeout(self.deadline)
            wire.send(self._channel, frame, fds)
        except OSError as error:
            raise self._lost(error) from error

    def _next_frame(self, http: Fetch | None) -> Any:
        """The next frame that is for the caller; errors are raised, fetches served on the way."""
        while True:
            frame = self._receive()
            if isinstance(frame, Ask):
                self._serve(frame, http)
            elif not isinstance(frame, Failure):
                return frame
            elif frame.kind == "memory":
                raise self._died("needed more memory than it may have")
            else:
                raise error_of(self._told(frame))

    def _told(self, failure: Failure) -> Failure:
        """A plugin's own words, without its secrets; a bug also says at which page."""
        message = self._redactor.hide(failure.message)
        if failure.code == "plugin_bug" and self._meter.pages:
            message += f" It had sent {self._count}."
        return msgspec.structs.replace(
            failure, message=message, detail=self._redactor.hide(failure.detail)
        )

    def _receive(self) -> Any:
        began, self._patience = time.monotonic(), self._meter.patience(self.deadline)
        try:
            frame, fds = wire.receive(self._channel, self._frames, self._patience)
        except FrameError as error:
            raise self._died(
                "sent what is no answer", and_was_stopped=True, detail=error
            ) from error
        except (EOFError, OSError) as error:
            raise self._lost(error) from error
        finally:
            self._meter.waited(began)
        wire.close_all(fds)  # nobody asked for any
        self._check_budget()
        return frame

    def _serve(self, ask: Ask, http: Fetch | None) -> None:
        try:
            reply = answer(ask, http)
        except BaseException:
            self.close()  # the trouble is the hub's own; the plugin would wait for ever
            raise
        response = reply.response
        blob = response.blob if response is not None else None
        self._meter.given += len(response.body) if response is not None else 0
        if blob is not None:
            self._meter.given += blob.size
            self._bodies[blob.sha256] = blob
        self._send(reply, descriptors(blob))

    def _decoded(self, hook: str, items: list[Raw]) -> list[Any]:
        one = wire.decoder(wire.RESULTS.get(hook, Any))
        try:
            for item in items:
                check_size(hook, item)
            found = [wire.decode(item, one) for item in items]
            if hook == "normalize":
                return [self._hidden(thing) for thing in found]
            if hook == "act":
                found = [self._heard(progress) for progress in found]
            carries = hook in ("sync", "receive", "act")
            return [self._with_bodies(page) for page in found] if carries else found
        except FrameError as error:
            self.close()
            raise PermanentError(
                f"{self._name} answered {hook} with something else than the contract says.",
                detail=str(error),
            ) from error

    def _hidden(self, thing: Any) -> Any:
        if not isinstance(thing, Report):
            return thing
        return msgspec.structs.replace(thing, message=self._redactor.hide(thing.message))

    def _heard(self, progress: Progress) -> Progress:
        """What a plugin says of an action, without its secrets, also those it has just made."""
        self._redactor.learn(progress.auth_state)
        return msgspec.structs.replace(progress, message=self._redactor.hide(progress.message))

    def _with_bodies(self, page: SyncResult | Pushed | Progress) -> SyncResult | Pushed | Progress:
        """A plugin may hand back the bodies that it has downloaded, and no others: a checksum
        alone must not open what belongs to somebody else."""
        return msgspec.structs.replace(page, items=[self._with_body(item) for item in page.items])

    def _with_body(self, item: RawItem) -> RawItem:
        if not isinstance(item.body, Blob):
            return item
        held = self._bodies.get(item.body.sha256)
        if held is None:
            raise FrameError(f"{item.kind} {item.id} has a body that was not downloaded here")
        return msgspec.structs.replace(item, body=held)

    def _stop_early(self, http: Fetch | None) -> None:
        try:
            self._send(Close())
            while not isinstance(self._next_frame(http), End):
                pass
        except IntegrationError:
            self.close()

    def _unexpected(self, frame: Any) -> IntegrationError:
        return self._died("answered out of turn", and_was_stopped=True, detail=type(frame).__name__)

    def _lost(self, error: Exception) -> "HostDied":
        """The channel is silent or gone: say how the process ended, if it did."""
        if self._breach:
            return self._died(self._breach, and_was_stopped=True)
        if isinstance(error, TimeoutError):
            how = f"did not answer for {self._patience:.0f} seconds"
            return self._died(how, and_was_stopped=True)
        try:
            return self._died(ending(self._process.wait(timeout=1)))
        except subprocess.TimeoutExpired:
            return self._died("closed its connection to the hub")

    def _died(self, how: str, *, and_was_stopped: bool = False, detail: Any = "") -> "HostDied":
        self.close()
        end = " and was stopped." if and_was_stopped else "."
        return HostDied(f"{self._name} {how}{self._place}{end}", detail=str(detail))

    @property
    def _place(self) -> str:
        """Where it was: the item, and how far into it."""
        return self._doing + (f" after {self._count}" if self._meter.pages else "")

    @property
    def _count(self) -> str:
        return "1 page" if self._meter.pages == 1 else f"{self._meter.pages:,} pages"

    @property
    def _name(self) -> str:
        return f"The plugin {self.module.removeprefix('openfit_')}"


def name_of(item: RawItem | Push) -> str:
    what = f"{item.kind} {item.id}" if isinstance(item, RawItem) else f"a {item.route}"
    return item.name or what


def descriptors(body: bytes | Blob | None) -> tuple[int, ...]:
    return (body.fd,) if isinstance(body, Blob) else ()
