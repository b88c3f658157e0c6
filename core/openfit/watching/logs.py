"""The log: one line a record, as text or JSON, without secrets, with the id of its request."""

import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from openfit.watching.redaction import redact

Format = Literal["text", "json"]
FIELDS = ("method", "route", "status", "ms", "user_id", "bytes")
request_id: ContextVar[str] = ContextVar("request_id", default="")


class Redacting(logging.Filter):
    """Takes secrets out of a record before any handler writes it, its traceback included."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(message_of(record)), None
        if record.exc_info and not record.exc_text:
            record.exc_text = "".join(traceback.format_exception(*record.exc_info)).rstrip()
        if record.exc_text:
            record.exc_text = redact(record.exc_text)
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        return True


def message_of(record: logging.LogRecord) -> str:
    """A record whose arguments do not fit its text is shown as it is, not lost."""
    try:
        return record.getMessage()
    except Exception:
        return f"{record.msg} {record.args!r}"


class AsText(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        of = request_id.get()
        return super().formatMessage(record) + (f" [{of}]" if of else "")


class AsJson(logging.Formatter):
    """What is known of the request stands in fields of its own."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {
            "at": at,
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if of := request_id.get():
            line["request_id"] = of
        line |= {name: record.__dict__[name] for name in FIELDS if name in record.__dict__}
        if trace := record.exc_text or record.stack_info:
            line["trace"] = trace
        return msgspec.json.encode(line).decode()


def set_up(form: Format = "text", level: int = logging.INFO) -> None:
    """One handler at the root; what libraries brought along writes through it as well."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(AsJson() if form == "json" else AsText())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
        found = logging.getLogger(name)
        found.handlers.clear()
        found.propagate = True
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    for name in ("uvicorn", "httpx", "httpx2"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    seal()


def seal() -> None:
    """Put the filter on every handler there is."""
    found = {*logging.getLogger().handlers, logging.lastResort}
    for logger in list(logging.Logger.manager.loggerDict.values()):
        found |= {*getattr(logger, "handlers", ())}
    for handler in found:
        if handler is not None and not any(isinstance(f, Redacting) for f in handler.filters):
            handler.addFilter(Redacting())
