"""Files that people have: FIT, GPX and TCX, loose, gzipped or in zips."""

import hashlib
from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec
from openfit_sdk import AuthState, BadInput, RawItem, Report, hookimpl
from openfit_sdk.schema import AnyEntity

from openfit_fileimport import archives, fit, gpx, tcx
from openfit_fileimport.archives import Member
from openfit_fileimport.detect import KNOWN, kind_of

CHUNK = 1024 * 1024
HEAD = 4096


@hookimpl
def authenticate() -> AuthState:
    return AuthState()


@hookimpl
def normalize(raw_item: RawItem) -> Iterator[AnyEntity | Report]:
    """Entities of a file, or of each member of a container followed by a Report that names it."""
    with raw_item.open() as file:
        kind = kind_of(peek(file))
        if kind in ("zip", "gzip"):
            yield from contained(file, kind)
        else:
            yield from told(loose(file, kind), None)


def contained(file: BinaryIO, kind: str) -> Iterator[AnyEntity | Report]:
    """A gzip of one file is read as that file; a zip member by member."""
    anything = False
    for found in archives.unpacked(file, kind, ""):
        anything = True
        if isinstance(found, Report):
            yield found
        else:
            with found.file:
                yield from told(entities(found.file, found.kind, found.sha256), found)
    if not anything:
        said = "The archive holds no file. The original is kept."
        yield Report(status="unsupported", code="empty_archive", message=said)


def told(source: Iterator[AnyEntity | Report], member: Member | None) -> Iterator[AnyEntity | Report]:
    """What a file yields, its reports naming the member, and one that it was read if none says so."""
    verdict = False
    for thing in source:
        if isinstance(thing, Report):
            verdict = True
            thing = named(thing, member)
        else:
            verdict = False
        yield thing
    if not verdict:
        yield named(Report(status="ok", code="read", message="Read."), member)


def named(report: Report, member: Member | None) -> Report:
    if member is None:
        return report
    return msgspec.structs.replace(report, member=member.path or None, sha256=member.sha256)


def loose(file: BinaryIO, kind: str) -> Iterator[AnyEntity | Report]:
    yield from entities(file, kind, hash_of(file))


def entities(file: BinaryIO, kind: str, sha256: str) -> Iterator[AnyEntity | Report]:
    """The entities of one file that is no container; what is wrong with it is reported."""
    try:
        if kind == "fit":
            yield from fit.read(file.read(), sha256)
        elif kind == "gpx":
            yield from gpx.read(file, sha256)
        elif kind == "tcx":
            yield from tcx.read(file, sha256)
        else:
            yield unreadable(kind)
    except BadInput as error:
        yield Report(
            status="failed", code=error.code, message=error.message, at_byte=error.at_byte
        )


def unreadable(kind: str) -> Report:
    if kind == "empty":
        said = "The file is empty. Export it again from where it came."
        return Report(status="failed", code="empty", message=said, at_byte=0)
    if kind == "xml":
        said = "This is XML, but neither GPX nor TCX, or too damaged to tell."
        return Report(status="failed", code="unknown_xml", message=said)
    what = KNOWN.get(kind, "of a kind that is not known here")
    said = f"This file is {what}; FIT, GPX and TCX are read."
    return Report(status="unsupported", code="unknown_format", message=said)


@hookimpl
def inspect(raw_item: RawItem) -> dict[str, Any]:
    """What is in a file, for a person or a test."""
    with raw_item.open() as file:
        kind = kind_of(peek(file))
        if kind == "gzip":
            [found] = inspected(file, kind)
            return found | {"compressed": "gzip"}
        if kind == "zip":
            return {"kind": "zip", "members": inspected(file, kind), "warnings": [], "error": None}
        return inspect_one(file, kind)


def inspected(file: BinaryIO, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for member in archives.unpacked(file, kind, ""):
        if isinstance(member, Report):
            found.append({"path": member.member, **failed(kind, member)})
        else:
            with member.file:
                found.append({"path": member.path, **inspect_one(member.file, member.kind)})
    return found


def inspect_one(file: BinaryIO, kind: str) -> dict[str, Any]:
    if kind == "fit":
        return fit.inspect(file.read())
    if kind == "gpx":
        return gpx.inspect(file)
    if kind == "tcx":
        return tcx.inspect(file)
    return failed(kind, unreadable(kind))


def failed(kind: str, report: Report) -> dict[str, Any]:
    error = {"code": report.code, "message": report.message, "at_byte": report.at_byte}
    return {"kind": kind, "warnings": [], "error": error}


# Bytes -------------------------------------------------------------------------------------------


def peek(file: BinaryIO) -> bytes:
    head = file.read(HEAD)
    file.seek(0)
    return head


def hash_of(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while piece := file.read(CHUNK):
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()
