"""Markdown of `shared`, for a pull-request comment or a job summary: what images have in common."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.contract.content import TextSettings
from imgtar.contract.shared import SharedContent, SharedImage, SharedLayer, SharedReport
from imgtar.report.markdown.fit import Section, encoded, table_head, table_row
from imgtar.report.markdown.sections import code_span, escaped_span, prose
from imgtar.report.words.image import counted, short
from imgtar.report.words.shared import (
    headline,
    image_label,
    images_words,
    registry_words,
    removal_words,
    same_content_words,
    source_words,
    verdict_words,
)
from imgtar.text import human_size

_IMAGES, _LAYERS = 60, 40
_NAME, _STEP = 80, 80  # columns


def shared(content: SharedContent, settings: TextSettings) -> Iterator[bytes]:
    """The verdict of the gates, a table of the images and one of the layers that several of them have."""
    document = content.document
    sections = [
        Section(before=[*_trouble(document), *_verdict(document), "# Shared layers", "", f"{headline(document)}."])
    ]
    sections += [_images(document, settings), _layers(document, settings), Section(before=list(_sentences(document)))]
    return encoded([section for section in sections if section.before or section.rows])


def _trouble(document: SharedReport) -> Iterator[str]:
    """The archives that were not read or are damaged."""
    if document.complete and document.integrity != "failed":
        return
    yield "> **Not everything could be read, or an archive contradicts itself.** The numbers cover what was read."
    for source in document.sources:
        if source.error is not None:
            yield ">"
            yield f"> - {escaped_span(source_words(source), _NAME)}: {prose(source.error.message)}"
    for finding in [row for row in document.findings if row.effect != "none"][:3]:
        yield ">"
        yield f"> - {prose(finding.message)}"
    yield ""


def _verdict(document: SharedReport) -> list[str]:
    return [] if document.passed is None else [f"**{prose(verdict_words(document))}**", ""]


def _images(document: SharedReport, settings: TextSettings) -> Section:
    most = settings.top or len(document.images)
    listed = document.images[: min(_IMAGES, max(most, 1))]
    head = table_head("Image", ">Size", ">Shared", ">Unique = rmi frees", ">containerd (estimate)", "Layers")
    more = len(document.images) - len(listed)
    after = ["", f"… {counted(more, 'more image')}"] if more else []
    return Section(before=[], head=head, rows=[table_row(_image(document, image)) for image in listed], after=after)


def _image(document: SharedReport, image: SharedImage) -> list[str]:
    several = sum(len(document.layers[number].images) > 1 for number in image.layers)
    least = "≥ " if image.at_least else ""
    sizes = [f"{least}{human_size(size)}" for size in (image.size, image.shared, image.unique)]
    estimate = f"~ {human_size(image.containerd.size)}"
    return [escaped_span(image_label(image), _NAME), *sizes, estimate, f"{len(image.layers):,}, {several:,} shared"]


def _layers(document: SharedReport, settings: TextSettings) -> Section:
    """The layers that several images have, the largest first."""
    several = [layer for layer in document.layers if len(layer.images) > 1]
    several.sort(key=lambda layer: -(layer.size or 0))
    most = settings.top or len(several)
    rows = [table_row(_layer(document, layer)) for layer in several[: min(most, _LAYERS)]]
    before = ["## Layers that images share"] if rows else []
    return Section(before=before, head=table_head(">Size", "Chain ID", "Step", "Needed by") if rows else [], rows=rows)


def _layer(document: SharedReport, layer: SharedLayer) -> list[str]:
    size = "—" if layer.size is None else human_size(layer.size)
    chain = short(layer.chain_id)
    step = code_span(layer.text or layer.instruction or "(no history)", _STEP)
    return [size, f"`{chain}`" if chain else "—", step, prose(images_words(document, layer.images))]


def _sentences(document: SharedReport) -> Iterator[str]:
    removed = "" if document.rm is None else removal_words(document, document.rm)
    for sentence in (registry_words(document), same_content_words(document), removed):
        if sentence:
            yield prose(sentence)
            yield ""
