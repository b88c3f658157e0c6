"""The hub's HTTP for plugins: hosts that the manifest lists, rates that it promises."""

import time
from collections import deque
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from openfit_sdk import PermanentError, Request, Response, TransientError
from openfit_sdk.manifest import Manifest

TIMEOUT = 30.0
MAX_BODY = 12 * 1024 * 1024  # it travels to the host in one frame
LONGEST_WAIT = 60.0


class Fetcher:
    """Fetches for one plugin. Called as a function by its host's parent."""

    def __init__(self, manifest: Manifest, client: Any = None) -> None:
        self.manifest = manifest
        self.given = client
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

        try:
            answer = self.client.request(
                request.method, request.url, headers=request.headers, content=request.body
            )
        except httpx2.HTTPError as error:
            host = urlsplit(request.url).hostname
            raise TransientError(f"{host} could not be reached.", detail=str(error)) from error
        if len(answer.content) > MAX_BODY:
            raise PermanentError(f"{request.url} answered with more than {MAX_BODY:,} bytes.")
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Response(status=answer.status_code, headers=headers, body=answer.content)
