"""The text of `verify`: each image's digests in full, the owner of every byte, and the findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from imgtar.contract.content import TextSettings, VerifyContent
from imgtar.contract.inspect import ByteRange, Image
from imgtar.report.table.drawing import Cell, Column, Style, draw, encoded, marks, paint
from imgtar.report.table.sections import findings_section, head, heading
from imgtar.text import human_size, neutralise


def verify(content: VerifyContent, settings: TextSettings) -> Iterator[bytes]:
    """The recomputed digests, for a person at a terminal; a digest is never cut."""
    return encoded(_lines(content, settings), settings)


def _lines(content: VerifyContent, settings: TextSettings) -> Iterator[str]:
    document = content.document
    yield from head(document, document.findings, settings)
    for index, image in enumerate(document.images):
        yield ""
        yield heading(image, index if len(document.images) > 1 else None, settings)
        wrong = {row.where.layer for row in document.findings if row.where.image == index and row.effect != "none"}
        yield from _image(image, wrong, settings)
    yield ""
    yield from _bytes(content.ranges, settings)
    yield ""
    yield from findings_section(document, content.explanations, settings, images=len(document.images))


def _image(image: Image, wrong: set[int | None], settings: TextSettings) -> Iterator[str]:
    yield f"  config    {image.id or marks(settings).none}"
    yield f"  manifest  {image.manifest_digest or marks(settings).none}"
    for layer in image.layers:
        state = "absent" if not layer.present else "WRONG" if layer.index in wrong else "ok"
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
        yield f"  {paint('Bytes', 'bold', settings)}  not counted: the input is a directory"
        return
    sizes: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for span in ranges:
        kind = span.what.partition(":")[0]
        kind = "layers" if kind.startswith("layer ") else "configs" if kind.startswith("config of") else kind
        kind = "manifests" if kind.startswith("manifest of") else kind
        sizes[kind] += span.length
        counts[kind] += 1
    total = sum(sizes.values())
    yield f"  {paint('Bytes', 'bold', settings)}  {total:,} ({human_size(total)}): every byte is accounted for"
    columns = [Column("BYTES", right=True), Column("RANGES", right=True), Column("WHAT", shrink="end")]
    rows = [
        [Cell(f"{size:,}"), Cell(f"{counts[kind]:,}"), Cell(neutralise(kind, ascii_only=not settings.unicode))]
        for kind, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0]))
    ]
    yield from draw(columns, rows, settings)
