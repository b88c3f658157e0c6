"""The filter of system calls: its program read for both architectures, and tried on this one."""

import os
from errno import ENOSYS, EOPNOTSUPP, EPERM

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit_sdk import seccomp
from openfit_sdk.errors import IntegrationError
from openfit_sdk.seccomp import ALLOW, ANSWERED, ARCHS, ERRNO, KILL, NEWEST, REFUSED
from support.kernels import launcher, needs_filters, verdict

PID, OTHER = 4711, 4712
SELF = 4711
POINTER = 0x7F00_0000_0000  # its lower half is zero
REFUSE = ERRNO | EPERM

# name: number on x86_64, on aarch64, arguments of calls that go through, of calls that do not
TESTED = {
    "socketpair": (53, 199, [(1, 1), (1, 1 | 0o2000000)], [(1, 2), (1, 5), (2, 1), (16, 3)]),
    "sendto": (44, 206, [(3, POINTER, 5, 0, 0)], [(3, 1, 5, 0, POINTER), (3, 1, 5, 0, 8)]),
    "clone": (
        56,
        220,
        [(0x3D0F00,)],
        [(17,), (0x4111,), (0x10000 | 0x2000_0000,), (0x10000 | 0x20000,)],
    ),
    "kill": (62, 129, [(PID, 9)], [(OTHER, 9), (0, 9), (-1, 9), (OTHER, 0)]),
    "tkill": (200, 130, [(PID, 6)], [(OTHER, 6)]),
    "tgkill": (234, 131, [(PID, PID + 1, 6)], [(OTHER, PID, 6)]),
    "rt_sigqueueinfo": (129, 138, [(PID,)], [(OTHER,)]),
    "rt_tgsigqueueinfo": (297, 240, [(PID,)], [(OTHER,)]),
    "sched_setaffinity": (203, 122, [(0,), (PID,)], [(OTHER,)]),
    "sched_setscheduler": (144, 119, [(0,)], [(OTHER,)]),
    "sched_setparam": (142, 118, [(0,)], [(OTHER,)]),
    "sched_setattr": (314, 274, [(0,)], [(OTHER,)]),
    "prlimit64": (302, 261, [(0, 7, 0, 1), (PID, 7, 0)], [(OTHER, 7), (0, 7, POINTER), (0, 7, 8)]),
    "prctl": (157, 167, [(15, 1), (38, 1)], [(1, 0), (1, 9)]),
    "fcntl": (72, 25, [(3, 1), (3, 4, 1), (3, 1030)], [(3, 8), (3, 10), (3, 15), (3, 1024)]),
    "ioctl": (16, 29, [(1, 0x5401), (1, 0x5413)], [(0, 0x5412), (0, 0x540E), (3, 0x8901)]),
    "openat": (257, 56, [(-100, 1, 0o101), (-100, 1, 0o1001), (-100, 1, 0)], [(-100, 1, 0o1000)]),
}
ALWAYS = {  # what Python, NumPy and zoneinfo live from
    "read": (0, 63), "write": (1, 64), "close": (3, 57), "mmap": (9, 222), "munmap": (11, 215),
    "futex": (202, 98), "exit_group": (231, 94), "getrandom": (318, 278), "lseek": (8, 62),
    "pread64": (17, 67), "recvmsg": (47, 212), "sendmsg": (46, 211), "getdents64": (217, 61),
    "newfstatat": (262, 79), "unlinkat": (263, 35), "mkdirat": (258, 34), "ftruncate": (77, 46),
    "sched_getaffinity": (204, 123), "clock_gettime": (228, 113), "rt_sigaction": (13, 134),
    "brk": (12, 214), "getpid": (39, 172), "rseq": (334, 293), "madvise": (28, 233),
}  # fmt: skip


@pytest.fixture(params=ARCHS)
def arch(request):
    return ARCHS[request.param]


def answer(arch, number, arguments=()):
    return verdict(seccomp.program(arch, SELF), arch.word, number, arguments)


def test_what_is_refused_is_refused_whatever_its_arguments(arch):
    for name, numbers in REFUSED.items():
        if numbers[arch.column] is not None:
            assert answer(arch, numbers[arch.column], (SELF, SELF)) == REFUSE, name
    assert answer(arch, (41, 198)[arch.column], (1, 1)) == REFUSE  # socket, AF_UNIX too


def test_what_has_another_way_is_answered_so_that_libraries_take_it(arch):
    for name, (error, *numbers) in ANSWERED.items():
        assert answer(arch, numbers[arch.column]) == ERRNO | error, name
    assert {error for error, *_ in ANSWERED.values()} == {ENOSYS, EOPNOTSUPP}


