"""Markdown of `verify`, for a pull-request comment or a job summary: the digests, the owner of every byte, findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtar.contract.content import TextSettings, VerifyContent
from imgtar.contract.inspect import ByteRange, Layer
from imgtar.report.markdown.fit import Section, encoded, table_head, table_row
from imgtar.report.markdown.sections import (
    archive_facts,
    archive_span,
    condition_band,
    escaped_span,
    findings_table,
    foot,
    image_title,
)
from imgtar.report.words.verification import (
    NOT_COUNTED,
    LayerState,
    byte_kinds,
    bytes_words,
    layer_state,
    layers_words,
)

_IMAGES = 20
_KIND = 60  # columns


def verify(content: VerifyContent, settings: TextSettings) -> Iterator[bytes]:
    """The recomputed digests in full, image by image."""
    document = content.document
    images = document.images
    sections = [Section(before=[*condition_band(document), f"# Verification: {archive_span(document)}"])]
    sections += [_image(content, index) for index in range(min(len(images), _IMAGES))]
    if len(images) > _IMAGES:
        sections.append(Section(before=[f"… {len(images) - _IMAGES:,} more images"]))
    sections += [_bytes(content.ranges), findings_table(document, content.explanations, settings)]
    sections.append(foot(document, f"{archive_facts(document)}.", "; `imgtar verify` shows the full report"))
    return encoded(sections)


def _image(content: VerifyContent, index: int) -> Section:
    image = content.document.images[index]
    number = f" ({index})" if len(content.document.images) > 1 else ""
    rows = [
        table_row(["config", "", _digest(image.id), ""]),
        table_row(["manifest", "", _digest(image.manifest_digest), ""]),
        *(table_row(_layer(layer, layer_state(content, index, layer))) for layer in image.layers),
    ]
    return Section(
        before=[f"## {image_title(image)}{number}", "", f"{layers_words(content, index)}."],
        head=table_head("", "", "Digest (of a layer: diffID)", "Blob, if it differs"),
        rows=rows,
    )


def _layer(layer: Layer, state: LayerState) -> list[str]:
    blob = "" if layer.digest == layer.diff_id else _digest(layer.digest)
    return [f"layer {layer.index}", state if state == "ok" else f"**{state}**", _digest(layer.diff_id), blob]


def _digest(digest: str | None) -> str:
    return f"`{digest}`" if digest else "—"


def _bytes(ranges: Sequence[ByteRange] | None) -> Section:
    """The bytes of each kind of member together."""
    if ranges is None:
        return Section(before=["## Bytes", "", f"{NOT_COUNTED.capitalize()}."])
    rows = [
        table_row([f"{kind.size:,}", f"{kind.count:,}", escaped_span(kind.name, _KIND)]) for kind in byte_kinds(ranges)
    ]
    head = table_head(">Bytes", ">Ranges", "What")
    return Section(before=["## Bytes", "", f"{bytes_words(ranges)}."], head=head, rows=rows)
