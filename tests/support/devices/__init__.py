"""Invented devices: plugins as pip would have installed them, from this folder."""

import sys
from pathlib import Path

from openfit_sdk.manifest import Installed
from support.asking import API

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


# Telling the belt something, by the API ----------------------------------------------------------

AREA = f"{API}/integrations/pulsebelt/actions"


def paired(client):
    answer = client.post(f"{AREA}/pair", json={"arguments": {"address": "PB:01"}})
    assert answer.status_code == 200, answer.text
    return answer.json()["connection_id"]


def told(client, action, connection_id=None, consent=False, **arguments):
    at = f"{API}/connections/{connection_id}/actions" if connection_id else AREA
    body = {"arguments": arguments} | ({"consent": True} if consent else {})
    return client.post(f"{at}/{action}", json=body)
