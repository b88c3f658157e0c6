"""FIT files: `decode` to columns, `read` to entities, `inspect` to a summary."""

from collections.abc import Iterator
from typing import Any

from openfit_sdk import BadInput, Report
from openfit_sdk.schema import AnyEntity

from openfit_fileimport.fit.columns import FitFile
from openfit_fileimport.fit.inspecting import summary
from openfit_fileimport.fit.ours import identity_text
from openfit_fileimport.fit.reading import entities
from openfit_fileimport.fit.records import Problem, index_chain, looks_like
from openfit_fileimport.writing.copies import settled
from openfit_fileimport.writing.identity import parse

__all__ = ["decode", "inspect", "looks_like", "problems", "read"]


def decode(body: bytes | memoryview) -> list[FitFile]:
    """Every FIT file in a body, decoded when its columns are asked for.

    Damage is kept as each file's problems; only what is no FIT file at all is BadInput.
    """
    whole = bytes(body)
    if not looks_like(whole[:14]):
        what = "does not begin as a FIT file does" if whole else "is empty"
        raise BadInput(f"The file {what}.", code="not_fit" if whole else "empty", at_byte=0)
    return [FitFile(memoryview(whole), one) for one in index_chain(whole)]


def read(body: bytes | memoryview, sha256: str) -> Iterator[AnyEntity | Report]:
    """The entities of a FIT file, then one Report. Keys follow from the file's own bytes."""
    files = decode(body)
    identity = parse(identity_text(files))
    yield from settled(entities(files, sha256[:32]), identity, "fit")


def problems(files: list[FitFile]) -> Iterator[Problem]:
    for file in files:
        yield from file.index.problems


def inspect(body: bytes | memoryview) -> dict[str, Any]:
    """What is in the file, what is odd about it, and where reading stopped."""
    try:
        files = decode(body)
    except BadInput as error:
        said = {"code": error.code, "message": error.message, "at_byte": error.at_byte}
        return {"kind": "fit", "warnings": [], "error": said}
    found = list(problems(files))
    fatal = next((p for p in found if p.fatal), None)
    return {
        "kind": "fit",
        **summary(files),
        "warnings": [p.message for p in found if not p.fatal],
        "error": fatal and {"code": fatal.code, "message": fatal.message, "at_byte": fatal.at_byte},
    }
