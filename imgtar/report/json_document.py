"""JSON, streamed: the long lists of a report are encoded in batches and are never in memory as a whole.

One compact line, keys in the order of the contract's fields: the same input gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Protocol

import msgspec

from imgtar.contract.content import (
    DuContent,
    ExtractContent,
    FindContent,
    InspectContent,
    LsContent,
    TextSettings,
    VerifyContent,
)
from imgtar.contract.envelope import ErrorBody, ErrorReport
from imgtar.report.batches import batches
from imgtar.text import disarm_json

if TYPE_CHECKING:  # only the commands of these documents load them
    from imgtar.contract.diff import ComparedPair, DiffContent
    from imgtar.contract.duplicates import DuplicatesContent

_ENCODER = msgspec.json.Encoder()
Part = Callable[[], Iterator[bytes]]


class Whole(Protocol):
    """A content whose document is complete: it has no long lists that are produced while they are written."""

    @property
    def document(self) -> msgspec.Struct: ...


def inspect(content: InspectContent, _settings: TextSettings) -> Iterator[bytes]:
    """The document of `inspect`."""

    def layers(image: int) -> Part:
        def changes(layer: int) -> dict[str, Part]:
            if not content.lists_changes(image, layer):
                return {}
            return {"changes": _encoded(partial(content.encoded_changes, image, layer))}

        encoded = (_struct(layer, changes(layer.index)) for layer in content.document.images[image].layers)
        return lambda: _list(encoded)

    def images() -> Iterator[bytes]:
        documents = enumerate(content.document.images)
        return _list(_struct(image, {"layers": layers(index)}) for index, image in documents)

    yield from _struct(content.document, {"images": images})
    yield b"\n"


def verify(content: VerifyContent, settings: TextSettings) -> Iterator[bytes]:
    """The document of `verify`: the one of `inspect` without its long lists, and the byte ranges."""
    *inspected, end = inspect(content, settings)
    assert end == b"\n"
    yield b"".join(inspected)[:-1] + b',"ranges":'
    yield _encode(content.ranges)
    yield b"}\n"


def ls(content: LsContent, _settings: TextSettings) -> Iterator[bytes]:
    """The document of `ls`."""
    yield from _struct(content.document, {"entries": _rows(content.entries)})
    yield b"\n"


def du(content: DuContent, _settings: TextSettings) -> Iterator[bytes]:
    """The document of `ls --du`."""
    yield from _struct(content.document, {"directories": _rows(content.directories)})
    yield b"\n"


def find(content: FindContent, _settings: TextSettings) -> Iterator[bytes]:
    """The document of `find`."""
    yield from _struct(content.document, {"matches": _rows(content.matches)})
    yield b"\n"


def duplicates(content: DuplicatesContent, _settings: TextSettings) -> Iterator[bytes]:
    """The document of `duplicates`."""
    yield from _struct(content.document, {"groups": _rows(content.groups)})
    yield b"\n"


def extract(content: ExtractContent, _settings: TextSettings) -> Iterator[bytes]:
    """The document of `extract`; what was written is listed only where that was asked for."""
    yield from _struct(content.document, {"entries": _rows(content.entries)} if content.listing else {})
    yield b"\n"


def diff(content: DiffContent, _settings: TextSettings) -> Iterator[bytes]:
    """The document of `diff` about one pair of images; about several the document of each, as `reports`."""
    if len(content.pairs) == 1:
        yield from _pair(content.pairs[0])
    else:
        several = content.several()
        yield from _struct(several, {"reports": lambda: _list(map(_pair, content.pairs))})
    yield b"\n"


def _pair(pair: ComparedPair) -> Iterator[bytes]:
    return _struct(pair.document, {} if pair.layers_only else {"files": _rows(pair.files)})


def whole(content: Whole, _settings: TextSettings) -> Iterator[bytes]:
    """A document without long lists, of any command."""
    yield _encode(content.document)
    yield b"\n"


def error(code: str, message: str) -> bytes:
    """The document that `--format json` prints where there is no report (exit 3)."""
    return _encode(ErrorReport(error=ErrorBody(code=code, message=message))) + b"\n"


def _encode(value: object) -> bytes:
    return disarm_json(_ENCODER.encode(value))


def _struct(value: msgspec.Struct, streamed: Mapping[str, Part]) -> Iterator[bytes]:
    """The object of `value`; `streamed` writes the fields that it names. Only keys of unset fields are absent."""
    opening = b"{"
    for name in value.__struct_fields__:
        part = streamed.get(name)
        if part is None and getattr(value, name) is msgspec.UNSET:
            continue
        yield opening + _encode(name) + b":"
        if part is None:
            yield _encode(getattr(value, name))
        else:
            yield from part()
        opening = b","
    yield b"}"


def _list(items: Iterable[Iterator[bytes]]) -> Iterator[bytes]:
    yield b"["
    opening = b""
    for item in items:
        yield opening
        yield from item
        opening = b","
    yield b"]"


def _encoded(source: Callable[[], Iterable[bytes]]) -> Part:
    """The list of rows that are encoded already."""

    def pieces() -> Iterator[bytes]:
        opening = b"["
        for piece in source():
            yield opening
            yield piece
            opening = b","
        yield b"]" if opening == b"," else b"[]"

    return pieces


def _rows(source: Callable[[], Iterable[msgspec.Struct]]) -> Part:
    """The list of the rows of `source`, which is called when the list is written."""

    def encoded() -> Iterator[bytes]:
        yield b"["
        opening = b""
        for batch in batches(source()):
            yield opening
            yield _encode(batch)[1:-1]
            opening = b","
        yield b"]"

    return encoded
