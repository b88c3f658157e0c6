"""The files that a plugin may open: what each version of Landlock closes, and tries of it."""

import os
import subprocess
import sys
from errno import EACCES, ENOSYS, EOPNOTSUPP, EPERM

import pytest
from openfit_sdk import Blob, RawItem, landlock, readable
from openfit_sdk.landlock import CUT, REFER
from support.kernels import launcher, needs_landlock

DEVICES = 1 << 15


def test_each_version_is_asked_for_what_it_knows_and_no_more():
    files, network, others = zip(*map(landlock.rights, range(1, 8)), strict=True)
    assert [bool(found & REFER) for found in files] == [False] + [True] * 6
    assert [bool(found & CUT) for found in files] == [False] * 2 + [True] * 5
    assert [bool(found & DEVICES) for found in files] == [False] * 4 + [True] * 3
    assert network == (0, 0, 0, 3, 3, 3, 3)
    assert others == (0, 0, 0, 0, 0, 3, 3)
    assert all(found & 0x1FFF == 0x1FFF for found in files)


CLOSE = """
import sys
from openfit_sdk import landlock
version, own, secret = int(sys.argv[1]), sys.argv[2], sys.argv[3]
print(repr(landlock.Landlock().restrict(version, [(own, landlock.OWN)])))
open(own + "/kept", "w").write("kept")
print(open(own + "/kept").read())
for attempt in (lambda: open(secret), lambda: open(secret, "a"), lambda: open("/etc/passwd")):
    try:
        attempt()
    except PermissionError as error:
        print(error.errno)
"""


