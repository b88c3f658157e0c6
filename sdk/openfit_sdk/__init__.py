"""Write an OpenFit plugin: everything that one needs, by name."""

from importlib.metadata import version

from openfit_sdk import oauth2
from openfit_sdk.auth import (
    ApiKey,
    AuthState,
    Credentials,
    NoCredentials,
    OAuthCode,
    Pairing,
    Password,
    Refresh,
)
from openfit_sdk.errors import (
    BadInput,
    IntegrationError,
    PermanentError,
    ReauthRequired,
    TransientError,
)
from openfit_sdk.hookspecs import hookimpl
from openfit_sdk.http import Http, Request, Response
from openfit_sdk.items import (
    Blob,
    Covered,
    Cursor,
    ExportFile,
    Pieces,
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
from openfit_sdk.manifest import Manifest, read_manifest

__all__ = [
    "ApiKey",
    "AuthState",
    "BadInput",
    "Blob",
    "Covered",
    "Credentials",
    "Cursor",
    "ExportFile",
    "Http",
    "IntegrationError",
    "Manifest",
    "NoCredentials",
    "OAuthCode",
    "Pairing",
    "Password",
    "PermanentError",
    "Pieces",
    "Progress",
    "Push",
    "Pushed",
    "RawItem",
    "ReauthRequired",
    "Refresh",
    "Report",
    "Request",
    "Response",
    "Settings",
    "SyncResult",
    "TransientError",
    "WebhookRequest",
    "WebhookResult",
    "Window",
    "__version__",
    "hookimpl",
    "oauth2",
    "read_manifest",
]


def __getattr__(name: str) -> str:
    if name == "__version__":  # reading it takes longer than importing the rest
        return version("openfit-sdk")
    raise AttributeError(f"openfit_sdk has no {name}")
