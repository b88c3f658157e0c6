"""Frames between the hub and a host: 4 bytes of length, then MessagePack. Never pickle.

The hub says Call, and then Next (the page is committed), Close (no more pages) or Answer. The host
says Page, Value, Failure, End, or Ask, when it wants something fetched.
"""

import socket
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Raw, Struct
from openfit_schema import AnyEntity, wire

from openfit_sdk.auth import AuthState, Credentials
from openfit_sdk.http import Request, Response
from openfit_sdk.items import Cursor, RawItem, Report, Settings, SyncResult, Window
from openfit_sdk.manifest import Manifest

MAX_FRAME = 16 * 1024 * 1024
HEADER = 4


class FrameError(Exception):
    """What came is no frame of ours, or is larger than a frame may be."""


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
    items: list[Raw]


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
    "auth_state": AuthState,
    "credentials": Credentials,
    "cursor": Cursor,
    "manifest": Manifest,
    "now": datetime,
    "raw_item": RawItem,
    "settings": Settings,
    "window": Window,
}
RESULTS: dict[str, Any] = {
    "authenticate": AuthState,
    "inspect": dict[str, Any],
    "normalize": AnyEntity | Report,
    "sync": SyncResult,
}

encoder = wire.msgpack_encoder()


def encode(value: Any) -> bytes:
    return bytes(encoder.encode(value))


def decoder(kind: Any) -> "msgspec.msgpack.Decoder[Any]":
    return wire.msgpack_decoder(kind)


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
    channel: socket.socket, frames: "msgspec.msgpack.Decoder[Any]"
) -> tuple[Any, list[int]]:
    """One frame and the descriptors that came with it. EOFError at the end of the channel."""
    header, fds, _, _ = socket.recv_fds(channel, HEADER, 4)
    if not header:
        raise EOFError
    size = int.from_bytes(header + exactly(channel, HEADER - len(header)), "little")
    if size > MAX_FRAME:
        raise FrameError(f"a frame of {size:,} bytes was announced; {MAX_FRAME:,} is the most")
    try:
        return frames.decode(exactly(channel, size)), list(fds)
    except msgspec.MsgspecError as error:
        raise FrameError(f"what came is no frame: {error}") from error


def exactly(channel: socket.socket, size: int) -> bytearray:
    body = bytearray(size)
    view = memoryview(body)
    at = 0
    while at < size:
        got = channel.recv_into(view[at:])
        if got == 0:
            raise EOFError
        at += got
    return body
