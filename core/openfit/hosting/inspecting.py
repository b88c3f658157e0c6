"""Looking into a file through its plugin, in a host like any other; nothing is stored."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openfit_sdk import BadInput, Blob, IntegrationError, RawItem
from openfit_sdk.spawn import Host

from openfit.errors import NotFound
from openfit.hosting.hosts import LIMITS
from openfit.hosting.registry import Registry
from openfit.intake.importing import INTEGRATION


def inspect_file(path: Path) -> dict[str, Any]:
    """What the file import sees in a file; what it cannot read is said under `error`."""
    plugin = Registry.installed().plugin(INTEGRATION)
    try:
        source = path.open("rb")
    except OSError as error:
        raise NotFound(f"{path} cannot be read: {error.strerror}.", code="unreadable") from error
    with source, tempfile.TemporaryDirectory() as scratch:
        blob = Blob(sha256="", size=path.stat().st_size, fd=source.fileno())
        host = Host.start(plugin.module, limits=LIMITS, scratch=Path(scratch))
        try:
            item = RawItem(kind="file", id=path.name, body=blob, name=path.name)
            found: dict[str, Any] = host.call("inspect", raw_item=item)
        except IntegrationError as error:
            code = error.code if isinstance(error, BadInput) else "plugin"
            found = {"error": {"code": code, "message": error.message}}
        finally:
            host.close()
    return {"path": str(path)} | found


def sentences(path: Path, found: dict[str, Any]) -> Iterator[str]:
    yield f"{path}: {found.get('kind', 'unreadable')}"
    for name, value in found.items():
        if name not in ("path", "kind", "error", "warnings") and value not in (None, [], {}):
            yield f"  {name}: {value}"
    yield from (f"  warning: {warning}" for warning in found.get("warnings", []))
    if found.get("error"):
        yield f"  error: {found['error']['message']}"
