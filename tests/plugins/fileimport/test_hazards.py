"""Uploads that mean harm: one child with little room reads them all, and says how it went."""

import json
import subprocess
import sys

import pytest
from support.hostile import ARCHIVES, XML

SECONDS, GROWTH = 5, 200 << 20
LIMIT = 1 << 30  # address space; numpy alone reserves a good part of it
CHILD = """
import json, pathlib, resource, sys, time
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)
from openfit_fileimport import normalize
from openfit_sdk import RawItem, Report
from openfit_sdk.items import Blob

def rss():
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

def peak():
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024

for file in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    pathlib.Path("/proc/self/clear_refs").write_text("5")
    before, began = rss(), time.monotonic()
    with file.open("rb") as opened:
        blob = Blob(sha256="", size=file.stat().st_size, fd=opened.fileno())
        read = list(normalize(RawItem(kind="file", id="1", body=blob)))
    said = [(r.status, r.code) for r in read if isinstance(r, Report)]
    took = time.monotonic() - began
    print(json.dumps([file.name, said, len(read) - len(said), took, peak() - before]))
"""


def outcomes(folder, scratch):
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder), str(LIMIT)],
        capture_output=True,
        text=True,
        cwd=scratch,
        timeout=120,
        check=False,
    )
    assert child.returncode == 0, child.stderr
    assert list(scratch.iterdir()) == []
    return {name: rest for name, *rest in map(json.loads, child.stdout.splitlines())}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder, scratch = tmp_path_factory.mktemp("hostile"), tmp_path_factory.mktemp("scratch")
    for name, (body, _) in (XML | ARCHIVES).items():
        (folder / name).write_bytes(body)
    return outcomes(folder, scratch)


@pytest.mark.parametrize("name", XML)
def test_a_hostile_document_gives_nothing_but_its_reason(made, name):
    said, entities, _, _ = made[name]
    assert said == [["failed", XML[name][1]]]
    assert entities == 0


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_hostile_archive_gives_nothing_but_its_reasons(made, name):
    said, entities, _, _ = made[name]
    assert {code for _, code in said} == ARCHIVES[name][1]
    assert entities == 0


@pytest.mark.parametrize("name", XML | ARCHIVES)
def test_harm_takes_neither_long_nor_much_room(made, name):
    _, _, seconds, growth = made[name]
    assert seconds < SECONDS
    assert growth < GROWTH


def test_hazards_of_the_test_data_are_reported(test_data, tmp_path):
    found = outcomes(test_data / "files" / "hazards", tmp_path)
    assert len(found) >= 19
    for name, (said, _, seconds, growth) in found.items():
        assert said, name
        assert seconds < SECONDS, name
        assert growth < GROWTH, name
