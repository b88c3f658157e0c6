"""JSON and MessagePack for entities.

Documents (`encode_json`, `encode_msgpack` and their decoders) keep the fields that this version
does not know. `msgpack_encoder` and `msgpack_decoder` are for frames between two processes of one
version: faster, and without that.
"""

import re
from array import array
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import structs
from msgspec.msgpack import Ext

from openfit_schema.columns import Column, column, pack, unpack
from openfit_schema.entities import ENTITIES, AnyEntity
from openfit_schema.shape import non_finite, unknown_fields

SCHEMA_VERSION = "1.0"
COLUMN_EXT = 1
KINDS: dict[Any, type[AnyEntity]] = {entity.__struct_config__.tag: entity for entity in ENTITIES}

Tree = dict[str, Any]  # an entity as plain objects, as decoded from any encoding


class WireError(msgspec.ValidationError, ValueError):
    """What is wrong, where (`$.laps[2].start`), and what was expected."""


def enc_hook(value: Any) -> Ext:
    """For MessagePack encoders: a column is an extension."""
    return Ext(COLUMN_EXT, pack(column(value)))


def json_enc_hook(value: Any) -> list[int] | list[float]:
    """For JSON encoders: a column is an array."""
    return column(value).tolist()


def ext_hook(code: int, packed: memoryview) -> Any:
    """For MessagePack decoders. Extensions of later versions pass through."""
    if code != COLUMN_EXT:
        return Ext(code, bytes(packed))
    try:
        return unpack(packed)
    except ValueError as error:
        raise WireError(str(error)) from None


def dec_hook(kind: type, value: Any) -> Any:
    """For decoders of either form: makes columns."""
    if kind is not Column:
        raise NotImplementedError(f"no entity holds {kind}")
    if not isinstance(value, array | list):
        raise ValueError(f"Expected a column of numbers, got `{type(value).__name__}`")
    return column(value)


def msgpack_encoder() -> msgspec.msgpack.Encoder:
    """For frames that hold entities."""
    return msgspec.msgpack.Encoder(enc_hook=enc_hook)


def msgpack_decoder(kind: Any = AnyEntity) -> "msgspec.msgpack.Decoder[Any]":
    """For frames of `kind`, which may be any union or container of entities and other structs."""
    return msgspec.msgpack.Decoder(kind, dec_hook=dec_hook, ext_hook=ext_hook)


_json = msgspec.json.Encoder(enc_hook=json_enc_hook)
_msgpack = msgpack_encoder()


def encode_json(entity: AnyEntity) -> bytes:
    """One entity as JSON, with the unknown fields it came with."""
    known = _known(entity)
    body = _json.encode(known)
    if not entity.unknown:
        return body
    return _json.encode(_splice(msgspec.json.decode(body), entity.unknown))


def encode_msgpack(entity: AnyEntity) -> bytes:
    """One entity as MessagePack, with the unknown fields it came with."""
    known = _known(entity)
    body = _msgpack.encode(known)
    if not entity.unknown:
        return body
    tree = msgspec.msgpack.decode(body, ext_hook=lambda code, packed: Ext(code, bytes(packed)))
    return _msgpack.encode(_splice(tree, entity.unknown))


def decode_json(body: bytes | str) -> AnyEntity:
    return from_tree(_parsed(msgspec.json.decode, body))


def decode_msgpack(body: bytes) -> AnyEntity:
    tree = _parsed(lambda packed: msgspec.msgpack.decode(packed, ext_hook=ext_hook), body)
    entity = from_tree(tree)
    _refuse_non_finite(entity)  # JSON has no NaN to refuse
    return entity


def from_tree(tree: Any) -> AnyEntity:
    """The entity of an already parsed document. What it does not know goes to `unknown`."""
    kind = _kind_of(tree)
    try:
        entity = msgspec.convert(tree, kind, dec_hook=dec_hook)
    except msgspec.ValidationError as error:
        raise WireError(f"{tree['entity']} {tree.get('key')}: {error}") from None
    unknown = dict(unknown_fields(tree, kind))
    return structs.replace(entity, unknown=unknown) if unknown else entity


