"""The system calls that a plugin's process may make: a program that the kernel runs at each one.

A list of what is refused, since what Python, NumPy and TLS need differs by machine and release;
calls that are newer than the list are refused too. `program` is plain data, so that the program of
one architecture can be read on another.
"""

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from errno import ENOSYS, EOPNOTSUPP, EPERM
from typing import NamedTuple

# classic BPF, linux/bpf_common.h and linux/seccomp.h
LOAD, EQUAL, ABOVE, SET, AND, RETURN = 0x20, 0x15, 0x25, 0x45, 0x54, 0x06
ALLOW, KILL, ERRNO = 0x7FFF_0000, 0x8000_0000, 0x0005_0000
NUMBER_AT, ARCH_AT, ARGUMENTS_AT = 0, 4, 16

SET_MODE_FILTER, TSYNC, NEW_CALL = 1, 1, 317
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, MODE_FILTER = 22, 38, 2
WORD = 0xFFFF_FFFF


class Op(NamedTuple):
    """One instruction: how many to skip when it holds, and when it does not."""

    code: int
    k: int
    then: int = 0
    other: int = 0


class Arch(NamedTuple):
    """An architecture: its word for the kernel, and in which column its numbers stand."""

    word: int
    column: int
    seccomp: int  # the number of seccomp(2) itself


ARCHS = {"x86_64": Arch(0xC000_003E, 0, 317), "aarch64": Arch(0xC000_00B7, 1, 277)}
NEWEST = 469  # the last number known here; from 424 on they are the same everywhere

# Numbers on x86_64 and aarch64; None where there is no such call.
REFUSED: dict[str, tuple[int | None, int | None]] = {
    # a network of its own; the hub fetches for it
    "socket": (41, 198), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201),
    "accept": (43, 202), "accept4": (288, 242),
    # ways around every filter of calls
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "io_setup": (206, 0), "io_submit": (209, 2),
    # other processes
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281),
    "setsid": (112, 157), "setpgid": (109, 154),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424),
    "process_madvise": (440, 440), "process_mrelease": (448, 448), "kcmp": (312, 272),
    "move_pages": (279, 239), "migrate_pages": (256, 238),
    "setpriority": (141, 140), "ioprio_set": (251, 30),
    # memory that outlives the process or no limit counts
    "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195), "semget": (64, 190),
    "semop": (65, 193), "semtimedop": (220, 192), "semctl": (66, 191), "msgget": (68, 186),
    "msgsnd": (69, 189), "msgrcv": (70, 188), "msgctl": (71, 187), "mq_open": (240, 180),
    "mq_unlink": (241, 181), "memfd_secret": (447, 447),
    # who owns a file and who may read it, which Landlock leaves open
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54),
    "utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "setxattrat": (463, 463),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "removexattrat": (466, 466), "file_setattr": (469, 469), "truncate": (76, 45),
    "inotify_add_watch": (254, 27), "fanotify_init": (300, 262), "fanotify_mark": (301, 263),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    # the machine
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "mount_setattr": (442, 442), "open_tree_attr": (467, 467),
    "unshare": (272, 97), "setns": (308, 268), "bpf": (321, 280), "userfaultfd": (323, 282),
    "perf_event_open": (298, 241), "add_key": (248, 217), "request_key": (249, 218),
    "keyctl": (250, 219), "init_module": (175, 105), "finit_module": (313, 273),
    "delete_module": (176, 106), "kexec_load": (246, 104), "kexec_file_load": (320, 294),
    "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89),
    "quotactl": (179, 60), "quotactl_fd": (443, 443), "personality": (135, 92),
    "syslog": (103, 116), "vhangup": (153, 58), "sethostname": (170, 161),
    "setdomainname": (171, 162), "settimeofday": (164, 170), "clock_settime": (227, 112),
    "clock_adjtime": (305, 266), "adjtimex": (159, 171), "modify_ldt": (154, None),
    "iopl": (172, None), "ioperm": (173, None), "uselib": (134, None),
    "lookup_dcookie": (212, 18),
    # its own limits
    "setrlimit": (160, 164),
}  # fmt: skip
# Libraries have another way where these are not there, and take it at this answer.
ANSWERED: dict[str, tuple[int, int | None, int | None]] = {
    "clone3": (ENOSYS, 435, 435),  # its flags lie in memory, out of a filter's sight
    "openat2": (ENOSYS, 437, 437),  # as are its
    "memfd_create": (ENOSYS, 319, 279),
    "fallocate": (EOPNOTSUPP, 285, 47),  # fills a disk in no time
}
THREAD, NAMESPACES = 0x0001_0000, 0x7E02_0000  # CLONE_THREAD, CLONE_NEW*
AF_UNIX, STREAM, KINDS_OF_SOCKET = 1, 1, 0xF
TRUNCATE, ACCESS = 0x200, 0x3  # O_TRUNC; the bits that say read or write
SIGNALLING = (8, 10, 15, 1024, 1026)  # F_SETOWN, F_SETSIG, F_SETOWN_EX, F_SETLEASE, F_NOTIFY
TERMINALS = (0x540E, 0x5412, 0x541C, 0x8901, 0x8902)  # TIOCSCTTY, TIOCSTI, TIOCLINUX, FIOSETOWN…
PARENTS_DEATH = 1  # PR_SET_PDEATHSIG


