"""The benches run, say what they promise, and take what lies in a folder. How fast is not tested:
that is what the benches are for."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parent.parent / "bench"
SMALL = {
    "store": ["--days", "8"],
    "small": ["--megabytes", "0.5", "--starts", "1"],
    "growth": ["--years", "1,2", "--users", "1,2"],
    "load": ["--years", "1", "--seconds", "1", "--rate", "20", "--members", "200"],
    "band": ["--frames", "2000"],
    "fairness": ["--members", "10", "--points", "200", "--rounds", "2"],
}


def run(name, *arguments, folder=None):
    command = [sys.executable, str(BENCH / f"{name}.py"), "--json", *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    assert ran.returncode == 0, ran.stderr[-2000:]
    return json.loads(ran.stdout)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Recordings, one that is cut short, and what is none."""
    sys.path.insert(0, str(BENCH))
    try:
        import recordings
    finally:
        sys.path.remove(str(BENCH))
    folder = tmp_path_factory.mktemp("files")
    whole = recordings.fit(2, 2600, "interleaved")
    bodies = {
        "small.fit": recordings.fit(1, 120),
        "whole.fit": whole,
        "cut.fit": whole[:60_000],
        "walk.gpx": recordings.gpx(1, 200),
        "walk.tcx": recordings.tcx(1, 200),
        "notes.txt": b"no recording",
    }
    (folder / "deeper").mkdir()
    for name, body in bodies.items():
        (folder / ("deeper" if name.startswith("walk") else "") / name).write_bytes(body)
    return folder


def test_fit_says_a_ratio_for_each_file_and_their_mean(files):
    found = run("fit", "--files", files.name, folder=files.parent)
    assert set(found["ratios"]) == {"whole.fit"}
    assert set(found["small_ratios"]) == {"small.fit"}
    assert set(found["left_out"]) == {"cut.fit"}
    assert found["geometric_mean"] == pytest.approx(found["ratios"]["whole.fit"], rel=0.01)
    assert found["geometric_mean"] > 1


@pytest.mark.parametrize(("name", "file"), [("gpx", "walk.gpx"), ("tcx", "walk.tcx")])
def test_text_formats_do_the_same(files, name, file):
    found = run(name, "--files", str(files))
    assert set(found["ratios"]) == {f"deeper/{file}"}
    assert found["geometric_mean"] > 0


def test_a_whole_import_says_where_its_time_goes(files):
    found = run("importing", "--files", str(files))
    assert found["records"] >= 2600 + 120
    assert found["activity_hours_a_second"] > 0
    assert 0.5 < sum(found["share"].values()) < 1.5


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="memory is read in /proc")
@pytest.mark.parametrize("name", SMALL)
def test_the_others_measure_what_their_goals_speak_of(name):
    found = run(name, *SMALL[name])
    goals = found.get("goals") or found["sqlite"]["goals"]
    assert len(goals) >= 2
    assert set(map(type, goals.values())) == {bool}
