"""A plugin that lives elsewhere and came with pip is there for the hub, with no change here."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.hubs import environment

HELLO = Path(__file__).parents[2] / "sdk" / "examples" / "hello"


def test_an_installed_plugin_is_found_by_the_hub(tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    where = subprocess.check_output([python, "-c", "import site; print(site.getsitepackages()[0])"])
    ours = Path(pytest.__file__).parents[1]
    link = Path(where.decode().strip()) / "ours.pth"
    link.write_text(f"import site; site.addsitedir({str(ours)!r})\n")
    shutil.copytree(HELLO, tmp_path / "hello")
    install = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps"]
    subprocess.run([*install, "--no-build-isolation", tmp_path / "hello"], check=True)
    listed = subprocess.check_output(
        [python, "-m", "openfit", "plugins", "--json"], env=environment(tmp_path), cwd=tmp_path
    )
    found = {plugin["id"]: plugin for plugin in json.loads(listed)}
    assert (found["hello"]["name"], found["hello"]["error"]) == ("Hello Band", None)
    assert found["fileimport"]["error"] is None
