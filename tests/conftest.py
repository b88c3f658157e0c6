"""What every test may ask for: shared test files, a database of its own, a browser."""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from support import browser, postgres

ROOT = Path(__file__).resolve().parent.parent

# Deterministic where a failure must mean a change; `--hypothesis-profile thorough` searches longer.
settings.register_profile("dev", deadline=None, max_examples=50)
settings.register_profile(
    "ci",
    deadline=None,
    max_examples=50,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("thorough", deadline=None, max_examples=2000)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


def pytest_configure(config):
    """A test must never reach the hub of the person who runs it."""
    for name in list(os.environ):
        if name.startswith("OPENFIT_") and not name.startswith("OPENFIT_TEST_"):
            del os.environ[name]


def missing(reason: str, required_by: str) -> None:
    """Skip on a laptop; fail where the environment says that the thing must be there."""
    if os.environ.get(required_by) == "1":
        pytest.fail(f"{reason} ({required_by}=1)", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def test_data() -> Path:
    folder = Path(os.environ.get("OPENFIT_TEST_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip("test data absent: set OPENFIT_TEST_DATA")
    return folder


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    programs = postgres.find_programs()
    if programs is None:
        missing(postgres.MISSING, "OPENFIT_TEST_REQUIRE_POSTGRES")
    server = postgres.Server(programs)
    yield server
    server.stop()


@pytest.fixture
def postgres_url(postgres_server) -> Iterator[str]:
    """A database of this test's own with nothing in it, not even tables."""
    name = f"blank-{uuid4().hex}"
    yield postgres_server.create(name)
    postgres_server.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def blank_database_url(request, tmp_path) -> str:
    """As `database_url`, before the first migration."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgres_url")
    return f"sqlite:///{tmp_path / 'openfit.db'}"


def migrate(url: str) -> None:
    """Tests of the SDK and of plugins run without the core, hence the late import."""
    from openfit.store.migrate import migrate

    migrate(url)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("migrated") / "openfit.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def migrated_template(postgres_server) -> str:
    migrate(postgres_server.create("migrated"))
    return "migrated"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path) -> Iterator[str]:
    """A database of this test's own: every table, no row. The test runs once on each kind."""
    if request.param == "sqlite":
        copy = shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "openfit.db")
        yield f"sqlite:///{copy}"
        return
    template = request.getfixturevalue("migrated_template")
    server = request.getfixturevalue("postgres_server")
    name = server.lend(template)
    yield server.url(name)
    server.take_back(name, template)


@pytest.fixture
def sqlite_url(migrated_file, tmp_path) -> str:
    """As `database_url`, where the kind of database makes no difference."""
    return f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'openfit.db')}"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    if reason := browser.obstacle():
        missing(reason, "OPENFIT_TEST_REQUIRE_BROWSER")
    return {**browser_type_launch_args, **browser.launch_args()}


def skip_line(reasons: Counter[str]) -> str:
    total, parts = reasons.total(), [f"{n} ({reason})" for reason, n in reasons.most_common()]
    return f"Skipped {total} case{'s' * (total != 1)}: {', '.join(parts) or 'nothing was missing'}."


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session):
    """The very last line says what was not tested, and why."""
    result = yield
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and not session.config.option.collectonly:
        skipped = reporter.stats.get("skipped", [])
        reasons = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in skipped)
        reporter.write_line(skip_line(reasons))
    return result
