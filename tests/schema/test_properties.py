"""Properties that hold for every entity, generated from the annotations of the structs."""

import json
from array import array
from datetime import UTC, date, datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openfit_schema import (
    ENTITIES,
    Problem,
    Result,
    WireError,
    decode_document,
    decode_json,
    decode_lines,
    decode_msgpack,
    encode_json,
    encode_lines,
    encode_msgpack,
    msgpack_decoder,
    msgpack_encoder,
    problems,
)

OPEN_MAPS = ("ext", "minutes", "values", "drivers", "parameters")  # their keys are no fields
quick = settings(max_examples=40, suppress_health_check=list(HealthCheck), deadline=None)

finite = st.floats(allow_nan=False, allow_infinity=False)
integers = st.integers(-(2**63), 2**63 - 1)
anything = st.recursive(
    st.none() | st.booleans() | integers | finite | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
columns = st.one_of(
    st.builds(array, st.just("B"), st.lists(st.integers(0, 255), max_size=5)),
    st.builds(array, st.just("q"), st.lists(integers, max_size=5)),
    st.builds(array, st.just("f"), st.lists(st.floats(-9, 9, width=32), max_size=5)),
    st.builds(array, st.just("d"), st.lists(finite, max_size=5)),
)
instants = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
SIMPLE = {
    str: st.text(max_size=8),
    float: finite,
    int: integers,
    bool: st.booleans(),
    datetime: instants,
    date: st.dates(date(1970, 1, 1), date(2100, 1, 1)),
    array: columns,
    NoneType: st.none(),
    Any: anything,
}


def of(annotation):
    if annotation in SIMPLE:
        return SIMPLE[annotation]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return constrained(*arguments)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, UnionType):
        return st.one_of(*map(of, arguments))
    if origin is list:
        return st.lists(of(arguments[0]), max_size=3)
    if origin is dict:
        return st.dictionaries(of(arguments[0]), of(arguments[1]), max_size=3)
    return of_struct(annotation)


def constrained(kind, meta):
    if meta.pattern:
        return st.from_regex(meta.pattern.replace("$", r"\Z"), fullmatch=True).filter(
            lambda text: len(text) <= (meta.max_length or len(text))
        )
    if kind is int:
        return st.integers(meta.gt + 1, 10**9)
    if meta.min_length:
        return st.text(min_size=meta.min_length, max_size=8)
    return of(kind)


def of_struct(kind):
    fields = {
        field.name: of(field.type)
        for field in msgspec.structs.fields(kind)
        if field.name != "unknown"
    }
    if kind is Result:
        return st.builds(kind, **fields | {"value": finite, "confidence": st.floats(0.01, 1)})
    required = {field.name for field in msgspec.structs.fields(kind) if field.required}
    optional = {name: strategy for name, strategy in fields.items() if name not in required}
    return st.fixed_dictionaries({name: fields[name] for name in required}, optional=optional).map(
        lambda given: kind(**given)
    )


every_kind = pytest.mark.parametrize("kind", ENTITIES, ids=lambda kind: kind.__name__)


@every_kind
def test_json_gives_back_the_entity(kind):
    @quick
    @given(of_struct(kind))
    def check(entity):
        assert decode_json(encode_json(entity)) == entity

    check()


@every_kind
def test_messagepack_gives_back_the_entity_and_its_column_formats(kind):
    @quick
    @given(of_struct(kind))
    def check(entity):
        decoded = decode_msgpack(encode_msgpack(entity))
        assert decoded == entity
        assert encode_msgpack(decoded) == encode_msgpack(entity)

    check()


@every_kind
def test_a_frame_gives_back_the_entity(kind):
    encoder, decoder = msgpack_encoder(), msgpack_decoder()

    @quick
    @given(of_struct(kind))
    def check(entity):
        assert decoder.decode(encoder.encode(entity)) == entity

    check()


@every_kind
def test_checking_any_entity_ends_in_problems_and_not_in_an_exception(kind):
    @quick
    @given(of_struct(kind))
    def check(entity):
        assert all(isinstance(problem, Problem) for problem in problems(entity))

    check()


def places(tree):
    """Every object of a document in which a later version may put a field."""
    if isinstance(tree, list):
        return [place for item in tree for place in places(item)]
    if not isinstance(tree, dict):
        return []
    inner = (value for name, value in tree.items() if name not in OPEN_MAPS)
    return [tree, *(place for value in inner for place in places(value))]


@every_kind
def test_unknown_fields_survive_both_encodings_at_every_depth(kind):
    names = st.text(max_size=6).map(lambda text: f"later{text}")

    @quick
    @given(of_struct(kind), st.data())
    def check(entity, data):
        tree = json.loads(encode_json(entity))
        for place in places(tree):
            place |= data.draw(st.dictionaries(names, anything, max_size=2))
        through_json = decode_json(json.dumps(tree))
        through_msgpack = decode_msgpack(encode_msgpack(through_json))
        assert json.loads(encode_json(through_json)) == tree
        assert json.loads(encode_json(through_msgpack)) == tree

    check()


@quick
@given(st.lists(st.one_of(*map(of_struct, ENTITIES)), max_size=4))
def test_an_archive_gives_back_its_entities(entities):
    assert list(decode_lines(encode_lines(entities))) == entities


broken = st.recursive(
    st.none()
    | st.booleans()
    | integers
    | st.floats()
    | st.text(max_size=5)
    | st.binary(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5) | st.integers(0, 9), inner, max_size=3)
    ),
    max_leaves=5,
)


@quick
@given(st.one_of(*map(of_struct, ENTITIES)), st.data())
def test_a_document_with_anything_in_any_field_is_read_or_refused(entity, data):
    tree = msgspec.msgpack.decode(encode_msgpack(entity))
    names = st.sampled_from([*tree, "later", "$unknown", 7])
    tree[data.draw(names)] = data.draw(broken)
    try:
        decoded = decode_msgpack(msgspec.msgpack.encode(tree))
    except WireError as error:
        assert str(error)
    else:
        assert decode_msgpack(encode_msgpack(decoded)) == decoded


@quick
@given(st.binary(max_size=40))
def test_bytes_that_are_no_document_are_refused(body):
    for decode in (decode_json, decode_msgpack, decode_document):
        with pytest.raises(WireError):
            decode(body)


def test_a_document_nested_too_deeply_is_refused():
    with pytest.raises(WireError):
        decode_json(b'{"entity":' + b"[" * 100_000)
