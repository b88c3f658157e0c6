"""The one way from a file to entities, whatever it is and whatever it is packed in."""

import hashlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any, BinaryIO

from msgspec.structs import replace
from openfit_sdk import BadInput, Report
from openfit_sdk.schema import AnyEntity

from openfit_fileimport import archives, detect, fit, gpx, tcx, xml
from openfit_fileimport.archives import Member

CHUNK = 1024 * 1024
GRAVITY = ("failed", "unsupported", "partial", "skipped", "ok")
READ = Report(status="ok", code="read", message="Everything in this file was read.")
EMPTY_ARCHIVE = Report(
    status="unsupported", code="empty_archive", message="There is no file in this archive."
)


def read(file: BinaryIO) -> Iterator[AnyEntity | Report]:
    """The entities of each file, followed by the one Report on it."""
    anything = False
    for member in files(file):
        anything = True
        if isinstance(member, Report):
            yield member
        else:
            yield from _read_member(member)
    if not anything:
        yield EMPTY_ARCHIVE


def inspect(file: BinaryIO) -> dict[str, Any]:
    """What is inside, member by member where it is a zip."""
    kind = detect.kind_of(_head(file))
    found = [_inspect_member(member) for member in files(file)]
    if kind == "zip":
        members = [each for each in found if each["path"]]
        whole = [each for each in found if not each["path"]]  # what is wrong with the archive
        error = whole[0]["error"] if whole else None
        return {"kind": "zip", "members": members, "warnings": [], "error": error}
    only = {key: value for key, value in found[0].items() if key != "path"}
    return only | {"compressed": "gzip"} if kind == "gzip" else only


def files(file: BinaryIO) -> Iterator[Member | Report]:
    """The file itself, or what is packed in it."""
    kind = detect.kind_of(_head(file))
    if kind in ("zip", "gzip"):
        yield from archives.unpacked(file, kind)
    else:
        yield Member("", file, _sha256(file), kind)


def _read_member(member: Member) -> Iterator[AnyEntity | Report]:
    reports = [member.remark] if member.remark else []
    try:
        for thing in _entities(member):
            if isinstance(thing, Report):
                reports.append(thing)
            else:
                yield thing
    except BadInput as error:
        reports.append(_failed(error.code, error.message, error.at_byte))
    yield _verdict(reports, member)


def _verdict(reports: list[Report], member: Member) -> Report:
    """All that was said of one file, under what is gravest in it."""
    ordered = sorted(reports or [READ], key=lambda report: GRAVITY.index(report.status))
    message = " ".join(dict.fromkeys(report.message for report in ordered))
    path = member.path or None
    return replace(ordered[0], message=message, member=path, sha256=member.sha256)


def _entities(member: Member) -> Iterator[AnyEntity | Report]:
    if member.kind == "fit":
        yield from fit.read(_buffer(member.file), member.sha256)
    elif member.kind == "gpx":
        yield from gpx.read(member.file, member.sha256)
    elif member.kind == "tcx":
        yield from tcx.read(member.file, member.sha256)
    else:
        yield _unreadable(member)


def _inspect_member(member: Member | Report) -> dict[str, Any]:
    if isinstance(member, Report):
        return {"path": member.member, "kind": "unknown", **_said(member)}
    try:
        found = {"path": member.path, "kind": member.kind} | _inspected(member)
    except BadInput as error:
        failed = _failed(error.code, error.message, error.at_byte)
        found = {"path": member.path, "kind": member.kind, **_said(failed)}
    if member.remark:
        found["warnings"] = [*found["warnings"], member.remark.message]
    return found


def _inspected(member: Member) -> dict[str, Any]:
    if member.kind == "fit":
        return fit.inspect(_buffer(member.file))
    if member.kind == "gpx":
        return gpx.inspect(member.file)
    if member.kind == "tcx":
        return tcx.inspect(member.file)
    return _said(_unreadable(member))


def _said(report: Report) -> dict[str, Any]:
    error = {"code": report.code, "message": report.message, "at_byte": report.at_byte}
    return {"warnings": [], "error": error}


def _unreadable(member: Member) -> Report:
    if member.kind == "empty":
        return _failed("empty", "This file is empty. Export it again from where it came.", 0)
    if member.kind == "xml":
        fault = xml.parse(member.file, xml.Nothing(), doctype=True)
        if fault is not None:
            return fault.report(salvaged=False)
    what = detect.KNOWN.get(member.kind, "of a kind that is not known here")
    message = f"This file is {what}. FIT, GPX and TCX can be read; the original is kept."
    return Report(status="unsupported", code="unknown_format", message=message)


def _failed(code: str, message: str, at_byte: int | None) -> Report:
    return Report(status="failed", code=code, message=message, at_byte=at_byte)


def _buffer(file: BinaryIO) -> bytes:
    """All of a file, without a second copy where it is in memory."""
    return file.getvalue() if isinstance(file, BytesIO) else file.read()


def _head(file: BinaryIO) -> bytes:
    file.seek(0)
    head = file.read(detect.HEAD)
    file.seek(0)
    return head


def _sha256(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while piece := file.read(CHUNK):
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()
