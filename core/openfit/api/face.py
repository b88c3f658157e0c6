"""The page: files of the package as they are, packed once, with headers that let it do nothing
else."""

import base64
import gzip
import hashlib
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from litestar import MediaType, Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from msgspec import Struct
from openfit.api.headers import header

WEB = Path(__file__).parent.parent / "web"
TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
FOLDERS = {"api", "static", "plugin-cards"}
WORKER = "service-worker.js"
WORKER_POLICY = "default-src 'none'; connect-src 'self'; script-src 'self'"
PACKED_ALREADY = {".png", ".woff2"}
NAME = re.compile(r"[\w.-]+(?:/[\w.-]+)*")


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
            "frame-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "worker-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ]
    )


@get(
    ["/", "/{rest:path}"],
    media_type=MediaType.HTML,
    include_in_schema=False,
    sync_to_thread=False,
)
def index(request: Request[Any, Any, Any], rest: FromPath[Path | None] = None) -> Response[bytes]:
    """Every address outside of these folders is the page; its script reads the path, and says
    where there is no page."""
    if rest is not None and str(rest).lstrip("/").partition("/")[0] in FOLDERS:
        raise NotFoundException("There is no such address.")
    answer = file_answer(request, found("index.html"))
    answer.headers["content-security-policy"] = request.app.state.page_policy
    return answer


class WebFile(Struct, frozen=True):
    body: bytes
    packed: bytes | None
    media_type: str
    tag: str


def found(name: str) -> WebFile:
    """A file of the web folder; its name is checked before it is a path."""
    target = WEB / name
    try:
        if not NAME.fullmatch(name) or WEB not in target.resolve().parents:
            raise FileNotFoundError(name)
        seen = target.stat()
        if not target.is_file():
            raise FileNotFoundError(name)
    except OSError as error:
        raise NotFoundException("There is no such file.") from error
    return read(target, seen.st_mtime_ns, seen.st_size)


@lru_cache(512)
def read(target: Path, _changed: int, _size: int) -> WebFile:
    """Packed as small as can be, once: the first view is what people wait for."""
    body = target.read_bytes()
    packed = None if target.suffix in PACKED_ALREADY else gzip.compress(body, 9, mtime=0)
    media_type = TYPES.get(target.suffix, "application/octet-stream")
    return WebFile(
        body,
        packed if packed is not None and len(packed) < len(body) else None,
        media_type,
        f'W/"{hashlib.sha256(body).hexdigest()[:24]}"',
    )


def file_answer(request: Request[Any, Any, Any], file: WebFile) -> Response[bytes]:
    """The file, or that it has not changed."""
    asked = request.scope["headers"]
    headers = {"cache-control": "no-cache", "etag": file.tag}
    if file.tag.removeprefix("W/") in header(asked, b"if-none-match"):
        return Response(b"", status_code=304, headers=headers, media_type=file.media_type)
    if file.packed is not None and "gzip" in header(asked, b"accept-encoding"):
        headers["content-encoding"] = "gzip"
        return Response(file.packed, headers=headers, media_type=file.media_type)
    return Response(file.body, headers=headers, media_type=file.media_type)


@get("/service-worker.js", include_in_schema=False, sync_to_thread=False)
def service_worker(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The worker, with the list of all files that it keeps. It is a new one when any changed."""
    names = sorted(str(path.relative_to(WEB)) for path in WEB.rglob("*") if path.suffix in TYPES)
    files = [(name, found(name)) for name in names if name not in ("index.html", WORKER)]
    version = hashlib.sha256("".join(file.tag for _, file in files).encode()).hexdigest()[:16]
    shell = {"version": version, "files": [f"/static/{name}" for name, _ in files]}
    body = f"const SHELL = {json.dumps(shell)};\n".encode() + found(WORKER).body
    headers = {"cache-control": "no-cache", "content-security-policy": WORKER_POLICY}
    return Response(body, media_type="text/javascript", headers=headers)


@get("/static/{path:path}", include_in_schema=False, sync_to_thread=False)
def static(request: Request[Any, Any, Any], path: FromPath[Path]) -> Response[bytes]:
    return file_answer(request, found(str(path).lstrip("/")))


ROUTES = [index, service_worker, static]
