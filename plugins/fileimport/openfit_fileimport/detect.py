"""What a file is, by its content alone: names lie."""

import re

from openfit_fileimport import fit

HEAD = 64 * 1024  # bytes that are enough to tell
ROOTS = {"gpx": "gpx", "TrainingCenterDatabase": "tcx", "HealthData": "apple_health"}

# Kinds that are known and not read, as a person would say it.
KNOWN = {
    "xml": "XML of a kind that is not known here",
    "apple_health": "an Apple Health export",
    "sqlite": "an SQLite database",
    "pdf": "a PDF document",
    "image": "an image",
    "bzip2": "a bzip2 archive",
    "xz": "an xz archive",
    "7-zip": "a 7-Zip archive",
    "rar": "a RAR archive",
    "html": "a web page",
    "json": "a JSON file",
    "csv": "a table in CSV",
    "text": "a text file",
}

MAGIC = (
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"SQLite format 3\0", "sqlite"),
    (b"%PDF", "pdf"),
    (b"\xff\xd8\xff", "image"),
    (b"\x89PNG", "image"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"7z\xbc\xaf", "7-zip"),
    (b"Rar!", "rar"),
)
# What may stand before the root. Atomic groups: a head made for it cannot make this slow.
ROOT = re.compile(
    r"(?>\s+|<\?(?>.*?\?>)|<!--(?>.*?-->)|<!DOCTYPE(?>[^\[>]*)(?>\[(?>.*?\]))?\s*>)*"
    r"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)",
    re.DOTALL,
)
CONTROL = re.compile(r"[\0-\x08\x0e-\x1f]")
HEADER_ROW = re.compile(r'[^\n<>{}]*[A-Za-z"][^\n<>{}]*[,;\t][^\n<>{}]*\r?\n')


def kind_of(head: bytes) -> str:
    """A word for the format; `unknown` is binary, `xml` any document of another root."""
    if not head:
        return "empty"
    if fit.looks_like(head):
        return "fit"
    for magic, name in MAGIC:
        if head.startswith(magic):
            return name
    return _text_kind(_decoded(head).lstrip("\ufeff \t\r\n"))


def _text_kind(text: str) -> str:
    if text.startswith("<"):
        found = ROOT.match(text)
        root = found[1] if found else ""
        return "html" if root.lower() == "html" else ROOTS.get(root, "xml")
    if text.startswith(("{", "[")):
        return "json"
    if not text:
        return "empty"
    if CONTROL.search(text):
        return "unknown"
    return "csv" if HEADER_ROW.match(text) else "text"


def _decoded(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace")
    if head.startswith((b"<\0", b"\0<")):
        order = "utf-16-le" if head[0] else "utf-16-be"
        return head[: len(head) // 2 * 2].decode(order, "replace")
    return head.decode("utf-8", "replace")
