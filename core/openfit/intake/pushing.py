"""What clients hand over for a plugin, on the routes that its manifest lists under `[push]`.

The plugin cuts the body into records and says what they are; the hub keeps those that it does not
hold yet, and only then answers. Reading them goes on behind.
"""

import threading
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct
from openfit_sdk import BadInput, IntegrationError, Push, Pushed
from openfit_sdk.manifest import Manifest, PushRoute
from sqlalchemy import Row

from openfit.errors import HubError, NotFound, Refused, TooLarge
from openfit.hosting.hosts import Hosts
from openfit.hub import Hub, now_ms
from openfit.intake import ingest
from openfit.store import connections
from openfit.store.engine import retrying, write

DEADLINE = 20.0  # a client waits
IDLE_SECONDS = 60.0
AT_ONCE = 2  # plugins that cut a body at the same time
MOST_BYTES = 64 * 1024 * 1024  # of a body as it travels, whatever a manifest says
LONGEST_DEVICE = 200


class Received(Struct, frozen=True, kw_only=True):
    """What a post held, and what of it was new. `raw_key` is the sha256 of what was added."""

    ok: bool = True
    connection_id: str
    received: int = 0
    new: int = 0
    duplicate: int = 0
    raw_key: str | None = None


class Untaken(HubError):
    """The plugin fell over. Who posted has what he posted, and no answer that says otherwise."""

    status = 503
    code = "plugin"
    headers = {"retry-after": "60"}


Answer = dict[str, Any]


class Desk:
    """Takes pushes in: keeps a plugin's process warm while a client posts, as they do in rows."""

    def __init__(self, hub: Hub, clock: Callable[[], float] = time.monotonic) -> None:
        self.hub, self.clock = hub, clock
        self.pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="openfit-push")
        self.lanes = [Lane(hub) for _ in range(AT_ONCE)]
        self.lock = threading.Lock()

    def receive(self, user_id: int, integration: str, push: Push) -> Answer:
        """In a thread of the pool."""
        lane = self.free_lane()
        try:
            lane.used_at = self.clock()
            return receive(self.hub, lane.hosts, user_id, integration, push)
        finally:
            lane.busy.release()

    def free_lane(self) -> "Lane":
        """There is one, or soon: the pool has as many threads. The one used last is warm."""
        with self.lock:
            by_use = sorted(self.lanes, key=lambda lane: -lane.used_at)
            for lane in by_use:
                if lane.busy.acquire(blocking=False):
                    return lane
            by_use[0].busy.acquire()  # it is being tidied
            return by_use[0]

    def tidy(self) -> None:
        """End processes that nobody has used for a while."""
        for lane in self.lanes:
            if self.clock() - lane.used_at > IDLE_SECONDS and lane.busy.acquire(blocking=False):
                lane.hosts.close()
                lane.busy.release()

    def close(self) -> None:
        self.pool.shutdown(wait=True, cancel_futures=True)
        for lane in self.lanes:
            lane.hosts.close()


class Lane:
    def __init__(self, hub: Hub) -> None:
        self.hosts = Hosts(hub, deadline=DEADLINE)
        self.busy = threading.Lock()
        self.used_at = 0.0


def route_of(hub: Hub, route: str) -> tuple[str, str, PushRoute]:
    """The integration and its own name of a route under /ingest/."""
    integration, _, name = route.rpartition("/")
    found = [
        (one, manifest.push[name])
        for one, manifest in manifests(hub)
        if name in manifest.push and (integration == one or not integration)
    ]
    if not integration:
        found = [(one, wanted) for one, wanted in found if wanted.short]
    if len(found) == 1:
        return found[0][0], name, found[0][1]
    known = sorted(f"{one}/{route}" for one, manifest in manifests(hub) for route in manifest.push)
    raise NotFound(
        f"{len(found)} plugins take {name} here." if found else f"No plugin takes {route} here.",
        code="no_push_route",
        next_step=f"The routes under /ingest/ are: {', '.join(known) or 'none'}.",
    )


def manifests(hub: Hub) -> list[tuple[str, Manifest]]:
    found = [(name, plugin.manifest) for name, plugin in hub.plugins.plugins.items()]
    return [(name, manifest) for name, manifest in found if manifest is not None]


