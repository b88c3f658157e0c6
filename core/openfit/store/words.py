"""Words of a text as search compares them: without case, accents and punctuation. Pure."""

import re
import unicodedata
from collections.abc import Sequence

from msgspec import Struct

TOKEN = re.compile(r"[^\W_]+")
# Letters that Unicode does not take apart into a plain one and a mark.
PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
AROUND = 60  # characters shown on either side of what was found
MOST_WORDS = 12  # of a question; what follows is not looked for


class Snippet(Struct, frozen=True):
    """A piece of a text; `marks` are [start, end) of the words that were found in it."""

    text: str
    marks: list[tuple[int, int]]


def fold(word: str) -> str:
    parted = unicodedata.normalize("NFKD", word.casefold())
    bare = "".join(letter for letter in parted if not unicodedata.combining(letter))
    return bare.translate(PLAIN)


def words_of(text: str) -> list[str]:
    """The text is composed first, as a mark that stands alone would part a word in two."""
    found = (fold(word) for word in TOKEN.findall(unicodedata.normalize("NFC", text)))
    return [part for word in found for part in TOKEN.findall(word)]


def asked(query: str) -> list[str]:
    """What a question looks for; the last word may go on."""
    return words_of(query)[:MOST_WORDS]


def places(text: str, wanted: Sequence[str]) -> list[tuple[int, int]]:
    """Where the words of a question stand in a text."""
    found = []
    for token in TOKEN.finditer(text):
        parts = TOKEN.findall(fold(token.group()))
        whole = any(part in wanted for part in parts)
        if whole or any(part.startswith(wanted[-1]) for part in parts):
            found.append(token.span())
    return found


def snippet(text: str, wanted: Sequence[str]) -> Snippet:
    """The text around the first word that was found, cut between words."""
    found = places(text, wanted)
    first = found[0][0] if found else 0
    start, end = max(0, first - AROUND), min(len(text), first + 2 * AROUND)
    if start > 0:
        start = text.find(" ", start, first) + 1 or start
    if end < len(text):
        cut = text.rfind(" ", first, end)
        end = cut if cut > first else end
    inside = [(a - start, b - start) for a, b in found if start <= a and b <= end]
    return Snippet(text[start:end], inside)
