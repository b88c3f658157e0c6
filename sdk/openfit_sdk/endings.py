"""How a plugin's process ended, for a person."""

import signal

DEATHS: dict[int, str] = {
    signal.SIGSEGV: "crashed (segmentation fault)",
    signal.SIGBUS: "crashed (bus error)",
    signal.SIGABRT: "crashed (it aborted)",
    signal.SIGFPE: "crashed (arithmetic error)",
    signal.SIGILL: "crashed (illegal instruction)",
    signal.SIGXCPU: "used up its processor time",
    signal.SIGXFSZ: "wrote a larger file than it may",
    signal.SIGKILL: "was killed; the system may have run out of memory",
    signal.SIGSYS: "tried something that plugins may not do",
}


def ending(code: int) -> str:
    if code >= 0:
        return f"stopped by itself (exit code {code})"
    return DEATHS.get(-code, f"was ended by signal {-code}")
