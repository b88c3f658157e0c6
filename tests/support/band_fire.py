"""A hub under fire: it syncs a virtual band, and is killed or cut off at every step in turn.

    python tests/support/band_fire.py [--points N]

The band lives in this process, the hub in a child that really opens its database, and really dies:
of SIGKILL, of an error at a statement or a commit, or of a link that is gone. After each death a
second child syncs to the end. The band checks, each time it is told to trim, that every record is
in the database by then; at the end each must be there once. The last line is a summary as JSON.
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from openfit.config import Config  # noqa: E402
from openfit.hub import open_hub, owner_id  # noqa: E402
from openfit.intake import connect, ingest, sync  # noqa: E402
from openfit.store import connections, engine, raw  # noqa: E402
from openfit.store.tables import raw_items  # noqa: E402
from openfit_openstrap_band.radio import ble, refusals, syncing  # noqa: E402
from openfit_openstrap_band.radio.refusals import LinkLost  # noqa: E402
from openfit_openstrap_band.wire.commands import Sequences  # noqa: E402
from openfit_openstrap_band.wire.frames import Reassembler  # noqa: E402
from openfit_sdk import AuthState, records  # noqa: E402
from plugins.openstrap_band.on_air import ADDRESS  # noqa: E402
from plugins.openstrap_band.virtual_band import Band  # noqa: E402
from sqlalchemy import event, select  # noqa: E402
from support import band as frames  # noqa: E402

WALL = frames.START + 600
RECORDS, BURST = 11, 4
PLUGIN = "openstrap_band"
KILL, DROP, FAIL, COUNT = "kill", "drop", "fail", "count"
MEMORY = "/dev/shm"  # a killed process loses nothing that it wrote, wherever that is
DIED, SAID_SO = -signal.SIGKILL, 3  # how a child may end early


class Fire:
    """Counts the steps of a child, and ends it at one of them."""

    def __init__(self, how: str = "", at: int = 0) -> None:
        self.how, self.at = how, at
        self.seen: Counter[str] = Counter()
        self.storing = False  # what is written beside, as a status, is no step

    def step(self, where: str) -> None:
        self.seen[where] += 1
        self.seen["any"] += 1
        if self.how == KILL and self.seen["any"] == self.at:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.how == DROP and where == "link" and self.seen["link"] == self.at:
            raise LinkLost(refusals.WENT)
        if self.how == FAIL and where == "store" and self.seen["store"] == self.at:
            raise RuntimeError("the disk is on fire")

    def at_the_store(self, *_: object, **__: object) -> None:
        if self.storing:
            self.step("store")


class FarLink:
    """What `ble.Link` is to the session, to a band in another process."""

    def __init__(self, line: Any, fire: Fire, generation: int) -> None:
        self.line, self.fire, self.generation = line, fire, generation
        self.timing, self.sequences = ble.Timing(), Sequences()
        self.pairing_refused = None
        self.time = self.arrived_at = 0.0
        self.arrived: list[Any] = []
        self.reassemblers: dict[str, Reassembler] = {}

    def open(self) -> Iterator[None]:
        self.fire.step("link")
        self.said("joined")
        yield

    def now(self) -> float:
        return self.time

    def write(self, frame: bytes) -> None:
        self.fire.step("link")
        self.said("write", frame)
        self.fire.step("link")

    def listen(self, seconds: float) -> Any:
        until = self.time + max(0.0, seconds)
        while not self.arrived:
            if self.time >= until:
                return None
            self.time = min(until, self.time + 0.5)
            self.said("tick", self.time)
        self.fire.step("link")
        self.arrived_at, frame = self.arrived.pop(0)
        return frame

    def said(self, *words: Any) -> None:
        self.line.send(words)
        for role, frame in self.line.recv():
            mine = self.reassemblers.setdefault(role, Reassembler(self.generation))
            self.arrived += [(self.time, one) for one in mine.feed(frame)]

    def close(self) -> None:
        pass


class HereHosts:
    """The plugin without a process of its own, so that one kill ends hub and plugin together."""

    def host(self, *_: object) -> "HereHosts":
        return self

    def asks_for(self, hook: str, helper: str) -> bool:
        return False

    def pages(self, hook: str, **given: Any) -> Iterator[list[Any]]:
        for page in syncing.sync(given["auth_state"], given["cursor"], given["now"]):
            yield [page]


# The child ---------------------------------------------------------------------------------------


def hub_at(data: Path) -> Any:
    return open_hub(Config(data=data, database_url=f"sqlite:///{data / 'openfit.db'}"))


def child(hub: Any, line: Any, fire: Fire, generation: int) -> None:
    """One sync, as the worker does it."""
    syncing.Link = lambda address: FarLink(line, fire, generation)  # type: ignore[misc,assignment]
    if fire.how:
        watch_the_store(hub, fire)
    with hub.engine.connect() as conn:
        [row] = connections.of_user(conn, owner_id(hub), PLUGIN)
    for _ in sync.steps(hub, HereHosts(), row, lambda: None):  # type: ignore[arg-type]
        fire.step("hub")
    with hub.engine.connect() as conn:
        row = connections.get(conn, row.user_id, row.connection_id)
    line.send(("over", row.status, row.message, dict(fire.seen)))


def watch_the_store(hub: Any, fire: Fire) -> None:
    """Each statement and commit of a page's transaction, before it and after it."""
    for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(hub.engine, moment, fire.at_the_store)
    accept, keep = ingest.accept, raw.keep

    def accepted(*given: Any, **named: Any) -> Any:
        fire.storing = bool(given[3])
        try:
            fire.at_the_store()
            found = accept(*given, **named)
            fire.at_the_store()
            return found
        finally:
            fire.storing = False

    def kept(*given: Any) -> Any:
        fire.at_the_store()
        found = keep(*given)
        fire.at_the_store()
        return found

    ingest.accept, raw.keep = accepted, kept


