"""Feeding expat, and taking past it what would cost it the most: points that are written alike.

A recording is mostly one point after the other, of the same few shapes. Whenever expat has just
closed a point, and stands right behind it, the points that follow and have a known shape are found
by one regular expression, and go to their table at once. Expat does not see them: they are whole
elements, so what it does see is well-formed if and only if the document is. Everything else goes
to expat, which also reads the first point of each shape.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Protocol
from xml.parsers import expat

from openfit_fileimport.shapes import LONGEST, SPACE, Shape, bare, shape_of
from openfit_fileimport.table import Table

ENOUGH = 8 * 1024  # bytes of a block; in fewer there is too little to gain
MAX_SHAPES = 4  # of the points of one name
KEPT = 64  # patterns, from one document to the next
PATIENCE, PAYS = 5, 8  # points that may be read singly at first, and for each one later
# Encodings in which ASCII is ASCII, and which expat knows by itself.
ENCODINGS = ("utf-8", "us-ascii", "iso-8859-1")


class Listener(Protocol):
    """What expat's handlers have seen."""

    closed_at: int  # byte of expat's input at which the last point was closed, -1 before
    tables: Mapping[str, Table]


class Kind:
    """The points of one element name. Those with a prefix are rare, and left to expat."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.known = frozenset(table.convert)
        self.shapes: tuple[Shape, ...] = ()
        self.singly = self.in_runs = 0  # points

    def pays(self) -> bool:
        return self.singly <= PATIENCE + self.in_runs // PAYS

    def learn(self, point: str) -> None:
        if len(self.shapes) < MAX_SHAPES and len(point) <= LONGEST:
            shape = shape_of(bare(point), self.known)
            if shape is not None and shape not in self.shapes:
                self.shapes += (shape,)

    def take(self, text: str, at: int) -> tuple[int, int]:
        """Where the run of known points from there on ends, and how many they are."""
        if not self.shapes:
            return at, 0
        pattern, columns = _pattern(self.shapes)
        found = pattern.findall(text, at)
        rest = len(found.pop()[-1]) if found and found[-1][-1] else 0
        if found:
            self.table.add(len(found), zip(columns, zip(*found, strict=True), strict=False))
        return len(text) - rest, len(found)


@lru_cache(KEPT)
def _pattern(shapes: tuple[Shape, ...]) -> tuple[re.Pattern[str], list[str]]:
    """For a point of any of these shapes, with the column of each group."""
    # Where no point follows, the second half takes all the rest: no match is ever far off. The
    # empty group makes `findall` give tuples in any case.
    either = "|".join(shape.pattern for shape in shapes)
    pattern = re.compile(rf"{SPACE}*(?:{either})()|((?s:.+))")
    return pattern, [column for shape in shapes for column in shape.columns]


@lru_cache(KEPT)
def _opening(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"<({'|'.join(map(re.escape, names))})(?=[\s/>])")


class Feeder:
    def __init__(self, parser: expat.XMLParserType, listener: Listener) -> None:
        self.parser = parser
        self.listener = listener
        self.read = self.given = self.passed = 0  # bytes: all, to expat, and past it
        self.names: tuple[str, ...] = ()  # of points whose runs are worth a search
        self.kinds: dict[str, Kind] = {}

    def feed(self, block: bytes) -> None:
        if not self.read and len(block) >= ENOUGH:  # else the whole file is likely to be small
            self.names = tuple(self.listener.tables)
            self.parser.XmlDeclHandler = self.declared
        self.read += len(block)
        at = self.feed_points(block) if self.names and len(block) >= ENOUGH else 0
        self.give(block[at:] if at else block)

    def declared(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding is not None and encoding.lower() not in ENCODINGS:
            self.names = ()

    def feed_points(self, block: bytes) -> int:
        """As far as there are points that end in the block; where that is."""
        text, at = block.decode("latin-1"), 0  # a character for each byte
        while self.names and (opening := _opening(self.names).search(text, at)) is not None:
            last, end = _last_tag(text, opening)
            if not end:
                break
            self.give(block[at:end])
            kind, at = self.kind(opening[1]), end
            if self.names and self.stands_behind(end - last):
                kind.learn(text[opening.start() : end])
                at = self.run(kind, text, end)
        return at

    def give(self, piece: bytes) -> None:
        self.given += len(piece)
        self.parser.Parse(piece, False)

    def kind(self, name: str) -> Kind:
        if name not in self.kinds:
            self.kinds[name] = Kind(self.listener.tables[name])
        kind = self.kinds[name]
        kind.singly += 1
        if not kind.pays():
            self.names = tuple(each for each in self.names if each != name)
        return kind

    def stands_behind(self, tag: int) -> bool:
        """Whether expat has read all that it was given, and by the very last tag, of so many bytes,
        closed a point: what follows is then content, and not part of a comment or the like."""
        # Versions of expat differ in where an empty element ends: at its tag, or behind it.
        ends = (self.given - tag, self.given)
        return self.parser.CurrentByteIndex == self.given and self.listener.closed_at in ends

    def run(self, kind: Kind, text: str, at: int) -> int:
        """Take the points from there on; where they end."""
        end, points = kind.take(text, at)
        if points:
            kind.in_runs += points
            self.passed += end - at
        return end


def _last_tag(text: str, opening: re.Match[str]) -> tuple[int, int]:
    """From where to where the tag goes that closes a point; end 0 if it is not there. An odd point
    may end elsewhere, and then expat does not stand behind it."""
    end = text.find(">", opening.end()) + 1
    if end and text[end - 2] == "/":
        return opening.start(), end
    tag = f"</{opening[1]}>"
    start = text.find(tag, opening.end())
    return (start, start + len(tag)) if start >= 0 else (0, 0)
