"""The child process that runs one plugin: `python -I -m openfit_sdk.host MODULE FD LIMITS …`.

It lives here and not in the core, so that a plugin shares its process with MIT code only.
"""

import importlib
import os
import socket
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pluggy
from msgspec import Raw

from openfit_sdk import wire
from openfit_sdk.errors import (
    BadInput,
    IntegrationError,
    PermanentError,
    ReauthRequired,
    TransientError,
)
from openfit_sdk.http import Http, Request, Response
from openfit_sdk.items import Blob, RawItem
from openfit_sdk.pages import pages
from openfit_sdk.sandbox import Limits, confine
from openfit_sdk.wire import Answer, Ask, Call, Close, End, Failure, Page, Value

LIST_HOOKS = "?"  # no hook's name: asks which ones there are
KINDS = {
    TransientError: "transient",
    ReauthRequired: "reauth",
    PermanentError: "permanent",
    BadInput: "bad_input",
}


class Child:
    """Answers calls on one channel, one at a time."""

    def __init__(self, channel: socket.socket) -> None:
        self.channel = channel
        self.frames = wire.decoder(wire.ToHost)
        self.hooks: Any = None

    def serve(self, load: Callable[[], pluggy.PluginManager]) -> None:
        """Until the hub goes away. The plugin is imported at the first call, so that what is
        wrong with it is said as an answer."""
        while True:
            try:
                call, fds = wire.receive(self.channel, self.frames)
            except EOFError:
                return
            try:
                self.hooks = self.hooks or load().hook
                self.answer(call, fds)
            except Exception as error:  # foreign code ends here
                wire.send(self.channel, failure_of(error, call.hook))
            finally:
                for fd in fds:
                    os.close(fd)

    def answer(self, call: Call, fds: list[int]) -> None:
        if call.hook == LIST_HOOKS:
            wire.send(self.channel, Value(Raw(wire.encode(implemented(self.hooks)))))
            return
        hook = getattr(self.hooks, call.hook)
        if not hook.get_hookimpls():
            raise PermanentError(f"The plugin has no {call.hook}.")
        result = hook(**self.arguments(call, fds, hook))
        if call.hook in ("sync", "normalize"):
            self.send_pages(call.hook, result)
        else:
            wire.send(self.channel, Value(Raw(wire.encode(result))))

    def arguments(self, call: Call, fds: list[int], hook: Any) -> dict[str, Any]:
        given: dict[str, Any] = {
            name: wire.decoder(wire.ARGUMENTS[name]).decode(raw)
            for name, raw in call.arguments.items()
        }
        item = given.get("raw_item")
        if isinstance(item, RawItem) and isinstance(item.body, Blob):
            body = msgspec.structs.replace(item.body, fd=fds[0])
            given["raw_item"] = msgspec.structs.replace(item, body=body)
        if "http" in hook.spec.argnames:
            given["http"] = Http(self.fetch)
        return given

    def send_pages(self, hook: str, result: Any) -> None:
        """Page by page. The plugin is resumed only once the hub has committed a page."""
        source: Iterator[Any] = iter(result or ())
        for page in pages(source, single=hook == "sync"):
            wire.send(self.channel, Page(page))
            said, _ = wire.receive(self.channel, self.frames)
            if isinstance(said, Close):
                close = getattr(source, "close", None)
                if close is not None:
                    close()
                break
        wire.send(self.channel, End())

    def fetch(self, request: Request) -> Response:
        wire.send(self.channel, Ask(request))
        answer, _ = wire.receive(self.channel, self.frames)
        assert isinstance(answer, Answer)
        if answer.failure is not None:
            raise error_of(answer.failure)
        assert answer.response is not None
        return answer.response


def implemented(hooks: Any) -> list[str]:
    """Names of the hooks that the plugin has."""
    return sorted(name for name, hook in vars(hooks).items() if hook.get_hookimpls())


def failure_of(error: BaseException, hook: str) -> Failure:
    """Any error as one of the four. What is none of them is a bug of the plugin."""
    if isinstance(error, IntegrationError):
        kind = next((KINDS[cls] for cls in type(error).__mro__ if cls in KINDS), "permanent")
        return Failure(
            kind=kind,
            message=error.message,
            detail=error.detail,
            code=getattr(error, "code", ""),
            retry_after=getattr(error, "retry_after", None),
            at_byte=getattr(error, "at_byte", None),
        )
    if isinstance(error, MemoryError):
        return Failure(kind="memory", message="The plugin wanted more memory than it may have.")
    if isinstance(error, msgspec.ValidationError) and hook in ("normalize", "inspect"):
        return Failure(
            kind="bad_input", code="unexpected", message=f"The record is not as expected: {error}."
        )
    shown = "".join(traceback.format_exception(error))[-8000:]
    said = f"The plugin failed ({type(error).__name__}: {str(error)[:300]})."
    return Failure(kind="permanent", code="plugin_bug", message=said, detail=shown)


def error_of(failure: Failure) -> IntegrationError:
    """The error that a failure stands for."""
    if failure.kind == "bad_input":
        return BadInput(
            failure.message,
            code=failure.code or "bad_input",
            detail=failure.detail,
            at_byte=failure.at_byte,
        )
    if failure.kind in ("transient", "memory"):
        return TransientError(
            failure.message, detail=failure.detail, retry_after=failure.retry_after
        )
    if failure.kind == "reauth":
        return ReauthRequired(failure.message, detail=failure.detail)
    return PermanentError(failure.message, detail=failure.detail)


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


def main(module: str, fd: str, limits: str, *paths: str) -> None:
    sys.path.extend(paths)
    channel = socket.socket(fileno=int(fd))
    confine(msgspec.json.decode(limits, type=Limits))
    Child(channel).serve(lambda: load(module))


if __name__ == "__main__":
    main(*sys.argv[1:])
