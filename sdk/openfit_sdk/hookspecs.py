"""The contract. A hook asks by name for the helpers it uses and is given those and no more."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pluggy

from openfit_sdk.auth import AuthState, Credentials
from openfit_sdk.http import Http
from openfit_sdk.items import (
    Cursor,
    ExportFile,
    Progress,
    Push,
    Pushed,
    RawItem,
    Report,
    Settings,
    SyncResult,
    WebhookRequest,
    WebhookResult,
    Window,
)
from openfit_sdk.manifest import Manifest

if TYPE_CHECKING:
    from openfit_sdk.analysis import Analysis
    from openfit_sdk.schema import AnyEntity, Device, Metric

hookspec = pluggy.HookspecMarker("openfit")
hookimpl = pluggy.HookimplMarker("openfit")


@hookspec(firstresult=True)
def authenticate(  # type: ignore[empty-body]
    credentials: Credentials, manifest: Manifest, settings: Settings, http: Http
) -> AuthState:
    """Turn credentials, or an expired state to refresh, into a usable state."""


@hookspec(firstresult=True)
def sync(  # type: ignore[empty-body]
    auth_state: AuthState,
    window: Window,
    cursor: Cursor,
    manifest: Manifest,
    settings: Settings,
    http: Http,
    now: datetime,
) -> Iterator[SyncResult]:
    """Yield pages of raw items of this window (or since this cursor). Who does not ask for `window`
    is called once a poll, for whatever there is."""


@hookspec(firstresult=True)
def normalize(  # type: ignore[empty-body]
    raw_item: RawItem,
) -> "Iterable[AnyEntity | Report]":
    """Translate one raw item. Pure: no clock, no network, no state."""


@hookspec(firstresult=True)
def webhook(  # type: ignore[empty-body]
    request: WebhookRequest, secret: str, settings: Settings
) -> WebhookResult:
    """Check that a vendor's call is genuine, else raise PermanentError; say what follows."""


@hookspec(firstresult=True)
def receive(  # type: ignore[empty-body]
    push: Push, settings: Settings, now: datetime
) -> Iterator[Pushed]:
    """Cut what came by `[push]` or as a file of `[files]` into raw items; BadInput refuses it."""


@hookspec(firstresult=True)
def act(  # type: ignore[empty-body]
    action: str,
    arguments: dict[str, Any],
    auth_state: AuthState,
    settings: Settings,
    consent: bool,
    http: Http,
    now: datetime,
) -> Iterator[Progress]:
    """Do what `[actions]` lists, and yield how it goes: at least every few seconds, since it is
    stopped between two. Without a connection `auth_state` is empty."""


@hookspec(firstresult=True)
def inspect(  # type: ignore[empty-body]
    raw_item: RawItem,
) -> dict[str, object]:
    """Say what is inside one raw item, for a person or a test; nothing is stored."""


@hookspec(firstresult=True)
def export(  # type: ignore[empty-body]
    entity: "AnyEntity", samples: "list[Metric]", devices: "list[Device]", format: str
) -> ExportFile:
    """Write one entity, with its samples, in a format that the manifest lists under `exports`."""


@hookspec(firstresult=True)
def analyses() -> "list[Analysis]":  # type: ignore[empty-body]
    """The analyses that this plugin brings, in any order."""
