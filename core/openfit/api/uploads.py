"""Files in pieces. Whoever speaks tus 1.0 (tus.io) can send them; so can whoever speaks JSON."""

import asyncio
import base64
import binascii
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, Response, delete, get, head, patch, post
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta, Struct
from openfit.api.answers import says
from openfit.api.auth import current_user
from openfit.api.headers import header
from openfit.api.paging import read_cursor, write_cursor
from openfit.api.scopes import reads, writes
from openfit.errors import Changed, HubError, Refused
from openfit.hub import Hub
from openfit.intake import uploads
from openfit.intake.uploads import Checksum, Upload

PROTOCOL = "1.0.0"
PIECE = "application/offset+octet-stream"
ANSWERS = {
    "tus-resumable": PROTOCOL,
    "tus-version": PROTOCOL,
    "tus-extension": "creation,termination,checksum,expiration",
    "tus-checksum-algorithm": ",".join(uploads.ALGORITHMS),
    "tus-max-size": str(uploads.MOST_BYTES),
    "cache-control": "no-store",
}
Name = Annotated[str, Meta(min_length=1, max_length=1000, pattern="^[^\\x00]+$")]
Size = Annotated[int, Meta(ge=1, le=uploads.MOST_BYTES)]
ImportId = Annotated[str, Meta(pattern="^[0-9a-f-]{36}$")]


class NewUpload(Struct, forbid_unknown_fields=True):
    """A file that is to come. Without `import_id` it begins an import."""

    name: Name
    size: Size
    import_id: ImportId | None = None


class UploadPage(Struct):
    items: list[Upload]
    next_cursor: str | None


class MediaType(HubError):
    status = 415
    code = "media_type"


@dataclass
class TakesPiece(Operation):
    """The body is bytes, read as they come."""

    def __post_init__(self) -> None:
        piece = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, format="binary"))  # type: ignore[arg-type]
        self.request_body = RequestBody(content={PIECE: piece}, required=True)


