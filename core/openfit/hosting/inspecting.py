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
from openfit.intake.importing import first_lines, takers_of


def inspect_file(path: Path) -> dict[str, Any]:
    """What the plugin whose file it is sees in it; what it cannot read is said under `error`."""
    plugins = Registry.installed()
    try:
        source = path.open("rb")
    except OSError as error:
        raise NotFound(f"{path} cannot be read: {error.strerror}.", code="unreadable") from error
    with source, tempfile.TemporaryDirectory() as scratch:
        plugin = plugins.plugin(takers_of(plugins, first_lines(source))[0])
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
            yield from told(name.replace("_", " "), value)
    yield from (f"  warning: {warning}" for warning in found.get("warnings", []))
    if found.get("error"):
        yield f"  error: {found['error']['message']}"


def told(name: str, value: Any, margin: str = "  ") -> Iterator[str]:
    """What is known of one thing; of a table, a line for each of its rows."""
    if isinstance(value, list) and all(isinstance(row, dict) for row in value):
        yield f"{margin}{name}:"
        yield from (f"{margin}  {in_words(row)}" for row in value)
    else:
        yield f"{margin}{name}: {in_words(value)}"


def in_words(value: Any) -> str:
    if isinstance(value, dict):
        known = {name: inner for name, inner in value.items() if inner not in (None, [], {})}
        return ", ".join(f"{name} {in_words(inner)}" for name, inner in known.items())
    if isinstance(value, list):
        return ", ".join(map(in_words, value))
    return str(value)
