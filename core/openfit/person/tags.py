"""Tags of days and activities: lower case, in the order in which they were given, each once."""

import unicodedata
from collections.abc import Iterable

from openfit.errors import Refused

MOST = 24
LONGEST = 48


def cleaned(tags: Iterable[str]) -> list[str]:
    """Tags as they are kept; a person may type `#Travel` and `travel`."""
    found: list[str] = []
    for tag in tags:
        plain = " ".join(
            unicodedata.normalize("NFC", tag).lower().replace("\x00", "").split()
        ).lstrip("# ")
        if len(plain) > LONGEST:
            raise Refused(
                f"The tag {plain[:20]}… is longer than {LONGEST} characters.",
                code="tag_too_long",
                next_step="Say it shorter, or write it into the note.",
            )
        if plain and plain not in found:
            found.append(plain)
    if len(found) > MOST:
        raise Refused(
            f"{len(found)} tags were given; up to {MOST} are kept.",
            code="too_many_tags",
            next_step="Leave some out, or write them into the note.",
        )
    return found
