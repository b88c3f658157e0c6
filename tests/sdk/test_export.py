"""The export hook: samples larger than a frame go in, files larger than a frame come out."""

import tempfile
from datetime import UTC, datetime

import pytest
from openfit_sdk import BadInput, Blob, PermanentError, wire
from openfit_sdk.schema import Activity, Device, Metric

EXPORT = "@hookimpl\ndef export(entity, samples, devices, format):\n"
START = datetime(2026, 3, 1, 7, tzinfo=UTC)
RIDE = Activity(key="a", start=START, sport="cycling")


@pytest.fixture
def export(plugin, start):
    """What a plugin with this body makes of an activity and samples."""

    def run(body, samples=(), **more):
        host = start(plugin(body, head=EXPORT))
        with tempfile.TemporaryFile() as file:
            size = file.write(wire.encode(list(samples)))
            file.flush()
            blob = Blob(sha256="", size=size, fd=file.fileno())
            given = {"entity": RIDE, "devices": [], "format": "fit"} | more
            pages = list(host.pages("export", samples=blob, **given))
        return [part for page in pages for part in page]

    return run


def test_a_plugin_is_given_the_entity_its_samples_and_devices(export):
    metric = Metric(key="m", type="power", start=START, t=[0, 1000], v=[200, 210], activity="a")
    body = (
        "one = samples[0]\n"
        "said = f'{entity.sport} {one.type} {list(one.v)} {devices[0].key} {format}'\n"
        "return ExportFile(media_type='text/plain', body=said.encode())"
    )
    [part] = export(body, [metric], devices=[Device(key="d", type="watch")], format="gpx")
    assert (part.media_type, part.body) == ("text/plain", b"cycling power [200, 210] d gpx")


def test_samples_and_files_may_be_larger_than_a_frame(export):
    n = 2_500_000
    metric = Metric(key="m", type="power", start=START, interval_ms=1000, v=[1.5] * n, activity="a")
    assert n * 8 > wire.MAX_FRAME
    body = (
        "from array import array\n"
        "return ExportFile(media_type='x/y', body=array('d', samples[0].v).tobytes() + b'end')"
    )
    parts = export(body, [metric])
    assert len(parts) > 16 and max(len(part.body) for part in parts) <= 1024 * 1024
    whole = b"".join(part.body for part in parts)
    assert len(whole) == n * 8 + 3 and whole.endswith(b"end")


def test_an_empty_file_is_a_file(export):
    [part] = export("return ExportFile(media_type='x/y', body=b'')")
    assert (part.media_type, part.body) == ("x/y", b"")


def test_what_cannot_be_written_is_said_in_a_sentence(export):
    with pytest.raises(BadInput, match="has no positions") as refusal:
        export("raise BadInput('It has no positions.', code='no_positions')")
    assert refusal.value.code == "no_positions"


def test_no_hook_and_another_answer_are_told_apart(plugin, start, export):
    host = start(plugin("yield ok", name="openfit_reader"))
    with pytest.raises(PermanentError, match="no export"):
        list(host.pages("export", entity=RIDE, devices=[], format="fit"))
    with pytest.raises(PermanentError, match="failed"):
        export("return 'a file'")
