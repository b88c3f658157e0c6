"""A plugin that may use Bluetooth reaches D-Bus's system bus, by the one path, and nothing else."""

import json
import os
import shutil
import socket
import subprocess
import threading
import time

import pytest
from openfit_sdk import bus
from openfit_sdk.sandbox import Limits
from support.kernels import needs_filters, needs_root

HEAD = "@hookimpl\ndef inspect(raw_item):\n"
ASYNC = """
import asyncio, threading
async def talk():
    reader, writer = await asyncio.open_unix_connection({path!r})
    writer.write(b'one ')
    said = await reader.readexactly(4)
    writer.close()
    return said.decode()
found = []
thread = threading.Thread(target=lambda: found.append(asyncio.run(talk())))
thread.start()
thread.join()
return {{'said': found}}
"""
TRIES = """
libc = ctypes.CDLL(None, use_errno=True)
def tried(attempt):
    try:
        attempt()
    except OSError as error:
        return error.errno
    return 0
def to(path, family=socket.AF_UNIX, kind=socket.SOCK_STREAM):
    with socket.socket(family, kind) as one:
        one.connect(path)
def raw():
    if libc.socket(1, 1, 0) < 0:
        raise OSError(ctypes.get_errno(), 'refused')
return {{
    'the bus': tried(lambda: to({path!r})),
    'another': tried(lambda: to({other!r})),
    'the bus by another name': tried(lambda: to({linked!r})),
    'abstract': tried(lambda: to(b'\\0openfit-test')),
    'inet': tried(lambda: to(('127.0.0.1', 9), socket.AF_INET)),
    'datagram': tried(lambda: to({path!r}, kind=socket.SOCK_DGRAM)),
    'bluetooth itself': tried(lambda: socket.socket(31, socket.SOCK_RAW, 1)),
    'the call': tried(raw),
    'fork': tried(os.fork),
}}
"""


@pytest.fixture
def listening(tmp_path_factory):
    """A server that says what it hears, at a path in a folder that everybody may enter."""
    folder = tmp_path_factory.mktemp("bus")
    for above in (folder, folder.parent, folder.parent.parent):
        above.chmod(0o755)
    servers = []

    def listen(name: str) -> str:
        server = socket.socket(socket.AF_UNIX)
        server.bind(str(folder / name))
        (folder / name).chmod(0o777)
        server.listen()
        servers.append(server)
        threading.Thread(target=echo, args=(server,), daemon=True).start()
        return str(folder / name)

    yield listen
    for server in servers:
        server.close()


def echo(server):
    while True:
        try:
            one, _ = server.accept()
        except OSError:
            return
        with one:
            while heard := one.recv(64):
                one.sendall(heard)


def inspect(host):
    from openfit_sdk import RawItem

    return host.call("inspect", raw_item=RawItem(kind="file", id="1"))


def test_an_asyncio_loop_in_a_thread_reaches_the_bus_more_than_once(plugin, start, listening):
    path = listening("system_bus_socket")
    host = start(plugin(ASYNC.format(path=path), head=HEAD), limits=Limits(bus=path))
    assert [inspect(host) for _ in range(3)] == [{"said": ["one "]}] * 3


@needs_filters
def test_nothing_but_the_bus_is_reached(plugin, start, listening, tmp_path):
    path, other = listening("system_bus_socket"), listening("database")
    linked = str(tmp_path / "linked")
    os.symlink(path, linked)
    body = TRIES.format(path=path, other=other, linked=linked)
    found = inspect(start(plugin(body, head=HEAD), limits=Limits(bus=path)))
    assert found.pop("the bus") == 0
    assert set(found.values()) == {1}, found  # EPERM, each of them


@needs_filters
def test_a_plugin_that_may_not_use_bluetooth_does_not_reach_it(plugin, start, listening):
    path = listening("system_bus_socket")
    body = TRIES.format(path=path, other=path, linked=path)
    assert set(inspect(start(plugin(body, head=HEAD))).values()) == {1}


@pytest.mark.parametrize("there", [True, False])
def test_where_nobody_listens_the_error_is_the_systems_own(there, plugin, start, tmp_path):
    path = tmp_path / "system_bus_socket"
    if there:
        with socket.socket(socket.AF_UNIX) as once:
            once.bind(str(path))
    body = (
        "try:\n    socket.socket(socket.AF_UNIX).connect({path!r})\n"
        "except (FileNotFoundError, ConnectionRefusedError) as error:\n"
        "    return {{'kind': type(error).__name__, 'about': error.filename}}"
    )
    host = start(plugin(body.format(path=str(path)), head=HEAD), limits=Limits(bus=str(path)))
    kind = "ConnectionRefusedError" if there else "FileNotFoundError"
    assert inspect(host) == {"kind": kind, "about": "the system bus"}


