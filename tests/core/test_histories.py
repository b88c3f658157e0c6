"""Any history of the same files ends in the same picture: order, splits, repeats, two clients,
and death at any moment."""

import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.files import folder, gpx, gzipped, zipped
from support.hubs import environment, import_lines, openfit, picture


@pytest.fixture(scope="module")
def outings(tmp_path_factory):
    return folder(tmp_path_factory.mktemp("outings"), 12)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, outings):
    """What importing the folder once, in order, ends in."""
    data = tmp_path_factory.mktemp("undisturbed")
    lines = import_lines(outings[0].parent, data=data)
    assert [line["status"] for line in lines] == ["imported"] * 12
    return picture(data)


def test_a_fresh_import_holds_every_outing_and_sample(undisturbed):
    assert sum('"activity"' in line for line in undisturbed["entities.jsonl"]) == 12
    metrics = {line.split('"type":"')[1].split('"')[0] for line in undisturbed["samples.jsonl"]}
    assert {"heart_rate", "latitude", "longitude", "altitude"} <= metrics


def test_the_second_time_everything_is_a_duplicate(outings, undisturbed, tmp_path):
    import_lines(outings[0].parent, data=tmp_path)
    again = import_lines(outings[0].parent, data=tmp_path)
    assert [line["status"] for line in again] == ["duplicate"] * 12
    assert picture(tmp_path) == undisturbed


def test_order_and_splits_do_not_matter(outings, undisturbed, tmp_path):
    shuffled = list(outings)
    random.Random(7).shuffle(shuffled)
    for some in (shuffled[:5], shuffled[3:9], shuffled[9:], shuffled[:1]):
        import_lines(*some, data=tmp_path)
    assert picture(tmp_path) == undisturbed


def test_two_clients_at_once_end_in_the_same_picture(outings, undisturbed, tmp_path, database_url):
    openfit("migrate", data=tmp_path, url=database_url)
    with ThreadPoolExecutor() as pool:
        runs = [
            pool.submit(import_lines, *some, data=tmp_path, url=database_url)
            for some in (outings[:8], outings[4:][::-1])
        ]
        lines = [line for run in runs for line in run.result()]
    assert sorted(line["status"] for line in lines) == ["duplicate"] * 4 + ["imported"] * 12
    assert picture(tmp_path, database_url) == undisturbed


def test_loose_gzipped_and_zipped_are_one_activity(tmp_path):
    body = gpx(1)
    for name, content in {
        "a.gpx": body,
        "b.gpx.gz": gzipped(body),
        "c.zip": zipped({"x/a.gpx": body}),
    }.items():
        (tmp_path / name).write_bytes(content)
    paths = [tmp_path / name for name in ("c.zip", "b.gpx.gz", "a.gpx")]
    lines = import_lines(*paths, data=tmp_path / "hub")
    assert sorted(line["status"] for line in lines) == ["duplicate", "duplicate", "imported"]
    forth = import_lines(*reversed(paths), data=tmp_path / "other")
    assert sorted(line["status"] for line in forth) == ["duplicate", "duplicate", "imported"]
    assert picture(tmp_path / "hub") == picture(tmp_path / "other")
    assert len([e for e in picture(tmp_path / "hub")["entities.jsonl"] if "Outing" in e]) == 1


def test_renormalize_changes_nothing_that_was_right(outings, undisturbed, tmp_path, database_url):
    import_lines(*outings[6:], data=tmp_path, url=database_url)
    import_lines(*outings[:7], data=tmp_path, url=database_url)
    done = openfit("renormalize", data=tmp_path, url=database_url)
    assert "12 originals were read again" in done.stdout
    assert picture(tmp_path, database_url) == undisturbed


@pytest.mark.parametrize("seed", range(4))
def test_kill_9_in_the_middle_loses_and_doubles_nothing(outings, undisturbed, tmp_path, seed):
    chance = random.Random(seed)
    command = [sys.executable, "-m", "openfit", "import", str(outings[0].parent)]
    for _ in range(5):
        process = subprocess.Popen(
            command,
            env=environment(tmp_path),
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(chance.uniform(0.3, 1.6))
        process.send_signal(signal.SIGKILL)
        process.wait()
    lines = import_lines(outings[0].parent, data=tmp_path)
    assert {line["status"] for line in lines} <= {"imported", "duplicate"}
    assert picture(tmp_path) == undisturbed
