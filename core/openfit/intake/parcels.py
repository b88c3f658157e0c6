"""Items of many records at the door: what is held already is dropped before anything is kept."""

from functools import cached_property

import msgspec
import numpy as np
from openfit_sdk import BadInput, RawItem, records
from sqlalchemy import Connection

from openfit.hub import Hub
from openfit.store import pieces, raw
from openfit.store.pieces import Digests, Mask, Sizes, Times
from openfit.store.raw import Spooled


class Parcel:
    """The records of one item, and which of them are new."""

    def __init__(self, user_id: int, connection_id: str, item: RawItem) -> None:
        assert item.pieces is not None
        self.user_id, self.connection_id, self.item = user_id, connection_id, item
        self.body = np.frombuffer(item.read(), np.uint8)
        self.sizes: Sizes = np.asarray(item.pieces.sizes, np.int64)
        self.at: Times = np.asarray(item.pieces.at, np.int64)
        if (self.sizes < 0).any() or int(self.sizes.sum()) != self.body.size:
            raise BadInput(f"{item.kind} {item.id}: the sizes of its pieces are not those of it")
        if self.sizes.size and int(self.sizes.max()) > records.LONGEST:
            raise BadInput(f"{item.kind} {item.id}: a piece is longer than {records.LONGEST} bytes")

    @cached_property
    def digests(self) -> Digests:
        return pieces.digests(self.body, self.sizes)

    @cached_property
    def first_here(self) -> Mask:
        """Where a record stands for the first time in this item."""
        found = np.zeros(self.sizes.size, dtype=bool)
        found[np.unique(self.digests, return_index=True)[1]] = True
        return found

    def new(self, conn: Connection) -> Mask:
        """Which records this connection does not hold yet."""
        held = pieces.known(conn, self.user_id, self.connection_id, self.digests, self.at)
        return self.first_here & ~held

    def note(self, conn: Connection, receipt: int, new: Mask) -> None:
        pieces.note(
            conn,
            self.user_id,
            self.connection_id,
            receipt,
            self.digests[new],
            self.at[new],
            whole=self.item.joins == "all",
        )

    def kept(self, hub: Hub, new: Mask) -> tuple[RawItem, Spooled]:
        """The item of these records alone, as the hub keeps it."""
        body = packed(self.body, self.sizes, new)
        spooled = raw.spool_chunks(hub.raw, [body], f"{self.item.kind} {self.item.id}")
        named = self.item.id if self.item.joins == "all" else spooled.sha256
        item = msgspec.structs.replace(self.item, id=named, media_type=records.MEDIA_TYPE)
        return item, spooled


def packed(body: "np.ndarray[tuple[int], np.dtype[np.uint8]]", sizes: Sizes, new: Mask) -> bytes:
    """Some of the records of a body, each after its length."""
    starts, sizes = (np.cumsum(sizes) - sizes)[new], sizes[new]
    if not sizes.size:
        return b""
    if (sizes == sizes[0]).all():
        size = int(sizes[0])
        out = np.empty((sizes.size, records.PREFIX + size), np.uint8)
        out[:, : records.PREFIX] = np.frombuffer(size.to_bytes(records.PREFIX, "little"), np.uint8)
        out[:, records.PREFIX :] = pieces.rows(body, starts, size)
        return out.tobytes()
    return records.pack(
        body[start : start + size].tobytes()
        for start, size in zip(starts.tolist(), sizes.tolist(), strict=True)
    )
