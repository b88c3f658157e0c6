"""Fetch the web libraries that the hub serves, as they were published, and note what they are.

Raise a version here, run `python3 dev.py vendor`, read the diff, commit. Needs npm, which the hub
does not.
"""

import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import NamedTuple

VENDOR = Path(__file__).resolve().parent.parent / "core" / "openfit" / "web" / "vendor"
SOURCE_MAP = re.compile(rb"\s*//# sourceMappingURL=\S+\s*$")


class Pick(NamedTuple):
    """One file of one published package."""

    package: str
    version: str
    path: str
    exports: str = ""  # the variable of a published script that a module is made to export


PICKS = {
    "preact.js": Pick("preact", "11.2.0", "dist/preact.mjs"),
    "preact-hooks.js": Pick("preact", "11.2.0", "hooks/dist/hooks.mjs"),
    "signals-core.js": Pick("@preact/signals-core", "1.14.5", "dist/signals-core.mjs"),
    "signals.js": Pick("@preact/signals", "2.11.4", "dist/signals.mjs"),
    "htm.js": Pick("htm", "3.1.1", "dist/htm.mjs"),
    "uPlot.js": Pick("uplot", "1.6.32", "dist/uPlot.iife.min.js", exports="uPlot"),
    "uPlot.css": Pick("uplot", "1.6.32", "dist/uPlot.min.css"),
}


class Package:
    """A published package, downloaded and checked by npm, unpacked in `folder`."""

    def __init__(self, name: str, version: str, folder: Path) -> None:
        self.title = f"{name} {version}"
        self.root = folder / self.title.replace("/", "-") / "package"
        command = [
            "npm",
            "pack",
            "--silent",
            "--pack-destination",
            str(folder),
            f"{name}@{version}",
        ]
        packed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        with tarfile.open(folder / packed.stdout.split()[-1]) as archive:
            archive.extractall(self.root.parent, filter="data")
        self.licence: str = json.loads((self.root / "package.json").read_text())["license"]


def fetch(folder: Path) -> dict[tuple[str, str], Package]:
    wanted = dict.fromkeys((pick.package, pick.version) for pick in PICKS.values())
    return {key: Package(*key, folder) for key in wanted}


def write_file(name: str, pick: Pick, package: Package) -> dict[str, str]:
    published = (package.root / pick.path).read_bytes()
    body = SOURCE_MAP.sub(b"\n", published)  # the maps are not shipped
    if pick.exports:  # the only minified form is a script: half the size of the module
        body = body.rstrip() + f"\nexport default {pick.exports};\n".encode()
    (VENDOR / name).write_bytes(body)
    return {
        **{key: value for key, value in pick._asdict().items() if value},
        "licence": package.licence,
        "sha256": hashlib.sha256(body).hexdigest(),
    }


def licence_text(package: Package) -> str:
    text = (package.root / "LICENSE").read_text().strip("\n")
    return f"{package.title} ({package.licence})\n{'=' * 80}\n\n{text}\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        packages = fetch(Path(folder))
        manifest = {
            name: write_file(name, pick, packages[pick.package, pick.version])
            for name, pick in PICKS.items()
        }
        texts = [licence_text(package) for package in packages.values()]
    (VENDOR / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    (VENDOR / "LICENSES.txt").write_text("\n\n".join(texts))


if __name__ == "__main__":
    main()
