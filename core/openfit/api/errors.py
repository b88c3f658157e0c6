"""Every error of the API, in one shape: application/problem+json with code and next step."""

import logging
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from msgspec import Struct
from openfit.errors import HubError

log = logging.getLogger("openfit.api")


class Problem(Struct, kw_only=True, omit_defaults=True):
    """RFC 9457, with what to do next."""

    status: int
    code: str
    message: str
    next_step: str = ""
    detail: Any = None


def respond(problem: Problem) -> Response[Problem]:
    return Response(problem, status_code=problem.status, media_type="application/problem+json")


def hub_error(_: Request[Any, Any, Any], error: HubError) -> Response[Problem]:
    return respond(
        Problem(
            status=error.status,
            code=error.code,
            message=error.message,
            next_step=error.next_step,
        )
    )


def http_error(_: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    code = CODES.get(error.status_code, "http_error")
    detail = error.extra if isinstance(error, ValidationException) else None
    return respond(
        Problem(
            status=error.status_code,
            code=code,
            message=error.detail,
            next_step=STEPS.get(error.status_code, ""),
            detail=detail,
        )
    )


def any_error(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """A bug. The log has the trace; the answer has none of it."""
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return respond(
        Problem(
            status=500,
            code="internal",
            message="The hub failed on this request. Nothing that was stored is lost.",
            next_step="The log of the hub has the details; please report them.",
        )
    )


CODES = {400: "invalid", 401: "no_token", 403: "forbidden", 404: "not_found", 405: "method"}
STEPS = {
    401: "Send the owner's token as 'Authorization: Bearer …'. It was printed at the first start "
    "and is kept in the file owner-token of the data folder."
}

HANDLERS: Any = {HubError: hub_error, HTTPException: http_error, Exception: any_error}
