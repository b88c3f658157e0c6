"""The page: static files as they are in the package, with headers that let it do nothing else."""

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

from litestar import MediaType, Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import File

WEB = Path(__file__).parent.parent / "web"
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


def content_security_policy() -> str:
    """No inline script but the import map, which is named by its hash; no other host."""
    index = (WEB / "index.html").read_text()
    maps = re.findall(r'<script type="importmap">(.*?)</script>', index, re.DOTALL)
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(found.encode()).digest()).decode()}'"
        for found in maps
    )
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self' {hashes}".rstrip(),
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ]
    )


@get(
    [
        "/",
        "/activities",
        "/activities/{rest:path}",
        "/training",
        "/training/{rest:path}",
        "/sources",
        "/sign-in",
        "/metrics",
    ],
    media_type=MediaType.HTML,
    include_in_schema=False,
    sync_to_thread=False,
)
def index(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Every page is this one; its script reads the path."""
    return Response(
        (WEB / "index.html").read_bytes(),
        media_type=MediaType.HTML,
        headers={
            "content-security-policy": request.app.state.page_policy,
            "cache-control": "no-cache",
        },
    )


@get("/static/{path:path}", include_in_schema=False, sync_to_thread=False)
def static(path: FromPath[Path]) -> File:
    target = (WEB / str(path).lstrip("/")).resolve()
    if WEB not in target.parents or not target.is_file():
        raise NotFoundException("There is no such file.")
    return File(
        target,
        media_type=TYPES.get(target.suffix, "application/octet-stream"),
        content_disposition_type="inline",
        headers={"cache-control": "no-cache"},
    )