def test_what_every_program_needs_goes_through(arch):
    for name, numbers in ALWAYS.items():
        assert answer(arch, numbers[arch.column], (3, 3, 3)) == ALLOW, name


@pytest.mark.parametrize("name", TESTED)
def test_arguments_decide(name, arch):
    *numbers, through, refused = TESTED[name]
    number = numbers[arch.column]
    assert {answer(arch, number, each) for each in through} == {ALLOW}
    assert {answer(arch, number, each) for each in refused} == {REFUSE}


def test_every_call_whose_arguments_decide_is_tested_here():
    tested = {tuple(numbers[:2]) for numbers in TESTED.values()} | {(2, None)}
    assert set(seccomp.conditions(SELF)) == tested


def test_a_call_of_another_architecture_ends_the_process(arch):
    other = 0x4000_0003  # 32 bit x86, whose numbers mean other calls
    assert verdict(seccomp.program(arch, SELF), other, 0) == KILL


@given(number=st.integers(NEWEST + 1, 2**32 - 1))
def test_calls_that_are_newer_than_the_list_and_x32_are_not_there(number):
    for arch in ARCHS.values():
        assert answer(arch, number) == ERRNO | ENOSYS


def test_the_old_open_cannot_cut_a_file_that_it_opens_to_read():
    x86 = ARCHS["x86_64"]
    assert answer(x86, 2, (1, 0o1000)) == REFUSE
    assert answer(x86, 2, (1, 0o1001)) == ALLOW


def test_no_number_stands_twice(arch):
    listed = [n[arch.column] for n in REFUSED.values()] + [
        n[1:][arch.column] for n in ANSWERED.values()
    ]
    listed += [n[arch.column] for n in seccomp.conditions(SELF)]
    found = [number for number in listed if number is not None]
    assert len(found) == len(set(found))
    assert max(found) <= NEWEST


# Tried in a host ---------------------------------------------------------------------------------

LIBC = "libc = ctypes.CDLL(None, use_errno=True)\n"
ATTEMPTS = {
    "socket": "socket.socket(socket.AF_INET, socket.SOCK_STREAM)",
    "socket6": "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
    "netlink": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "unix socket": "socket.socket(socket.AF_UNIX)",
    "create_connection": "socket.create_connection(('127.0.0.1', 80))",
    "datagram pair": "socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)",
    "fork": "os.fork()",
    "posix_spawn": "os.posix_spawn('/bin/sh', ['sh', '-c', 'true'], {})",
    "shell": "import subprocess; subprocess.run(['/bin/sh', '-c', 'true'])",
    "exec": "os.execv('/bin/sh', ['sh'])",
    "signal its hub": "os.kill(os.getppid(), signal.SIGTERM)",
    "signal everybody": "os.kill(-1, signal.SIGTERM)",
    "signal its group": "os.killpg(0, signal.SIGTERM)",
    "raise its limits": "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))",
    "limits of its hub": "import resource; resource.prlimit(os.getppid(), 7, (9, 9))",
    "chmod": "os.chmod('.', 0o700)",
    "chown": "os.chown('.', os.getuid(), os.getgid())",
    "touch": "os.utime('.')",
    "leave its session": "os.setsid()",
    "slow the hub down": "os.setpriority(os.PRIO_PROCESS, os.getppid(), 19)",
    "pin the hub": "os.sched_setaffinity(os.getppid(), {0})",
    "pidfd": "os.pidfd_open(os.getppid())",
    "own a descriptor": "import fcntl; fcntl.fcntl(1, fcntl.F_SETOWN, os.getppid())",
    "mount": f"{LIBC}assert libc.mount(b'x', b'/', b'tmpfs', 0, 0)\n"
    "raise OSError(ctypes.get_errno(), 'mount')",
    "ptrace": f"{LIBC}assert libc.ptrace(16, os.getppid(), 0, 0)\n"
    "raise OSError(ctypes.get_errno(), 'ptrace')",
    "memory of its hub": f"{LIBC}assert libc.process_vm_readv(os.getppid(), 0, 0, 0, 0, 0)\n"
    "raise OSError(ctypes.get_errno(), 'read')",
    "io_uring": f"{LIBC}assert libc.syscall(425, 8, ctypes.create_string_buffer(120))\n"
    "raise OSError(ctypes.get_errno(), 'io_uring')",
    "outlive its hub": f"{LIBC}assert libc.prctl(1, 0, 0, 0, 0)\n"
    "raise OSError(ctypes.get_errno(), 'prctl')",
    "a namespace": f"{LIBC}assert libc.unshare(0x10000000)\n"
    "raise OSError(ctypes.get_errno(), 'unshare')",
}


