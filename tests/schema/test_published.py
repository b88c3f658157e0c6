"""What is published must agree: structs, JSON Schema, examples and the text."""

import json
import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from jsonschema import Draft202012Validator
from openfit_schema import (
    ENTITIES,
    METRICS,
    SCHEMA_VERSION,
    Covers,
    Lap,
    Length,
    Pause,
    Source,
    Stage,
    StrengthSet,
    Totals,
    Zones,
    decode_json,
    decode_msgpack,
    encode_json,
    encode_msgpack,
    json_schema,
    problems,
    vocabulary,
)
from openfit_schema import __main__ as command
from openfit_schema.entities import SleepStage, Tier

SCHEMA = Path(__file__).parents[2] / "schema"
SPEC = (SCHEMA / "SPEC.md").read_text()
EXAMPLES = sorted((SCHEMA / "examples").glob("*.json"))
PARTS = (Covers, Lap, Length, Pause, Source, Stage, StrengthSet, Totals, Zones)
VALIDATOR = Draft202012Validator(json_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)


def test_the_committed_schema_is_not_stale():
    assert command.main(["--check"]) == 0


def test_a_stale_schema_is_told_and_written_anew(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, "TARGET", tmp_path / "schema.json")
    assert command.main(["--check"]) == 1
    assert "python -m openfit_schema" in capsys.readouterr().err
    assert (command.main([]), command.main(["--check"])) == (0, 0)


def test_the_schema_is_a_valid_schema():
    Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_valid_sound_and_survives_both_encodings(path):
    tree = json.loads(path.read_bytes())
    VALIDATOR.validate(tree)
    entity = decode_json(path.read_bytes())
    assert problems(entity) == []
    assert json.loads(encode_json(entity)) == tree
    assert decode_msgpack(encode_msgpack(entity)) == entity


def test_the_examples_show_every_kind_and_every_field():
    entities = [decode_json(path.read_bytes()) for path in EXAMPLES]
    text = "".join(path.read_text() for path in EXAMPLES)
    names = {field.encode_name for kind in (*PARTS, *ENTITIES) for field in fields_of(kind)}
    assert {type(entity) for entity in entities} == set(ENTITIES)
    assert {name for name in names if f'"{name}":' not in text} == set()


@pytest.mark.parametrize(
    "broken",
    [
        {"start": "2026-05-17T06:02:11"},
        {"start": "2026-05-17T06:02:11+02:00"},
        {"start": 1779000000},
        {"sport": None},
        {"utc_offset": "2h"},
        {"laps": [{"end": "2026-05-17T06:02:11Z"}]},
        {"method": "guessed"},
        {"key": ""},
        {"entity": "hologram"},
    ],
)
def test_a_general_purpose_validator_refuses_what_the_decoder_refuses(broken):
    tree = json.loads((SCHEMA / "examples" / "activity.json").read_bytes())
    assert VALIDATOR.is_valid(tree)
    assert not VALIDATOR.is_valid(tree | broken)


def test_the_schema_allows_fields_of_later_versions_at_every_depth():
    tree = json.loads((SCHEMA / "examples" / "activity.json").read_bytes())
    tree["later"] = tree["laps"][0]["later"] = tree["reported"]["later"] = {"any": [1]}
    VALIDATOR.validate(tree)


def fields_of(kind):
    return [field for field in msgspec.structs.fields(kind) if field.name != "unknown"]


@pytest.mark.parametrize("kind", [*PARTS, *ENTITIES], ids=lambda kind: kind.__name__)
def test_the_text_names_every_field(kind):
    missing = [f.encode_name for f in fields_of(kind) if f"`{f.encode_name}`" not in SPEC]
    assert missing == []


def test_the_text_names_every_kind_stage_and_tier():
    words = [kind.__struct_config__.tag for kind in ENTITIES]
    words += [*get_args(SleepStage), *get_args(Tier)]
    assert [word for word in words if f"`{word}`" not in SPEC] == []
    assert f"# OpenFit Schema {SCHEMA_VERSION}\n" in SPEC


def test_the_examples_of_the_text_are_what_the_encoders_write():
    [text, dump] = re.findall(r"```(?:json)?\n(.*?)```", SPEC, re.DOTALL)
    entity = decode_json(text)
    packed = bytes.fromhex(re.sub(r"#.*", "", dump))
    assert encode_json(entity) == text.strip().encode()
    assert decode_msgpack(packed) == entity
    assert encode_msgpack(decode_msgpack(packed)) == packed


def test_the_words_and_the_structs_agree():
    assert set(vocabulary().sleep_stage) == set(get_args(SleepStage))
    assert set(vocabulary().tier) == set(get_args(Tier))


def test_the_readme_counts_the_types_right():
    [count] = re.findall(r"some (\d+) metric types", (SCHEMA / "README.md").read_text())
    assert abs(int(count) - len(METRICS)) < 10


def test_the_readme_example_runs():
    [code] = re.findall(r"```python\n(.*?)```", (SCHEMA / "README.md").read_text(), re.DOTALL)
    names = {}
    exec(code, names)
    assert names["pulse"].v.tolist() == [58, 57, 61]
