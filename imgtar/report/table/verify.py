"""The text of `verify`: each image's digests in full, the owner of every byte, and the findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from imgtar.contract.content import VerifyContent, View
from imgtar.contract.inspect import ByteRange, Image
from imgtar.report.table.drawing import Cell, Column, Style, draw, encoded, marks, paint
from imgtar.report.table.sections import findings_section, head, heading
from imgtar.text import human_size, neutralise


def verify(content: VerifyContent, view: View) -> Iterator[bytes]:
    """The recomputed digests, for a person at a terminal; a digest is never cut."""
    return encoded(_lines(content, view), view)


def _lines(content: VerifyContent, view: View) -> Iterator[str]:
    document = content.document
    yield from head(document, document.findings, view)
    for index, image in enumerate(document.images):
        yield ""
        yield heading(image, index if len(document.images) > 1 else None, view)
        wrong = {row.where.layer for row in document.findings if row.where.image == index and row.effect != "none"}
        yield from _image(image, wrong, view)
    yield ""
    yield from _bytes(content.ranges, view)
    yield ""
    yield from findings_section(document, content.explanations, view, images=len(document.images))


def _image(image: Image, wrong: set[int | None], view: View) -> Iterator[str]:
    yield f"  config    {image.id or marks(view).none}"
    yield f"  manifest  {image.manifest_digest or marks(view).none}"
    for layer in image.layers:
        state = "absent" if not layer.present else "WRONG" if layer.index in wrong else "ok"
        style: Style = "green" if state == "ok" else "alarm"
        yield f"  layer {layer.index:<3} {paint(f'{state:<6}', style, view)} diffID {_digest(layer.diff_id, view)}"
        if layer.digest != layer.diff_id:
            yield f"  {'':16} blob   {_digest(layer.digest, view)}"


def _digest(digest: str | None, view: View) -> str:
    return digest or marks(view).none


def _bytes(ranges: Sequence[ByteRange] | None, view: View) -> Iterator[str]:
    """The bytes of each kind of member together."""
    if ranges is None:
        yield f"  {paint('Bytes', 'bold', view)}  not counted: the input is a directory"
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
    yield f"  {paint('Bytes', 'bold', view)}  {total:,} ({human_size(total)}): every byte is accounted for"
    columns = [Column("BYTES", right=True), Column("RANGES", right=True), Column("WHAT", shrink="end")]
    rows = [
        [Cell(f"{size:,}"), Cell(f"{counts[kind]:,}"), Cell(neutralise(kind, ascii_only=not view.unicode))]
        for kind, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0]))
    ]
    yield from draw(columns, rows, view)
