"""Frames between the hub and a host: 4 bytes of length, then MessagePack. Never pickle.

The hub says Call, and then Next (the page is committed), Close (no more pages) or Answer. The host
says Page, Value, Failure, End, or Ask, when it wants something fetched.
"""

import os
import socket
import time
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw, Struct
from openfit_schema import AnyEntity, Device, Metric, Result, wire

from openfit_sdk.auth import AuthState, Credentials
from openfit_sdk.http import Request, Response
from openfit_sdk.inputs import Declaration, Input, Scope
from openfit_sdk.items import (
    Blob,
    Cursor,
    ExportPart,
    Progress,
    Push,
    Pushed,
    RawItem,
    Report,
    Settings,
    SyncResult,
    WebhookRequest,
    WebhookResult,
    Window,
)
from openfit_sdk.manifest import Manifest

MAX_FRAME = 16 * 1024 * 1024
MAX_ITEMS = 500  # in a page: a frame of a million tiny items would take the hub a gigabyte
MAX_FDS = 4
HEADER = 4


class FrameError(Exception):
    """What came is no frame of ours, or what goes is larger than a frame may be."""


class Frame(Struct, frozen=True, tag_field="frame"):
    """One message."""


class Call(Frame, frozen=True, tag="call"):
    hook: str
    arguments: dict[str, Raw]


class Next(Frame, frozen=True, tag="next"):
    pass


class Close(Frame, frozen=True, tag="close"):
    pass


class Answer(Frame, frozen=True, tag="answer"):
    response: Response | None = None
    failure: "Failure | None" = None


class Page(Frame, frozen=True, tag="page"):
    items: Annotated[list[Raw], Meta(max_length=MAX_ITEMS)]


class Value(Frame, frozen=True, tag="value"):
    value: Raw


class End(Frame, frozen=True, tag="end"):
    pass


class Ask(Frame, frozen=True, tag="ask"):
    request: Request


class Failure(Frame, frozen=True, tag="failure", kw_only=True):
    """An error on its way to the hub."""

    kind: str
    message: str
    detail: str = ""
    code: str = ""
    retry_after: float | None = None
    at_byte: int | None = None


ToHost = Call | Next | Close | Answer
ToHub = Page | Value | End | Ask | Failure

ARGUMENTS: dict[str, Any] = {
    "action": str,
    "arguments": dict[str, Any],
    "consent": bool,
    "inputs": dict[str, Input],
    "scope": Scope,
    "auth_state": AuthState,
    "credentials": Credentials,
    "cursor": Cursor,
    "devices": list[Device],
    "entity": AnyEntity,
    "format": str,
    "manifest": Manifest,
    "now": datetime,
    "push": Push,
    "raw_item": RawItem,
    "request": WebhookRequest,
    "samples": Blob,  # of Metrics; they may be many
    "secret": str,
    "settings": Settings,
    "window": Window,
}
SECRET = ("auth_state", "credentials", "secret")  # arguments that nobody may say aloud
RESULTS: dict[str, Any] = {
    "act": Progress,
    "analyses": list[Declaration],
    "analyze": Result,
    "authenticate": AuthState,
    "export": ExportPart,
    "inspect": dict[str, Any],
    "normalize": AnyEntity | Report,
    "receive": Pushed,
    "sync": SyncResult,
    "webhook": WebhookResult,
}

encoder = wire.msgpack_encoder()


def encode(value: Any) -> bytes:
    return bytes(encoder.encode(value))


def decoder(kind: Any) -> "msgspec.msgpack.Decoder[Any]":
    return wire.msgpack_decoder(kind)


def decode(body: bytes | bytearray | Raw, kind: "msgspec.msgpack.Decoder[Any]") -> Any:
    """What the other side wrote. Bad text and endless nesting are not msgspec's own errors."""
    try:
        return kind.decode(body)
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError) as error:
        raise FrameError(f"{type(error).__name__}: {error}") from error


def read_samples(blob: Blob) -> list[Metric]:
    """Samples come in a file of their own, since they may not fit a frame."""
    found: list[Metric] = decode(os.pread(blob.fd, blob.size, 0), decoder(list[Metric]))
    return found


def send(channel: socket.socket, frame: Frame, fds: tuple[int, ...] = ()) -> None:
    """Write one frame; descriptors ride on its header."""
    body = encode(frame)
    if len(body) > MAX_FRAME:
        raise FrameError(f"a frame of {len(body):,} bytes; {MAX_FRAME:,} is the most")
    header = len(body).to_bytes(HEADER, "little")
    if fds:
        socket.send_fds(channel, [header], list(fds))
        channel.sendall(body)
    else:
        channel.sendall(header + body)


def receive(
    channel: socket.socket, frames: "msgspec.msgpack.Decoder[Any]", within: float | None = None
) -> tuple[Any, list[int]]:
    """One frame and the descriptors that came with it. EOFError at the end of the channel, and
    TimeoutError when it is not whole after `within` seconds, however it trickles."""
    until = None if within is None else time.monotonic() + within
    wait_at_most(channel, until)
    header, fds, _, _ = socket.recv_fds(channel, HEADER, MAX_FDS)
    try:
        return decode(rest_of_frame(channel, header, until), frames), list(fds)
    except BaseException:
        close_all(fds)
        raise


def rest_of_frame(channel: socket.socket, header: bytes, until: float | None) -> bytearray:
    if not header:
        raise EOFError
    header += exactly(channel, HEADER - len(header), until)
    size = int.from_bytes(header, "little")
    if size > MAX_FRAME:
        raise FrameError(f"a frame of {size:,} bytes was announced; {MAX_FRAME:,} is the most")
    return exactly(channel, size, until)


def exactly(channel: socket.socket, size: int, until: float | None) -> bytearray:
    body = bytearray(size)
    view = memoryview(body)
    at = 0
    while at < size:
        wait_at_most(channel, until)
        got = channel.recv_into(view[at:])
        if got == 0:
            raise EOFError
        at += got
    return body


def wait_at_most(channel: socket.socket, until: float | None) -> None:
    if until is None:
        return
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    channel.settimeout(left)


def close_all(fds: "list[int] | tuple[int, ...]") -> None:
    for fd in fds:
        os.close(fd)