@needs_filters
@pytest.mark.parametrize("name", ATTEMPTS)
def test_an_attempt_fails_as_a_permission_and_the_host_goes_on(name, plugin, start, read):
    tried = "".join(f"\n    {line}" for line in ATTEMPTS[name].splitlines())
    body = (
        f"try:{tried}\nexcept (OSError, ValueError) as error:\n"
        "    refused = 'not allowed to raise' in str(error) or error.errno == 1\n"
        "    yield Report(status='ok', code=str(refused), message=str(error))"
    )
    host = start(plugin(body))
    [report] = read(host)
    assert (report.code, report.message) == ("True", report.message)
    assert host.alive


@needs_filters
def test_a_refusal_that_nobody_catches_tells_the_author_why(plugin, start, read):
    with pytest.raises(IntegrationError, match="Operation not permitted") as caught:
        read(start(plugin("socket.create_connection(('127.0.0.1', 80))\nyield ok")))
    assert "sealed" in caught.value.message
    assert "`http`" in caught.value.message


@needs_filters
def test_a_call_from_the_32_bit_table_ends_the_process(plugin, start, read):
    """int 0x80 reaches the old table, whose numbers the filter does not know."""
    if os.uname().machine != "x86_64":
        pytest.skip("only x86-64 has that door")
    body = (
        "import mmap\n"
        "code = mmap.mmap(-1, 4096, prot=7)\n"
        "code.write(bytes.fromhex('b814000000cd80c3'))\n"  # getpid, the 32 bit way
        "held = (ctypes.c_char * 4096).from_buffer(code)\n"
        "ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(held))()\nyield ok"
    )
    with pytest.raises(IntegrationError, match="tried something that plugins may not do"):
        read(start(plugin(body)))


@needs_filters
def test_threads_numpy_zones_certificates_and_a_loop_work(plugin, start, read):
    body = (
        "import asyncio, ssl, tempfile, threading, zoneinfo\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "import numpy as np\n"
        "with ThreadPoolExecutor(4) as pool:\n"
        "    found = list(pool.map(lambda n: int(np.arange(n).sum()), range(20)))\n"
        "assert found[19] == 171\n"
        "assert np.linalg.inv(np.eye(200) * 2)[0, 0] == 0.5\n"
        "assert asyncio.run(asyncio.sleep(0, 'slept')) == 'slept'\n"
        "assert zoneinfo.ZoneInfo('Europe/Berlin').key == 'Europe/Berlin'\n"
        "ssl.create_default_context()\n"
        "with tempfile.NamedTemporaryFile() as file:\n"
        "    file.write(b'x' * 100_000)\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        "    os.rename(folder, folder + '-other'); os.rename(folder + '-other', folder)\n"
        "np.save('kept.npy', np.arange(9))\n"
        "assert np.load('kept.npy', mmap_mode='r+')[8] == 8\n"
        "assert open('/dev/null', 'w').write('x') == 1 and len(os.urandom(4)) == 4\n"
        "import mimetypes, platform, locale, uuid\n"
        "assert mimetypes.guess_type('a.json')[0] == 'application/json'\n"
        "platform.platform(); uuid.uuid4()\n"
        "signal.pthread_kill(threading.get_ident(), 0)\n"
        "yield ok"
    )
    assert len(read(start(plugin(body)))) == 1


@needs_filters
def test_a_host_says_that_its_calls_are_filtered(plugin, start):
    layers = {layer.name: layer for layer in start(plugin("yield ok")).layers()}
    assert layers["calls"].active


@pytest.mark.parametrize("error", [EPERM, ENOSYS])
def test_where_no_filter_can_be_had_the_plugin_still_works_and_it_is_said(
    error, plugin, start, read, tmp_path, monkeypatch
):
    python = launcher(tmp_path, filters=False, error=error)
    monkeypatch.setattr("sys.executable", str(python))
    host = start(plugin("os.close(os.dup(0))\nyield ok"))
    layers = {layer.name: layer for layer in host.layers()}
    assert not layers["calls"].active
    assert os.strerror(error) in layers["calls"].said
    assert len(read(host)) == 1


def test_an_unknown_machine_gets_no_filter_and_says_so(monkeypatch):
    unknown = os.uname_result(("Linux", "hub", "6.12", "1", "loongarch64"))
    monkeypatch.setattr(os, "uname", lambda: unknown)
    assert "loongarch64" in seccomp.install()
