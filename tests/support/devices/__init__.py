"""Invented devices: plugins as pip would have installed them, from this folder."""

import sys
from pathlib import Path

from openfit_sdk.manifest import Installed

FOLDER = Path(__file__).parent
# A host is isolated from the environment, so a hub in another process is told of the folder.
SITE = (
    "from pathlib import Path\nfrom openfit.hosting import hosts\nhosts.PATHS.append(Path({!r}))\n"
)


class FromFolder(Installed):
    def __init__(self, module: str) -> None:
        self.name, self.module = module.removeprefix("openfit_"), module
        self.dist, self.version = module, "1.0.0"


def install(hub, monkeypatch, module: str = "openfit_pulsebelt") -> None:
    """Into a hub of this process."""
    monkeypatch.setattr("openfit.hosting.hosts.PATHS", [FOLDER])
    monkeypatch.setattr(sys, "path", [*sys.path, str(FOLDER)])
    found = FromFolder(module)
    hub.plugins.plugins[found.name] = found


def site(folder: Path, module: str = "openfit_pulsebelt") -> str:
    """For hubs of other processes: what PYTHONPATH is to begin with."""
    info = folder / f"{module}-1.0.0.dist-info"
    info.mkdir(parents=True)
    dist = module.replace("_", "-")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {dist}\nVersion: 1.0.0\n")
    name = module.removeprefix("openfit_")
    (info / "entry_points.txt").write_text(f"[openfit]\n{name} = {module}\n")
    (folder / "sitecustomize.py").write_text(SITE.format(str(FOLDER)))
    return f"{folder}:{FOLDER}"
