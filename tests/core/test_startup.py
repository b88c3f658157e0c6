"""What the serving process carries, and what a start says when the surroundings are wrong."""

import json
import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from openfit import crypto
from openfit.config import Config
from openfit.hub import open_hub, owner_id, prepare
from openfit.store import keys, people
from openfit.store.migrate import migrate
from support.hubs import environment, openfit


def imported_by(module):
    code = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_serving_imports_neither_alembic_nor_scipy():
    assert imported_by("openfit.app") & {"alembic", "scipy", "pandas"} == set()


def test_the_command_line_starts_without_server_and_database():
    assert imported_by("openfit.cli.commands") & {"litestar", "sqlalchemy", "numpy"} == set()


def test_a_taken_address_is_named_with_a_way_out(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "openfit", "serve"],
            env=environment(tmp_path, OPENFIT_LISTEN=f"127.0.0.1:{port}"),
            capture_output=True,
            text=True,
            timeout=30,
        )
    assert done.returncode == 78
    assert done.stderr.strip() == (
        f"openfit: 127.0.0.1:{port} is taken. "
        "Stop what listens there, or set OPENFIT_LISTEN=host:port to another one."
    )


def test_a_data_folder_that_is_a_file_is_a_clear_error(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    done = openfit("import", tmp_path, data=blocked, check=False)
    assert done.returncode == 78
    assert "cannot be written" in done.stderr
    assert "OPENFIT_DATA" in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_data_folder_is_a_clear_error(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir(mode=0o500)
    done = openfit("import", tmp_path, data=folder, check=False)
    assert (done.returncode, "cannot be written" in done.stderr) == (78, True)


def test_a_first_start_leaves_no_way_in_on_the_disk(tmp_path):
    openfit("export", "--output", tmp_path / "empty.zip", data=tmp_path / "data")
    hub = open_hub(Config(data=tmp_path / "data", database_url=file_url(tmp_path / "data")))
    with hub.engine.connect() as conn:
        [owner] = people.rows(conn)
        assert keys.of_user(conn, owner.user_id) == []
    assert (owner.role, owner.password, owner.email) == ("owner", None, None)
    assert not (tmp_path / "data" / "owner-token").exists()


def test_the_secret_key_is_made_once_whole_and_for_the_owner_alone(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: crypto.load_key(tmp_path, None), range(32)))
    assert len(made) == 1
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["secret-key"]


def file_url(data):
    return f"sqlite:///{data / 'openfit.db'}"


def test_doctor_is_content_with_a_fresh_hub(tmp_path):
    done = openfit("doctor", "--json", data=tmp_path)
    findings = {finding["what"]: finding for finding in json.loads(done.stdout)}
    assert findings["plugin fileimport"]["ok"] is True
    assert findings["database"]["said"].startswith("sqlite, empty")
    assert all(finding["ok"] for finding in findings.values())


def test_two_first_starts_at_once_make_one_owner(tmp_path, database_url):
    config = Config(data=tmp_path / "data", database_url=database_url)
    prepare(config.data)
    migrate(database_url)
    with ThreadPoolExecutor(4) as pool:
        hubs = list(pool.map(lambda _: open_hub(config), range(4)))
    with hubs[0].engine.connect() as conn:
        assert [row.role for row in people.rows(conn)] == ["owner"]
    assert {owner_id(hub) for hub in hubs} == {people.OWNER}
