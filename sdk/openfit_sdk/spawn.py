"""The hub's end of a host: start it, call it, and tell a person how it died."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw

from openfit_sdk import wire
from openfit_sdk.errors import IntegrationError, PermanentError, TransientError
from openfit_sdk.host import LIST_HOOKS, error_of, failure_of
from openfit_sdk.http import Fetch
from openfit_sdk.items import Blob, RawItem
from openfit_sdk.sandbox import Limits
from openfit_sdk.wire import Answer, Ask, Call, Close, End, Failure, FrameError, Next, Page, Value

Log = Callable[[str], None]

MAX_LOG_BYTES = 1024 * 1024
MAX_LOG_LINE = 2000
DEADLINE = 60.0  # seconds in which some frame must come
DEATHS = {
    signal.SIGSEGV: "crashed (segmentation fault)",
    signal.SIGBUS: "crashed (bus error)",
    signal.SIGABRT: "crashed (it aborted)",
    signal.SIGFPE: "crashed (arithmetic error)",
    signal.SIGILL: "crashed (illegal instruction)",
    signal.SIGXCPU: "used up its processor time",
    signal.SIGXFSZ: "wrote a larger file than it may",
    signal.SIGKILL: "was killed; the system may have run out of memory",
    signal.SIGSYS: "tried something that plugins may not do",
}


class HostDied(TransientError):
    """The plugin's process is gone. The next call needs a new one."""


