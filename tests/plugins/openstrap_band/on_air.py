"""A virtual band on the radio of the SDK's test kit, where bleak finds it."""

import asyncio
from dataclasses import dataclass

from openfit_sdk.testing.radio import Air, Peripheral

from .virtual_band import Band, Notification

GEN4 = "{}-8d6d-82b8-614a-1c8cb0f8dcc6"
GEN5 = "{}-cce1-4033-93ce-002d5875f58a"
STEMS = {4: (GEN4, "6108000"), 5: (GEN5, "fd4b000")}
ROLES = {"cmd_to": 2, "cmd_from": 3, "events": 4, "data": 5, "memfault": 7}
ADDRESS = "C0:01:02:03:04:05"


def uuids(generation: int) -> dict[str, str]:
    form, stem = STEMS[generation]
    return {role: form.format(f"{stem}{number}") for role, number in ROLES.items()}


@dataclass
class OnAir:
    """A band that bleak can find. `drop_after` is how many notifications and commands it lives
    through on one link before it is out of reach."""

    band: Band
    address: str = ADDRESS
    name: str | None = "WHOOP 4A0123456"
    chunk: int = 100  # bytes of a notification
    bonds: bool = True
    drop_after: int | None = None
    speed: float = 1.0  # how fast its clock runs

    def __post_init__(self) -> None:
        form, stem = STEMS[self.band.generation]
        self.uuids = uuids(self.band.generation)
        offered = {
            uuid: "write" if role == "cmd_to" else "notify" for role, uuid in self.uuids.items()
        }
        self.peripheral = Peripheral(
            self.address,
            self.name,
            {form.format(f"{stem}1"): offered},
            self.written,
            joined=self.joined,
            left=self.left,
            bonds=self.bonds,
        )
        self.steps = 0  # of all links
        self.lived = 0  # steps of this link
        self._queue: asyncio.Queue[Notification] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []
        self._began = 0.0

    def joined(self) -> None:
        loop = asyncio.get_running_loop()
        self._began = self._began or loop.time()
        self.band.joined()
        self.lived = 0
        self._queue = asyncio.Queue()
        self._tasks = [loop.create_task(self.send(self._queue)), loop.create_task(self.live())]

    def left(self) -> None:
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()

    def written(self, uuid: str, value: bytes) -> None:
        if uuid != self.uuids["cmd_to"]:
            raise AssertionError(f"{uuid} is nothing to write to")
        if not self.bonds:
            raise PermissionError("not bonded")
        if self.stepped():
            return
        for notification in self.band.write(value):
            self._queue.put_nowait(notification)
        self.stepped()

    def stepped(self) -> bool:
        """Whether the link has come to its end."""
        self.steps += 1
        self.lived += 1
        over = self.drop_after is not None and self.lived >= self.drop_after
        if over and self.lived == self.drop_after:
            asyncio.get_running_loop().create_task(self.peripheral.drop())
        return over

    async def send(self, queue: "asyncio.Queue[Notification]") -> None:
        while True:
            role, frame = await queue.get()
            if self.stepped():
                return
            for at in range(0, len(frame), self.chunk):
                await self.peripheral.notify(self.uuids[role], frame[at : at + self.chunk])

    async def live(self) -> None:
        while True:
            await asyncio.sleep(0.02)
            now = (asyncio.get_running_loop().time() - self._began) * self.speed
            for notification in self.band.tick(now):
                self._queue.put_nowait(notification)


def on_air(*bands: Band | OnAir) -> tuple[Air, list[OnAir]]:
    """Bands and the air that they are in."""
    shown = [one if isinstance(one, OnAir) else OnAir(one) for one in bands]
    return Air(*(one.peripheral for one in shown)), shown
