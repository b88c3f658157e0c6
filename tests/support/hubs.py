"""Hubs to run tests against, and what makes two of them equal."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

COMPARED = ("entities.jsonl", "samples.jsonl", "daily.jsonl")


def environment(data: Path, url: str | None = None, **more: str) -> dict[str, str]:
    own = {"OPENFIT_DATA": str(data)} | ({"OPENFIT_DATABASE_URL": url} if url else {}) | more
    kept = {k: v for k, v in os.environ.items() if not k.startswith("OPENFIT_")}
    return kept | own


def openfit(
    *arguments: str | Path, data: Path, url: str | None = None, check: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run the command line as a person does."""
    command = [sys.executable, "-m", "openfit", *map(str, arguments)]
    done = subprocess.run(
        command, env=environment(data, url), capture_output=True, text=True, timeout=300
    )
    if check and done.returncode not in (0, 1):
        raise AssertionError(f"{command} ended with {done.returncode}: {done.stderr}")
    return done


def import_lines(*paths: str | Path, data: Path, url: str | None = None) -> list[dict]:
    done = openfit("import", "--json", *paths, data=data, url=url)
    return [json.loads(line) for line in done.stdout.splitlines()]


def picture(data: Path, url: str | None = None) -> dict[str, list[str]]:
    """Entities, samples and days of a hub, as its export writes them: what must be equal."""
    target = data / "picture.zip"
    openfit("export", "--output", target, data=data, url=url)
    with zipfile.ZipFile(target) as archive:
        return {name: archive.read(name).decode().splitlines() for name in COMPARED}
