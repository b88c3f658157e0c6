"""How one point is written, as a pattern for the points that are written like it.

A pattern takes nothing that expat would not take: tags and white space exactly as they stand in the
one point, and where that has a text or the value of an attribute, printable ASCII without any
character that means something to XML. Whatever else there may be in a point is left to expat.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from openfit_fileimport.table import LOCAL

NAME = r"[A-Za-z_][A-Za-z0-9_.-]*(?::[A-Za-z_][A-Za-z0-9_.-]*)?"
SPACE = r"[ \t\r\n]"
# Without & < > and ]; those of columns also without spaces, so that they need no stripping.
TEXT, COLUMN_TEXT = r"[ -%'-;=?-\\^-~]*", r"([!-%'-;=?-\\^-~]*)"
# Without & < and both quotes.
VALUE, COLUMN_VALUE = r"[ !#-%(-;=-~]*", r"([!#-%(-;=-~]*)"

ATTRIBUTE = re.compile(rf"({SPACE}+)({NAME})({SPACE}*={SPACE}*)(?:\"{VALUE}\"|'{VALUE}')")
TAG = re.compile(
    rf"<(?P<close>/?)(?P<name>{NAME})(?P<attributes>(?:{ATTRIBUTE.pattern})*)"
    rf"(?P<gap>{SPACE}*)(?P<empty>/?)>(?P<text>(?:{SPACE}|{TEXT[:-1]})*)"
)
QUOTED, LEAF = re.compile('="[^"<]*"'), re.compile(rf">(?!{SPACE}+<)[^<]+</")
KEPT = 256  # shapes, from one document to the next
LONGEST = 4096  # bytes of a point that is learned from

Tag = re.Match[str]


class Shape(NamedTuple):
    """A pattern, and the column of each of its groups."""

    pattern: str
    columns: tuple[str, ...]


def bare(point: str) -> str:
    """The point with the same short text in all leaves and attributes: its shape is the same."""
    return LEAF.sub(">0</", QUOTED.sub('="0"', point))


@lru_cache(KEPT)
def shape_of(point: str, known: frozenset[str]) -> Shape | None:
    """From the first byte of a point's start tag to the last of its end tag; None if there is
    anything unusual in it. `known` are the columns of its table."""
    tags = list(_tags(point))
    if not tags or tags[-1].end() != len(point):
        return None
    learner = _Learner(known)
    return learner.shape() if all(map(learner.take, tags, [*tags[1:], None])) else None


def _tags(point: str) -> Iterator[Tag]:
    """One after the other, as far as there is nothing else between them than plain text."""
    at = 0
    while (tag := TAG.match(point, at)) is not None:
        yield tag
        at = tag.end()


class _Learner:
    """Takes tag by tag, and does with their texts what the handlers of xml.py would do."""

    def __init__(self, known: frozenset[str]) -> None:
        self.known = known
        self.pieces: list[str] = []
        self.found: dict[int, str] = {}  # pieces that are groups, and the columns they belong to
        self.open: list[str] = []
        self.leaves: list[int] = []  # pieces since an end was last listened to

    def shape(self) -> Shape | None:
        if self.open:
            return None
        return Shape(
            "".join(self.pieces), tuple(column for _, column in sorted(self.found.items()))
        )

    def take(self, tag: Tag, following: Tag | None) -> bool:
        """False if this cannot be learned."""
        name = tag["name"]
        if tag["close"]:
            if tag["attributes"] or tag["empty"] or not self.open or self.open.pop() != name:
                return False
            self.pieces.append(re.escape(tag[0][: tag.start("text") - tag.start()]))
            return self.end(name, following) and self.text(tag, leaf=False)
        if name in self.open[:1] or not self.start(tag):
            return False
        if tag["empty"]:
            return self.end(name, following) and self.text(tag, leaf=False)
        self.open.append(name)
        return self.text(tag, leaf=following is not None and bool(following["close"]))

    def start(self, tag: Tag) -> bool:
        self.pieces.append(f"<{re.escape(tag['name'])}")
        attributes = list(ATTRIBUTE.finditer(tag["attributes"]))
        for attribute in attributes:
            before, name, equals = attribute.groups()
            quote = attribute[0][-1]
            self.pieces.append(re.escape(before + name + equals) + quote)
            if not self.open and LOCAL[name] in self.known:  # only those of the point itself
                self.found[len(self.pieces)] = LOCAL[name]
                self.pieces.append(COLUMN_VALUE)
            else:
                self.pieces.append(VALUE)
            self.pieces.append(quote)
        self.pieces.append(re.escape(tag["gap"] + tag["empty"]) + ">")
        return len({attribute[2] for attribute in attributes}) == len(attributes)

    def text(self, tag: Tag, leaf: bool) -> bool:
        """What follows a tag: the text of a leaf, else white space."""
        text = tag["text"]
        if leaf and (text.strip() or not text):
            self.leaves.append(len(self.pieces))
            self.pieces.append(TEXT)
            return True
        self.pieces.append(re.escape(text))
        return not text.strip()

    def end(self, name: str, following: Tag | None) -> bool:
        if not self.open:
            return following is None
        if LOCAL[name] in self.known:
            if len(self.leaves) > 1:
                return False
            for piece in self.leaves:
                self.found[piece], self.pieces[piece] = LOCAL[name], COLUMN_TEXT
        elif name.endswith("Value"):
            return True
        self.leaves.clear()
        return True
