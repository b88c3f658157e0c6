"""Tapes: what a vendor answered, once, as a JSON file that is played back for ever.

A tape holds no request headers, so no token gets on it.
"""

from collections import defaultdict, deque
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
from msgspec import Struct

from openfit_sdk.auth import Credentials, NoCredentials
from openfit_sdk.http import Fetch, Request, Response


class Exchange(Struct, frozen=True, omit_defaults=True):
    """One request and its answer: JSON under `body`, anything else as `text`."""

    method: str
    url: str
    status: int = 200
    headers: dict[str, str] = {}
    body: Any = None
    text: str | None = None


class Tape(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One session with a vendor: what the plugin was given, what it asked, what came back."""

    start: datetime
    end: datetime
    exchanges: list[Exchange]
    credentials: Credentials = NoCredentials()
    settings: dict[str, Any] = {}
    redact: list[str] = []  # strings in URLs and bodies that must not be kept

    @classmethod
    def load(cls, path: Path) -> "Tape":
        return msgspec.json.decode(path.read_bytes(), type=cls)

    def save(self, path: Path) -> None:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n")


def same_place(url: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A URL without the order of its query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}", tuple(sorted(parse_qsl(parts.query)))


class replay:  # noqa: N801 - used like a function that fetches
    """Answers from a tape. A request that is not on it is an error that names it.

    The answers of one URL come in order; the last one repeats, as a vendor would go on saying it.
    """

    def __init__(self, tape: Tape) -> None:
        self.asked: list[Request] = []
        self.answers: dict[Any, deque[Exchange]] = defaultdict(deque)
        for exchange in tape.exchanges:
            self.answers[exchange.method, same_place(exchange.url)].append(exchange)

    def __call__(self, request: Request) -> Response:
        self.asked.append(request)
        answers = self.answers.get((request.method, same_place(request.url)))
        if not answers:
            raise AssertionError(f"the tape has no {request.method} {request.url}")
        found = answers.popleft() if len(answers) > 1 else answers[0]
        body = msgspec.json.encode(found.body) if found.text is None else found.text.encode()
        return Response(status=found.status, headers=found.headers, body=body)


class record:  # noqa: N801 - used like a function that fetches
    """Fetches for real and remembers, for `Tape(exchanges=recorder.exchanges, …).save(path)`."""

    def __init__(self, fetch: Fetch, redact: list[str] | None = None) -> None:
        self.fetch, self.redact = fetch, redact or []
        self.exchanges: list[Exchange] = []

    def __call__(self, request: Request) -> Response:
        response = self.fetch(request)
        self.exchanges.append(
            Exchange(
                method=request.method,
                url=self.clean(request.url),
                status=response.status,
                text=self.clean(response.body.decode(errors="replace")),
            )
        )
        return response

    def clean(self, text: str) -> str:
        for secret in self.redact:
            text = text.replace(secret, "REDACTED")
        return text