# The band ----------------------------------------------------------------------------------------


def new_band(generation: int) -> Band:
    def beside(burst: int) -> list[tuple[str, bytes]]:
        inner = frames.event(9, frames.START + 100 + burst, seq=burst)
        return [("events", frames.framed(inner, generation))]

    flash = [
        frames.second(frames.START + n, 60 + n, counter=n + 1)
        if generation == 4
        else frames.summary(frames.START + n, 60 + n)
        for n in range(RECORDS)
    ]
    return Band(flash, generation, clock=float(WALL), burst=BURST, beside=beside)


class Ear:
    """The band's end of the line."""

    def __init__(self, band: Band) -> None:
        self.band, self.began, self.last = band, band.now, None

    def answer(self, what: str, *given: Any) -> list[tuple[str, bytes]]:
        if what == "over":
            self.last = given
        if what == "joined":
            self.began = self.band.now
            self.band.joined()
        if what == "write":
            return self.band.write(given[0])
        return self.band.tick(self.began + given[0]) if what == "tick" else []


class Near(Ear):
    """Both ends, without a process between."""

    def send(self, words: tuple[Any, ...]) -> None:
        self.said = self.answer(*words)

    def recv(self) -> list[tuple[str, bytes]]:
        return self.said


def serve(hub: Any, band: Band, fire: Fire) -> tuple[int, Any]:
    """One child, until it ends. Answers how, and what it said last."""
    ours, theirs = Pipe()
    pid = os.fork()
    if not pid:
        ours.close()
        code = 0
        try:
            child(hub, theirs, fire, band.generation)
        except RuntimeError:
            code = SAID_SO
        finally:
            os._exit(code)
    theirs.close()
    ear = Ear(band)
    while True:
        try:
            words = ours.recv()
        except (EOFError, ConnectionResetError):
            break
        answer = ear.answer(*words)
        if words[0] != "over":
            with contextlib.suppress(BrokenPipeError):
                ours.send(answer)
    ours.close()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), ear.last


@contextmanager
def opened(data: Path) -> Iterator[Any]:
    found = engine.create(f"sqlite:///{data / 'openfit.db'}")
    try:
        yield found
    finally:
        found.dispose()


