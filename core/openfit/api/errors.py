"""Every error of the API, in one shape: application/problem+json with code and next step."""

import logging
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from msgspec import Struct
from openfit.errors import HubError
from openfit.watching.redaction import redact
from sqlalchemy.exc import DataError

log = logging.getLogger("openfit.api")
MEDIA_TYPE = "application/problem+json"


class Problem(Struct, kw_only=True, omit_defaults=True):
    """RFC 9457, with what to do next."""

    status: int
    code: str
    message: str
    next_step: str = ""
    detail: Any = None


def respond(problem: Problem, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(
        msgspec.json.encode(problem),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=headers,
    )


def problem_of(error: HubError) -> Problem:
    return Problem(
        status=error.status, code=error.code, message=error.message, next_step=error.next_step
    )


def hub_error(_: Request[Any, Any, Any], error: HubError) -> Response[bytes]:
    return respond(problem_of(error), error.headers)


def http_error(_: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    code = CODES.get(error.status_code, "http_error")
    detail = error.extra if isinstance(error, ValidationException) else None
    headers = dict(error.headers or {})
    if error.status_code == 401:
        headers.setdefault("www-authenticate", "Bearer")
    return respond(
        Problem(
            status=error.status_code,
            code=code,
            message=error.detail,
            next_step=STEPS.get(error.status_code, ""),
            detail=detail,
        ),
        headers,
    )


def any_error(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A bug. The log has the trace; the answer has none of it."""
    log.error("%s %s failed", request.method, redact(request.url.path), exc_info=error)
    return respond(
        Problem(
            status=500,
            code="internal",
            message="The hub failed on this request. Nothing that was stored is lost.",
            next_step="The log of the hub has the details; please report them.",
        )
    )


def unstorable(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Text with a NUL, or a number that no column holds: nothing of ours is named like that."""
    log.info("%s cannot be stored: %s", request.method, type(error).__name__)
    return respond(
        Problem(
            status=400,
            code="unstorable",
            message="Something in this request is longer than a number may be, or holds a NUL.",
            next_step="Send it without.",
        )
    )


CODES = {
    400: "invalid",
    401: "no_token",
    403: "forbidden",
    404: "not_found",
    405: "method",
    408: "too_slow",
    413: "too_large",
    415: "media_type",
    429: "too_often",
}
STEPS = {
    401: "Sign in, or send an API key as 'Authorization: Bearer …'; \"openfit key add\" makes one.",
    413: "Send files in pieces, by POST /api/v1/uploads.",
}

HANDLERS: Any = {
    HubError: hub_error,
    HTTPException: http_error,
    DataError: unstorable,
    OverflowError: unstorable,
    Exception: any_error,
}
