"""The published vectors, exactly: ints and texts as they are, floats to a ten-thousandth."""

import gzip
import json
from collections import defaultdict

import pytest

from plugins.openstrap_band import parity

KINDS = ("r24", "record", "rr", "accel")


def load(test_data, name):
    with gzip.open(test_data / "openstrap" / name) as file:
        return json.load(file)


def same(found, expected):
    """A key that is missing from what is expected must be missing from what is found."""
    if isinstance(expected, dict):
        return (
            isinstance(found, dict)
            and found.keys() == expected.keys()
            and all(same(found[key], expected[key]) for key in expected)
        )
    if isinstance(expected, list):
        return (
            isinstance(found, list)
            and len(found) == len(expected)
            and all(map(same, found, expected))
        )
    if isinstance(expected, float) and isinstance(found, float | int):
        return found == pytest.approx(expected, abs=1e-4)
    return type(found) is type(expected) and found == expected


@pytest.mark.parametrize("kind", KINDS)
def test_every_packet_says_what_the_corpus_says(test_data, kind):
    cases = [case for case in load(test_data, "decode_cases.json.gz") if case["kind"] == kind]
    wrong = [
        case["id"] for case in cases if not same(parity.parity(kind, case["hex"]), case["expected"])
    ]
    assert (wrong, len(cases) > 200) == ([], True)


@pytest.mark.parametrize("group", sorted(parity.GROUPS))
def test_every_vector_of_records_says_what_is_expected(test_data, group):
    by_group = defaultdict(list)
    for vector in load(test_data, "frame_vectors.json.gz")["vectors"]:
        by_group[vector["group"]].append(vector)
    wrong = {}
    for vector in by_group[group]:
        found, expected = parity.frame_parity(group, vector["input"]), vector["expected"]
        if group == "pedometer":
            near = abs(found["steps"] - expected["steps"]) <= expected["tolerance"]
        else:
            near = same(found, expected)
        if not near:
            wrong[vector["id"]] = (found, expected)
    assert by_group[group]
    assert not wrong


@pytest.mark.parametrize("text", ["0x", "a", "abc", "00 11", "28 2", "", "zz", "28"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_packet_is_absent(kind, text):
    assert parity.parity(kind, text) is None
