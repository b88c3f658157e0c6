"""Commands that come with plugins: made of manifests, by nobody who knows the plugin."""

import json
import signal
import subprocess
import sys

import pytest
from openfit.cli.acting_now import sentence
from openfit.hosting.acting import Step
from support import devices
from support.hubs import environment


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A data folder, and a site in which the belt is installed."""
    folder = tmp_path_factory.mktemp("hub")
    return folder / "data", devices.site(folder / "site")


@pytest.fixture
def command(folder):
    data, site = folder

    def prepared(*arguments):
        more = {"PYTHONPATH": site}
        return [sys.executable, "-m", "openfit", *arguments], environment(data, **more)

    return prepared


@pytest.fixture
def openfit(command):
    def run(*arguments):
        line, env = command(*arguments)
        return subprocess.run(line, env=env, capture_output=True, text=True, timeout=120)

    return run


def test_a_plugins_commands_are_listed_with_all_others(openfit):
    listed = openfit("--help").stdout
    assert "pulsebelt" in listed and "Tell Pulse Belt to do something." in listed
    own = openfit("pulsebelt")
    for title in ("Look for belts.", "Set an alarm.", "Watch the heart.", "Erase the belt."):
        assert title in own.stdout + own.stderr


def test_help_says_what_each_argument_may_be(openfit):
    said = " ".join(openfit("pulsebelt", "alarm", "--help").stdout.split())
    for part in (
        "Set an alarm.",
        "a time such as 07:00",
        "[required]",
        "one of soft, strong; soft without it",
        "a whole number from 1 to 9; 3 without it",
        "--loud",
        "--json",
        "--connection",
    ):
        assert part in said, part
    assert "--i-understand" not in said
    assert "--i-understand" in openfit("pulsebelt", "erase", "--help").stdout
    assert "--connection" not in openfit("pulsebelt", "scan", "--help").stdout


def test_from_pairing_to_what_it_holds(openfit):
    missing = openfit("pulsebelt", "alarm", "--at", "07:00")
    assert (missing.returncode, "pair with it" in missing.stderr) == (66, True)
    paired = openfit("pulsebelt", "pair", "--address", "PB:01", "--json")
    steps = [json.loads(line) for line in paired.stdout.splitlines()]
    assert [one["message"] for one in steps] == ["Connecting", "Paired."]
    alarm = openfit("pulsebelt", "alarm", "--at", "2026-11-22T07:00+01:00", "--json", "--loud")
    assert json.loads(alarm.stdout)["values"]["told"] == {
        "action": "alarm",
        "at": "2026-11-22T07:00:00+01:00",
        "pattern": "soft",
        "times": 3,
        "loud": True,
    }
    fetched = openfit("pulsebelt", "fetch")
    assert fetched.stdout.splitlines() == ["50%  Burst 1  frames 5", "100%  Burst 2  frames 5"]
    other = openfit("pulsebelt", "pair", "--address", "PB:02")
    assert other.returncode == 0
    several = openfit("pulsebelt", "alarm", "--at", "07:00")
    assert (several.returncode, "There are several connections" in several.stderr) == (66, True)
    named = openfit(
        "pulsebelt", "alarm", "--at", "07:00", "--connection", steps[-1]["connection_id"]
    )
    assert named.returncode == 0


def test_what_is_dangerous_wants_to_be_understood(openfit):
    paired = openfit("pulsebelt", "pair", "--address", "PB:01", "--json").stdout.splitlines()[-1]
    which = ("--connection", json.loads(paired)["connection_id"])
    refused = openfit("pulsebelt", "erase", *which)
    assert refused.returncode == 65 and "--i-understand" in refused.stderr
    assert refused.stdout == ""
    assert openfit("pulsebelt", "erase", "--i-understand", *which).stdout == (
        "Erased.  consent True\n"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("scan", "--far"), 2, "No such option"),
        (("dance",), 2, "No such command"),
        (("pair",), 2, "Missing option '--address'"),
        (("pair", "--address", "PB:99"), 65, "No belt answers at PB:99."),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(openfit, arguments, code, said):
    done = openfit("pulsebelt", *arguments)
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_lets_the_device_go(command, openfit, number):
    paired = openfit("pulsebelt", "pair", "--address", "PB:01", "--json").stdout.splitlines()[-1]
    which = ("--connection", json.loads(paired)["connection_id"])
    line, env = command("pulsebelt", "live", "--json", *which)
    with subprocess.Popen(line, env=env, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        heard = [json.loads(running.stdout.readline()) for _ in range(4)]
        running.send_signal(number)
        running.communicate(timeout=60)
    assert running.returncode == 0
    assert heard[1]["values"] == {
        "heart_rate": 61,
        "rr_interval": [999],
        "wear": 100,
        "battery": 81,
    }
    # Its lease is free again at once.
    assert openfit("pulsebelt", "alarm", "--at", "07:00", *which).returncode == 0


def test_a_plugin_that_cannot_be_used_says_so_and_no_other_command_minds(tmp_path):
    site = devices.site(tmp_path / "site", "openfit_broken")
    package = tmp_path / "site" / "openfit_broken"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "manifest.toml").write_text('id = "broken"')
    env = environment(tmp_path / "data", PYTHONPATH=site)
    line = [sys.executable, "-m", "openfit"]
    done = subprocess.run([*line, "broken", "scan"], env=env, capture_output=True, text=True)
    assert (done.returncode, "broken cannot be used" in done.stderr) == (78, True), done.stderr
    done = subprocess.run([*line, "plugins"], env=env, capture_output=True, text=True)
    assert (done.returncode, "broken" in done.stdout) == (0, True)


def test_other_commands_read_no_manifest(tmp_path):
    """Their start must not get slower with each plugin."""
    code = (
        "import atexit, sys\nfrom openfit.cli.commands import app\n"
        "told = lambda: print(*sys.modules, file=sys.stderr)\n"
        "atexit.register(told)\napp(['profile', '--help'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, "openfit_sdk" in done.stderr) == (0, False), done.stderr
    assert "what is known of the owner" in done.stdout


def test_a_step_in_words():
    step = Step("Burst 2", 0.5, {"frames": 5, "share": 0.25, "devices": [], "of": {"a": [1, 2]}})
    assert sentence(step) == "50%  Burst 2  frames 5, share 0.25, devices none, of a 1; 2"
    assert sentence(Step()) == ""
