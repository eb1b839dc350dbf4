"""Pieces of JSON, so that a long list is encoded in batches and is never in memory as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from imgtar.report.batches import batches
from imgtar.text import disarm_json

_ENCODER = msgspec.json.Encoder()
Part = Callable[[], Iterator[bytes]]


def encoded(value: object) -> bytes:
    """A value, in which a CI runner finds no command."""
    return disarm_json(_ENCODER.encode(value))


def struct_parts(value: msgspec.Struct, streamed: Mapping[str, Part]) -> Iterator[bytes]:
    """The object of `value`; `streamed` writes the fields that it names. Only keys of unset fields are absent."""
    if not streamed:
        yield encoded(value)
        return
    opening = b"{"
    for name, key in zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True):
        part = streamed.get(name)
        if part is None and getattr(value, name) is msgspec.UNSET:
            continue
        yield opening + encoded(key) + b":"
        if part is None:
            yield encoded(getattr(value, name))
        else:
            yield from part()
        opening = b","
    yield b"}"


def list_parts(items: Iterable[Iterator[bytes]]) -> Iterator[bytes]:
    """The list of items that are written piece by piece."""
    yield b"["
    opening = b""
    for item in items:
        yield opening
        yield from item
        opening = b","
    yield b"]"


def encoded_rows(source: Callable[[], Iterable[bytes]]) -> Part:
    """The list of rows that are encoded already."""

    def pieces() -> Iterator[bytes]:
        opening = b"["
        for piece in source():
            yield opening
            yield piece
            opening = b","
        yield b"]" if opening == b"," else b"[]"

    return pieces


def row_parts(source: Callable[[], Iterable[msgspec.Struct]]) -> Part:
    """The list of the rows of `source`, which is called when the list is written."""

    def pieces() -> Iterator[bytes]:
        yield b"["
        opening = b""
        for batch in batches(source()):
            yield opening
            yield encoded(batch)[1:-1]
            opening = b","
        yield b"]"

    return pieces