@needs_landlock
@pytest.mark.parametrize("version", range(1, 8))
def test_every_version_closes_all_but_the_own_folder(version, tmp_path):
    if version > landlock.Landlock().version():
        pytest.skip(f"this kernel has no Landlock {version}")
    own, secret = tmp_path / "own", tmp_path / "secret"
    own.mkdir()
    secret.write_text("secret")
    done = subprocess.run(
        [sys.executable, "-I", "-c", CLOSE, str(version), str(own), str(secret)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split("\n")[:5] == ["''", "kept", *[str(EACCES)] * 3], done.stderr


ATTEMPTS = {
    "database": "open({data!r} + '/openfit.db', 'rb').read()",
    "database, to write": "open({data!r} + '/openfit.db', 'r+b')",
    "secret key": "open({data!r} + '/secret-key').read()",
    "names in the data folder": "os.listdir({data!r})",
    "a neighbour's folder": "open({data!r} + '/scratch/1-other/note', 'w')",
    "home": "os.listdir('/root')",
    "accounts": "open('/etc/passwd').read()",
    "environment of the hub": "open(f'/proc/{{os.getppid()}}/environ', 'rb').read()",
    "memory of the hub": "open(f'/proc/{{os.getppid()}}/mem', 'r+b')",
    "descriptors of the hub": "os.listdir(f'/proc/{{os.getppid()}}/fd')",
    "its own package": "open(os.path.dirname(__file__) + '/__init__.py', 'a')",
    "beside its package": "open(os.path.dirname(__file__) + '/more.py', 'w')",
    "the library": "open(os.__file__, 'a')",
    "packages": "open(os.path.dirname(__import__('msgspec').__file__) + '/x.py', 'w')",
    "a link to the database": "os.symlink({data!r} + '/openfit.db', 'linked')",
    "a hard link": "os.link({data!r} + '/openfit.db', 'linked')",
    "moving the database": "os.rename({data!r} + '/openfit.db', 'mine')",
    "deleting the database": "os.unlink({data!r} + '/openfit.db')",
    "cutting the database": "os.truncate({data!r} + '/openfit.db', 0)",
    "cutting by opening": "os.open({data!r} + '/openfit.db', os.O_RDONLY | os.O_TRUNC)",
    "shared memory": "open('/dev/shm/openfit', 'w')",
    "temporary folder": "open('/tmp/openfit-was-here', 'w')",
    "a terminal": "os.open('/dev/tty', os.O_RDWR)",
    "a device": "os.mknod('device', 0o20600, os.makedev(1, 1))",
    "a pipe with a name": "os.mkfifo('pipe')",
    "through its own descriptors": "os.open(f'/proc/self/fd/{{raw_item.body.fd}}', os.O_RDWR)",
}


@pytest.fixture
def data(tmp_path_factory):
    """The data folder of a hub, with what a plugin must not see."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "scratch/1-other").mkdir(parents=True)
    for name in ("openfit.db", "secret-key", "body"):
        (folder / name).write_text(name * 3)
    return folder


@needs_landlock
@pytest.mark.parametrize("name", ATTEMPTS)
def test_a_file_that_is_not_a_plugins_business_cannot_be_opened(name, plugin, start, read, data):
    body = (
        f"try:\n    {ATTEMPTS[name].format(data=str(data))}\n"
        "except OSError as error:\n"
        "    refused = error.errno in (1, 13, 18)  # 18: a link across the wall\n"
        "    yield Report(status='ok', code='refused' if refused else 'odd', message=str(error))\n"
        "else:\n    yield Report(status='ok', code='done', message='')"
    )
    with (data / "body").open("rb") as source:
        item = RawItem(kind="file", id="1", body=Blob("", 12, source.fileno()), name="ride.fit")
        [report] = read(start(plugin(body)), item)
    assert report.code == "refused"
    assert (data / "openfit.db").read_text() == "openfit.db" * 3
    assert (data / "body").read_text() == "body" * 3


@needs_landlock
def test_a_link_into_the_data_folder_leads_nowhere(plugin, start, read, data, tmp_path):
    """Where a link stands already, by whatever hand."""
    (tmp_path / "scratch").mkdir()
    (tmp_path / "scratch/linked").symlink_to(data / "openfit.db")
    body = (
        "try:\n    open('linked').read()\n"
        "except PermissionError:\n    yield Report(status='ok', code='refused', message='')"
    )
    [report] = read(start(plugin(body)))
    assert report.code == "refused"


@needs_landlock
def test_a_host_says_which_version_closes_its_files(plugin, start):
    layers = {layer.name: layer for layer in start(plugin("yield ok")).layers()}
    version = landlock.Landlock().version()
    assert (layers["files"].active, layers["files"].said) == (True, f"Landlock, version {version}")


@pytest.mark.parametrize("error", [ENOSYS, EPERM, EOPNOTSUPP])
def test_where_there_is_no_landlock_the_plugin_still_works_and_it_is_said(
    error, plugin, start, read, tmp_path, monkeypatch
):
    monkeypatch.setattr("sys.executable", str(launcher(tmp_path, files=False, error=error)))
    host = start(plugin("open('note', 'w').write('x')\nyield ok"))
    layers = {layer.name: layer for layer in host.layers()}
    assert not layers["files"].active
    assert layers["files"].said == "this kernel or container has no Landlock"
    assert len(read(host)) == 1


def test_without_landlock_neighbours_still_cannot_read_a_hosts_memory(
    plugin, start, read, tmp_path, monkeypatch
):
    monkeypatch.setattr("sys.executable", str(launcher(tmp_path, files=False)))
    told = (
        "libc = ctypes.CDLL(None)\nyield Report(status='ok', code=str(libc.prctl(3)), message='')"
    )
    [report] = read(start(plugin(told)))
    assert report.code == "0"  # not dumpable


def test_packages_with_a_finder_of_their_own_can_be_read(monkeypatch, tmp_path):
    finder = type(sys)("__editable___scales_0_1_finder")
    finder.MAPPING = {"scales": str(tmp_path / "src/scales")}
    monkeypatch.setitem(sys.modules, finder.__name__, finder)
    assert str(tmp_path / "src/scales") in list(readable.readable())


def test_folders_to_import_from_are_searched_but_not_read_whole(tmp_path, monkeypatch):
    package = tmp_path / "openfit_here"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    found = dict(readable.allowed("openfit_here", (str(tmp_path),), os.getcwd()))
    assert found[str(tmp_path)] == landlock.READ_DIR
    assert found[str(package)] == landlock.READ
