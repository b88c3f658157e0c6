"""A backup's insides: that originals are what their hash says, and blocks decode to what their rows
say. Beyond the hashes of the file itself, this finds what was wrong before it was backed up."""

import hashlib
from typing import Any

from msgspec import MsgspecError

from openfit.leaving.pack import Entry
from openfit.leaving.sealed import damaged
from openfit.store import copying
from openfit.store.series import codec
from openfit.store.zstd import decompress, unpacked, zstd_error

UNREADABLE = (ValueError, LookupError, ArithmeticError, MemoryError, MsgspecError, zstd_error)
OF_BLOCK = ("n", "t_min", "t_max", "v_min", "v_max", "v_sum")


class Checks:
    """Looks at what goes by, and remembers which originals must still come."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.on_disk: set[str] = set()
        self.named: set[str] = set()

    def rows(self, part: copying.Rows) -> None:
        check = {"block": self.block, "raw_bodies": self.body}.get(part.table)
        for row in part.rows if check else ():
            values = dict(zip(part.columns, row, strict=True))
            try:
                assert check is not None
                good = bool(check(values))
            except UNREADABLE as error:
                raise self.broken(part.table, values) from error
            if not good:
                raise self.broken(part.table, values)

    def block(self, values: dict[str, Any]) -> bool:
        found = codec.decode(values["payload"])
        t, v = found.t, found.v
        if not t.size:
            return bool(values["n"] == 0)
        said = tuple(values[name] for name in OF_BLOCK)
        seen = (t.size, t[0], t[-1], v.min(), v.max(), v.sum())
        return bool(said == tuple(map(int, seen)))

    def body(self, values: dict[str, Any]) -> bool:
        body = values["body"]
        if body is None:
            self.named.add(values["sha256"])
            return True
        plain = decompress(body) if values["encoding"] else body
        return bool(hashlib.sha256(plain).hexdigest() == values["sha256"])

    def original(self, entry: Entry) -> None:
        sha256, _, packed = entry.name.removeprefix("raw/").partition(".")
        digest = hashlib.sha256()
        try:
            for piece in unpacked(entry.pieces) if packed else entry.pieces:
                digest.update(piece)
        except zstd_error as error:
            raise damaged(self.what, f"in the original {sha256}") from error
        if digest.hexdigest() != sha256 or sha256 not in self.named:
            raise damaged(self.what, f"in the original {sha256}")
        self.on_disk.add(sha256)

    def broken(self, table: str, values: dict[str, Any]) -> Exception:
        key = {name: value for name, value in values.items() if not isinstance(value, bytes)}
        where = ", ".join(f"{name} {key[name]}" for name in ("series_id", "sha256") if name in key)
        return damaged(self.what, f"in the rows of {table} ({where})")