class Test(NamedTuple):
    """Of one argument: it must be one of these values, or with `none` it must not."""

    argument: int
    values: tuple[int, ...]
    mask: int = WORD
    high: bool = False  # its upper half
    none: bool = False


def conditions(pid: int) -> dict[tuple[int | None, int | None], list[Test]]:
    """Calls that are allowed where every test holds."""
    itself, itself_or_0 = Test(0, (pid,)), Test(0, (0, pid))
    null = [Test(4, (0,)), Test(4, (0,), high=True)]
    return {
        # Datagrams of a pair could still be sent to an address; those of a stream cannot.
        (53, 199): [Test(0, (AF_UNIX,)), Test(1, (STREAM,), KINDS_OF_SOCKET)],  # socketpair
        (44, 206): null,  # sendto, with an address
        (56, 220): [Test(0, (THREAD,), THREAD | NAMESPACES)],  # clone
        (62, 129): [itself],  # kill
        (200, 130): [itself],  # tkill
        (234, 131): [itself],  # tgkill
        (129, 138): [itself],  # rt_sigqueueinfo
        (297, 240): [itself],  # rt_tgsigqueueinfo
        (203, 122): [itself_or_0],  # sched_setaffinity
        (144, 119): [itself_or_0],  # sched_setscheduler
        (142, 118): [itself_or_0],  # sched_setparam
        (314, 274): [itself_or_0],  # sched_setattr
        (302, 261): [itself_or_0, Test(2, (0,)), Test(2, (0,), high=True)],  # prlimit64, to set
        (157, 167): [Test(0, (PARENTS_DEATH,), none=True)],  # prctl
        (72, 25): [Test(1, SIGNALLING, none=True)],  # fcntl
        (16, 29): [Test(1, TERMINALS, none=True)],  # ioctl
        # To cut a file that was opened to read slips by Landlock before its third version.
        (2, None): [Test(1, (TRUNCATE,), TRUNCATE | ACCESS, none=True)],  # open
        (257, 56): [Test(2, (TRUNCATE,), TRUNCATE | ACCESS, none=True)],  # openat
    }


def program(arch: Arch, pid: int) -> list[Op]:
    """The filter of one process. A call of another architecture ends it."""
    ops = [Op(LOAD, ARCH_AT), Op(EQUAL, arch.word, 1), Op(RETURN, KILL), Op(LOAD, NUMBER_AT)]
    ops += [Op(ABOVE, NEWEST, 0, 1), Op(RETURN, ERRNO | ENOSYS)]  # x32 calls are far above it
    for numbers, tests in conditions(pid).items():
        ops += on(numbers[arch.column], [op for test in tests for op in passes(test)])
    for numbers in REFUSED.values():
        ops += on(numbers[arch.column], [Op(RETURN, ERRNO | EPERM)])
    for error, *either in ANSWERED.values():
        ops += on(either[arch.column], [Op(RETURN, ERRNO | error)])
    return [*ops, Op(RETURN, ALLOW)]


def on(number: int | None, block: list[Op]) -> list[Op]:
    """A block for one call. At its end the call is allowed."""
    if number is None:
        return []
    block = [*block, Op(RETURN, ALLOW)]
    return [Op(EQUAL, number, 0, len(block)), *block]


def passes(test: Test) -> list[Op]:
    """Goes on behind its end where the test holds; else the call is refused."""
    ops = [Op(LOAD, ARGUMENTS_AT + 8 * test.argument + 4 * test.high)]
    if test.mask != WORD:
        ops.append(Op(AND, test.mask))
    count = len(test.values)
    if test.none:
        ops += [Op(EQUAL, value, count - at - 1, 0) for at, value in enumerate(test.values[:-1])]
        return [*ops, Op(EQUAL, test.values[-1], 0, 1), Op(RETURN, ERRNO | EPERM)]
    ops += [Op(EQUAL, value, count - at) for at, value in enumerate(test.values)]
    return [*ops, Op(RETURN, ERRNO | EPERM)]


def assembled(ops: Iterable[Op]) -> bytes:
    """As the kernel reads it: struct sock_filter."""
    return b"".join(struct.pack("=HBBI", op.code, op.then, op.other, op.k) for op in ops)


def install() -> str:
    """Put the filter on this process for good. Answers why not, or nothing when it is on."""
    machine = os.uname().machine
    arch = ARCHS.get(machine)
    if arch is None or sys.maxsize < 2**32 or sys.byteorder != "little":
        return f"no filter is written for {machine} processors of this kind"
    code = assembled(program(arch, os.getpid()))
    held = ctypes.create_string_buffer(code, len(code))
    described = ctypes.create_string_buffer(
        struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(held))
    )
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.syscall(arch.seccomp, SET_MODE_FILTER, TSYNC, described) == 0:
        return ""
    if libc.prctl(PR_SET_SECCOMP, MODE_FILTER, described, 0, 0) == 0:
        return ""
    return f"this system lets no process filter its own calls ({os.strerror(ctypes.get_errno())})"
