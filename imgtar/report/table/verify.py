"""The text of `verify`: each image's digests in full, the owner of every byte, and the findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtar.contract.content import TextSettings, VerifyContent
from imgtar.contract.inspect import ByteRange
from imgtar.report.table.drawing import Cell, Column, Style, draw, encoded, marks, paint
from imgtar.report.table.sections import findings_section, head, heading
from imgtar.report.words.verification import NOT_COUNTED, byte_kinds, bytes_words, layer_state
from imgtar.text import neutralise


def verify(content: VerifyContent, settings: TextSettings) -> Iterator[bytes]:
    """The recomputed digests, for a person at a terminal; a digest is never cut."""
    return encoded(_lines(content, settings), settings)


def _lines(content: VerifyContent, settings: TextSettings) -> Iterator[str]:
    document = content.document
    yield from head(document, document.findings, settings)
    for index, image in enumerate(document.images):
        yield ""
        yield heading(image, index if len(document.images) > 1 else None, settings)
        yield from _image(content, index, settings)
    yield ""
    yield from _bytes(content.ranges, settings)
    yield ""
    yield from findings_section(document, content.explanations, settings)


def _image(content: VerifyContent, index: int, settings: TextSettings) -> Iterator[str]:
    image = content.document.images[index]
    yield f"  config    {image.id or marks(settings).none}"
    yield f"  manifest  {image.manifest_digest or marks(settings).none}"
    for layer in image.layers:
        state = layer_state(content, index, layer)
        style: Style = "green" if state == "ok" else "alarm"
        painted = paint(f"{state:<6}", style, settings)
        yield f"  layer {layer.index:<3} {painted} diffID {_digest(layer.diff_id, settings)}"
        if layer.digest != layer.diff_id:
            yield f"  {'':16} blob   {_digest(layer.digest, settings)}"


def _digest(digest: str | None, settings: TextSettings) -> str:
    return digest or marks(settings).none


def _bytes(ranges: Sequence[ByteRange] | None, settings: TextSettings) -> Iterator[str]:
    """The bytes of each kind of member together."""
    if ranges is None:
        yield f"  {paint('Bytes', 'bold', settings)}  {NOT_COUNTED}"
        return
    yield f"  {paint('Bytes', 'bold', settings)}  {bytes_words(ranges)}"
    columns = [Column("BYTES", right=True), Column("RANGES", right=True), Column("WHAT", shrink="end")]
    rows = [
        [
            Cell(f"{kind.size:,}"),
            Cell(f"{kind.count:,}"),
            Cell(neutralise(kind.name, ascii_only=not settings.unicode)),
        ]
        for kind in byte_kinds(ranges)
    ]
    yield from draw(columns, rows, settings)
