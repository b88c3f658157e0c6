"""Plugins that misbehave: the parent goes on, says what happened, and the next host works."""

import os
import time
from pathlib import Path

import pytest
from openfit_sdk import AuthState, BadInput, PermanentError, TransientError
from openfit_sdk.sandbox import Limits
from openfit_sdk.spawn import HostDied
from support.kernels import launcher

SMALL = Limits(memory=400 * 1024 * 1024, cpu_seconds=2)
CHANNEL = "channel = next(s for s in gc.get_objects() if type(s) is socket.socket)\n"


def framed(body: bytes, announced: int | None = None) -> str:
    """A plugin that writes this where its host writes frames."""
    size = len(body) if announced is None else announced
    written = size.to_bytes(4, "little") + body
    return f"{CHANNEL}channel.sendall({written!r})\ntime.sleep(30)\nyield ok"


NO_ANSWER = "sent what is no answer while reading ride.fit"
PAGE = b"\x82\xa5frame\xa4page\xa5items"
DEADLY = {
    "segfault": ("ctypes.string_at(0)", "crashed (segmentation fault) while reading ride.fit"),
    "abort": ("os.abort()", "crashed (it aborted) while reading ride.fit"),
    "exit": ("os._exit(3)", "stopped by itself (exit code 3) while reading ride.fit"),
    "close": (
        "for fd in range(3, 999):\n    try: os.close(fd)\n    except OSError: pass\ntime.sleep(30)",
        "closed its connection to the hub while reading ride.fit",
    ),
    "memory": ("x = bytearray(900_000_000)\nyield ok", "needed more memory than it may have"),
    "system exit": ("sys.exit(4)\nyield ok", "stopped by itself (exit code 4)"),
    "odd signal": ("os.kill(os.getpid(), 40)\nyield ok", "was ended by signal 40"),
    "processor": (
        "while True: pass\nyield ok",
        "used up its processor time while reading ride.fit",
    ),
    "garbage": (framed(b"hello"), NO_ANSWER),
    "giant frame": (framed(b"", announced=0xFFFF_FFFF), NO_ANSWER),
    "bad text": (framed(b"\x81\xa5frame\xa3\xff\xff\xff"), NO_ANSWER),
    "endless nesting": (framed(PAGE + b"\x91" * 20_000 + b"\xc0"), NO_ANSWER),
    "a page of too many": (framed(PAGE + b"\xdc\x03\xe8" + b"\xc0" * 1000), NO_ANSWER),
    "out of turn": (framed(b"\x82\xa5frame\xa5value\xa5value\x01"), "answered out of turn"),
}


@pytest.mark.parametrize("name", DEADLY)
def test_a_deadly_plugin_is_described_and_the_next_host_works(name, plugin, start, read):
    body, said = DEADLY[name]
    host = start(plugin(body), limits=SMALL)
    with pytest.raises(HostDied) as caught:
        read(host)
    assert said in caught.value.message
    assert caught.value.message.startswith("The plugin rogue")
    assert not host.alive
    assert len(read(start(plugin("yield ok", "openfit_good"), limits=SMALL))) == 1


@pytest.mark.parametrize("body", ["time.sleep(60)", "while True: pass"])
def test_a_plugin_that_hangs_or_spins_is_stopped_at_its_deadline(body, plugin, start, read):
    began = time.monotonic()
    host = start(plugin(body + "\nyield ok"), deadline=1.0)
    with pytest.raises(HostDied, match="did not answer for 1 seconds while reading ride.fit"):
        read(host)
    assert time.monotonic() - began < 10


def test_a_flood_of_output_is_capped_and_does_not_stop_the_plugin(plugin, start, read):
    lines: list[str] = []
    body = "for _ in range(40):\n    print('x' * 100_000)\nsys.stdout.flush()\nyield ok"
    host = start(plugin(body), log=lines.append)
    assert len(read(host)) == 1
    host.close()
    assert sum(map(len, lines)) < 1_200_000
    assert lines[-1] == "(it printed too much; the rest is dropped)"