class Uploads(Controller):
    path = "/uploads"
    tags = ["import"]

    @post(sync_to_thread=True, status_code=201, operation_id="beginUpload", opt=writes())
    def begin(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        data: JSONBody[NewUpload | None] = None,
    ) -> Response[Upload]:
        """Begin a file that comes in pieces. The size may also be said as tus does, in
        `Upload-Length` and `Upload-Metadata` (filename, import_id)."""
        check_protocol(request)
        wanted = data or told(request)
        found = uploads.begin(
            hub, current_user(request), wanted.name, wanted.size, wanted.import_id
        )
        place = {"location": f"/api/v1/uploads/{found.upload_id}"}
        return Response(found, headers=state(found) | place)

    @get(sync_to_thread=True, operation_id="listUploads", opt=reads())
    def unfinished(
        self,
        request: Request[Any, Any, Any],
        hub: NamedDependency[Hub],
        import_id: FromQuery[ImportId | None] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
        cursor: FromQuery[str | None] = None,
    ) -> UploadPage:
        """Files that are not whole yet, with how much of each is here, the one last gone on with
        first. They are kept for a day."""
        with hub.engine.connect() as conn:
            items, more = uploads.unfinished(
                conn,
                current_user(request),
                import_id=import_id,
                before=read_cursor(cursor),
                limit=limit,
            )
        return UploadPage(items, write_cursor(more) if more else None)

    @get("/{upload_id:uuid}", sync_to_thread=True, operation_id="getUpload", opt=reads())
    def one(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub], upload_id: FromPath[Any]
    ) -> Response[Upload]:
        """How much of it is here, and what became of it."""
        found = uploads.find(hub, current_user(request), str(upload_id))
        return Response(found, headers=state(found))

    @head("/{upload_id:uuid}", sync_to_thread=True, operation_id="askOffset", opt=reads())
    def offset(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub], upload_id: FromPath[Any]
    ) -> Response[None]:
        """`Upload-Offset` says where to go on."""
        check_protocol(request)
        found = uploads.find(hub, current_user(request), str(upload_id))
        return Response(None, headers=state(found))

    @patch(
        "/{upload_id:uuid}",
        status_code=204,
        request_max_body_size=None,
        operation_id="sendPiece",
        operation_class=TakesPiece,
        opt=writes() | says(460),
    )
    async def piece(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub], upload_id: FromPath[Any]
    ) -> Response[None]:
        """Send bytes from `Upload-Offset` on, and `Upload-Checksum` if wanted. With the last of
        them the file is handed over, and `Upload-Import` names its import and its number there."""
        check_protocol(request)
        if header(request.scope["headers"], b"content-type").split(";")[0] != PIECE:
            raise MediaType(f"A piece is of type {PIECE}.", next_step="Say so in Content-Type.")
        at = number_in(request, b"upload-offset")
        said = header(request.scope["headers"], b"upload-checksum")
        user_id, upload_id = current_user(request), str(upload_id)
        with request.app.state.upload_turns(upload_id):
            run = partial(in_pool, request)
            found = await run(uploads.find, hub, user_id, upload_id)
            checksum = Checksum(said) if said else None
            here = await uploads.receive(hub, user_id, found, at, request.stream(), checksum, run)
            if here == found.size:
                found = await run(uploads.finish, hub, user_id, upload_id)
                request.app.state.worker.wake()
        return Response(None, status_code=204, headers=state(found) | {"upload-offset": str(here)})

    @post(
        "/{upload_id:uuid}/finish",
        sync_to_thread=True,
        status_code=200,
        operation_id="finishUpload",
        opt=writes(),
    )
    def finish(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub], upload_id: FromPath[Any]
    ) -> Upload:
        """Hand over a file that is whole. The last piece does so by itself; this says what became
        of it, or tries again where the disk was full."""
        with request.app.state.upload_turns(str(upload_id)):
            found = uploads.finish(hub, current_user(request), str(upload_id))
        request.app.state.worker.wake()
        return found

    @delete("/{upload_id:uuid}", sync_to_thread=True, operation_id="endUpload", opt=writes())
    def end(
        self, request: Request[Any, Any, Any], hub: NamedDependency[Hub], upload_id: FromPath[Any]
    ) -> None:
        """Forget an upload and its pieces. What was handed over stays."""
        with request.app.state.upload_turns(str(upload_id)):
            uploads.remove(hub, current_user(request), str(upload_id))


def state(found: Upload) -> dict[str, str]:
    said = ANSWERS | {"upload-offset": str(found.offset), "upload-length": str(found.size)}
    if found.number is not None:
        said["upload-import"] = f"{found.import_id}/{found.number}"
    return said


def check_protocol(request: Request[Any, Any, Any]) -> None:
    said = header(request.scope["headers"], b"tus-resumable")
    if said and said != PROTOCOL:
        error = Changed(f"This is tus {PROTOCOL}.", code="tus_version", next_step="Speak that.")
        error.headers = {"tus-version": PROTOCOL}
        raise error


def number_in(request: Request[Any, Any, Any], name: bytes) -> int:
    text = header(request.scope["headers"], name)
    if not text.isdecimal() or not text.isascii() or len(text) > 15:
        raise Refused(
            f"{name.decode().title()} is to be a number of bytes.",
            code="offset_form",
            next_step="Ask for the offset with HEAD.",
        )
    return int(text)


def told(request: Request[Any, Any, Any]) -> NewUpload:
    """What a tus client says in headers."""
    pairs = header(request.scope["headers"], b"upload-metadata").split(",")
    try:
        values = {
            name: base64.b64decode(value, validate=True).decode()
            for name, _, value in (pair.strip().partition(" ") for pair in pairs if pair.strip())
        }
        known = {name: values[name] for name in ("name", "import_id") if name in values}
        known.setdefault("name", values.get("filename", "file"))
        size = number_in(request, b"upload-length")
        return msgspec.convert(known | {"size": size}, NewUpload)
    except (binascii.Error, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise Refused(
            f"Upload-Metadata cannot be read: {error}",
            code="metadata",
            next_step="Send JSON with name and size, or headers as tus.io describes them.",
        ) from error


async def in_pool(request: Request[Any, Any, Any], work: Any, *arguments: Any) -> Any:
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(request.app.state.pool, partial(work, *arguments))
