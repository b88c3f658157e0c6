"""Writing activities from the command line."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from openfit.errors import HubError, NotFound, Refused
from openfit.hub import Hub
from openfit.leaving import writing

STDOUT = Path("-")


class Wish(NamedTuple):
    """What was asked for on the command line."""

    activity: str | None
    format: str
    output: Path | None
    every: bool
    force: bool


class Line(NamedTuple):
    text: str
    failed: bool = False


def run(hub: Hub, user_id: int, wish: Wish) -> Iterator[Line]:
    if wish.every == (wish.activity is not None):
        raise Refused(
            "Name one activity, or --all of them.",
            code="which",
            next_step="Its id is in the address of its page.",
        )
    if wish.every:
        yield from run_all(hub, user_id, wish)
        return
    written = writing.write_one(hub, user_id, str(wish.activity), wish.format.lower())
    if wish.output == STDOUT:
        for piece in writing.pieces(written):
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return
    place = wish.output or Path(written.name)
    yield Line(str(writing.save(written, place, force=wish.force)))


def run_all(hub: Hub, user_id: int, wish: Wish) -> Iterator[Line]:
    folder = wish.output or Path()
    if not folder.is_dir():
        raise NotFound(
            f"There is no folder {folder} to write to.",
            code="no_folder",
            next_step="Make it, or name another one with --output.",
        )
    format = wish.format.lower()
    for activity_id, done in writing.save_all(hub, user_id, format, folder, force=wish.force):
        if isinstance(done, HubError):
            yield Line(f"{activity_id}: {done.message} {done.next_step}".rstrip(), failed=True)
        else:
            yield Line(str(done))