def test_an_exception_while_iterating_keeps_what_came_before_and_the_host(plugin, start, read):
    host = start(plugin("for n in range(3):\n    yield ok\n1 / 0"))
    with pytest.raises(PermanentError, match=r"The plugin failed \(ZeroDivisionError") as caught:
        read(host)
    assert "in normalize" in caught.value.detail
    assert host.alive


def test_endless_recursion_is_a_bug_not_a_crash(plugin, start, read):
    host = start(plugin("def again(): return again()\nyield again()"))
    with pytest.raises(PermanentError, match="RecursionError"):
        read(host)


@pytest.fixture
def unfiltered(tmp_path, monkeypatch):
    """A kernel on which plugins can start processes."""
    monkeypatch.setattr("sys.executable", str(launcher(tmp_path, filters=False)))


def test_a_child_that_the_plugin_left_behind_ends_with_it(
    unfiltered, plugin, start, tmp_path, read
):
    note = tmp_path / "scratch" / "pid"
    body = (
        "pid = os.fork()\nif pid == 0:\n    time.sleep(120)\n    os._exit(0)\n"
        f"open({str(note)!r}, 'w').write(str(pid))\nyield ok"
    )
    host = start(plugin(body))
    read(host)
    host.close()
    assert gone(int(note.read_text()))


def gone(pid: int) -> bool:
    """Waits for it: whoever adopted it has to notice."""
    deadline = time.monotonic() + 10
    while running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not running(pid)


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_bad_record_is_the_items_fault(plugin, start, read):
    host = start(plugin("raise BadInput('ends at byte 7', code='truncated', at_byte=7)\nyield ok"))
    with pytest.raises(BadInput) as caught:
        read(host)
    assert (caught.value.code, caught.value.at_byte) == ("truncated", 7)


def test_a_record_of_another_shape_names_the_place(plugin, start, read):
    body = 'import msgspec\nmsgspec.json.decode(b\'{"a": "x"}\', type=dict[str, int])\nyield ok'
    with pytest.raises(BadInput, match=r"Expected `int`, got `str` - at `\$\[...\]`"):
        read(start(plugin(body)))


def test_what_is_no_entity_is_refused(plugin, start, read):
    with pytest.raises(PermanentError, match="something else than the contract says"):
        read(start(plugin("yield {'entity': 'unheard-of'}")))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("@hookimpl\ndef normalise(raw_item): pass", "unknown hook 'normalise'"),
        ("@hookimpl\ndef normalize(item): pass", "Argument\\(s\\) {'item'}"),
        ("import no_such_module", "No module named 'no_such_module'"),
    ],
)
def test_what_does_not_fit_the_contract_is_said_at_the_first_call(body, said, plugin, start, read):
    module = plugin("pass", head=f"from openfit_sdk import hookimpl\n{body}\ndef unused():\n")
    with pytest.raises(PermanentError, match=said):
        read(start(module))


def test_a_host_knows_nothing_of_the_hubs_environment(plugin, start, monkeypatch, read):
    monkeypatch.setenv("OPENFIT_DATABASE_URL", "postgresql://secret")
    body = "yield Report(status='ok', code='read', message=' '.join(sorted(os.environ)))"
    [report] = read(start(plugin(body)))
    assert "OPENFIT" not in report.message
    assert os.environ["OPENFIT_DATABASE_URL"] == "postgresql://secret"


def test_the_network_is_only_there_for_hooks_that_may_use_it(plugin, start):
    head = "from openfit_sdk import hookimpl\n@hookimpl\ndef authenticate(http):\n"
    host = start(plugin("return http.get('https://example.org')", head=head))
    with pytest.raises(PermanentError, match="may not use the network"):
        host.call("authenticate")


