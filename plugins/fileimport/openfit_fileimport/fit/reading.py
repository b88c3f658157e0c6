"""One FIT body to entities: which messages it has decides what is made of it."""

from collections.abc import Iterator

from openfit_sdk import Report
from openfit_sdk.items import ReportStatus
from openfit_sdk.schema import AnyEntity

from openfit_fileimport.fit import health, monitoring
from openfit_fileimport.fit.activities import activities, sessions
from openfit_fileimport.fit.columns import FitFile
from openfit_fileimport.fit.devices import creator_key, devices
from openfit_fileimport.fit.profile import enum
from openfit_fileimport.fit.records import Problem

UNDATED = (
    "The recording's times count from when the device was switched on, not from a date, so it "
    "cannot be placed on a calendar. The original is kept."
)
LOST = {"truncated", "undefined_record", "not_closed", "bad_crc"}


def entities(files: list[FitFile], key: str) -> Iterator[AnyEntity | Report]:
    """Everything that a chain of files holds, then what is wrong with it."""
    something = False
    for n, file in enumerate(files):
        for entity in one_file(file, key if n == 0 else f"{key}:{n}"):
            something = something or entity.__struct_config__.tag != "device"
            yield entity
    yield from verdict(files, something)


def one_file(file: FitFile, key: str) -> Iterator[AnyEntity | Report]:
    device = creator_key(file)
    yield from devices(file)
    yield from activities(file, key)
    yield from monitoring.readings(file, key, device)
    yield from health.readings(file, key, device)


def verdict(files: list[FitFile], something: bool) -> Iterator[Report]:
    """One report of how it went."""
    problems = [problem for file in files for problem in file.index.problems]
    unclosed = [
        file for file in files if len(file.messages("record")) and not len(file.messages("session"))
    ]
    if problems:
        yield damage(problems, something)
    elif not something and any(len(file.messages("record")) for file in files):
        yield Report(status="unsupported", code="no_date", message=UNDATED)
    elif not something:
        yield Report(status="unsupported", code="nothing_to_show", message=nothing(files))
    elif any(sessions(file) for file in unclosed):
        said = "The device wrote no summary; totals are computed from the samples alone."
        yield Report(status="partial", code="no_session", message=said)
    else:
        yield Report(status="ok", code="read", message="Read.")


def damage(problems: list[Problem], something: bool) -> Report:
    first = next((p for p in problems if p.fatal), problems[0])
    said = " ".join(problem.message for problem in problems)
    lost = any(problem.fatal or problem.code in LOST for problem in problems)
    status: ReportStatus = "ok"
    if not something:
        status = "failed"
    elif lost:
        status = "partial"
    return Report(status=status, code=first.code, message=said, at_byte=first.at_byte)


def nothing(files: list[FitFile]) -> str:
    kinds: list[str] = []
    for file in files:
        messages = file.messages("file_id")
        numbers = messages.column("type").tolist() if len(messages) else []
        kinds += [enum("file").get(int(n), f"type {int(n)}") for n in numbers if n == n]
    what = f" ({', '.join(dict.fromkeys(kinds))})" if kinds else ""
    return f"This FIT file{what} holds no activity and no measurement. The original is kept."
