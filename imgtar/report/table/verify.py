"""The text of `verify`: each image's digests in full, the owner of every byte, and the findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtar.contract.content import TextSettings, VerifyContent
from imgtar.contract.envelope import Source
from imgtar.contract.inspect import ByteRange
from imgtar.contract.verification import DigestPair, DocumentCheck
from imgtar.report.table.drawing import Cell, Column, Style, draw, encoded, marks, paint, wrapped
from imgtar.report.table.sections import findings_section, head, heading
from imgtar.report.words.verification import NOT_COUNTED, byte_kinds, bytes_words, digests_words, state_word

_BESIDE = " " * 18  # below the state of a layer


def verify(content: VerifyContent, settings: TextSettings) -> Iterator[bytes]:
    """The recomputed digests, for a person at a terminal; a digest is never cut."""
    return encoded(_lines(content, settings), settings)


def _lines(content: VerifyContent, settings: TextSettings) -> Iterator[str]:
    document = content.document
    yield from head(document, document.findings, settings)
    if not document.images:
        yield from wrapped(digests_words(()).split(" "), settings)
    for index, image in enumerate(document.images):
        yield ""
        yield heading(image, index if len(document.images) > 1 else None, settings)
        yield from _image(content, index, settings)
    yield ""
    yield from _bytes(content.ranges, document.source, settings)
    yield ""
    yield from findings_section(document, content.explanations, settings)


def _image(content: VerifyContent, index: int, settings: TextSettings) -> Iterator[str]:
    image = content.document.images[index]
    checks = content.checks[index]
    yield from _document("config  ", image.id, checks.config, settings)
    yield from _document("manifest", image.manifest_digest, checks.manifest, settings)
    for layer in checks.layers:
        state = state_word(layer.state)
        style: Style = "green" if state == "ok" else "alarm"
        yield from _digest(f"  layer {layer.index:<3} {paint(f'{state:<6}', style, settings)} diffID", layer.diff_id)
        if not layer.has_one_digest:
            yield from _digest(f"{_BESIDE} blob  ", layer.digest)


def _document(name: str, digest: str | None, check: DocumentCheck | None, settings: TextSettings) -> Iterator[str]:
    """The digest of a document; where it is not right, also what is wrong."""
    if check is None or check.state == "ok":
        yield f"  {name}  {digest or marks(settings).none}"
    else:
        yield from _digest(f"  {name}  {paint(f'{state_word(check.state):<13}', 'alarm', settings)}", check.digest)


def _digest(before: str, pair: DigestPair) -> Iterator[str]:
    """The digest that the archive states; where another one was computed, that on a line of its own."""
    yield f"{before} {pair.known or '-'}"
    if pair.differs:
        yield f"{_BESIDE} found  {pair.computed}"


def _bytes(ranges: Sequence[ByteRange] | None, source: Source, settings: TextSettings) -> Iterator[str]:
    """The bytes of each kind of member together."""
    if ranges is None:
        yield f"  {paint('Bytes', 'bold', settings)}  {NOT_COUNTED}"
        return
    kinds = byte_kinds(ranges)
    yield f"  {paint('Bytes', 'bold', settings)}  {bytes_words(kinds, source)}"
    columns = [Column("BYTES", right=True), Column("RANGES", right=True), Column("WHAT", shrink="end")]
    rows = [[Cell(f"{kind.bytes:,}"), Cell(f"{kind.ranges:,}"), Cell(kind.what)] for kind in kinds]
    yield from draw(columns, rows, settings)
