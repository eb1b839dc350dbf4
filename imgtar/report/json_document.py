"""JSON, streamed: the long lists of a report are encoded in batches and are never in memory as a whole.

One compact line, keys in the order of the contract's fields: the same input gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Protocol

import msgspec

from imgtar.contract.content import InspectContent, TextSettings, VerifyContent
from imgtar.contract.envelope import ErrorBody, ErrorReport
from imgtar.contract.file_content import DuContent, ExtractContent, FindContent, LsContent
from imgtar.report.json_parts import Part, encoded, encoded_rows, list_parts, row_parts, struct_parts

if TYPE_CHECKING:  # only the commands of these documents load them
    from imgtar.contract.diff import ComparedPair, DiffContent
    from imgtar.contract.duplicates import DuplicatesContent


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
            return {"changes": encoded_rows(partial(content.encoded_changes, image, layer))}

        parts = (struct_parts(layer, changes(layer.index)) for layer in content.document.images[image].layers)
        return lambda: list_parts(parts)

    def images() -> Iterator[bytes]:
        documents = enumerate(content.document.images)
        return list_parts(struct_parts(image, {"layers": layers(index)}) for index, image in documents)

    yield from struct_parts(content.document, {"images": images})
    yield b"\n"


def verify(content: VerifyContent, settings: TextSettings) -> Iterator[bytes]:
    """The document of `verify`: the one of `inspect` without its long lists, and the byte ranges."""
    *inspected, end = inspect(content, settings)
    assert end == b"\n"
    yield b"".join(inspected)[:-1] + b',"ranges":'
    yield encoded(content.ranges)
    yield b"}\n"


def ls(content: LsContent, _settings: TextSettings) -> Iterator[bytes]:
    """The document of `ls`."""
    yield from struct_parts(content.document, {"entries": row_parts(content.entries)})
    yield b"\n"


def du(content: DuContent, _settings: TextSettings) -> Iterator[bytes]:
    """The document of `ls --du`."""
    yield from struct_parts(content.document, {"directories": row_parts(content.directories)})
    yield b"\n"


def find(content: FindContent, _settings: TextSettings) -> Iterator[bytes]:
    """The document of `find`."""
    yield from struct_parts(content.document, {"matches": row_parts(content.matches)})
    yield b"\n"


def duplicates(content: DuplicatesContent, _settings: TextSettings) -> Iterator[bytes]:
    """The document of `duplicates`."""
    yield from struct_parts(content.document, {"groups": row_parts(content.groups)})
    yield b"\n"


def extract(content: ExtractContent, _settings: TextSettings) -> Iterator[bytes]:
    """The document of `extract`; what was written is listed only where that was asked for."""
    yield from struct_parts(content.document, {"entries": row_parts(content.entries)} if content.listing else {})
    yield b"\n"


def diff(content: DiffContent, _settings: TextSettings) -> Iterator[bytes]:
    """The document of `diff` about one pair of images; about several the document of each, as `reports`."""
    if len(content.pairs) == 1:
        yield from _pair(content.pairs[0])
    else:
        several = content.several()
        yield from struct_parts(several, {"reports": lambda: list_parts(map(_pair, content.pairs))})
    yield b"\n"


def _pair(pair: ComparedPair) -> Iterator[bytes]:
    return struct_parts(pair.document, {} if pair.layers_only else {"files": row_parts(pair.files)})


def whole(content: Whole, _settings: TextSettings) -> Iterator[bytes]:
    """A document without long lists, of any command."""
    yield encoded(content.document)
    yield b"\n"


def error(code: str, message: str) -> bytes:
    """The document that `--format json` prints where there is no report (exit 3)."""
    return encoded(ErrorReport(error=ErrorBody(code=code, message=message))) + b"\n"