def stored(data: Path) -> Counter[bytes]:
    """Every record that a new process would find, out of the bodies themselves."""
    found: Counter[bytes] = Counter()
    store = raw.Store(data)
    with opened(data) as database:
        with database.connect() as conn:
            rows = conn.execute(select(raw_items.c.user_id, raw_items.c.sha256)).all()
        for row in rows:
            with raw.open_body(database, store, row.user_id, row.sha256) as file:
                body, sizes = records.unpack(file.read())
            at = 0
            for size in sizes:
                found[packet(body[at : at + size])] += 1
                at += size
    return found


def packet(frame: bytes) -> bytes:
    return frame[8:-4] if frame[0] == 0xAA else frame


class House:
    """A hub's data folder that is as new at each point. Its engine is kept, without connections,
    for what it has compiled."""

    def __init__(self, folder: Path) -> None:
        self.data, self.new = folder / "data", folder / "new"
        self.hub = hub_at(self.data)
        state = AuthState(account_id="4A0123456", extra={"address": ADDRESS})
        connect.save(self.hub, owner_id(self.hub), PLUGIN, "Band", state, {}, round(WALL * 1000))
        self.hub.engine.dispose()
        shutil.copytree(self.data, self.new)
        child(self.hub, Near(new_band(4)), Fire(), 4)
        self.hub.engine.dispose()

    def restore(self) -> None:
        shutil.rmtree(self.data)
        shutil.copytree(self.new, self.data)


class Point:
    """One death, and what came after it."""

    def __init__(self, house: House, generation: int, how: str = "", at: int = 0) -> None:
        house.restore()
        self.band, self.data = new_band(generation), house.data
        self.records, self.unstored = list(self.band.flash), 0
        self.band.watch = self.watch
        self.code, self.said = serve(house.hub, self.band, Fire(how or COUNT, at))
        self.last, self.end = serve(house.hub, self.band, Fire()) if at else (0, self.said)
        self.found = stored(self.data)

    def watch(self, trimmed: list[bytes]) -> None:
        held = stored(self.data)
        self.unstored += sum(not held[one] for one in trimmed)

    def wrong(self) -> str:
        if self.unstored:
            return f"told to trim {self.unstored} records that were not stored"
        if self.last != 0 or self.end is None or self.end[0] != "ok":
            return f"the sync after it ended with {self.last}: {self.end}"
        if self.band.trimmed != self.records or self.band.flash:
            return f"{len(self.band.flash)} records are still on the band"
        if any(self.found[one] != 1 for one in self.records):
            return f"stored {[self.found[one] for one in self.records]} times, not once"
        if max(self.found.values()) != 1 or self.band.refused:
            return f"something is stored twice, or was refused: {self.band.refused}"
        return ""


def points(house: House, generation: int, wanted: int) -> Iterator[tuple[str, int, Point]]:
    """So many of all there are, evenly; all of them where none are named."""
    seen = Point(house, generation).said[2]
    ways = ((KILL, "any"), (DROP, "link"), (FAIL, "store"))
    every = max(1, sum(seen[where] for _, where in ways) // wanted) if wanted else 1
    for how, where in ways:
        for at in range(1 + seen[where] % every, seen[where] + 1, every):
            yield how, at, Point(house, generation, how, at)


def main() -> int:
    wanted = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    wanted.add_argument("--points", type=int, default=0, help="so many of all, evenly")
    wanted.add_argument("--generation", type=int, default=4)
    given = wanted.parse_args()
    now = datetime.fromtimestamp(WALL, UTC)
    for module in (sync, ingest, connect):
        module.now_ms = lambda: round(now.timestamp() * 1000)  # type: ignore[attr-defined]
    died: Counter[str] = Counter()
    wrong = []
    quick = MEMORY if Path(MEMORY).is_dir() and os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="band-fire-", dir=quick) as folder:
        for how, at, point in points(House(Path(folder)), given.generation, given.points):
            early = point.code in (DIED, SAID_SO) or how == DROP
            died[how] += early
            if point.wrong() or not early:
                wrong.append(f"{how} {at}: {point.wrong() or 'nothing died'}")
                print(wrong[-1], flush=True)
    print(json.dumps({"points": died.total(), "died": died, "wrong": wrong}))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
