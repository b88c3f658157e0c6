"""Bring a database up to date. A process of its own: the hub never carries alembic in memory.

A new migration after a change of tables.py, written against a database that is at HEAD:

    OPENFIT_DATABASE_URL=sqlite:///openfit.db python -m openfit.store.migrate "what changes"
"""

import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from openfit.config import Config as Settings

SCRIPTS = Path(__file__).with_name("migrations")


def migrate(url: str, to: str = "head") -> None:
    """Every migration that is packaged and not yet applied, in one transaction."""
    command.upgrade(scripts(url), to)


def draft(url: str, message: str) -> None:
    """A new migration file from the difference of tables.py and this database."""
    command.revision(scripts(url), message, autogenerate=True)


def described(_: object, name: str | None, *__: object) -> bool:
    """Whether a thing of a database is one that tables describe; the index of texts is not."""
    return not (name or "").startswith(("text_index", "texts_by_words"))


def revisions() -> list[str]:
    """Those that are packaged."""
    found = ScriptDirectory.from_config(scripts("")).walk_revisions()
    return [one.revision for one in found]


def scripts(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["url"] = url
    return config


if __name__ == "__main__":
    address = Settings.from_env().database_url
    if len(sys.argv) > 1:
        draft(address, sys.argv[1])
    else:
        migrate(address)