def unpacked(body: bytes, encoding: str, most: int) -> bytes:
    """A body as it was before it was packed; never more than `most` bytes are made of it."""
    if encoding in ("", "identity"):
        plain = body
    elif encoding in ("gzip", "x-gzip", "deflate"):
        plain = inflated(body, 31 if "gzip" in encoding else 15, most)
    else:
        raise Refused(
            f"A body packed by {encoding} cannot be read here.",
            code="encoding",
            next_step="Send it plain, or with Content-Encoding: gzip.",
        )
    if len(plain) > most:
        raise TooLarge(
            f"The body is more than {most:,} bytes.",
            next_step="Send it in several posts; in which ones makes no difference.",
        )
    return plain


def inflated(body: bytes, window: int, most: int) -> bytes:
    unpacker, parts, size = zlib.decompressobj(window), [], 0
    with suppress(zlib.error):
        while body and size <= most:  # gzip files may follow each other
            part = unpacker.decompress(body, most + 1 - size)
            parts.append(part)
            size += len(part)
            if not unpacker.eof:
                break
            body, unpacker = unpacker.unused_data, zlib.decompressobj(window)
        if size > most or (not body and parts):
            return b"".join(parts)
    raise Refused(
        "The body says that it is packed, but cannot be unpacked to its end.",
        code="encoding",
        next_step="Send it again, whole.",
    )


def receive(hub: Hub, hosts: Hosts, user_id: int, integration: str, push: Push) -> Answer:
    """Cut, sift and keep a body; the answer counts what it held."""
    answer: Answer = {}
    pages = hosts.host(user_id, integration).pages(
        "receive", push=push, settings={}, now=datetime.fromtimestamp(now_ms() / 1000, UTC)
    )
    try:
        for page in pages:
            for pushed in page:
                row = connection_for(hub, user_id, integration, pushed.device)
                add(answer, pushed, keep(hub, user_id, row.connection_id, pushed))
    except BadInput as error:
        raise Refused(
            error.message, code=error.code, next_step="Correct it, and post it again."
        ) from error
    except IntegrationError as error:
        raise Untaken(
            f"What was posted could not be taken in: {error.message}",
            next_step="Keep it, and post it again later; `openfit doctor` tells how plugins do.",
        ) from error
    return answer


def connection_for(hub: Hub, user_id: int, integration: str, device: str) -> Row[Any]:
    """The connection of the device that a client names; made at its first post."""
    device = device.strip()
    if not device or len(device) > LONGEST_DEVICE:
        raise Refused(
            f"The device's name is to have between 1 and {LONGEST_DEVICE} characters.",
            code="device",
            next_step="Send the same name with every post of one device.",
        )
    manifest = hub.plugins.plugin(integration).manifest
    name = manifest.name if manifest else integration

    def ensure() -> Row[Any]:
        with hub.engine.connect() as conn:
            found = connections.of_device(conn, user_id, integration, device)
        if found is not None:
            return found
        with write(hub.engine) as conn:
            return connections.ensure(
                conn, user_id, integration, now_ms(), account=device, name=name
            )

    return retrying(ensure)


def keep(hub: Hub, user_id: int, connection_id: str, pushed: Pushed) -> Received:
    taken = ingest.accept(
        hub, user_id, connection_id, [ingest.spooled(item) for item in pushed.items]
    )
    received = sum(one.pieces or 1 for one in taken)
    new = sum(one.new if one.pieces else not one.duplicate for one in taken)
    added = [one.sha256 for one in taken if one.receipt and not one.duplicate]
    return Received(
        connection_id=connection_id,
        received=received,
        new=new,
        duplicate=received - new,
        raw_key=added[0] if added else None,
    )


def add(answer: Answer, pushed: Pushed, received: Received) -> None:
    """Several parts of a body are one answer."""
    for name, value in (msgspec.to_builtins(received) | pushed.counts).items():
        counts = isinstance(value, int) and not isinstance(value, bool)
        answer[name] = answer.get(name, 0) + value if counts else answer.get(name) or value
    for name, of in pushed.aliases.items():
        answer[name] = answer.get(of, 0)
