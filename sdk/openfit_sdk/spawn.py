"""The hub's end of a host: start it, call it, and tell a person how it died."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import weakref
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw

from openfit_sdk import wire
from openfit_sdk.endings import ending
from openfit_sdk.errors import IntegrationError, PermanentError, TransientError
from openfit_sdk.failures import error_of, failure_of
from openfit_sdk.host import LIST_HOOKS, LIST_LAYERS
from openfit_sdk.http import Fetch, Response, host_of
from openfit_sdk.items import Blob, RawItem, SyncResult
from openfit_sdk.output import Log, Output
from openfit_sdk.sandbox import Layer, Limits
from openfit_sdk.wire import Answer, Ask, Call, Close, End, Failure, FrameError, Next, Page, Value

DEADLINE = 60.0  # seconds in which the next frame must have come
MAX_ANSWER = wire.MAX_FRAME - 1024 * 1024  # the rest is for headers


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
        deadline: float,
    ) -> None:
        self.module = module
        self.deadline = deadline
        self._process = process
        self._channel = channel
        self._output = output
        self._frames = wire.decoder(wire.ToHub)
        self._doing = ""
        self._bodies: dict[str, Blob] = {}  # that this call has fetched
        self._paging: weakref.ref[Generator[list[Any], None, None]] | None = None

    @classmethod
    def start(
        cls,
        module: str,
        *,
        limits: Limits | None = None,
        scratch: Path,
        log: Log | None = None,
        deadline: float = DEADLINE,
        paths: Sequence[Path] = (),
        runner: str = "openfit_sdk.host",
    ) -> "Host":
        """Start a host. Its working folder is `scratch`; it gets no environment of ours. `paths`
        are folders to import from, for a plugin that is not installed. It ends with the thread
        that starts it."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        output = Output(log or (lambda line: None))
        with theirs:
            arguments = [module, str(theirs.fileno())]
            arguments.append(msgspec.json.encode(limits or Limits()).decode())
            arguments += map(str, paths)
            process = subprocess.Popen(
                [sys.executable, "-I", "-m", runner, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output.theirs.fileno(),
                stderr=subprocess.STDOUT,
                cwd=scratch,
                env=environment(scratch),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        output.start()
        return cls(module, process, ours, output, deadline)

    @property
    def alive(self) -> bool:
        return self._channel.fileno() >= 0 and self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._process.pid

    def hooks(self) -> list[str]:
        """The hooks that the plugin has."""
        found: list[str] = self.call(LIST_HOOKS)
        return found

    def layers(self) -> list[Layer]:
        """What its process has given up; asked before the plugin is imported, so it is true."""
        return msgspec.convert(self.call(LIST_LAYERS), list[Layer])

    def call(self, hook: str, http: Fetch | None = None, **arguments: Any) -> Any:
        """A hook that answers with one value."""
        self._finish_paging()
        self._send_call(hook, arguments)
        frame = self._next_frame(http)
        if isinstance(frame, Value):
            return self._decoded(hook, [frame.value])[0]
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
        self._channel.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._output.close()

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
            page = self._decoded(hook, frame.items)
            try:
                yield page
            except GeneratorExit:
                self._stop_early(http)
                raise
            self._send(Next())

    def _finish_paging(self) -> None:
        """Else the plugin would take the next call for a wish for more pages."""
        paging = self._paging() if self._paging is not None else None
        if paging is not None:
            paging.close()
        self._paging = None

    def _send_call(self, hook: str, arguments: dict[str, Any]) -> None:
        item = arguments.get("raw_item")
        named = (item.name or f"{item.kind} {item.id}") if isinstance(item, RawItem) else ""
        self._doing = f" while reading {named}" if named else ""
        self._bodies = {}
        encoded = {name: Raw(wire.encode(value)) for name, value in arguments.items()}
        body = item.body if isinstance(item, RawItem) else arguments.get("samples")
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
                raise error_of(frame)

    def _receive(self) -> Any:
        try:
            frame, fds = wire.receive(self._channel, self._frames, self.deadline)
        except FrameError as error:
            raise self._died(
                "sent what is no answer", and_was_stopped=True, detail=error
            ) from error
        except (EOFError, OSError) as error:
            raise self._lost(error) from error
        wire.close_all(fds)  # nobody asked for any
        return frame

    def _serve(self, ask: Ask, http: Fetch | None) -> None:
        try:
            reply = answer(ask, http)
        except BaseException:
            self.close()  # the trouble is the hub's own; the plugin would wait for ever
            raise
        blob = reply.response.blob if reply.response is not None else None
        if blob is not None:
            self._bodies[blob.sha256] = blob
        self._send(reply, descriptors(blob))

    def _decoded(self, hook: str, items: list[Raw]) -> list[Any]:
        one = wire.decoder(wire.RESULTS.get(hook, Any))
        try:
            found = [wire.decode(item, one) for item in items]
            return [self._with_bodies(page) for page in found] if hook == "sync" else found
        except FrameError as error:
            self.close()
            raise PermanentError(
                f"{self._name} answered {hook} with something else than the contract says.",
                detail=str(error),
            ) from error

    def _with_bodies(self, page: SyncResult) -> SyncResult:
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
        if isinstance(error, TimeoutError):
            how = f"did not answer for {self.deadline:.0f} seconds"
            return self._died(how, and_was_stopped=True)
        try:
            return self._died(ending(self._process.wait(timeout=1)))
        except subprocess.TimeoutExpired:
            return self._died("closed its connection to the hub")

    def _died(self, how: str, *, and_was_stopped: bool = False, detail: Any = "") -> "HostDied":
        self.close()
        end = " and was stopped." if and_was_stopped else "."
        return HostDied(f"{self._name} {how}{self._doing}{end}", detail=str(detail))

    @property
    def _name(self) -> str:
        return f"The plugin {self.module.removeprefix('openfit_')}"


def environment(scratch: Path) -> dict[str, str]:
    """Nothing of the hub's own: no addresses, no keys."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TZDIR") if name in os.environ}
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return kept | threads | {"HOME": str(scratch), "TMPDIR": str(scratch), "TZ": "UTC"}


def descriptors(body: bytes | Blob | None) -> tuple[int, ...]:
    return (body.fd,) if isinstance(body, Blob) else ()


def answer(ask: Ask, http: Fetch | None) -> Answer:
    """Fetch for the plugin; what goes wrong is its to handle."""
    try:
        return Answer(response=fetched(ask, http))
    except IntegrationError as error:
        return Answer(failure=failure_of(error))


def fetched(ask: Ask, http: Fetch | None) -> Response:
    if http is None:
        raise PermanentError("This hook may not use the network.")
    response = http(ask.request)
    if len(response.body) > MAX_ANSWER:
        raise PermanentError(
            f"{host_of(ask.request.url)} answered with {len(response.body):,} bytes; "
            f"{MAX_ANSWER:,} fit. The plugin must fetch this with http.download."
        )
    return response