class Host:
    """One plugin in one process. For use by one thread at a time."""

    def __init__(
        self,
        module: str,
        process: subprocess.Popen[bytes],
        channel: socket.socket,
        log: Log,
        deadline: float,
    ) -> None:
        self.module = module
        self.deadline = deadline
        self._process = process
        self._channel = channel
        self._frames = wire.decoder(wire.ToHub)
        self._doing = ""
        self._drain = threading.Thread(target=drain, args=(process, log), daemon=True)
        self._drain.start()

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
    ) -> "Host":
        """Start a host. Its only writable place is `scratch`; it gets no environment of ours.
        `paths` are folders to import from, for a plugin that is not installed."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            arguments = [module, str(theirs.fileno())]
            arguments.append(msgspec.json.encode(limits or Limits()).decode())
            arguments += map(str, paths)
            process = subprocess.Popen(
                [sys.executable, "-I", "-m", "openfit_sdk.host", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=scratch,
                env=environment(scratch),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        ours.settimeout(deadline)
        return cls(module, process, ours, log or (lambda line: None), deadline)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None and self._channel.fileno() >= 0

    @property
    def pid(self) -> int:
        return self._process.pid

    def hooks(self) -> list[str]:
        """The hooks that the plugin has."""
        found: list[str] = self.call(LIST_HOOKS)
        return found

    def call(self, hook: str, http: Fetch | None = None, **arguments: Any) -> Any:
        """A hook that answers with one value."""
        self._send_call(hook, arguments)
        frame = self._next_frame(http)
        if isinstance(frame, Value):
            return self._decoded(hook, [frame.value])[0]
        raise self._unexpected(frame)

    def pages(self, hook: str, http: Fetch | None = None, **arguments: Any) -> Iterator[list[Any]]:
        """A hook that yields. Asking for the next page says that the last one is committed;
        closing this iterator tells the plugin to stop."""
        self._send_call(hook, arguments)
        while True:
            frame = self._next_frame(http)
            if isinstance(frame, End):
                return
            if not isinstance(frame, Page):
                raise self._unexpected(frame)
            try:
                yield self._decoded(hook, frame.items)
            except GeneratorExit:
                self._stop_early(http)
                raise
            self._send(Next())

    def close(self) -> None:
        """End the process and everything that it started."""
        self._channel.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._drain.join(timeout=1)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _send_call(self, hook: str, arguments: dict[str, Any]) -> None:
        item = arguments.get("raw_item")
        named = (item.name or f"{item.kind} {item.id}") if isinstance(item, RawItem) else ""
        self._doing = f" while reading {named}" if named else ""
        encoded = {name: Raw(wire.encode(value)) for name, value in arguments.items()}
        self._send(Call(hook, encoded), descriptors(item))

    def _send(self, frame: wire.Frame, fds: tuple[int, ...] = ()) -> None:
        try:
            wire.send(self._channel, frame, fds)
        except FrameError as error:
            raise PermanentError(f"The call is too large for {self.module}: {error}.") from error
        except OSError as error:
            raise self._death() from error

    def _next_frame(self, http: Fetch | None) -> Any:
        """The next frame that is for the caller; errors are raised, fetches served on the way."""
        while True:
            frame = self._receive()
            if isinstance(frame, Failure):
                if frame.kind == "memory":
                    self.close()
                    raise HostDied(
                        f"{self._name} needed more memory than it may have{self._doing}."
                    )
                raise error_of(frame)
            if not isinstance(frame, Ask):
                return frame
            self._send(answer(frame, http))

    def _receive(self) -> Any:
        try:
            frame, fds = wire.receive(self._channel, self._frames)
        except TimeoutError as error:
            self.close()
            raise HostDied(
                f"{self._name} did not answer for {self.deadline:.0f} seconds{self._doing} "
                "and was stopped."
            ) from error
        except FrameError as error:
            self.close()
            raise HostDied(
                f"{self._name} sent what is no answer{self._doing} and was stopped.",
                detail=str(error),
            ) from error
        except (EOFError, OSError) as error:
            raise self._death() from error
        for fd in fds:
            os.close(fd)
        return frame

    def _decoded(self, hook: str, items: list[Raw]) -> list[Any]:
        one = wire.decoder(wire.RESULTS.get(hook, Any))
        try:
            return [one.decode(item) for item in items]
        except msgspec.MsgspecError as error:
            self.close()
            raise PermanentError(
                f"{self._name} answered {hook} with something else than the contract says.",
                detail=str(error),
            ) from error

    def _stop_early(self, http: Fetch | None) -> None:
        try:
            self._send(Close())
            while not isinstance(self._next_frame(http), End):
                pass
        except IntegrationError:
            self.close()

    def _unexpected(self, frame: Any) -> IntegrationError:
        self.close()
        return HostDied(
            f"{self._name} answered out of turn{self._doing} and was stopped.",
            detail=type(frame).__name__,
        )

    def _death(self) -> HostDied:
        """How it ended, for a person."""
        try:
            code = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            code = None
        self.close()
        if code is None:
            how = "closed its connection to the hub"
        elif code < 0:
            how = DEATHS.get(signal.Signals(-code), f"was ended by signal {-code}")
        else:
            how = f"stopped by itself (exit code {code})"
        return HostDied(f"{self._name} {how}{self._doing}.")

    @property
    def _name(self) -> str:
        return f"The plugin {self.module.removeprefix('openfit_')}"


def environment(scratch: Path) -> dict[str, str]:
    """Nothing of the hub's own: no addresses, no keys."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TZDIR") if name in os.environ}
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return kept | threads | {"HOME": str(scratch), "TMPDIR": str(scratch), "TZ": "UTC"}


def descriptors(item: Any) -> tuple[int, ...]:
    if isinstance(item, RawItem) and isinstance(item.body, Blob):
        return (item.body.fd,)
    return ()


def answer(ask: Ask, http: Fetch | None) -> Answer:
    """Fetch for the plugin; what goes wrong is its to handle."""
    if http is None:
        refused = PermanentError("This hook may not use the network.")
        return Answer(failure=failure_of(refused, ""))
    try:
        return Answer(response=http(ask.request))
    except IntegrationError as error:
        return Answer(failure=failure_of(error, ""))


def drain(process: subprocess.Popen[bytes], log: Log) -> None:
    """Pass on what the plugin prints, up to a cap; the rest is read and dropped, so that a
    flood neither fills the log nor stops the plugin."""
    assert process.stdout is not None
    left = MAX_LOG_BYTES
    try:
        while line := process.stdout.readline(MAX_LOG_LINE):
            if left > 0:
                left -= len(line)
                log(line.decode(errors="replace").rstrip())
                if left <= 0:
                    log("(it printed too much; the rest is dropped)")
    except ValueError:
        return  # closed meanwhile
