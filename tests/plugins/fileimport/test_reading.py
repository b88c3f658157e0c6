"""From a file to entities, whatever it is and whatever it is packed in."""

import gzip
import hashlib
import io
import os
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit_fileimport import authenticate, inspect, normalize
from openfit_fileimport.archives import Limits, unpacked
from openfit_sdk import AuthState, Blob, RawItem, Report
from openfit_sdk.schema import Activity
from support.files import gpx, gzipped, zipped

RIDE = gpx(0, points=20)
SHA256 = hashlib.sha256(RIDE).hexdigest()


def item(body):
    return RawItem(kind="file", id="1", name="upload", body=body)


def read(body):
    return list(normalize(item(body)))


def reports(found):
    return [each for each in found if isinstance(each, Report)]


def said(found):
    return [(each.member, each.status, each.code) for each in reports(found)]


def unfold(body, kind="zip", **limits):
    """Paths and hashes, or codes, of what is in an archive."""
    return [
        (each.member, each.code) if isinstance(each, Report) else (each.path, each.file.read())
        for each in unpacked(io.BytesIO(body), kind, Limits(**limits))
    ]


def test_nobody_signs_in():
    assert authenticate() == AuthState()


def test_a_loose_file_has_its_entities_and_then_one_report():
    found = read(RIDE)
    assert isinstance(found[0], Activity)
    assert found[0].key == f"{SHA256[:32]}:0"
    assert said(found) == [(None, "ok", "read")]
    assert found[-1] is reports(found)[0]
    assert found[-1].sha256 == SHA256


@pytest.mark.parametrize(
    ("packed", "member"),
    [
        (gzipped(RIDE), None),
        (zipped({"a/ride.gpx": RIDE}), "a/ride.gpx"),
        (zipped({"ride.gpx.gz": gzipped(RIDE)}), "ride.gpx.gz"),
        (zipped({"part.zip": zipped({"ride.gpx": RIDE})}), "part.zip/ride.gpx"),
    ],
)
def test_packing_changes_nothing_but_the_label(packed, member):
    found, loose = read(packed), read(RIDE)
    assert found[:-1] == loose[:-1]
    assert (found[-1].member, found[-1].sha256) == (member, SHA256)


def test_each_member_has_its_report_after_its_entities():
    other = gpx(1, points=5)
    found = read(zipped({"a.gpx": RIDE, "b.txt": b"hello", "c.gpx": other}))
    assert said(found) == [
        ("a.gpx", "ok", "read"),
        ("b.txt", "unsupported", "unknown_format"),
        ("c.gpx", "ok", "read"),
    ]
    kinds = [
        each.member if isinstance(each, Report) else each.key[:32]
        for each in found
        if isinstance(each, Report | Activity)
    ]
    assert kinds == [SHA256[:32], "a.gpx", "b.txt", hashlib.sha256(other).hexdigest()[:32], "c.gpx"]


def test_a_body_on_disk_is_read_through_its_descriptor(tmp_path):
    path = tmp_path / "upload"
    path.write_bytes(zipped({"ride.gpx": RIDE}))
    fd = os.open(path, os.O_RDONLY)
    try:
        blob = Blob(sha256="", size=path.stat().st_size, fd=fd)
        assert read(blob) == read(path.read_bytes())
    finally:
        os.close(fd)


def test_big_members_go_through_the_working_directory_and_leave_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    body = zipped({"a": RIDE, "b": b"x" * 5000})
    assert unfold(body, in_memory=100) == [("a", RIDE), ("b", b"x" * 5000)]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", "failed", "empty"),
        (b"\0\1\2\3" * 9, "unsupported", "unknown_format"),
        (b"\x1f", "unsupported", "unknown_format"),
        (b"hello there", "unsupported", "unknown_format"),
        (b'{"a": 1}', "unsupported", "unknown_format"),
        (b"day,steps\n2026-03-01,5\n", "unsupported", "unknown_format"),
        (b"<html><body/></html>", "unsupported", "unknown_format"),
        (b"<kml><Document/></kml>", "unsupported", "unknown_format"),
        (b"<!DOCTYPE HealthData [<!ELEMENT a (b)>]><HealthData/>", "unsupported", "unknown_format"),
        (b"SQLite format 3\0" + bytes(80), "unsupported", "unknown_format"),
        (b"%PDF-1.7", "unsupported", "unknown_format"),
        (b"<xml \x82></xml>", "failed", "bad_xml"),
        (b"PK\x03\x04 and then nothing of the kind", "failed", "bad_zip"),
        (zipped({}), "unsupported", "empty_archive"),
        (gzipped(gzipped(RIDE)), "failed", "too_deep"),
    ],
)
def test_what_cannot_be_read_is_named(body, status, code):
    found = read(body)
    assert said(found) == [(None, status, code)]
    assert len(found) == 1
    assert found[0].message.endswith(".")
    assert inspect(item(body)).keys() >= {"kind", "warnings", "error"}


