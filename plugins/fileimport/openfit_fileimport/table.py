"""Points as columns: their texts are kept as they come, and converted block by block."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, compress, starmap
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from openfit_fileimport.texts import Convert

MAX_NAMES, MAX_NAME = 1024, 64  # to be remembered, and letters of one that is
FEW = 96  # points; of more, numpy is the faster

FloatArray = npt.NDArray[np.float64]
Cells = list[Any]  # row, text, row, text…
Run = tuple[int, Sequence[str]]  # the first row, and a text for each row from there on
Rows = list[int] | npt.NDArray[np.int64]
Block = tuple[Any, Any]  # rows and values: lists of few, arrays of many
T = TypeVar("T")


class Remembered(dict[str, T]):
    """A function of element names, worked out once for each."""

    def __init__(self, function: Callable[[str], T]) -> None:
        super().__init__()
        self.function = function

    def __missing__(self, name: str) -> T:
        value = self.function(name)
        if len(name) > MAX_NAME:
            return value
        if len(self) >= MAX_NAMES:
            self.clear()
        self[name] = value
        return value


# Without prefix. Documents of one kind have the same few names, so these are kept from one to the
# next.
LOCAL = Remembered(lambda name: name.rpartition(":")[2])


class Table:
    """The points of one element name.

    Texts are converted block by block, so that a long recording takes the room of its numbers. A
    column has a row for each point, NaN where the point has no such value.
    """

    def __init__(self, columns: Mapping[str, Convert]) -> None:
        self.convert = columns
        cells: dict[str, Cells] = {}  # of the columns that occur
        # Not a method: points would then lie in a cycle, and stay until it is collected.
        self.columns = Remembered(
            lambda name: cells.setdefault(local, []) if (local := LOCAL[name]) in columns else None
        )
        self.cells = cells
        self.runs: dict[str, list[Run]] = {}
        self.settled: dict[str, list[Block]] = {}
        self.rows = 0
        self.counted: dict[str, int] = {}  # texts that are settled

    @property
    def few(self) -> bool:
        """Whether the points are few enough for plain Python, and for `listed`."""
        return self.rows <= FEW

    def add(self, points: int, columns: Iterable[tuple[str, Sequence[str]]]) -> None:
        """That many points at once: texts without white space, "" where a point has none."""
        for name, texts in columns:
            self.runs.setdefault(name, []).append((self.rows, texts))
        self.rows += points

    def settle(self) -> None:
        for name in self.cells | self.runs:
            self.settle_column(name)

    def settle_column(self, name: str) -> None:
        if cells := self.cells.get(name):
            rows, texts = cells[0::2], list(map(str.strip, cells[1::2]))
            cells.clear()
            self.convert_block(name, rows, texts)
        if name in self.runs:
            runs = self.runs.pop(name)
            texts = list(chain(*(run for _, run in runs)))
            spans = [(first, first + len(run)) for first, run in runs]
            if self.few or not all(texts):
                self.convert_block(name, list(chain(*starmap(range, spans))), texts)
            else:
                self.convert_block(name, np.concatenate(list(starmap(np.arange, spans))), texts)

    def convert_block(self, name: str, rows: Rows, texts: list[str]) -> None:
        if not all(texts):
            rows = list(compress(rows, texts))
            texts = list(filter(None, texts))
        if texts:
            convert = self.convert[name]
            block: Block
            if self.few:
                block = rows, convert.few(texts)
            else:
                block = np.asarray(rows, np.int64), convert.many(texts)
            self.settled.setdefault(name, []).append(block)
            self.counted[name] = self.counted.get(name, 0) + len(texts)

    @property
    def counts(self) -> dict[str, int]:
        """Texts by column; those that nobody asks for are counted without being converted."""
        found = dict(self.counted)
        for name, cells in self.cells.items():
            waiting = len(list(filter(None, map(str.strip, cells[1::2]))))
            if waiting:
                found[name] = found.get(name, 0) + waiting
        for name, runs in self.runs.items():
            waiting = sum(len(run) - run.count("") for _, run in runs)
            if waiting:
                found[name] = found.get(name, 0) + waiting
        return found

    def blocks(self, name: str) -> list[Block]:
        if self.cells.get(name) or name in self.runs:
            self.settle_column(name)
        return self.settled.get(name, [])

    def column(self, name: str) -> FloatArray | None:
        """The values by row, None if no point has one. The first of several in a point wins."""
        blocks = self.blocks(name)
        if not blocks:
            return None
        absent = np.asarray(self.convert[name].absent)
        column = np.full((self.rows, *absent.shape), absent)
        for rows, values in reversed(blocks):
            column[rows[::-1]] = values[::-1]
        return column

    def listed(self, name: str) -> list[Any] | None:
        """`column`, as a list; only for few points."""
        blocks = self.blocks(name)
        if not blocks:
            return None
        if len(blocks) == 1 and blocks[0][0] == list(range(self.rows)):
            values: list[Any] = blocks[0][1]
            return values
        column = [self.convert[name].absent] * self.rows
        for rows, values in reversed(blocks):
            for row, value in zip(reversed(rows), reversed(values), strict=True):
                column[row] = value
        return column
