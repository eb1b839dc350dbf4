"""The parts of a verification in Markdown: the digests of an image, and the owner of every byte."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtar.contract.envelope import Source
from imgtar.contract.inspect import ByteRange
from imgtar.contract.verification import ByteKind, DigestPair, DocumentCheck, ImageChecks, LayerCheck
from imgtar.report.markdown.fit import Section, table_head, table_row
from imgtar.report.markdown.sections import escaped_span
from imgtar.report.words.verification import NOT_COUNTED, bytes_words, layers_words, outside_members, state_word
from imgtar.text import escape

_WHAT = 100  # columns
_OUTSIDE = 20
_RANGES = 4000  # more than a document has room for
_HEAD = table_head(">Offset", ">Length", "What")


def checks_section(heading: str, checks: ImageChecks) -> Section:
    """The digests of one image in full; where the computed one differs, both."""
    documents = (("config", checks.config), ("manifest", checks.manifest))
    rows = [_document(name, check) for name, check in documents if check is not None]
    rows += [_layer(layer) for layer in checks.layers]
    return Section(
        before=[heading, "", f"{layers_words(checks)}."],
        head=table_head("", "", "Digest (of a layer: diffID)", "Blob, if it differs"),
        rows=[table_row(row) for row in rows],
    )


def _document(name: str, check: DocumentCheck) -> list[str]:
    return [name, _state(check), _digest(check.digest), ""]


def _layer(layer: LayerCheck) -> list[str]:
    blob = "" if layer.has_one_digest else _digest(layer.digest)
    return [f"layer {layer.index}", _state(layer), _digest(layer.diff_id), blob]


def _state(check: DocumentCheck | LayerCheck) -> str:
    word = state_word(check.state)
    return word if word == "ok" else f"**{word}**"


def _digest(pair: DigestPair) -> str:
    if pair.differs:
        return f"stated `{pair.stated}`, found `{pair.computed}`"
    return f"`{pair.known}`" if pair.known else "—"


def kinds_section(kinds: Sequence[ByteKind] | None, source: Source) -> Section:
    """The bytes of each kind of part of the archive together; None for a directory."""
    if kinds is None:
        return Section(before=["## Bytes", "", f"{NOT_COUNTED.capitalize()}."])
    rows = [table_row([f"{kind.bytes:,}", f"{kind.ranges:,}", f"`{kind.what}`"]) for kind in kinds]
    head = table_head(">Bytes", ">Ranges", "What")
    return Section(before=["## Bytes", "", f"{bytes_words(kinds, source)}."], head=head, rows=rows)


def ranges_sections(ranges: Sequence[ByteRange] | None) -> Iterator[Section]:
    """What belongs to no member, then every range of the file in its order, as far as there is room."""
    if ranges is None:
        return
    yield from outside_sections(outside_members(ranges))
    unlisted = max(0, len(ranges) - _RANGES)
    yield Section(
        before=["### Every byte"],
        head=_HEAD,
        rows=_rows(ranges[:_RANGES]),
        rest=lambda cut: f"… {cut + unlisted:,} more ranges; `imgtar verify --format json` has all of them",
    )


def outside_sections(outside: Sequence[ByteRange]) -> Iterator[Section]:
    """The bytes that belong to no member, where there are such."""
    if outside:
        more = [f"… {len(outside) - _OUTSIDE:,} more"] if len(outside) > _OUTSIDE else []
        yield Section(before=["### Outside of all members"], head=_HEAD, rows=_rows(outside[:_OUTSIDE]), after=more)


def _rows(ranges: Sequence[ByteRange]) -> list[str]:
    return [
        table_row([f"{span.offset:,}", f"{span.length:,}", escaped_span(escape(span.what), _WHAT)]) for span in ranges
    ]
