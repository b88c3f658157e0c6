"""Where backups lie, when the next is due, and which of the old ones stay."""

from pathlib import Path

FOLDER = "backups"


def default_folder(data: Path) -> Path:
    folder = data / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
