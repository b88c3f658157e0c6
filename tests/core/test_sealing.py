"""What `openfit doctor` and the page say of the walls around plugins, and accounts of their own."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from litestar.testing import TestClient
from openfit.app import build
from openfit.config import Config
from openfit.hosting import accounts, sealing
from openfit.hub import open_hub
from openfit_sdk.sandbox import Layer
from support.access import owner_key
from support.kernels import has_filters, has_landlock, launcher, needs_landlock, needs_root

BOTH = pytest.mark.skipif(
    not (has_filters() and has_landlock()), reason="this kernel lacks a layer that is tried here"
)
READ = {"read", "write", "memory"}


@BOTH
def test_a_probe_cannot_do_what_a_plugin_must_not(tmp_path):
    sealing.hide_memory()
    found = sealing.look(tmp_path)
    assert found.open == []
    assert not found.files_open
    assert found.layer("calls").active
    assert found.layer("files").active
    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.parametrize(
    ("lacks", "left_open"),
    [
        ({"files": False}, {"read", "write"}),
        ({"filters": False}, {"connect", "start"}),
        ({"files": False, "filters": False}, {"read", "write", "connect", "start"}),
    ],
)
def test_what_a_missing_layer_leaves_open_is_found_by_trying(
    lacks, left_open, tmp_path, monkeypatch
):
    monkeypatch.setattr(sealing, "account_of", lambda *_: None)
    monkeypatch.setattr("sys.executable", str(launcher(tmp_path, **lacks)))
    found = sealing.look(tmp_path / "data")
    assert left_open <= {*found.open}
    assert found.files_open == ("files" in lacks)


def findings(data):
    from openfit.doctor import isolation

    return {
        finding.what: finding for finding in isolation(Config(data=data, database_url="sqlite://"))
    }


def test_doctor_says_of_each_missing_layer_what_it_leaves_open(tmp_path, monkeypatch):
    monkeypatch.setattr(sealing, "account_of", lambda *_: None)
    monkeypatch.setattr("sys.executable", str(launcher(tmp_path, files=False, filters=False)))
    said = findings(tmp_path / "data")
    assert said["plugin system calls"].open
    assert "open connections of its own, start programs" in said["plugin system calls"].said
    assert "no Landlock" in said["plugin files"].said
    assert "share the hub's account" in said["plugin accounts"].said
    assert said["hub files"].said.startswith("plugins here can read the hub's files.")
    assert all(finding.ok for finding in said.values())  # nothing that a command could mend


@BOTH
def test_doctor_says_which_layers_stand(tmp_path, monkeypatch):
    said = findings(tmp_path)
    assert said["plugin system calls"].said.startswith("filtered")
    assert "Landlock, version" in said["plugin files"].said
    assert said["hub files"].said == "a plugin was tried here and could not read them"
    assert not said["hub files"].open


@needs_landlock
def test_a_data_folder_below_the_packages_is_something_to_fix(tmp_path, monkeypatch):
    from openfit import doctor

    monkeypatch.setattr(sealing, "account_of", lambda *_: None)
    inside = Path(doctor.__file__).parent.parent  # where the hub itself is imported from
    if not os.access(inside, os.W_OK):
        pytest.skip("the hub's own code cannot be written here")
    with tempfile.TemporaryDirectory(dir=inside, prefix=".test-") as data:
        said = findings(Path(data))
    assert (said["hub files"].ok, "Move it elsewhere" in said["hub files"].said) == (False, True)


def test_the_page_is_told_whether_plugins_can_read_the_hubs_files(tmp_path, monkeypatch):
    hub = open_hub(Config(data=tmp_path, database_url=f"sqlite:///{tmp_path / 'hub.db'}"))
    token = owner_key(hub)
    for open_ in ([], ["read"]):
        known = sealing.Sealing([Layer("files", not open_, "why")], open_)
        monkeypatch.setattr(sealing, "known", lambda _, known=known: known)
        with TestClient(build(hub), base_url="http://localhost") as client:
            headers = {"authorization": f"Bearer {token}"}
            answer = client.get("/api/v1/integrations", headers=headers).json()
        assert answer["files_open"] == bool(open_)
        assert answer["layers"] == [{"name": "files", "active": not open_}]


def test_a_hub_hides_its_memory_from_its_own_account(tmp_path):
    code = (
        "import os; from pathlib import Path; from openfit.config import Config\n"
        "from openfit.hub import open_hub; from openfit.hosting import sealing\n"
        "print(sealing.memory_hidden())\n"
        f"open_hub(Config(data=Path({str(tmp_path)!r}), database_url='sqlite:///{tmp_path}/a.db'))\n"
        "print(sealing.memory_hidden())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["False", "True"], done.stderr


# Accounts ----------------------------------------------------------------------------------------


@needs_root
def test_every_plugin_of_every_user_has_a_number_of_its_own():
    if accounts.why_not():
        pytest.skip(accounts.why_not())
    names = [f"plugin-{n:02}" for n in range(20)]
    found = {accounts.account_of(user, name, names) for user in range(1, 100) for name in names}
    assert len(found) == 99 * 20
    assert min(found) >= 50_000
    assert max(found) < 60_000


def test_without_the_powers_of_root_there_are_no_accounts(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(accounts, "capabilities", lambda: 0x1)
    assert accounts.account_of(1, "rogue", []) is None
    assert "without the powers of root" in accounts.why_not()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert accounts.account_of(1, "rogue", []) is None
    assert "does not run as root" in accounts.why_not()


@pytest.fixture(scope="module")
def open_python():
    """A Python that every account can read, with the packages of this one."""
    import openfit
    import openfit_schema
    import openfit_sdk

    system = Path("/usr/bin/python3")
    probe = f"import sys; sys.exit(sys.version_info[:2] != {tuple(sys.version_info[:2])})"
    if not system.exists() or subprocess.call([system, "-I", "-c", probe]):
        pytest.skip("there is no Python of this version that every account can read")
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o755)
    subprocess.check_call([system, "-m", "venv", "--without-pip", folder / "venv"])
    [site] = (folder / "venv/lib").glob("python3*/site-packages")
    import msgspec

    packages = [openfit, openfit_schema, openfit_sdk, msgspec]
    roots = sorted({str(Path(package.__file__).parent.parent) for package in packages})
    (site / "here.pth").write_text("\n".join(roots) + "\n")
    unreadable = subprocess.call(
        [folder / "venv/bin/python", "-I", "-c", "import openfit_sdk"],
        user=55_000,
        group=55_000,
        extra_groups=[],
        cwd="/",
    )
    if unreadable:
        subprocess.call(["rm", "-r", folder])
        pytest.skip("the packages lie where other accounts cannot read them")
    yield folder / "venv/bin/python"
    subprocess.call(["rm", "-r", folder])


ASK = """
import json, sys
from pathlib import Path
from openfit.hosting import sealing
found = sealing.look(Path(sys.argv[1]))
print(json.dumps([[l.name, l.active, l.said] for l in found.layers] + found.open))
"""


@needs_root
def test_an_account_of_its_own_closes_the_hubs_files_without_landlock(
    open_python, tmp_path, monkeypatch
):
    """Also where no calls are filtered: neither signal nor file of the hub is in reach."""
    data = Path(tempfile.mkdtemp(dir="/tmp"))
    monkeypatch.setattr("sys.executable", str(open_python))
    bare = launcher(data.parent, files=False, filters=False)
    code = f"import sys; sys.executable = {str(bare)!r}\n{ASK}"
    done = subprocess.run(
        [open_python, "-c", code, str(data)], capture_output=True, text=True, check=False
    )
    subprocess.call(["rm", "-r", data, bare])
    assert done.returncode == 0, done.stderr
    *layers, first, second = json.loads(done.stdout)
    assert layers[2][:2] == ["account", True]
    assert {first, second} == {"connect", "start"}


@needs_root
def test_packages_that_other_accounts_cannot_read_leave_the_host_where_it_was(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    code = (
        "import sys; sys.path.append(sys.argv[2])\n"
        "from openfit_sdk import sandbox\n"
        "print(sandbox.confine(sandbox.Limits(account=55001))[2])\n"
        "open('kept', 'w').write('its folder is still its own')\n"
        "import os; print(os.getuid(), sandbox.permitted())"
    )
    (tmp_path / "scratch").mkdir()
    os.chown(tmp_path / "scratch", 55_001, 55_001)
    done = subprocess.run(
        [sys.executable, "-c", code, "-", str(closed)],
        cwd=tmp_path / "scratch",
        capture_output=True,
        text=True,
        check=False,
    )
    assert "other accounts cannot read" in done.stdout, done.stderr
    assert done.stdout.splitlines()[1] == "0 0"  # root in name, without its powers
