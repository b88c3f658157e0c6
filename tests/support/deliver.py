"""Run as a process: `python -m support.deliver URL SEED` delivers the batches in an order of its
own, each in a transaction, and prints the number of each once it is committed."""

import random
import sys

import numpy as np
from openfit.store import engine
from sqlalchemy import Connection
from support.samples import DAY, put, ref

BATCHES = 60
KINDS = [ref(), ref("steps", cumulative=True), ref("power", activity_id="a")]


def batch(number: int) -> dict:
    """Overlapping stretches of a few days, with corrections and covered spans among them."""
    chance = np.random.default_rng(number)
    start = int(chance.integers(0, 3 * DAY))
    n = int(chance.integers(1, 400))
    t = start + np.cumsum(chance.integers(1000, 120_000, n))
    of = KINDS[number % len(KINDS)]
    return {
        "of": of,
        "t": t,
        "v": chance.integers(40, 200, n),
        "d": chance.integers(0, 60_000, n) if of.cumulative else None,
        "receipt": number + 1,
        "order": int(chance.integers(0, 3)),
        "covers": (start, int(t[-1])) if number % 7 == 0 else None,
    }


def deliver(conn: Connection, number: int) -> None:
    put(conn, **batch(number))


def order(seed: int) -> list[int]:
    numbers = list(range(BATCHES))
    random.Random(seed).shuffle(numbers)
    return numbers


def main(url: str, seed: int) -> None:
    database = engine.create(url)
    for number in order(seed):

        def commit(number: int = number) -> None:
            with engine.write(database) as conn:
                deliver(conn, number)

        engine.retrying(commit)
        print(number, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
