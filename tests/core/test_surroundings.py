"""A full disk, a read-only folder, a clock that is set back: said clearly, and nothing lost."""

import os
import subprocess

import pytest
from openfit.cli import importing_now
from openfit.config import Config
from openfit.errors import Refused
from openfit.hub import open_hub, owner_id
from openfit.store import raw
from support.files import folder
from support.hubs import import_lines, openfit, picture


@pytest.fixture
def small_disk(tmp_path):
    """A disk of a megabyte and a half, where this user may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = os.geteuid() == 0 and not subprocess.call(
        ["mount", "-t", "tmpfs", "-o", "size=1536k", "tmpfs", str(place)],
        stderr=subprocess.DEVNULL,
    )
    if not mounted:
        pytest.skip("a small disk cannot be mounted here")
    yield place
    subprocess.check_call(["umount", "--lazy", str(place)])


def test_a_full_disk_is_said_in_one_line_and_everything_goes_on_once_there_is_room(
    small_disk, tmp_path
):
    files = folder(tmp_path / "in", 12, points=2500)
    done = openfit("import", files[0].parent, data=small_disk / "data", check=False)
    said = done.stdout + done.stderr
    assert "The disk is full" in said
    assert "Nothing that was here is lost" in said
    assert "Traceback" not in said
    assert done.returncode in (1, 65)
    subprocess.check_call(["mount", "-o", "remount,size=60m", str(small_disk)])
    statuses = {line["status"] for line in import_lines(files[0].parent, data=small_disk / "data")}
    assert statuses <= {"imported", "duplicate"}
    import_lines(files[0].parent, data=tmp_path / "undisturbed")
    assert picture(small_disk / "data") == picture(tmp_path / "undisturbed")


def test_a_disk_that_fills_while_a_file_comes_in_refuses_the_file(tmp_path, monkeypatch):
    store = raw.Store(tmp_path)

    def no_space(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.mkstemp", no_space)
    with pytest.raises(Refused, match=r"ride\.fit was not taken in") as caught:
        raw.spool_chunks(store, [b"x" * 100_000], "ride.fit")
    assert caught.value.code == "disk_full"
    assert "Free some space" in caught.value.next_step


def test_a_clock_that_is_set_back_changes_nothing_that_is_kept(tmp_path, monkeypatch):
    files = folder(tmp_path / "in", 4, points=60)
    hub = open_hub(Config(data=tmp_path / "a", database_url=f"sqlite:///{tmp_path / 'a.db'}"))
    later = 1_900_000_000_000
    for module in ("intake.ingest", "intake.importing", "background.work", "hub"):
        monkeypatch.setattr(f"openfit.{module}.now_ms", lambda: later)
    first = list(importing_now.run(hub, owner_id(hub), files[:2]))
    later -= 10 * 365 * 86_400_000
    second = list(importing_now.run(hub, owner_id(hub), files))
    statuses = [report.status for _, report in [*first, *second]]
    assert sorted(statuses) == ["duplicate"] * 2 + ["imported"] * 4
    import_lines(*files, data=tmp_path / "b")
    monkeypatch.undo()
    assert picture(tmp_path / "a", hub.config.database_url) == picture(tmp_path / "b")
