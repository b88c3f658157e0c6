"""The mark of a restore that did not come to its end; a hub with one does not start."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from openfit.errors import Refused, SetupError
from openfit.store.raw import sync

MARK = "restore-unfinished"


@contextmanager
def marked(data: Path, path: Path) -> Iterator[None]:
    """A mark that stays where this ends before its time. What is refused leaves none."""
    mark = data / MARK
    mark.write_text(f"{path.absolute()}\n{datetime.now(UTC).isoformat(timespec='seconds')}\n")
    try:
        yield
    except (Refused, SetupError):
        mark.unlink(missing_ok=True)
        raise
    mark.unlink(missing_ok=True)
    with suppress(OSError):
        sync(data)


def refuse(data: Path) -> None:
    """Called by whatever opens the hub for use."""
    mark = data / MARK
    if mark.exists():
        file, _, since = mark.read_text().partition("\n")
        raise SetupError(
            f"A restore of {file}, begun {since.strip()}, was not finished.",
            code="restore_unfinished",
            next_step=f'Run "openfit restore {file}" again; it starts anew and loses nothing. '
            f"To begin with an empty hub instead, remove {mark}.",
        )
