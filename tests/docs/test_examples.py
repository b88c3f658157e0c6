"""Examples in the documents that are marked `run` do what they say, against a real hub."""

import os
import re
import subprocess
import sys

import pytest
from openfit.cli import importing_now
from openfit.hub import owner_id
from support.asking import API, hub_on, served
from support.files import gpx
from support.repository import ROOT

BLOCK = re.compile(r"^```(sh|python) run$\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DOCUMENTS = sorted((ROOT / "docs").glob("*.md"))
EXAMPLES = [
    pytest.param(language, code, id=f"{document.name}-{n}")
    for document in DOCUMENTS
    for n, (language, code) in enumerate(BLOCK.findall(document.read_text()), 1)
]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a recording in it, and a hub that knows another one."""
    folder = tmp_path_factory.mktemp("examples")
    (folder / "ride.gpx").write_bytes(gpx(1))
    data = folder / "data"
    hub = hub_on(data, f"sqlite:///{data / 'openfit.db'}")
    with served(hub) as client:
        sent = client.post(f"{API}/activities/import", params={"name": "a.gpx"}, content=gpx(2))
        importing_now.read_all(hub, owner_id(hub), sent.json()["import_id"])
        yield (
            folder,
            {
                "API": f"{str(client.base_url).rstrip('/')}{API}",
                "TOKEN": client.headers["authorization"].partition(" ")[2],
            },
        )


def command(language, code):
    if language == "python":
        return [sys.executable, "-c", code]
    return ["bash", "-euo", "pipefail", "-c", code]


@pytest.mark.parametrize(("language", "code"), EXAMPLES)
def test_an_example_does_what_it_says(place, language, code):
    folder, said = place
    done = subprocess.run(
        command(language, code),
        cwd=folder,
        env=os.environ | said,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout


def test_there_are_examples_to_run():
    assert len(EXAMPLES) >= 5
