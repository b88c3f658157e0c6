"""Errors on their way from a plugin to the hub, and what the hub makes of them."""

import math
import re
import traceback

import msgspec

from openfit_sdk.auth import hide
from openfit_sdk.errors import (
    BadInput,
    IntegrationError,
    PermanentError,
    ReauthRequired,
    TransientError,
)
from openfit_sdk.wire import Failure

MAX_MESSAGE = 1000
MAX_DETAIL = 8000
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
KINDS = {
    TransientError: "transient",
    ReauthRequired: "reauth",
    PermanentError: "permanent",
    BadInput: "bad_input",
}


def failure_of(error: Exception, hook: str = "", secrets: list[str] | None = None) -> Failure:
    """Any error as one of the four. What is none of them is a bug of the plugin, whose words
    nobody has chosen: they may quote a secret."""
    if isinstance(error, IntegrationError):
        return stated(error)
    if isinstance(error, MemoryError):
        return Failure(kind="memory", message="The plugin wanted more memory than it may have.")
    if isinstance(error, msgspec.ValidationError) and hook in ("normalize", "inspect"):
        return Failure(
            kind="bad_input", code="unexpected", message=f"The record is not as expected: {error}."
        )
    shown = "".join(traceback.format_exception(error))[-MAX_DETAIL:]
    last = "".join(traceback.format_exception_only(error)).strip()
    hidden = secrets or []
    return Failure(
        kind="permanent",
        code="plugin_bug",
        message=hide(f"The plugin failed ({last[:300]}).", hidden),
        detail=hide(shown, hidden),
    )


def stated(error: IntegrationError) -> Failure:
    kind = next((KINDS[cls] for cls in type(error).__mro__ if cls in KINDS), "permanent")
    return Failure(
        kind=kind,
        message=error.message,
        detail=error.detail,
        code=getattr(error, "code", ""),
        retry_after=getattr(error, "retry_after", None),
        at_byte=getattr(error, "at_byte", None),
    )


def error_of(failure: Failure) -> IntegrationError:
    """The error that a failure stands for, cut to what a status page and a log can bear."""
    message = CONTROL.sub(" ", failure.message)[:MAX_MESSAGE]
    detail = failure.detail[-MAX_DETAIL:]
    if failure.kind == "bad_input":
        code = failure.code or "bad_input"
        return BadInput(message, code=code, detail=detail, at_byte=failure.at_byte)
    if failure.kind in ("transient", "memory"):
        return TransientError(message, detail=detail, retry_after=wait(failure.retry_after))
    if failure.kind == "reauth":
        return ReauthRequired(message, detail=detail)
    return PermanentError(message, detail=detail)


def wait(seconds: float | None) -> float | None:
    return seconds if seconds is not None and math.isfinite(seconds) and seconds >= 0 else None
