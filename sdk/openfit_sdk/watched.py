"""A host for tests: `normalize` may ask for nothing but the bytes that it was given.

Run in place of `openfit_sdk.host`. It sees what Python calls from the plugin's own modules, which
is where a clock or a die slips in; it is no sandbox.
"""

import sys
from types import FrameType, ModuleType
from typing import Any

from openfit_sdk.errors import PermanentError
from openfit_sdk.host import Child, main
from openfit_sdk.wire import Call

NETWORK = {"socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname"}
CLOCKS = {"now", "utcnow", "today"}  # of datetime and date
FORBIDDEN = {
    "time": {"time", "time_ns", "sleep"},
    "uuid": {"uuid1", "uuid4"},
    "posix": {"urandom"},
    "_random": None,  # all of it
    "random": None,
    "secrets": None,
}


class WatchedChild(Child):
    """Refuses the clock, chance and the network while the plugin normalizes."""

    def answer(self, call: Call) -> None:
        if call.hook != "normalize":
            super().answer(call)
            return
        watch = Watch(sys.argv[1])
        sys.addaudithook(watch.audit)
        sys.setprofile(watch.profile)
        try:
            super().answer(call)
        finally:
            sys.setprofile(None)
            watch.over = True  # an audit hook cannot be taken away


class Watch:
    def __init__(self, package: str) -> None:
        self.package = package
        self.over = False

    def audit(self, event: str, _: Any) -> None:
        if event in NETWORK and not self.over:
            raise refusal(event)

    def profile(self, frame: FrameType, event: str, called: Any) -> None:
        if event == "c_call" and self.own(frame):
            name = getattr(called, "__name__", "")
            if forbidden(origin(called), name):
                raise refusal(f"{origin(called)}.{name}")
        elif event == "call" and frame.f_back is not None and self.own(frame.f_back):
            module, name = str(frame.f_globals.get("__name__")), frame.f_code.co_name
            if forbidden(module, name):
                raise refusal(f"{module}.{name}")

    def own(self, frame: FrameType) -> bool:
        module = str(frame.f_globals.get("__name__"))
        return module == self.package or module.startswith(f"{self.package}.")


def origin(called: Any) -> str:
    """The module of a builtin function, or of the class whose method it is."""
    owner = getattr(called, "__self__", None)
    if isinstance(owner, ModuleType):
        return owner.__name__
    kind = owner if isinstance(owner, type) else type(owner)
    return kind.__module__


def forbidden(module: str, name: str) -> bool:
    if module == "datetime":
        return name in CLOCKS
    if module not in FORBIDDEN:
        return False
    names = FORBIDDEN[module]
    return names is None or name in names


def refusal(what: str) -> PermanentError:
    return PermanentError(
        f"normalize asked for {what}. It may depend on the raw item alone: "
        "what it needs beside must be put into the item by sync."
    )


if __name__ == "__main__":
    main(*sys.argv[1:], child=WatchedChild)
