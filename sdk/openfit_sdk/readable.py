"""What a plugin has to read beside its scratch folder: Python, packages, zones, certificates."""

import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from openfit_sdk import landlock

LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib")
ZONES = ("/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo")
CERTIFICATES = ("/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/usr/share/ca-certificates",
                "/usr/local/share/ca-certificates")  # fmt: skip
# Looked for by the dynamic linker, `locale`, `mimetypes` and `platform`; nobody's secrets.
SMALL_FILES = (
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/timezone",
    "/etc/mime.types",
    "/etc/os-release",
    "/etc/locale.alias",
    "/usr/share/locale",
    "/usr/share/i18n",
)
MACHINE = ("/proc/cpuinfo", "/proc/meminfo", "/proc/sys/kernel/random", "/sys/devices/system/cpu")
DEVICES = ("/dev/urandom", "/dev/random", "/dev/zero")


def allowed(module: str, paths: tuple[str, ...], scratch: str) -> Iterator[tuple[str, int]]:
    """Paths and what may be done there. `paths` are searched for the plugin, not read whole: they
    may hold anything."""
    yield scratch, landlock.OWN
    yield "/dev/null", landlock.READ_FILE | landlock.WRITE_FILE
    for path in readable(paths):
        yield path, landlock.READ
    for path in paths:
        yield path, landlock.READ_DIR
    for path in folders_of(module):
        yield path, landlock.READ


def readable(paths: tuple[str, ...] = ()) -> Iterator[str]:
    """Folders and files that every plugin may read."""
    yield from (path for path in sys.path if path and path not in paths)
    yield from editable()
    yield from (os.path.join(sys.base_prefix, "lib"), sys.executable, *LIBRARIES)
    yield from (os.environ.get("TZDIR", ""), *ZONES, *CERTIFICATES)
    yield from (*SMALL_FILES, *MACHINE, *DEVICES, f"/proc/{os.getpid()}")


def editable() -> Iterator[str]:
    """Packages that are installed in editable mode and that only a finder of their own finds."""
    for name, module in list(sys.modules.items()):
        if name.startswith("__editable__"):
            yield from map(str, getattr(module, "MAPPING", {}).values())


def folders_of(module: str) -> list[str]:
    """Where the plugin lies. One that cannot be found says so when it is imported."""
    try:
        spec = find_spec(module.partition(".")[0])
    except (ImportError, ValueError):
        return []
    found = list(spec.submodule_search_locations or ()) if spec is not None else []
    if not found and spec is not None and spec.origin and Path(spec.origin).is_file():
        return [spec.origin]
    return found
