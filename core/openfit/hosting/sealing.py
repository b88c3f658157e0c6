"""What keeps plugins in their place on this machine: tried in a host, never guessed."""

import ctypes
import sys
import tempfile
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct
from openfit_sdk import IntegrationError
from openfit_sdk.probe import HOOK
from openfit_sdk.sandbox import PR_SET_DUMPABLE, Layer
from openfit_sdk.spawn import Host

from openfit.hosting.accounts import account_of, why_not
from openfit.hosting.scratch import Scratch

PR_GET_DUMPABLE = 3
MODULE = "openfit_sdk.probe"


class Sealing(Struct, frozen=True):
    """The layers that stand here, and what a probe could do in spite of them."""

    layers: list[Layer]
    open: list[str]  # of "read", "write", "memory", "connect", "start", "signal"

    @property
    def files_open(self) -> bool:
        """Whether a plugin can read what the hub keeps."""
        return bool({"read", "write", "memory"} & {*self.open})

    def layer(self, name: str) -> Layer:
        return next(layer for layer in self.layers if layer.name == name)


def hide_memory() -> None:
    """Let no process of this account read this one's memory and environment, where keys are."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def memory_hidden() -> bool:
    return sys.platform == "linux" and bool(
        ctypes.CDLL(None).prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 1
    )


@cache
def known(data: Path) -> Sealing:
    """As `look`, once a process: it costs the start of a host."""
    return look(data)


def look(data: Path) -> Sealing:
    """Start a host as every plugin gets one, and have it try."""
    from openfit.hosting.hosts import LIMITS

    account = account_of(0, "probe", [])
    room = Scratch(data / "scratch", "0-probe")
    try:
        with tempfile.NamedTemporaryFile(dir=data, prefix=".probe-") as secret:
            host = Host.start(
                MODULE,
                limits=msgspec.structs.replace(LIMITS, account=account),
                scratch=room.path,
                runner=MODULE,
            )
            try:
                paths = {"read": secret.name, "write": secret.name}
                tried: dict[str, str] = host.call(HOOK, settings=paths)
                layers = [with_reason(layer) for layer in host.layers()]
            finally:
                host.close()
    except IntegrationError as error:
        return unknown(error.message)
    finally:
        room.close()
    return Sealing(layers, [name for name, refusal in tried.items() if not refusal])


def with_reason(layer: Layer) -> Layer:
    """Why no account was given is the hub's to say."""
    if layer.name == "account" and not layer.active and why_not():
        return Layer("account", False, why_not())
    return layer


def unknown(message: str) -> Sealing:
    """No probe, no promise: nothing counts as closed."""
    layers = [Layer(name, False, message) for name in ("calls", "files", "account")]
    return Sealing(layers, ["read", "write", "memory", "connect", "start", "signal"])
