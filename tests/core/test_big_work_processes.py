"""A real server and its worker: cancelled, resumed, killed, and cut off in an upload."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from support.access import owner_key_in
from support.files import gpx, zipped
from support.hubs import environment, import_lines, openfit, picture
from support.ports import free_port

PATIENCE = 120  # seconds; a matter of a loaded machine, not of the test


class Served:
    def __init__(self, data: Path, url: str | None) -> None:
        self.port, self.log = free_port(), data / "serve.log"
        own = environment(data, url, OPENFIT_LISTEN=f"127.0.0.1:{self.port}", PYTHONUNBUFFERED="1")
        with self.log.open("w") as output:
            command = [sys.executable, "-m", "openfit", "serve"]
            self.process = subprocess.Popen(
                command, env=own, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
        until(lambda: re.search(r"/setup#\S+", self.log.read_text()))
        self.token = owner_key_in(data, url)

    def call(self, path: str, body: bytes | None = None, method: str | None = None) -> dict:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v1{path}",
            data=body,
            headers={"Authorization": f"Bearer {self.token}"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def worker(self) -> int:
        """The one child of the server that is the worker."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return int(children.read_text().split()[0])

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def until(found, seconds: float = PATIENCE):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := found():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"did not come within {seconds} s")


@pytest.fixture(scope="module")
def big() -> bytes:
    return zipped({f"{n}.gpx": gpx(n, points=600) for n in range(150)})


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, big):
    data = tmp_path_factory.mktemp("undisturbed")
    file = data / "big.zip"
    file.write_bytes(big)
    import_lines(file, data=data)
    return picture(data)


@pytest.fixture
def served(tmp_path, database_url):
    openfit("migrate", data=tmp_path, url=database_url)
    running = Served(tmp_path, database_url)
    yield running
    running.stop()


def begun(served: Served, import_id: str) -> dict:
    def look():
        report = served.call(f"/imports/{import_id}")
        return report if report["members"] or report["state"] != "running" else None

    return until(look)


def settled(served: Served, import_id: str, *states: str) -> dict:
    def look():
        report = served.call(f"/imports/{import_id}")
        return report if report["state"] in states else None

    return until(look)


def test_cancel_and_resume_in_a_real_worker(served, big, undisturbed, tmp_path, database_url):
    import_id = served.call("/activities/import?name=big.zip", big)["import_id"]
    report = begun(served, import_id)
    assert report["state"] == "running", "the archive is too small to be cancelled half way"
    assert 0 < report["members"] < 150
    said = served.call(f"/imports/{import_id}/cancel", method="POST")
    assert (said["state"], said["files"][0]["status"]) == ("cancelling", "cancelled")
    assert settled(served, import_id, "cancelled")["cancelled"] == 1
    assert served.call("/activities")["items"] == []
    said = served.call(f"/imports/{import_id}/resume", method="POST")
    assert said["state"] == "running"
    report = settled(served, import_id, "done")
    assert (report["files"][0]["status"], report["members"]) == ("imported", 150)
    served.stop()
    openfit("import", tmp_path / "nothing", data=tmp_path, url=database_url)  # days, if any waited
    assert picture(tmp_path, database_url) == undisturbed


def test_a_killed_hub_goes_on_by_itself(big, undisturbed, tmp_path, database_url):
    openfit("migrate", data=tmp_path, url=database_url)
    served = Served(tmp_path, database_url)
    import_id = served.call("/activities/import?name=big.zip", big)["import_id"]
    begun(served, import_id)
    worker = served.worker()
    os.kill(worker, signal.SIGKILL)
    served.kill()
    served = Served(tmp_path, database_url)
    try:
        settled(served, import_id, "done")
    finally:
        served.stop()
    openfit("import", tmp_path / "nothing", data=tmp_path, url=database_url)
    assert picture(tmp_path, database_url) == undisturbed


def test_an_upload_that_is_cut_leaves_nothing_and_can_be_sent_again(served, big, tmp_path):
    head = (
        "POST /api/v1/activities/import?name=big.zip HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {served.token}\r\nContent-Length: {len(big)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", served.port)) as wire:
        wire.sendall(head.encode() + big[: len(big) // 2])
        until(lambda: spooled(tmp_path))
    until(lambda: not spooled(tmp_path))
    assert served.call("/imports")["items"] == []
    taken = served.call("/activities/import?name=big.zip", big)
    report = settled(served, taken["import_id"], "done")
    assert [file["status"] for file in report["files"]] == ["imported"]
    again = served.call("/activities/import?name=big.zip", big)
    report = settled(served, again["import_id"], "done")
    assert [file["status"] for file in report["files"]] == ["duplicate"]


def spooled(data: Path) -> list[Path]:
    return list((data / "spool").glob("*"))


def test_imports_are_listed_page_by_page_and_nobody_elses_can_be_stopped(served):
    taken = [served.call(f"/activities/import?name={n}.gpx", gpx(n))["import_id"] for n in range(3)]
    first = served.call("/imports?limit=2")
    rest = served.call(f"/imports?limit=2&cursor={first['next_cursor']}")
    listed = [one["import_id"] for one in first["items"] + rest["items"]]
    assert sorted(listed) == sorted(taken)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        served.call("/imports/00000000-0000-0000-0000-000000000000/cancel", method="POST")