def test_the_plugin_is_resumed_only_after_its_page_is_committed(plugin, start, tmp_path):
    note = tmp_path / "scratch" / "acknowledged"
    head = "from openfit_sdk import RawItem, SyncResult, hookimpl\n@hookimpl\ndef sync(cursor):\n"
    body = (
        "for n in range(3):\n    yield SyncResult([RawItem(kind='r', id=str(n), body=b'{}')])\n"
        f"    open({str(note)!r}, 'a').write(str(n))"
    )
    pages = start(plugin(body, head=head)).pages("sync", cursor={})
    next(pages)
    time.sleep(0.2)
    assert not note.exists()
    next(pages)
    assert note.read_text() == "0"
    pages.close()
    assert note.read_text() == "0"


def test_a_transient_error_keeps_its_wait(plugin, start):
    head = "from openfit_sdk import TransientError, hookimpl\n@hookimpl\ndef sync(cursor):\n"
    module = plugin("raise TransientError('later', retry_after=90)\nyield", head=head)
    with pytest.raises(TransientError) as caught:
        list(start(module).pages("sync", cursor={}))
    assert caught.value.retry_after == 90


def test_a_frame_that_trickles_is_not_waited_for_byte_by_byte(plugin, start, read):
    body = f"{CHANNEL}channel.sendall(b'\\xe8\\x03\\x00\\x00')\n"
    body += "while True:\n    channel.sendall(b'x')\n    time.sleep(0.1)\nyield ok"
    began = time.monotonic()
    with pytest.raises(HostDied, match="did not answer for 1 seconds"):
        read(start(plugin(body), deadline=1.0))
    assert time.monotonic() - began < 5


def test_a_child_that_slips_away_cannot_hold_up_the_hub(unfiltered, plugin, start, tmp_path, read):
    note = tmp_path / "scratch" / "pid"
    body = (
        "pid = os.fork()\nif pid == 0:\n    os.setsid()\n    time.sleep(60)\n    os._exit(0)\n"
        f"open({str(note)!r}, 'w').write(str(pid))\nyield ok"
    )
    host = start(plugin(body))
    read(host)
    began = time.monotonic()
    host.close()
    assert time.monotonic() - began < 5
    assert gone(int(note.read_text()))


def test_a_child_that_took_another_parent_is_known_by_its_folder(
    unfiltered, plugin, start, tmp_path, read
):
    note = tmp_path / "scratch" / "pid"
    body = (
        "pid = os.fork()\nif pid == 0:\n    os.setsid()\n    grandchild = os.fork()\n"
        f"    if grandchild: open({str(note)!r}, 'w').write(str(grandchild))\n"
        "    else: time.sleep(60)\n    os._exit(0)\nos.waitpid(pid, 0)\nyield ok"
    )
    host = start(plugin(body))
    read(host)
    host.close()
    assert gone(int(note.read_text()))


def test_empty_lines_fill_no_log_and_no_line_moves_the_cursor(plugin, start, read):
    lines: list[str] = []
    body = "print('\\x1b[2Jtidy\\x07', end='\\n' * 500_000, flush=True)\nyield ok"
    host = start(plugin(body), log=lines.append)
    assert len(read(host)) == 1
    host.close()
    assert lines[0] == " [2Jtidy"
    assert len(lines) < 20_000


def test_what_an_error_says_is_cut_to_what_a_status_page_can_bear(plugin, start):
    head = "@hookimpl\ndef sync(cursor):\n"
    body = "raise TransientError('a\\x1b[2J' + 'b' * 2_000_000, retry_after=float('inf'))\nyield"
    with pytest.raises(TransientError) as caught:
        list(start(plugin(body, head=head)).pages("sync", cursor={}))
    assert caught.value.retry_after is None
    assert caught.value.message.startswith("a [2Jbbb")
    assert len(caught.value.message) == 1000


def test_a_bug_does_not_tell_the_secrets_that_it_was_given(plugin, start):
    head = "@hookimpl\ndef sync(auth_state):\n"
    module = plugin("raise KeyError(auth_state.access_token)\nyield", head=head)
    state = AuthState(access_token="token-of-somebody", extra={"device": ["inner-secret"]})
    with pytest.raises(PermanentError, match="KeyError: '…'") as caught:
        list(start(module).pages("sync", auth_state=state))
    assert "token-of-somebody" not in caught.value.message + caught.value.detail