def test_bleak_can_be_imported_and_says_itself_that_there_is_no_bus(plugin, start, tmp_path):
    body = (
        "import asyncio, bleak\n"
        "try:\n    asyncio.run(bleak.BleakScanner.discover(timeout=0.1))\n"
        "except Exception as error:\n    return {'kind': type(error).__name__, 'said': str(error)}"
    )
    limits = Limits(bus=str(tmp_path / "nobody"))
    found = inspect(start(plugin(body, head=HEAD), limits=limits))
    assert found["kind"] in ("FileNotFoundError", "BleakBluetoothNotAvailableError"), found


@needs_root
def test_the_bus_sees_the_account_of_the_plugin_and_not_the_hubs(plugin, start, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bus")
    folder.chmod(0o755)
    path, seen = str(folder / "system_bus_socket"), []
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        os.chmod(path, 0o777)
        server.listen()

        def serve():
            one, _ = server.accept()
            seen.append(one.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
            one.sendall(b"one ")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        body = (
            f"with socket.socket(socket.AF_UNIX) as one:\n    one.connect({path!r})\n"
            "    return {'said': one.recv(4).decode(), 'account': os.geteuid()}"
        )
        host = start(plugin(body, head=HEAD), limits=Limits(bus=path, account=50_123))
        found = inspect(host)
        thread.join(10)
    assert found["said"] == "one "
    assert int.from_bytes(seen[0][4:8], "little") == found["account"]


def test_the_porter_ends_with_its_host(plugin, start, listening):
    path = listening("system_bus_socket")
    body = "with open('/proc/self/stat') as stat:\n    return {'group': os.getpgid(0)}"
    host = start(plugin(body, head=HEAD), limits=Limits(bus=path))
    group = inspect(host)["group"]
    assert len(members(group)) == 2
    host.close()
    until = time.monotonic() + 20
    while members(group) and time.monotonic() < until:
        time.sleep(0.01)
    assert members(group) == []


def members(group: int) -> list[int]:
    """Living processes of a group."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as stat:
                state, _, of_group = stat.read().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(of_group) == group and state not in "ZX":
            found.append(int(name))
    return found


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("", bus.USUAL),
        ("unix:path=/srv/bus", "/srv/bus"),
        ("tcp:host=a;unix:guid=1,path=/srv/bus", "/srv/bus"),
        ("unix:abstract=bus", bus.USUAL),
    ],
)
def test_where_the_bus_lies_is_what_the_system_says(address, found, monkeypatch):
    monkeypatch.setenv(bus.ADDRESS, address)
    assert bus.path() == found


CONFIG = """<busconfig><type>system</type><listen>unix:path={path}</listen>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/>
<allow receive_sender="*"/></policy></busconfig>"""


@pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="no dbus-daemon is here")
def test_a_real_bus_lets_a_sealed_plugin_in(plugin, start, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bus")
    folder.chmod(0o755)
    path = str(folder / "system_bus_socket")
    (folder / "system.conf").write_text(CONFIG.format(path=path))
    command = ["dbus-daemon", f"--config-file={folder / 'system.conf'}", "--nofork", "--nopidfile"]
    with subprocess.Popen([*command, "--print-address"], stdout=subprocess.PIPE) as daemon:
        try:
            assert daemon.stdout is not None and daemon.stdout.readline()
            body = (
                "import asyncio\nfrom dbus_fast.aio import MessageBus\n"
                "async def ask():\n"
                f"    one = MessageBus(bus_address='unix:path={path}', negotiate_unix_fd=True)\n"
                "    await one.connect()\n"
                "    reply = await one.introspect('org.freedesktop.DBus', '/')\n"
                "    one.disconnect()\n"
                "    return one.unique_name, [face.name for face in reply.interfaces]\n"
                "name, faces = asyncio.run(ask())\nreturn {'name': name, 'faces': faces}"
            )
            found = inspect(start(plugin(body, head=HEAD), limits=Limits(bus=path)))
        finally:
            daemon.terminate()
    assert found["name"].startswith(":1.") and "org.freedesktop.DBus" in found["faces"]
    assert json.dumps(found)
