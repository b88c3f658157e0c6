"""NUL pads fixed fields of vendors' formats. It is part of no text, and PostgreSQL takes none."""

from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

Thing = TypeVar("Thing", bound=Struct)
NUL = "\x00"


def without_nul(thing: Thing) -> Thing:
    """The same with its own texts free of NUL; those within it are kept as bytes, which may."""
    padded = {
        name: text.replace(NUL, "")
        for name in thing.__struct_fields__
        if isinstance(text := getattr(thing, name), str) and NUL in text
    }
    return replace(thing, **padded) if padded else thing
