"""A hub with a virtual band in reach: `python tools/virtual_band.py serve`, or another command.

What follows is a command of `openfit`, run with one plugin more: the band's own, whose radio is the
test kit's air with a band in it that has an hour of records and a pulse. Pair it as `farband`, look
at it live, fetch: all of it but the radio is what runs with a real one.
"""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests")]

from support.band_folder import NAME, write  # noqa: E402

HOUR = """
import math, sys, time, types
import openfit_openstrap_band as band
from openfit_farband import made as frames
from openfit_openstrap_band.radio import ble

sys.modules["support"] = types.ModuleType("support")  # a host sees no tests but these copies
sys.modules["support"].band = sys.modules["support.band"] = frames
from openfit_farband.on_air import on_air
from openfit_farband.virtual_band import Band

def pulse(second):
    rate = round(64 + 8 * math.sin(second / 40) + 3 * math.sin(second / 7))
    return rate, [round(60_000 / rate)]

now = int(time.time())
flash = frames.day(now // 3600 * 3600 - 3600, 3600)
air, _ = on_air(Band(flash, clock=float(now), burst=200, pulse=pulse))
air.__enter__()
ble.RADIO = ble.Radio(air.scanner, air.client, air.adapter)
"""
SEEN_BY_HOSTS = """
from pathlib import Path
from openfit.hosting import hosts
hosts.PATHS.append(Path({folder!r}))
"""


def main(arguments: list[str]) -> int:
    if not arguments:
        print((__doc__ or "").strip())
        return 2
    with tempfile.TemporaryDirectory(prefix="virtual-band-") as made:
        folder = Path(made)
        folder.chmod(0o755)  # a host may have an account of its own
        write(folder, HOUR, "Virtual band")
        info = folder / f"{NAME}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[openfit]\n{NAME} = openfit_{NAME}\n")
        (folder / "sitecustomize.py").write_text(SEEN_BY_HOSTS.format(folder=str(folder)))
        paths = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
        command = [sys.executable, "-m", "openfit", *arguments]
        with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": ":".join(paths)}) as hub:
            for number in (signal.SIGINT, signal.SIGTERM):  # for it to end by, and then this
                signal.signal(number, lambda number, _: hub.send_signal(number))
            status = hub.wait()
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
