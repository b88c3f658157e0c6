"""Every error of the API, in one shape: application/problem+json with code and next step."""

import logging
import re
from http import HTTPStatus
from typing import Any, Literal

import msgspec
from litestar import Request, Response
from litestar.enums import ParamType
from litestar.exceptions import HTTPException, ValidationException
from msgspec import Struct
from openfit.errors import HubError, NotFound, Refused
from openfit.watching.redaction import redact
from sqlalchemy.exc import DataError

log = logging.getLogger("openfit.api")
MEDIA_TYPE = "application/problem+json"
DOCUMENT = "/api/v1/openapi/openapi.json"

Where = Literal["query", "path", "header", "cookie", "body"]


class Fault(Struct, frozen=True, omit_defaults=True):
    """What does not fit, as the client knows it. Without a name it is all of the body."""

    where: Where
    name: str
    message: str


class Problem(Struct, kw_only=True, omit_defaults=True):
    """RFC 9457, with what to do next. `detail` is the message under that standard's name."""

    title: str
    status: int
    code: str
    message: str
    detail: str
    next_step: str = ""
    problems: list[Fault] = []


class Misasked(Refused):
    """Parts of a request that do not fit, each named."""

    def __init__(self, code: str, problems: list[Fault], next_step: str) -> None:
        super().__init__(in_words(problems), code=code, next_step=next_step)
        self.problems = problems


def in_words(problems: list[Fault]) -> str:
    return " ".join(f"{subject(one)} {one.message}." for one in problems)


def subject(fault: Fault) -> str:
    return f"`{fault.name}`" if fault.name else f"The {fault.where}"


def made(
    status: int, code: str, message: str, next_step: str, problems: list[Fault] | None = None
) -> Problem:
    return Problem(
        title=TITLES.get(status) or HTTPStatus(status).phrase,
        status=status,
        code=code,
        message=message,
        detail=message,
        next_step=next_step,
        problems=problems or [],
    )


def respond(problem: Problem, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(
        msgspec.json.encode(problem),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=headers,
    )


def problem_of(error: HubError) -> Problem:
    step = error.next_step or (ABSENT if isinstance(error, NotFound) else step_at(error.status))
    problems = error.problems if isinstance(error, Misasked) else None
    return made(error.status, error.code, error.message, step, problems)


def hub_error(_: Request[Any, Any, Any], error: HubError) -> Response[bytes]:
    return respond(problem_of(error), error.headers)


def http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What the transport refuses, in the same words."""
    headers = dict(error.headers or {})
    if isinstance(error, ValidationException):
        faults = faults_of(request, error)
        return respond(problem_of(Misasked("invalid", faults, step_at(400))), headers)
    status = error.status_code
    message, step = MESSAGES.get(error.detail, error.detail), step_at(status)
    if status == 401:
        headers.setdefault("www-authenticate", "Bearer")
    if status == 405:
        headers["allow"] = allowed(headers.get("allow", ""))
        step = f"It takes {headers['allow']}."
    if status == 400:
        message = f"The body could not be read: {message}."
    return respond(made(status, CODES.get(status, "http_error"), message, step), headers)


def allowed(methods: str) -> str:
    """HEAD goes wherever GET does."""
    found = {one for one in methods.replace(" ", "").split(",") if one}
    return ", ".join(sorted(found | ({"HEAD"} if "GET" in found else set())))


def faults_of(request: Request[Any, Any, Any], error: ValidationException) -> list[Fault]:
    missing = MISSING.match(error.detail)
    if missing:
        where = msgspec.convert(missing[1], Where)
        return [Fault(where, missing[2], "is missing")]
    takes = request.route_handler.opt.get("takes")
    public: dict[str, str] = takes.public if takes is not None else {}
    extra: Any = error.extra or []
    return [fault_of(one, public) for one in extra]


def fault_of(said: dict[str, Any], public: dict[str, str]) -> Fault:
    source, key = said.get("source", "body"), said.get("key", "")
    where = source.value if isinstance(source, ParamType) else source
    if where == "body":
        key = "" if key == "data" else key
    name = public.get(key, key) if where == "query" else key
    field = FIELD.match(said["message"])
    if field:
        return Fault("body", ".".join(filter(None, (name, field[2]))), FIELDS[field[1]])
    message = EXPECTED.sub(r"must be \1", FAULTS.get(said["message"], said["message"]))
    message = message.replace(", got ", ", not ").replace("Invalid enum value", "Invalid value")
    return Fault(msgspec.convert(where, Where), name, message.replace("Invalid value", "cannot be"))


def any_error(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A bug. The log has the trace; the answer has none of it."""
    log.error("%s %s failed", request.method, redact(request.url.path), exc_info=error)
    return respond(
        made(
            500,
            "internal",
            "The hub failed on this request. Nothing that was stored is lost.",
            "The log of the hub has the details; please report them.",
        )
    )


def unstorable(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Text with a NUL, or a number that no column holds: nothing of ours is named like that."""
    log.info("%s cannot be stored: %s", request.method, type(error).__name__)
    return respond(
        made(
            400,
            "unstorable",
            "Something in this request is longer than a number may be, or holds a NUL.",
            "Send it without.",
        )
    )


def no_text(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """msgspec says this of JSON whose strings are no UTF-8, where a framework waits for another."""
    log.info("%s has a body that is no UTF-8", request.method)
    return respond(
        made(400, "no_text", "The body is JSON, but its text is not UTF-8.", "Send it as UTF-8.")
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
    400: f"Correct that; {DOCUMENT} says what this address takes.",
    401: "Sign in, or send an API key as 'Authorization: Bearer …'; \"openfit key add\" makes one.",
    403: "GET /api/v1/people says whose data you may see, and which families of it.",
    404: f"Look at its spelling; {DOCUMENT} lists every address.",
    413: "Send files in pieces, by POST /api/v1/uploads.",
    415: f"Send a media type that {DOCUMENT} names there.",
}
FAILED = "The log of the hub says more."
ABSENT = "It may be deleted, or somebody else's: look at the list of what there is."
TITLES = {460: "Checksum Mismatch"}
MESSAGES = {
    "Not Found": "There is no such address.",
    "Method Not Allowed": "This address does not take that method.",
}
FAULTS = {
    "'data'": "is missing",
    "Invalid RFC3339 encoded date": "is no day; write it as 2026-01-31",
    "Invalid RFC3339 encoded datetime": "is no instant; write it as 2026-01-31T07:30:00Z",
}
EXPECTED = re.compile(r"^Expected (.+)")
FIELDS = {"contains unknown": "is not known here", "missing required": "is missing"}
FIELD = re.compile(rf"Object ({'|'.join(FIELDS)}) field `(.+)`")
MISSING = re.compile(r"Missing required (\w+) parameter '([^']+)'")


def step_at(status: int) -> str:
    return STEPS.get(status, FAILED if status >= 500 else STEPS[400])


HANDLERS: Any = {
    HubError: hub_error,
    HTTPException: http_error,
    DataError: unstorable,
    OverflowError: unstorable,
    UnicodeDecodeError: no_text,
    Exception: any_error,
}