@pytest.mark.parametrize(
    "text",
    [
        " \r\n\t<?xml version='1.0'?><gpx/>",
        "\ufeff<gpx/>",
        "<!-- a --><!-- <b> --><?p x?><gpx/>",
        "<g:gpx xmlns:g='urn:g'/>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_the_kind_is_told_by_the_root_element(text, encoding):
    assert inspect(item(text.encode(encoding)))["kind"] == "gpx"


def test_a_made_up_beginning_does_not_hold_up_the_detection():
    assert inspect(item(b"<!--" + b"--><!--" * 9000))["kind"] == "xml"
    assert inspect(item(b"<!DOCTYPE " + b"[" * 60_000))["kind"] == "xml"


@pytest.mark.parametrize("junk", ["__MACOSX/._a.gpx", "x/.DS_Store", "Thumbs.db", "._a", "folder/"])
def test_what_systems_put_beside_files_is_passed_over(junk):
    assert unfold(zipped({junk: b"", "a": b"1"})) == [("a", b"1")]


@pytest.mark.parametrize(
    "name",
    ["../../evil", "/abs/evil", "C:\\evil", "a\\..\\b", "CON", "naïve", "導出", "\U0001f6b4"],
)
def test_names_are_labels_only(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert unfold(zipped({name: b"1"}), in_memory=0) == [(name, b"1")]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("raw", "label"), [(b"na\xc3\xafve", "naïve"), (b"na\x8bve", "naïve")])
def test_names_without_a_flag_are_utf_8_or_else_cp437(raw, label):
    body = zipped({"n" * len(raw): b"1"}).replace(b"n" * len(raw), raw)
    assert unfold(body) == [(label, b"1")]


def test_members_of_one_name_are_told_apart_by_their_place():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive, pytest.warns(UserWarning):
        archive.writestr("a", b"1")
        archive.writestr("A", b"2")
        archive.writestr("a", b"3")
    assert unfold(packed.getvalue()) == [("a", b"1"), ("A", b"2"), ("a", b"3")]


def test_sizes_of_64_bits_and_streamed_members_are_read():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("large", "w", force_zip64=True) as member:
            member.write(RIDE)
        archive.writestr("small", b"1")
    assert unfold(packed.getvalue()) == [("large", RIDE), ("small", b"1")]


def test_an_archive_may_begin_later_than_its_file():
    assert unfold(b"a program that unpacks" + zipped({"a": b"1"})) == [("a", b"1")]


def test_a_damaged_member_does_not_cost_the_others():
    body = bytearray(zipped({"a": RIDE, "b": gpx(1), "c": b"3"}))
    body[body.index(b"PK\3\4", 10) + 60] ^= 0xFF
    found = dict(unfold(bytes(body)))
    assert (found["a"], found["c"]) == (RIDE, b"3")
    assert found["b"] in ("bad_crc", "bad_member", "truncated")


def test_limits_of_one_member_stop_that_member_only():
    found = unfold(zipped({"a": bytes(3000), "b": b"1"}), member=2000)
    assert found == [("a", "zip_bomb"), ("b", b"1")]


def test_the_ratio_counts_beyond_what_is_free():
    body = zipped({"a": bytes(100_000)})
    assert unfold(body) == [("a", bytes(100_000))]
    assert unfold(body, ratio_free=1000, ratio=50) == [("a", "zip_bomb")]


def test_limits_of_the_whole_stop_the_archive():
    members = {"a": b"1" * 600, "b": b"2" * 600, "c": b"3"}
    assert unfold(zipped(members), total=1000)[1:] == [(None, "archive_bomb")]
    assert unfold(zipped(members), members=2) == [(None, "too_many_members")]


def test_archives_are_opened_two_deep():
    two = zipped({"two.zip": zipped({"a": b"1"})})
    assert unfold(two) == [("two.zip/a", b"1")]
    assert unfold(zipped({"three.zip": two})) == [("three.zip/two.zip", "too_deep")]


def test_a_gzip_may_come_in_pieces_and_with_padding():
    body = gzip.compress(RIDE[:300]) + gzip.compress(RIDE[300:]) + bytes(512)
    found = read(body)
    assert said(found) == [(None, "ok", "read")]
    assert found[-1].sha256 == SHA256


def test_what_follows_a_gzip_is_left_and_said():
    assert said(read(gzipped(RIDE) + b"garbage")) == [(None, "ok", "trailing_bytes")]


def test_a_truncated_gzip_gives_what_comes_out():
    found = read(gzipped(gpx(0, points=400))[:-3000])
    assert isinstance(found[0], Activity)
    assert said(found) == [(None, "partial", "truncated")]


def test_inspect_looks_into_archives():
    found = inspect(item(zipped({"a.gpx": RIDE, "b.txt": b"hello"})))
    assert (found["kind"], found["error"]) == ("zip", None)
    assert [(each["path"], each["kind"]) for each in found["members"]] == [
        ("a.gpx", "gpx"),
        ("b.txt", "text"),
    ]
    assert found["members"][0]["trkpts"] == 20
    assert inspect(item(gzipped(RIDE))) == inspect(item(RIDE)) | {"compressed": "gzip"}


@given(st.data())
def test_damage_anywhere_in_an_archive_is_an_answer_never_an_exception(data):
    body = bytearray(zipped({"a.gpx": gpx(0, points=3), "b.zip": zipped({"c.gpx": RIDE})}))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(body) - 4))
        struct.pack_into("<L", body, at, data.draw(st.integers(0, 2**32 - 1)))
    assert reports(read(bytes(body)))


@given(st.data())
def test_any_cut_of_a_gzip_is_an_answer_never_an_exception(data):
    body = gzipped(RIDE)
    found = read(body[: data.draw(st.integers(2, len(body) - 1))])  # with 2 bytes it is a gzip
    assert len(reports(found)) == 1
    assert found[-1].status in ("failed", "partial")
