"""What a page costs one user while another imports a big archive, against the same page alone.

    python bench/fairness.py [--members 3000] [--points 1800] [--rounds 60] [--json]

Latency of a list of activities, of one activity with its streams, and of one upload until it can be
seen, on a real server over loopback.
"""

import io
import time
import zipfile
from collections.abc import Callable
from functools import partial
from typing import Any

import recordings
import support
from servers import Client, server

KNOWN = 20  # activities that the other user has before
GOAL = 3  # times as long as alone, at the most: what nobody notices in a page of 30 ms
PERCENTILES = (50, 95, 99)
UPLOAD_EVERY = 5  # rounds
WAYS = ("list", "activity", "upload")


def archive(members: int, points: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for n in range(members):
            packed.writestr(f"rides/{n}.gpx", recordings.gpx(1000 + n, points))
    return target.getvalue()


def timed(work: Callable[[], object]) -> float:
    return support.spent(work).wall


def measure(other: Client, rounds: int, first: int) -> dict[str, list[float]]:
    seen = other("/activities?limit=1")["items"][0]["id"]
    found: dict[str, list[float]] = {way: [] for way in WAYS}
    for n in range(rounds):
        found["list"].append(timed(lambda: other("/activities?limit=50")))
        found["activity"].append(
            timed(lambda: (other(f"/activities/{seen}"), other(f"/activities/{seen}/streams")))
        )
        if n % UPLOAD_EVERY == 0:
            body = recordings.gpx(first + n, 600)
            found["upload"].append(timed(partial(uploaded, other, body)))
    return found


def uploaded(client: Client, body: bytes) -> None:
    client.wait(client.upload("ride.gpx", body))


def percentiles(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        f"p{p}": ordered[min(len(ordered) - 1, len(ordered) * p // 100)] * 1000 for p in PERCENTILES
    }


def run(members: int, points: int, rounds: int) -> dict[str, Any]:
    with server() as started:
        owner, other = started.owner(), started.another()
        for n in range(KNOWN):
            uploaded(other, recordings.gpx(n, 600))
        alone = measure(other, rounds, 100)
        big = owner.upload("big.zip", archive(members, points))
        time.sleep(2)
        beside = measure(other, rounds, 500)
        left = owner(f"/imports/{big}")
    ms = {
        way: {"alone_ms": percentiles(alone[way]), "beside_ms": percentiles(beside[way])}
        for way in WAYS
    }
    times = {
        way: {p: found["beside_ms"][p] / found["alone_ms"][p] for p in found["alone_ms"]}
        for way, found in ms.items()
    }
    names = ("state", "size", "size_done", "members", "bytes_per_second", "remaining_seconds")
    pages = max(times["list"]["p99"], times["activity"]["p99"])
    return {
        "times_as_long": times,
        "milliseconds": ms,
        "the_big_import_then": {name: left[name] for name in names},
        "goals": {
            "the import was under way all the time": left["state"] != "done",
            f"pages: p99 at most {GOAL} times that alone": pages <= GOAL,
        },
    }


def text(found: dict[str, Any]) -> str:
    rows = [
        (f"{way} {p}", ms["alone_ms"][p], ms["beside_ms"][p], found["times_as_long"][way][p])
        for way, ms in found["milliseconds"].items()
        for p in ms["alone_ms"]
    ]
    then = found["the_big_import_then"]
    return "\n\n".join(
        [
            support.table(("what", "ms alone", "beside an import", "times"), rows),
            f"the import then: {then['members']} members, {then['size_done']} of {then['size']} B",
            support.goals(found["goals"]),
        ]
    )


def main() -> None:
    parser = support.options(__doc__)
    parser.add_argument("--members", type=int, default=3000, help="recordings in the archive")
    parser.add_argument("--points", type=int, default=1800, help="samples in each")
    parser.add_argument("--rounds", type=int, default=60)
    args = parser.parse_args()
    found = run(args.members, args.points, args.rounds)
    support.show(found, as_json=args.json, text=text)


if __name__ == "__main__":
    main()
