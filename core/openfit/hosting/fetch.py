"""The hub's HTTP for plugins: hosts that the manifest lists, rates that it promises."""

import hashlib
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from openfit_sdk import Blob, PermanentError, Request, Response, TransientError
from openfit_sdk.manifest import Manifest

TIMEOUT = 30.0
MAX_BODY = 12 * 1024 * 1024  # it travels to the host in one frame
MAX_DOWNLOAD = 4 * 1024**3
BODY_SECONDS, DOWNLOAD_SECONDS = 300.0, 3600.0  # however it trickles
LONGEST_WAIT = 60.0


class Fetcher:
    """Fetches for one plugin. Called as a function by its host's parent."""

    def __init__(
        self, manifest: Manifest, client: Any = None, *, spool: Path | None = None
    ) -> None:
        self.manifest = manifest
        self.given = client
        self.spool = spool  # where downloads wait until they are committed
        self.downloads: dict[str, BinaryIO] = {}
        self.asked: list[tuple[int, float, deque[float]]] = [
            (n, span, deque(maxlen=n)) for n, span in manifest.limits.rates
        ]

    @cached_property
    def client(self) -> Any:
        import httpx2

        return self.given or httpx2.Client(timeout=TIMEOUT, follow_redirects=False)

    def __call__(self, request: Request) -> Response:
        self.check(request)
        self.wait_for_budget()
        return self.fetch(request)

    def check(self, request: Request) -> None:
        """Only https and only hosts of the manifest; a redirect is not followed elsewhere."""
        parts = urlsplit(request.url)
        host = parts.hostname or ""
        if "\\" in request.url or "@" in parts.netloc:
            raise PermanentError(
                f"{self.manifest.name} wants an address that names two hosts.",
                detail="Neither a backslash nor a user belongs in it.",
            )
        local = host in ("127.0.0.1", "localhost", "::1")
        if not self.manifest.may_contact(host):
            raise PermanentError(
                f"{self.manifest.name} wants to contact {host}, which its manifest does not list."
            )
        if parts.scheme != "https" and not local:
            raise PermanentError(f"{self.manifest.name} wants {host} without encryption.")

    def wait_for_budget(self) -> None:
        for n, span, times in self.asked:
            now = time.monotonic()
            if len(times) == n and now - times[0] < span:
                wait = span - (now - times[0])
                if wait > LONGEST_WAIT:
                    raise TransientError(
                        f"The request budget of {self.manifest.name} is used up.", retry_after=wait
                    )
                time.sleep(wait)
            times.append(time.monotonic())

    def fetch(self, request: Request) -> Response:
        import httpx2

        host = urlsplit(request.url).hostname
        try:
            with self.client.stream(
                request.method, request.url, headers=request.headers, content=request.body
            ) as answer:
                return self.received(request, answer)
        except httpx2.HTTPError as error:
            raise TransientError(f"{host} could not be reached.", detail=str(error)) from error

    def received(self, request: Request, answer: Any) -> Response:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        if request.spool and answer.status_code < 300:
            blob = self.spooled(chunks(answer, request.url, MAX_DOWNLOAD, DOWNLOAD_SECONDS))
            return Response(status=answer.status_code, headers=headers, blob=blob)
        body = b"".join(chunks(answer, request.url, MAX_BODY, BODY_SECONDS))
        return Response(status=answer.status_code, headers=headers, body=body)

    def spooled(self, pieces: Iterator[bytes]) -> Blob:
        """Into a file without a name, which the plugin may read and nobody finds."""
        digest, size = hashlib.sha256(), 0
        try:
            if self.spool is not None:
                self.spool.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.spool) as file:
                for piece in pieces:
                    digest.update(piece)
                    size += file.write(piece)
                file.flush()
                held = open(file.name, "rb")  # noqa: SIM115 - until it is released
        except OSError as error:
            raise TransientError(f"A download cannot be kept: {error.strerror}.") from error
        sha256 = digest.hexdigest()
        self.downloads[sha256] = held
        return Blob(sha256=sha256, size=size, fd=held.fileno())

    def release(self, blob: Blob) -> None:
        """A download that is kept elsewhere now."""
        held = self.downloads.pop(blob.sha256, None)
        if held is not None:
            held.close()


def chunks(answer: Any, url: str, most: int, seconds: float) -> Iterator[bytes]:
    """A body as it comes, and no more of it than there is room and time for."""
    size, until, host = 0, time.monotonic() + seconds, urlsplit(url).hostname
    for piece in answer.iter_bytes():
        size += len(piece)
        if size > most:
            raise PermanentError(f"{host} answered with more than {most:,} bytes.")
        if time.monotonic() > until:
            raise TransientError(f"{host} took more than {seconds:.0f} seconds to answer.")
        yield piece
