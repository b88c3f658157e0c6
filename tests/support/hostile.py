"""Files that mean harm, made on the spot. None of them is bigger than a few megabytes."""

import io
import struct
import zipfile
import zlib

from support.files import gpx, gzipped, zipped

GPX = gpx(0, points=3)
TCX = (
    b"<TrainingCenterDatabase><Activities><Activity Sport='Running'><Id>2026-03-01T07:00:00Z</Id>"
    b"<Lap StartTime='2026-03-01T07:00:00Z'><TotalTimeSeconds>60</TotalTimeSeconds></Lap>"
    b"</Activity></Activities></TrainingCenterDatabase>"
)
MEGABYTE = 1 << 20
POINT = b'<trkpt lat="46" lon="7"><time>2026-03-01T07:00:00Z</time>'


def document(inside: bytes, before: bytes = b"") -> bytes:
    return (
        b"<?xml version='1.0'?>"
        + before
        + b"<gpx><trk><trkseg>"
        + inside
        + b"</trkseg></trk></gpx>"
    )


def laughs(root: bytes) -> bytes:
    lines = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
    declared = b'<!DOCTYPE x [<!ENTITY a0 "ha">' + lines + b"]>"
    return b"<?xml version='1.0'?>" + declared + b"<" + root + b">&a9;</" + root + b">"


def external(root: bytes) -> bytes:
    return b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><%s>&e;</%s>' % (root, root)


def nested(levels: int) -> bytes:
    return b"<a>" * levels + b"</a>" * levels


XML = {
    "laughs.gpx": (laughs(b"gpx"), "xml_doctype"),
    "laughs.tcx": (laughs(b"TrainingCenterDatabase"), "xml_doctype"),
    "external.gpx": (external(b"gpx"), "xml_doctype"),
    "external.tcx": (external(b"TrainingCenterDatabase"), "xml_doctype"),
    "doctype.gpx": (document(b"", b"<!DOCTYPE gpx>"), "xml_doctype"),
    "undeclared entity": (b"<gpx>&nobody;</gpx>", "bad_xml"),
    "deep": (document(nested(50_000)), "too_deep"),
    "deep in a point": (document(POINT + nested(200_000) + b"</trkpt>"), "huge_point"),
    "long text": (document(b"<name>" + b"x" * 3 * MEGABYTE + b"</name>"), "huge_text"),
    "long attribute": (document(b'<a b="' + b"x" * 3 * MEGABYTE + b'"/>'), "huge_text"),
    "long text in a point": (
        document(POINT + b"<name>" + b"x" * 3 * MEGABYTE + b"</name></trkpt>"),
        "huge_point",
    ),
    "many elements": (document(b"<a/>" * 400_000), "too_many_elements"),
    "many names": (
        document(b"".join(b"<a%d/>" % n for n in range(300_000))),
        "too_many_elements",
    ),
}


def lying(body: bytes, at: int, size: int) -> bytes:
    """A zip that says of its one member that it is, or its packed bytes are, of another size."""
    packed = bytearray(zipped({"a.gpx": body}))
    struct.pack_into("<L", packed, packed.rfind(b"PK\1\2") + at, size)
    return bytes(packed)


def flagged(body: bytes, at: int, value: int) -> bytes:
    """A zip with two bytes of its directory entry changed."""
    packed = bytearray(zipped({"a.gpx": body}))
    struct.pack_into("<H", packed, packed.rfind(b"PK\1\2") + at, value)
    return bytes(packed)


def linked() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        link = zipfile.ZipInfo("link.gpx")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return packed.getvalue()


def overlapping(copies: int) -> bytes:
    """Many directory entries of one body, as the smallest of bombs have."""
    body = zlib.compress(GPX * 1000, wbits=-15)
    crc, size = zlib.crc32(GPX * 1000), len(GPX) * 1000
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 33, crc, len(body), size, 1, 0) + b"a"
    entry = (
        struct.pack(
            "<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 8, 0, 33, crc, len(body), size, 1, *[0] * 6
        )
        + b"a"
    )
    start = local + body
    end = struct.pack(
        "<4s4H2LH", b"PK\5\6", 0, 0, copies, copies, len(entry) * copies, len(start), 0
    )
    return start + entry * copies + end


def directory_of(entries: int) -> bytes:
    """A directory of nothing but names, with more of them than 16 bits count."""
    entry = struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 0, 0, 33, 0, 0, 0, 1, *[0] * 6) + b"a"
    size, start = len(entry) * entries, struct.pack("<4s5H3L2H", b"PK\3\4", 20, *[0] * 9)
    big = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, entries, entries, size, len(start))
    where = struct.pack("<4sLQL", b"PK\6\7", 0, len(start) + size, 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, *[0xFFFF] * 2, *[0xFFFFFFFF] * 2, 0)
    return start + entry * entries + big + where + end


def nowhere() -> bytes:
    """A member that lies 2**64 bytes from here."""
    packed = zipped({"a.gpx": GPX})
    at = packed.rfind(b"PK\1\2")
    end = packed.rfind(b"PK\5\6")
    extra = struct.pack("<2HQ", 1, 8, 2**64 - 1)
    entry = bytearray(packed[at:end])
    struct.pack_into("<H", entry, 30, len(extra))
    struct.pack_into("<L", entry, 42, 0xFFFFFFFF)
    tail = bytearray(packed[end:])
    struct.pack_into("<L", tail, 12, len(entry) + len(extra))
    return packed[:at] + entry + extra + tail


def directory_nowhere() -> bytes:
    """A large directory that lies 2**64 bytes from here."""
    where = struct.pack("<4sLQL", b"PK\6\7", 0, 2**64 - 1, 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, *[0xFFFF] * 2, *[0xFFFFFFFF] * 2, 0)
    return b"PK\3\4" + bytes(26) + where + end


def matryoshka(levels: int) -> bytes:
    body = GPX
    for level in range(levels):
        body = zipped({f"{level}.zip" if level else "a.gpx": body})
    return body


ZEROS = b"<gpx>" + b" " * 64 * MEGABYTE
ARCHIVES = {
    "bomb.zip": (zipped({"a.gpx": ZEROS}), {"zip_bomb"}),
    "bomb that lies.zip": (lying(b" " * 9 * MEGABYTE, 24, 100), {"zip_bomb"}),
    "bomb that says it is hardly packed.zip": (lying(ZEROS, 20, 1 << 30), {"truncated"}),
    "bomb.gz": (gzipped(ZEROS), {"zip_bomb"}),
    "bomb in pieces.gz": (gzipped(b"<gpx>" + b" " * MEGABYTE) * 64, {"zip_bomb"}),
    "bomb in a zip.gz": (zipped({"a.gz": gzipped(ZEROS)}), {"zip_bomb"}),
    "nested.zip": (matryoshka(4), {"too_deep"}),
    "gz in gz": (gzipped(gzipped(GPX)), {"too_deep"}),
    "link.zip": (linked(), {"symlink"}),
    "encrypted.zip": (flagged(GPX, 8, 1), {"encrypted"}),
    "odd method.zip": (flagged(GPX, 10, 97), {"compression"}),
    "overlapping.zip": (overlapping(2000), {"overlap"}),
    "nowhere.zip": (nowhere(), {"bad_member"}),
    "directory nowhere.zip": (directory_nowhere(), {"bad_zip"}),
    "million.zip": (directory_of(1_500_000), {"too_many_members"}),
    "no directory.zip": (zipped({"a.gpx": GPX})[:-30], {"bad_zip"}),
}
