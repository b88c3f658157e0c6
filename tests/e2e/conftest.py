"""A hub of the test's own, serving on a free port, and a page that may talk to nobody else."""

import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support import files, hubs, wearer
from support.access import owner_key_in
from support.ports import free_port

START_SECONDS = 30


@dataclass(frozen=True)
class Served:
    """A running hub: where it is, and a link that signs in with a key of its owner."""

    url: str
    link: str
    data: Path

    def at(self, path: str) -> str:
        """The same sign-in, at another page."""
        return f"{self.url}{path}#token={self.token}"

    @property
    def token(self) -> str:
        return self.link.partition("#token=")[2]


def wait_until_well(url: str, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the hub ended before it served"
        try:
            urllib.request.urlopen(f"{url}/api/v1/health", timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} did not serve within {START_SECONDS} s")


def serve(data: Path, **settings: str) -> Iterator[Served]:
    port = free_port()
    url = f"http://localhost:{port}"
    log = data / "serve.log"
    more = {"OPENFIT_LISTEN": f"127.0.0.1:{port}", "PYTHONUNBUFFERED": "1"} | settings
    environment = hubs.environment(data, **more)
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "openfit", "serve"],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_well(url, process)
        yield Served(url, f"{url}/#token={owner_key_in(data)}", data)
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture
def hub(tmp_path, sqlite_url) -> Iterator[Served]:
    """A hub with nothing in it. Its tables are there already, which saves its start a second."""
    yield from serve(tmp_path)


@pytest.fixture(scope="session")
def filled(tmp_path_factory, migrated_file) -> Iterator[Served]:
    """A hub with activities. Tests that share it must leave it as it is."""
    data = tmp_path_factory.mktemp("filled")
    shutil.copy(migrated_file, data / "openfit.db")
    hubs.import_lines(*files.folder(data / "files", 6, points=600), data=data)
    yield from serve(data)


@pytest.fixture(scope="session")
def worn(tmp_path_factory, migrated_file) -> Iterator[Served]:
    """A hub of someone with a watch and a ring. Tests that share it must leave it as it is."""
    data = tmp_path_factory.mktemp("worn")
    shutil.copy(migrated_file, data / "openfit.db")
    wearer.lived(data)
    yield from serve(data)


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args) -> dict:
    return {**browser_context_args, "locale": "en-GB", "timezone_id": "Europe/Berlin"}


@pytest.fixture
def page(page) -> Iterator:
    """Playwright's page. It fails the test on any console error and any request to another host.
    `page.forgive("401")`: the browser writes refusals that a test asks for to the console."""
    strangers: list[str] = []
    complaints: list[str] = []
    forgiven = ["ERR_CONNECTION_REFUSED"]  # a test's hub ends before its page does
    page.forgive = forgiven.append

    def heard(request) -> None:
        address = urlsplit(request.url)
        if address.scheme.startswith("http") and address.hostname not in ("localhost", "127.0.0.1"):
            strangers.append(request.url)

    page.on("request", heard)
    page.on("console", lambda said: said.type == "error" and complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_default_timeout(15_000)
    yield page
    assert strangers == []
    assert [one for one in complaints if not any(word in one for word in forgiven)] == []
