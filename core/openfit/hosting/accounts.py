"""Accounts of the system for plugins, where the hub runs as root and may give them."""

import os

FIRST = 50_000  # Debian reserves 30000-59999 for nobody; containers map no numbers above 65535
PLUGINS = 64  # of one user
USERS = 150
# To give a folder away, to clear it again, to end the host, and to change account.
NEEDED = 1 << 0 | 1 << 1 | 1 << 5 | 1 << 6 | 1 << 7  # CHOWN DAC_OVERRIDE KILL SETGID SETUID
EFFECTIVE = b"CapEff:"


def account_of(user_id: int, integration: str, installed: list[str]) -> int | None:
    """The number under which this user's plugin runs; None where there are no accounts to give."""
    if os.geteuid() != 0 or why_not():
        return None
    place = sorted({*installed, integration}).index(integration)
    return FIRST + (user_id % USERS) * PLUGINS + place % PLUGINS


def why_not() -> str:
    """Why the hub can give no accounts; empty if it can."""
    if os.geteuid() != 0:
        return "the hub does not run as root"
    missing = NEEDED & ~capabilities()
    return "the hub runs as root without the powers of root" if missing else ""


def capabilities() -> int:
    try:
        with open("/proc/self/status", "rb") as status:
            found = next(line for line in status if line.startswith(EFFECTIVE))
    except (OSError, StopIteration):
        return 0
    return int(found.removeprefix(EFFECTIVE), 16)
