"""How large a plugin's answer may be before any object is made of it.

A byte of MessagePack can become seventy in memory (an empty list), so that a hostile frame of
16 MB would take the hub a gigabyte. Columns and bodies are bytes and stay what they are.
"""

from msgspec import Raw, Struct

from openfit_sdk.wire import FrameError, decode, decoder

SMALL = 64 * 1024  # whatever is smaller takes a few megabytes at the worst
MAX_VALUE = 1024 * 1024  # beside columns and bodies
EXTENSIONS = frozenset(b"\xc7\xc8\xc9\xd4\xd5\xd6\xd7\xd8")  # how packed columns begin


class Outline(Struct, frozen=True):
    """The parts of an answer that may be large; all else is passed over."""

    v: Raw = Raw()
    t: Raw = Raw()
    d: Raw = Raw()
    items: Raw = Raw()


_outline = decoder(Outline)


def check_size(hook: str, answer: Raw) -> None:
    """Refuse what would take the hub far more memory than it took the plugin to send."""
    if len(answer) <= SMALL or hook == "export":  # whose parts are bytes alone
        return
    rest = len(answer)
    if hook in ("normalize", "sync", "receive", "act"):
        outline = decode(answer, _outline)
        columns = [outline.v, outline.t, outline.d] if hook == "normalize" else []
        rest -= sum(map(packed, columns)) if hook == "normalize" else len(outline.items)
    if rest > MAX_VALUE:
        raise FrameError(
            f"{rest:,} bytes of an answer are neither columns nor bodies; {MAX_VALUE:,} is the most"
        )


def packed(column: Raw) -> int:
    """Bytes of a column; a list is none."""
    held = memoryview(column)
    return len(held) if len(held) and held[0] in EXTENSIONS else 0
