"""Tapes: what a vendor answered, once, as a JSON file that is played back for ever.

A tape holds no request headers, so no token gets on it.
"""

import hashlib
import os
import tempfile
from collections import defaultdict, deque
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
from msgspec import Struct

from openfit_sdk.auth import Credentials, NoCredentials
from openfit_sdk.http import Fetch, Request, Response
from openfit_sdk.items import Blob


class Exchange(Struct, frozen=True, omit_defaults=True):
    """One request and its answer: JSON under `body`, other text as `text`, a file as `raw`."""

    method: str
    url: str
    status: int = 200
    headers: dict[str, str] = {}
    body: Any = None
    text: str | None = None
    raw: bytes | None = None  # base64 in the file

    @property
    def content(self) -> bytes:
        if self.raw is not None:
            return self.raw
        return msgspec.json.encode(self.body) if self.text is None else self.text.encode()


class Tape(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One session with a vendor: what the plugin was given, what it asked, what came back."""

    start: datetime
    end: datetime
    exchanges: list[Exchange]
    credentials: Credentials = NoCredentials()
    settings: dict[str, Any] = {}

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
        self.files: list[IO[bytes]] = []
        self.answers: dict[Any, deque[Exchange]] = defaultdict(deque)
        for exchange in tape.exchanges:
            self.answers[exchange.method, same_place(exchange.url)].append(exchange)

    def __call__(self, request: Request) -> Response:
        self.asked.append(request)
        answers = self.answers.get((request.method, same_place(request.url)))
        if not answers:
            raise AssertionError(f"the tape has no {request.method} {request.url}")
        found = answers.popleft() if len(answers) > 1 else answers[0]
        response = Response(status=found.status, headers=found.headers, body=found.content)
        return self.spooled(response) if request.spool else response

    def spooled(self, response: Response) -> Response:
        """As the hub hands over what may be big: a file that the plugin gets a descriptor of."""
        file = tempfile.TemporaryFile()  # noqa: SIM115 - it stays open as long as this tape
        file.write(response.body)
        file.flush()
        self.files.append(file)
        digest = hashlib.sha256(response.body).hexdigest()
        blob = Blob(sha256=digest, size=len(response.body), fd=file.fileno())
        return msgspec.structs.replace(response, body=b"", blob=blob)


class record:  # noqa: N801 - used like a function that fetches
    """Fetches for real and remembers, for `Tape(exchanges=recorder.exchanges, …).save(path)`.
    The strings in `redact` are blotted out."""

    def __init__(self, fetch: Fetch, redact: list[str] | None = None) -> None:
        self.fetch, self.redact = fetch, redact or []
        self.exchanges: list[Exchange] = []

    def __call__(self, request: Request) -> Response:
        response = self.fetch(request)
        content = response.body if response.blob is None else whole(response.blob)
        try:
            kept: dict[str, Any] = {"text": self.clean(content.decode())}
        except UnicodeDecodeError:
            kept = {"raw": content}
        url, status = self.clean(request.url), response.status
        self.exchanges.append(Exchange(request.method, url, status, **kept))
        return response

    def clean(self, text: str) -> str:
        for secret in self.redact:
            text = text.replace(secret, "REDACTED")
        return text


def whole(blob: Blob) -> bytes:
    return os.pread(blob.fd, blob.size, 0)
