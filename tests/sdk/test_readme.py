"""The README's plugin, built as it is written there, outside this repository."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from openfit_sdk.analysis import Series

README = Path(__file__).parents[2] / "sdk" / "README.md"
HELLO = README.parent / "examples" / "hello"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A virtual environment that sees this one's packages; the README's files and a copy of the
    hello example are installed in it with pip, as anybody would."""
    folder = tmp_path_factory.mktemp("outside")
    project = folder / "project"
    for name, text in re.findall(r"```\w+ file=(\S+)\n(.*?)```", README.read_text(), re.DOTALL):
        file = project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")], check=True
    )
    python = folder / "venv" / "bin" / "python"
    here = subprocess.check_output(
        [str(python), "-c", "import site; print(site.getsitepackages()[0])"]
    )
    ours = Path(pytest.__file__).parents[1]
    (Path(here.decode().strip()) / "ours.pth").write_text(
        f"import site; site.addsitedir({str(ours)!r})\n"
    )
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    shutil.copytree(HELLO, folder / "hello", ignore=shutil.ignore_patterns("__pycache__"))
    plugins = [str(project), str(folder / "hello")]
    subprocess.run([*install, "--no-deps", "--no-build-isolation", *plugins], check=True)
    return python, project


def run(python, *arguments, cwd):
    return subprocess.run(
        [str(python), *arguments], cwd=cwd, capture_output=True, text=True, timeout=120
    )


def test_the_readmes_plugin_passes_its_tests_outside_this_repository(place):
    python, project = place
    done = run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests", cwd=project)
    assert "15 passed" in done.stdout, done.stdout + done.stderr


def test_it_is_found_by_its_entry_point_and_listed(place):
    python, project = place
    code = (
        "from openfit_sdk.manifest import installed; import sys;"
        "found = {p.name: p for p in installed()}['scales'];"
        "print(found.version, found.manifest.name, found.error, 'openfit_scales' in sys.modules)"
    )
    assert run(python, "-c", code, cwd=project).stdout == "0.1.0 Kitchen Scales None False\n"


def test_a_weighing_becomes_a_metric_in_kilograms(place):
    python, project = place
    tape = json.loads((project / "tests/tapes/march.json").read_text())
    record = json.dumps(tape["exchanges"][1]["body"][0])
    code = (
        "from pathlib import Path; from openfit_sdk import RawItem;"
        "from openfit_sdk.spawn import Host;"
        "host = Host.start('openfit_scales', scratch=Path('.'));"
        f"item = RawItem(kind='weighing', id='w1', body={record.encode()!r});"
        "print([(e.type, list(e.v)) for p in host.pages('normalize', raw_item=item) for e in p])"
    )
    done = run(python, "-c", code, cwd=project)
    assert done.stdout.strip() == "[('weight', [71.35]), ('scales.wobble', [0.4])]", done.stderr


def test_the_hello_example_passes_its_own_tests(place):
    python, project = place
    hello = project.parent / "hello"
    done = run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests", cwd=hello)
    assert "15 passed" in done.stdout, done.stdout + done.stderr


def test_the_readmes_analysis_does_what_it_says():
    text = README.read_text().split("## 5. An analysis")[1]
    [code] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    [manifest] = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    names: dict = {}
    exec(code, names)
    [found] = names["analyses"]()
    listed = tomllib.loads(manifest)
    assert listed["analyses"] == {found.id: found.version}
    assert listed["reads"] == list(found.inputs.values())
    times = np.arange(600.0)
    known = found(heart_rate=Series(times, np.where(times % 2, 110.0, 90.0)))
    assert (known.value, known.unit) == (pytest.approx(10), "%")
    assert (
        found(heart_rate=Series(times[:100], times[:100])).reason == "need_seconds:have=99,need=300"
    )
