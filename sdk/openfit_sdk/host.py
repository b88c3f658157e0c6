"""The child process that runs one plugin: `python -I -m openfit_sdk.host MODULE FD LIMITS …`.

It lives here and not in the core, so that a plugin shares its process with MIT code only.
"""

import importlib
import socket
import sys
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pluggy
from msgspec import Raw

from openfit_sdk import records, wire
from openfit_sdk.auth import secrets
from openfit_sdk.errors import PermanentError
from openfit_sdk.failures import error_of, failure_of
from openfit_sdk.http import Http, Request, Response
from openfit_sdk.items import Blob, Push, RawItem
from openfit_sdk.pages import cut, pages
from openfit_sdk.sandbox import Layer, Limits, confine
from openfit_sdk.wire import Answer, Ask, Call, End, FrameError, Next, Page, Value

PAGED = ("act", "sync", "normalize", "receive")  # answer with pages, one committed before the next
LIST_HOOKS = "?"  # no hook's name: asks which ones there are
LIST_ASKED = "?asked"  # nor this: asks for which helpers each of them asks
LIST_LAYERS = "?layers"  # nor this: asks what this process has given up
SEALED = (
    "Plugins are sealed: no sockets, no other programs, and no files but their packages and the "
    "folder that they run in. Ask for `http` to fetch something."
)


class Child:
    """Answers calls on one channel, one at a time."""

    def __init__(self, channel: socket.socket) -> None:
        self.channel = channel
        self.frames = wire.decoder(wire.ToHost)
        self.hooks: Any = None
        self.fds: list[int] = []  # of bodies, open until the call ends
        self.secrets: list[str] = []
        self.layers: list[Layer] = []

    def serve(self, load: Callable[[], pluggy.PluginManager]) -> None:
        """Until the hub goes away. The plugin is imported at the first call, so that what is
        wrong with it is said as an answer."""
        while True:
            try:
                call = self.receive()
            except EOFError:
                return
            try:
                if call.hook == LIST_LAYERS:
                    self.send_value(self.layers)
                    continue
                self.hooks = self.hooks or load().hook
                self.answer(call)
            except Exception as error:  # foreign code ends here
                if isinstance(error, PermissionError):
                    error.add_note(SEALED)
                try:
                    wire.send(self.channel, failure_of(error, call.hook, self.secrets))
                except BrokenPipeError:
                    return  # the hub is gone: nobody is left to hear it
            finally:
                wire.close_all(self.fds)
                self.fds, self.secrets = [], []

    def receive(self) -> Any:
        frame, fds = wire.receive(self.channel, self.frames)
        self.fds += fds
        return frame

    def answer(self, call: Call) -> None:
        if call.hook == LIST_HOOKS:
            self.send_value(implemented(self.hooks))
            return
        if call.hook == LIST_ASKED:
            self.send_value(asked(self.hooks))
            return
        if call.hook in ("analyses", "analyze"):
            self.analyze(call)
            return
        hook = getattr(self.hooks, call.hook)
        if not hook.get_hookimpls():
            raise PermanentError(f"The plugin has no {call.hook}.")
        result = hook(**self.arguments(call, hook))
        if call.hook in PAGED:
            self.send_pages(call.hook, result)
        elif call.hook == "export":
            self.send_pages(call.hook, cut(result))
        else:
            self.send_value(result)

    def analyze(self, call: Call) -> None:
        """`analyses` says which there are; `analyze` runs those of a scope, one after another."""
        found = self.hooks.analyses() or []
        if call.hook == "analyses":
            self.send_value([one.declaration for one in found])
            return
        from openfit_sdk import analysis  # NumPy, which most plugins never need

        given = decoded(call)
        self.send_pages(call.hook, analysis.run(found, given["scope"], given["inputs"]))

    def arguments(self, call: Call, hook: Any) -> dict[str, Any]:
        given = decoded(call)
        self.secrets = secrets(*(given.get(name) for name in wire.SECRET))
        for name in ("raw_item", "push"):
            item = given.get(name)
            if isinstance(item, RawItem | Push) and isinstance(item.body, Blob):
                given[name] = msgspec.structs.replace(item, body=self.opened(item.body))
        if isinstance(given.get("raw_item"), RawItem):
            given["raw_item"] = records.opened(given["raw_item"])
        if isinstance(given.get("samples"), Blob):
            given["samples"] = wire.read_samples(self.opened(given["samples"]))
        if "http" in hook.spec.argnames:
            given["http"] = Http(self.fetch)
        return given

    def opened(self, blob: Blob) -> Blob:
        """A body of the hub's, with the descriptor that came with the last frame."""
        return msgspec.structs.replace(blob, fd=self.fds[-1])

    def send_value(self, value: Any) -> None:
        try:
            wire.send(self.channel, Value(Raw(wire.encode(value))))
        except FrameError as error:
            raise PermanentError(f"The plugin's answer is too large: {error}.") from error

    def send_pages(self, hook: str, result: Any) -> None:
        """Page by page. The plugin is resumed only once the hub has committed a page."""
        source: Iterator[Any] = iter(result or ())
        for page in pages(source, single=hook != "normalize"):
            wire.send(self.channel, Page(page))
            if not isinstance(self.receive(), Next):
                close = getattr(source, "close", None)
                if close is not None:
                    close()
                break
        wire.send(self.channel, End())

    def fetch(self, request: Request) -> Response:
        wire.send(self.channel, Ask(request))
        answer = self.receive()
        assert isinstance(answer, Answer)
        if answer.failure is not None:
            raise error_of(answer.failure)
        assert answer.response is not None
        blob = answer.response.blob
        if blob is None:
            return answer.response
        return msgspec.structs.replace(answer.response, blob=self.opened(blob))


def decoded(call: Call) -> dict[str, Any]:
    return {
        name: wire.decoder(wire.ARGUMENTS[name]).decode(raw) for name, raw in call.arguments.items()
    }


def implemented(hooks: Any) -> list[str]:
    """Names of the hooks that the plugin has."""
    return sorted(name for name, hook in vars(hooks).items() if hook.get_hookimpls())


def asked(hooks: Any) -> dict[str, list[str]]:
    """The helpers that each of the plugin's hooks asks for."""
    return {
        name: sorted(one for impl in getattr(hooks, name).get_hookimpls() for one in impl.argnames)
        for name in implemented(hooks)
    }


def load(module: str) -> pluggy.PluginManager:
    """Import the plugin and hold its hooks against the contract: a misspelt hook or argument is
    an error here, not silence later."""
    from openfit_sdk import hookspecs

    manager = pluggy.PluginManager("openfit")
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(importlib.import_module(module))
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise PermanentError(f"{module} does not fit the contract: {error}") from error
    except ImportError as error:
        raise PermanentError(f"{module} cannot be imported: {error}") from error
    return manager


def main(module: str, fd: str, limits: str, *paths: str, child: type[Child] = Child) -> None:
    sys.path.extend(paths)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # its end is a kill
    channel = socket.socket(fileno=int(fd))
    served = child(channel)
    served.layers = confine(msgspec.json.decode(limits, type=Limits), module, paths)
    served.serve(lambda: load(module))


if __name__ == "__main__":
    main(*sys.argv[1:])
