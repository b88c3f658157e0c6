"""What comes in a row is worked on once, after it."""

import asyncio

from openfit.background import quiet
from openfit.background.quiet import Quiet


def run(scene):
    calls = []

    async def play():
        await scene(Quiet(lambda: calls.append(len(calls))))

    asyncio.run(play())
    return len(calls)


def test_a_row_of_posts_is_one_piece_of_work():
    async def scene(one):
        for _ in range(20):
            with one.noise():
                await asyncio.sleep(0)
        await asyncio.sleep(quiet.QUIET_SECONDS * 4)

    assert run(scene) == 1


def test_one_that_takes_long_is_no_quiet(monkeypatch):
    monkeypatch.setattr(quiet, "QUIET_SECONDS", 0.001)

    async def scene(one):
        with one.noise():
            await asyncio.sleep(0.1)
            assert one.since is not None

    async def end(one):
        await scene(one)
        await asyncio.sleep(0.1)

    assert run(scene) == 0
    assert run(end) == 1


def test_a_row_without_end_is_worked_on_meanwhile(monkeypatch):
    monkeypatch.setattr(quiet, "MOST_SECONDS", 0.01)

    async def scene(one):
        with one.noise():
            await asyncio.sleep(0.2)

    assert run(scene) >= 1
