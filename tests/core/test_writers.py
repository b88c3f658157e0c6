"""Writers that meet, and writers that die: the store ends as if each delivery came alone."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from openfit.store import engine
from openfit.store.tables import block, minute_block, rollup
from sqlalchemy import select
from support.deliver import BATCHES, deliver, order
from support.samples import database, samples

TESTS = Path(__file__).resolve().parent.parent


def start(url: str, seed: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "support.deliver", url, str(seed)],
        env=os.environ | {"PYTHONPATH": str(TESTS)},
        stdout=subprocess.PIPE,
        text=True,
    )


def content(url: str) -> tuple:
    """All that readers see, and the rows that follow from it."""
    made = engine.create(url)
    with made.connect() as conn:
        packs = select(minute_block.c.series_id, minute_block.c.bucket, minute_block.c.payload)
        found = (
            samples(conn),
            sorted(map(tuple, conn.execute(packs))),
            sorted(map(tuple, conn.execute(select(rollup)))),
            sorted(conn.execute(select(block.c.series_id, block.c.bucket, block.c.payload)).all()),
        )
    made.dispose()
    return found


def serial(url: str, numbers: list[int]) -> tuple:
    made = engine.create(url)
    for number in numbers:
        with engine.write(made) as conn:
            deliver(conn, number)
    made.dispose()
    return content(url)


@pytest.fixture
def blank_copy(migrated_file, tmp_path):
    """Makes a new database with a user and nothing else."""

    def make(name: str) -> str:
        url = f"sqlite:///{shutil.copy(migrated_file, tmp_path / name)}"
        database(url).dispose()
        return url

    return make


def test_two_writers_at_once_equal_one_after_the_other(database_url, blank_copy):
    database(database_url).dispose()
    writers = [start(database_url, seed) for seed in (1, 2)]
    assert [(len(writer.communicate()[0].split()), writer.returncode) for writer in writers] == [
        (BATCHES, 0)
    ] * 2
    assert content(database_url) == serial(blank_copy("serial.db"), list(range(BATCHES)))


def test_both_databases_hold_the_same(database_url, blank_copy):
    database(database_url).dispose()
    assert serial(database_url, order(3)) == serial(blank_copy("other.db"), order(4))


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_writer_leaves_whole_deliveries(database_url, blank_copy, seed):
    database(database_url).dispose()
    writer = start(database_url, seed)
    assert writer.stdout is not None
    said = [int(writer.stdout.readline()) for _ in range(random.Random(seed).randrange(1, 40))]
    time.sleep(random.Random(seed).uniform(0, 0.02))
    writer.send_signal(signal.SIGKILL)
    said += [int(line) for line in writer.communicate()[0].split()]
    left = content(database_url)
    committed = serial(blank_copy("said.db"), said)
    one_more = serial(blank_copy("more.db"), order(seed)[: len(said) + 1])
    assert said == order(seed)[: len(said)]
    assert left in (committed, one_more)
