"""The worker: a process of its own that does what is due, so that pages stay quick meanwhile.

`openfit serve` keeps one child and wakes it with a byte; the child leaves when nothing is due.
`openfit worker` runs the same loop for ever, on as many machines as wanted with PostgreSQL.
"""

import logging
import os
import select
import subprocess
import sys
import threading
import time
from typing import BinaryIO

from openfit.background import work
from openfit.errors import HubError
from openfit.hosting.hosts import Hosts
from openfit.hub import Hub, collect_rarely
from openfit.leaving import scheduled

log = logging.getLogger("openfit.worker")

IDLE_SECONDS = 20.0
SWEEP_SECONDS = 30
NICENESS = 10  # the serving process answers first


class Worker:
    """The child of `openfit serve`, started when there is something to do."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.child: subprocess.Popen[bytes] | None = None
        self.lock = threading.Lock()

    @property
    def is_able(self) -> bool:
        """Whether it works or has left in peace, rather than having fallen over."""
        child = self.child
        return child is None or child.poll() in (None, 0)

    def wake(self) -> None:
        """Have the worker look for work now. Never blocks and never fails the caller."""
        with self.lock:
            if self.child is not None and self.child.poll() is None and self.knock():
                return
            self.child = self.start()

    def knock(self) -> bool:
        assert self.child is not None and self.child.stdin is not None
        try:
            os.write(self.child.stdin.fileno(), b".")
        except BlockingIOError:
            return True
        except OSError:
            return False
        return True

    def start(self) -> subprocess.Popen[bytes]:
        config = self.hub.config
        environment = os.environ | {
            "OPENFIT_DATA": str(config.data),
            "OPENFIT_DATABASE_URL": config.database_url,
        }
        command = [sys.executable, "-m", "openfit", "worker", "--child"]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment)
        assert child.stdin is not None
        os.set_blocking(child.stdin.fileno(), False)
        return child

    def stop(self) -> None:
        """The unit at hand is finished or, after a moment, left to the next start."""
        with self.lock:
            if self.child is None:
                return
            if self.child.stdin is not None:
                self.child.stdin.close()
            try:
                self.child.wait(5)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()


def run_child(hub: Hub, knocks: BinaryIO) -> None:
    """Work until nothing was due for a while, or until the parent is gone."""
    os.nice(NICENESS)
    collect_rarely()
    door = Door(knocks)
    with Hosts(hub) as hosts:
        while not door.shut:
            try:
                work.drain(hub, hosts, stop=door.look)
            except HubError as error:  # a full disk: said once here, tried again when woken
                log.error("%s %s", error.message, error.next_step)
            if not door.knocked(IDLE_SECONDS):
                return


class Door:
    """Where the parent knocks; it is shut when the parent is gone or wants no more."""

    def __init__(self, knocks: BinaryIO) -> None:
        self.knocks = knocks
        self.heard = self.shut = False

    def look(self) -> bool:
        """Whether to stop at the next turn. A knock that is heard here is not forgotten."""
        self.listen(0)
        return self.shut

    def knocked(self, seconds: float) -> bool:
        """Wait for a knock; False where none comes."""
        if not self.heard and not self.shut:
            self.listen(seconds)
        heard, self.heard = self.heard, False
        return heard and not self.shut

    def listen(self, seconds: float) -> None:
        ready, _, _ = select.select([self.knocks], [], [], seconds)
        if ready:
            said = os.read(self.knocks.fileno(), 4096)
            self.heard, self.shut = self.heard or bool(said), not said


def run_forever(hub: Hub) -> None:
    """The standing worker: a sweep every half minute finds what is due."""
    from apscheduler.schedulers.blocking import BlockingScheduler

    collect_rarely()
    scheduler = BlockingScheduler()
    scheduler.add_job(
        sweep, "interval", [hub], seconds=SWEEP_SECONDS, max_instances=1, coalesce=True
    )
    os.nice(NICENESS)
    sweep(hub)
    scheduler.start()


def sweep(hub: Hub) -> None:
    started = time.monotonic()
    scheduled.ask_if_wanted(hub)
    with Hosts(hub) as hosts:
        try:
            if work.drain(hub, hosts):
                log.info("worked for %.1f s", time.monotonic() - started)
        except HubError as error:  # tried again by the next sweep
            log.error("%s %s", error.message, error.next_step)
