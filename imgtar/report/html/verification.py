"""The parts of a verification in a page: the digests of each image, and the owner of every byte."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from imgtar.contract.envelope import Source
from imgtar.contract.inspect import ByteRange
from imgtar.contract.verification import ByteKind, CheckState, DigestPair, ImageChecks
from imgtar.report.html.page import PATH, Escaped
from imgtar.report.words.verification import NOT_COUNTED, bytes_words, layers_words, outside_members, state_word
from imgtar.text import cut_middle, escape

_LAYERS = 500  # of one image
_OUTSIDE = 50
_RANGES = 1000


class CheckRow(msgspec.Struct, frozen=True, kw_only=True):
    """A document or a layer: its name, its state, its digests by what they are of."""

    name: str
    state: str
    good: bool
    digests: list[tuple[str, DigestPair]]


class CheckTable(msgspec.Struct, frozen=True, kw_only=True):
    """What was recomputed of one image; `unlisted` counts layers that are not listed."""

    sentence: str
    rows: list[CheckRow]
    unlisted: int


class RangeRow(msgspec.Struct, frozen=True, kw_only=True):
    """Some bytes of the archive and what they are."""

    offset: int
    length: int
    what: Escaped


class ByteTable(msgspec.Struct, frozen=True, kw_only=True):
    """What the bytes of the archive belong to: by kind, those in no member, and range by range."""

    sentence: str
    kinds: Sequence[ByteKind]
    outside: list[RangeRow]
    more_outside: int
    ranges: list[RangeRow]
    more_ranges: int


def check_table(checks: ImageChecks) -> CheckTable:
    """The config, the manifest and the layers of an image."""
    documents = (("config", checks.config), ("manifest", checks.manifest))
    rows = [_row(name, check.state, [("", check.digest)]) for name, check in documents if check is not None]
    for layer in checks.layers[:_LAYERS]:
        digests = [("diffID", layer.diff_id)]
        if not layer.has_one_digest:
            digests.append(("blob", layer.digest))
        rows.append(_row(f"layer {layer.index}", layer.state, digests))
    return CheckTable(sentence=layers_words(checks), rows=rows, unlisted=max(0, len(checks.layers) - _LAYERS))


def _row(name: str, state: CheckState, digests: list[tuple[str, DigestPair]]) -> CheckRow:
    return CheckRow(name=name, state=state_word(state), good=state == "ok", digests=digests)


def byte_table(
    kinds: Sequence[ByteKind] | None, source: Source, ranges: Sequence[ByteRange] = (), *, whole: bool = True
) -> ByteTable:
    """The bytes of the archive; `kinds` is None for a directory. Unless `whole`, only bytes in no member are listed."""
    if kinds is None:
        return ByteTable(sentence=NOT_COUNTED, kinds=(), outside=[], more_outside=0, ranges=[], more_ranges=0)
    outside = outside_members(ranges)
    return ByteTable(
        sentence=bytes_words(kinds, source),
        kinds=kinds,
        outside=_ranges(outside[:_OUTSIDE]),
        more_outside=max(0, len(outside) - _OUTSIDE),
        ranges=_ranges(ranges[:_RANGES]) if whole else [],
        more_ranges=max(0, len(ranges) - _RANGES) if whole else 0,
    )


def _ranges(spans: Sequence[ByteRange]) -> list[RangeRow]:
    return [
        RangeRow(offset=span.offset, length=span.length, what=Escaped(cut_middle(escape(span.what), PATH)))
        for span in spans
    ]
