"""The band's plugin with another radio, from a folder: a virtual band inside its own host."""

import shutil
from pathlib import Path

import openfit_openstrap_band
from openfit.hub import now_ms, owner_id
from openfit.intake import connect
from openfit_sdk import AuthState
from openfit_sdk.manifest import Installed

ADDRESS = "C0:01:02:03:04:05"
NAME = "farband"
TESTS = Path(__file__).parents[1]
PACKAGE = Path(openfit_openstrap_band.__file__).parent
COPIED = {
    "virtual_band.py": "plugins/openstrap_band/virtual_band.py",
    "on_air.py": "plugins/openstrap_band/on_air.py",
    "made.py": "support/band.py",
}
VIRTUAL = """
import sys, types
import openfit_openstrap_band as band
from openfit_farband import made as frames
from openfit_openstrap_band.radio import ble, pairing, syncing
from openfit_openstrap_band.radio.talk import Timing

sys.modules["support"] = types.ModuleType("support")  # a host sees no tests but these copies
sys.modules["support"].band = sys.modules["support.band"] = frames
from openfit_farband.on_air import on_air
from openfit_farband.virtual_band import Band

flash = [frames.second(frames.START + n, 60 + n % 40, counter=n + 1) for n in range(20)]
air, _ = on_air(Band(flash, clock=frames.START + 600.0))
air.__enter__()
ble.RADIO = ble.Radio(air.scanner, air.client, air.adapter)
syncing.TIMING = Timing(between=0.01)
pairing.LOOK = 0.3
"""
HOOKS = """
authenticate, sync, act, normalize = band.authenticate, band.sync, band.act, band.normalize
"""


def write(folder: Path, code: str = VIRTUAL, called: str = "OpenStrap band") -> None:
    package = folder / f"openfit_{NAME}"
    package.mkdir()
    manifest = (PACKAGE / "manifest.toml").read_text()
    (package / "manifest.toml").write_text(
        manifest.replace('id = "openstrap_band"', f'id = "{NAME}"').replace(
            'name = "OpenStrap band"', f'name = "{called}"'
        )
    )
    (package / "__init__.py").write_text(code + HOOKS)
    for name, source in COPIED.items():
        shutil.copy(TESTS / source, package / name)


class FromFolder(Installed):
    """A plugin as pip would have installed it."""

    def __init__(self, module: str) -> None:
        self.name, self.module = module.removeprefix("openfit_"), module
        self.dist, self.version = module, "1.0.0"


def install(hub, folder: Path, code: str = VIRTUAL) -> None:
    """`folder` is to be among `hosts.PATHS` and on `sys.path`."""
    write(folder, code)
    hub.plugins.plugins[NAME] = FromFolder(f"openfit_{NAME}")


def connected(hub, at: int | None = None):
    state = AuthState(account_id="4A0123456", extra={"address": ADDRESS})
    return connect.save(hub, owner_id(hub), NAME, "Band", state, {}, at or now_ms())
