"""`act` between the hub and a host: progress as it comes, stopped between two, secrets kept."""

import time

import pytest
from openfit_sdk import AuthState, PermanentError, RawItem
from openfit_sdk.manifest import ManifestError, parse_manifest
from openfit_sdk.spawn import HostDied

ACT = "@hookimpl\ndef act(action, arguments, auth_state, consent):\n"


def acting(host, action="buzz", **arguments):
    return host.pages(
        "act",
        action=action,
        arguments=arguments,
        auth_state=AuthState(access_token="token-of-the-band"),
        settings={},
        consent=False,
        http=None,
    )


def test_each_progress_is_a_page_of_its_own_and_the_plugin_waits_for_the_next(plugin, start):
    body = (
        "done = []\n"
        "for n in range(3):\n"
        "    done.append(n)\n"
        "    yield Progress(f'{action} {arguments[\"times\"]}', n / 2, {'done': list(done)})"
    )
    host = start(plugin(body, head=ACT))
    pages = acting(host, times=3)
    found = [next(pages) for _ in range(3)]
    assert [len(page) for page in found] == [1, 1, 1]
    assert [(one.message, one.done, one.values) for [one] in found] == [
        ("buzz 3", 0.0, {"done": [0]}),
        ("buzz 3", 0.5, {"done": [0, 1]}),
        ("buzz 3", 1.0, {"done": [0, 1, 2]}),
    ]
    assert next(pages, None) is None


def test_closing_ends_the_plugins_generator_and_the_host_lives_on(plugin, start):
    body = (
        "try:\n"
        "    while True:\n"
        "        yield Progress('beat', values={'heart_rate': 61})\n"
        "finally:\n"
        "    open('stopped', 'w').write('yes')"
    )
    host = start(plugin(body, head=ACT))
    pages = acting(host, "live")
    assert [next(pages)[0].values for _ in range(5)] == [{"heart_rate": 61}] * 5
    pages.close()
    assert (host._scratch / "stopped").read_text() == "yes"
    assert host.alive and next(acting(host, "live"))[0].message == "beat"


def test_progress_comes_when_it_is_said_and_not_when_all_is_over(plugin, start):
    host = start(plugin("yield Progress('at once')\ntime.sleep(30)", head=ACT))
    before = time.monotonic()
    pages = acting(host)
    assert next(pages)[0].message == "at once"
    assert time.monotonic() - before < 25  # far below the 30 s that the plugin sleeps afterwards
    host.end("was told to stop")
    with pytest.raises(HostDied, match="was told to stop"):
        next(pages)


def test_what_an_action_carries_comes_through(plugin, start):
    body = (
        "item = RawItem(kind='frames', id='1', body=b'aa55')\n"
        "yield Progress('Paired as token-of-the-band', items=[item],\n"
        "    auth_state=AuthState(account_id='4A0123456', extra={'address': 'AA:BB'}))\n"
        "yield Progress('It says 4A0123456.')"
    )
    first, second = (page[0] for page in acting(start(plugin(body, head=ACT)), "pair"))
    assert first.items == [RawItem(kind="frames", id="1", body=b"aa55")]
    assert first.auth_state == AuthState(account_id="4A0123456", extra={"address": "AA:BB"})
    assert first.message == "Paired as …"
    assert second.message == "It says …."


def test_a_plugin_without_act_says_so(plugin, start):
    with pytest.raises(PermanentError, match="has no act"):
        list(acting(start(plugin("yield ok"))))


MANIFEST = """
id = "scales"
name = "Kitchen Scales"
sdk = "1"
data_types = ["metric:weight"]
[auth]
type = "none"
"""


def manifest(tmp_path, more: str):
    folder = tmp_path / "openfit_scales"
    folder.mkdir(exist_ok=True)
    (folder / "manifest.toml").write_text(MANIFEST + more)
    return parse_manifest(folder / "manifest.toml")


def test_a_manifest_lists_actions_with_forms(tmp_path):
    found = manifest(
        tmp_path,
        '[actions.alarm]\ntitle = "Set an alarm"\n'
        'arguments.at = "time"\n'
        'arguments.pattern = "choice:soft|strong=soft"\n'
        'arguments.times = "integer:1..9=3"\n'
        '[actions.scan]\ntitle = "Look for scales"\nneeds = "nothing"\n'
        '[actions.live]\ntitle = "Watch"\nlive = true\n'
        '[actions.erase]\ntitle = "Erase"\ndanger = true\n',
    ).actions
    assert [(one.name, one.kind, one.required, one.default) for one in found["alarm"].form()] == [
        ("at", "time", True, None),
        ("pattern", "choice", False, "soft"),
        ("times", "integer", False, 3),
    ]
    assert found["scan"].needs == "nothing" and found["alarm"].needs == "connection"
    assert found["live"].live and found["erase"].danger and not found["alarm"].danger


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('[actions.a]\ntitle = ""', "what its button says"),
        ('[actions.A-b]\ntitle = "x"', "action 'A-b' may hold small letters"),
        ('[actions.a]\ntitle = "x"\narguments = { at = "clock" }', "write one of text, integer"),
        ('[actions.a]\ntitle = "x"\narguments = { at = "choice" }', "write it as choice:soft"),
        ('[actions.a]\ntitle = "x"\narguments = { n = "integer:a..b" }', "limits 'a..b'"),
        ('[actions.a]\ntitle = "x"\narguments = { n = "integer:1..3=9" }', "default of n is '9'"),
        ('[actions.a]\ntitle = "x"\narguments = { consent = "flag" }', "is the hub's own"),
        ('[actions.a]\ntitle = "x"\nneeds = "luck"', "Invalid enum value 'luck'"),
    ],
)
def test_what_is_wrong_with_an_action_is_said_where_it_stands(tmp_path, lines, said):
    with pytest.raises(ManifestError, match=r"openfit_scales/manifest\.toml: ") as refused:
        manifest(tmp_path, lines)
    assert said in str(refused.value)