def check_version(version: Any) -> None:
    """Accept any 1.x: within a major version only additions are made."""
    if not isinstance(version, str) or not re.fullmatch(r"\d+\.\d+", version):
        raise WireError(
            f'Expected a version such as "{SCHEMA_VERSION}" at `$.openfit`, got {version!r}: '
            "this is no OpenFit document, or its first line is missing"
        )
    ours = SCHEMA_VERSION.partition(".")[0]
    if version.partition(".")[0] != ours:
        raise WireError(
            f"This document is OpenFit {version}, and this program reads {ours}.x. "
            f"Update the program, or export the document again as {ours}.x"
        )


def encode_document(entities: Iterable[AnyEntity]) -> bytes:
    """Entities with the version they are written in, as one JSON object."""
    bodies = [msgspec.Raw(encode_json(entity)) for entity in entities]
    return _json.encode({"openfit": SCHEMA_VERSION, "entities": bodies})


def decode_document(body: bytes | str) -> list[AnyEntity]:
    tree = _parsed(msgspec.json.decode, body)
    check_version(tree.get("openfit"))
    entities = tree.get("entities")
    if not isinstance(entities, list):
        raise WireError(f"Expected `array`, got `{type(entities).__name__}` at `$.entities`")
    return [from_tree(entity) for entity in entities]


def encode_lines(entities: Iterable[AnyEntity]) -> Iterator[bytes]:
    """A JSON Lines archive: a line with the version, then one entity a line."""
    yield _json.encode({"openfit": SCHEMA_VERSION}) + b"\n"
    for entity in entities:
        yield encode_json(entity) + b"\n"


def decode_lines(lines: Iterable[bytes]) -> Iterator[AnyEntity]:
    """Read such an archive, line by line. Errors say which line they are in."""
    for number, line in enumerate(lines, start=1):
        try:
            if number == 1:
                check_version(_parsed(msgspec.json.decode, line).get("openfit"))
            elif line.strip():
                yield decode_json(line)
        except WireError as error:
            raise WireError(f"line {number}: {error}") from None


def _refuse_non_finite(entity: AnyEntity) -> None:
    for path, value in non_finite(entity):
        raise WireError(f"{value} at `{path}`: leave a missing value out")


def _known(entity: AnyEntity) -> AnyEntity:
    _refuse_non_finite(entity)
    return structs.replace(entity, unknown={}) if entity.unknown else entity


def _parsed(parse: Any, body: bytes | str) -> Tree:
    try:
        tree = parse(body)
    except WireError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(f"{error}; expected one entity or document") from None
    if not isinstance(tree, dict):
        raise WireError(f"Expected `object`, got `{type(tree).__name__}` at `$`")
    return tree


def _kind_of(tree: Any) -> type[AnyEntity]:
    tag = tree.get("entity") if isinstance(tree, dict) else None
    if not isinstance(tag, str) or tag not in KINDS:
        raise WireError(
            f"Expected one of {', '.join(map(str, KINDS))} at `$.entity`, got {tag!r}. "
            "A kind of a later version is kept as it is, and skipped"
        )
    if "$unknown" in tree:
        raise WireError("`$.$unknown` is reserved: an unknown field stands in its own place")
    return KINDS[tag]


def _splice(tree: Tree, unknown: dict[str, Any]) -> Tree:
    """Put unknown fields back. A field whose parent is gone is gone with it."""
    for pointer, value in unknown.items():
        *parents, name = (step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/"))
        parent = _follow(tree, parents[1:])
        if isinstance(parent, dict):
            parent.setdefault(name, value)
    return tree


def _follow(tree: Any, steps: list[str]) -> Any:
    for step in steps:
        if isinstance(tree, list) and step.isdigit() and int(step) < len(tree):
            tree = tree[int(step)]
        elif isinstance(tree, dict):
            tree = tree.get(step)
        else:
            return None
    return tree
