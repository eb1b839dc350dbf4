"""Markdown of `shared`, for a pull-request comment or a job summary: what images have in common."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from imgtar.contract.content import TextSettings
from imgtar.contract.shared import CommonFilesRow, SharedContent, SharedImage, SharedLayer, SharedReport
from imgtar.report.markdown.fit import Section, encoded, table_head, table_row
from imgtar.report.markdown.sections import code_span, escaped_span, path_span, prose
from imgtar.report.words.image import counted, platform_words, short
from imgtar.report.words.shared import (
    files_words,
    headline,
    holder_words,
    image_label,
    images_words,
    layer_words,
    registry_words,
    removal_words,
    same_content_words,
    source_words,
    verdict_words,
)
from imgtar.text import escape_stored, human_size

_IMAGES, _LAYERS = 60, 40
_NAME, _STEP = 80, 80  # columns


def shared(content: SharedContent, settings: TextSettings) -> Iterator[bytes]:
    """The verdict of the gates, a table of the images and one of the layers that several of them have."""
    document = content.document
    sections = [
        Section(before=[*_trouble(document), *_verdict(document), "# Shared layers", "", f"{headline(document)}."])
    ]
    sections += [_images(document, settings), _layers(document, settings), _files(document, settings)]
    sections += [Section(before=list(_sentences(document)))]
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
    platform = ["Platform"] if document.several_platforms else []
    head = table_head("Image", *platform, ">Size", ">Shared", ">Unique = rmi frees", ">containerd (estimate)", "Layers")
    more = len(document.images) - len(listed)
    after = ["", f"… {counted(more, 'more image')}"] if more else []
    return Section(before=[], head=head, rows=[table_row(_image(document, image)) for image in listed], after=after)


def _image(document: SharedReport, image: SharedImage) -> list[str]:
    several = sum(len(document.layers[number].images) > 1 for number in image.layers)
    least = "≥ " if image.at_least else ""
    sizes = [f"{least}{human_size(size)}" for size in (image.size, image.shared, image.unique)]
    estimate = f"~ {human_size(image.containerd.size)}"
    platform = [code_span(platform_words(image), _NAME)] if document.several_platforms else []
    return [
        escaped_span(image_label(image), _NAME),
        *platform,
        *sizes,
        estimate,
        f"{len(image.layers):,}, {several:,} shared",
    ]


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
    step = code_span(layer_words(layer), _STEP)
    return [size, f"`{chain}`" if chain else "—", step, prose(images_words(document, layer.images))]


def _files(document: SharedReport, settings: TextSettings) -> Section:
    """Equal files in layers that are not shared, what saves most first."""
    if isinstance(document.files, msgspec.UnsetType):
        return Section(before=[])
    listed = document.files[: settings.top or len(document.files)]
    rows = [table_row(_common(document, row)) for row in listed]
    before = ["## Files in layers that are not shared", "", prose(files_words(document))]
    return Section(before=before, head=table_head(">Saves", ">Files", "Layers", "Such as"), rows=rows)


def _common(document: SharedReport, row: CommonFilesRow) -> list[str]:
    holders = escaped_span(holder_words(document, row), _STEP)
    return [human_size(row.saves), f"{row.files:,}", holders, _paths(row)]


def _paths(row: CommonFilesRow) -> str:
    return ", ".join(path_span(escape_stored(example.path, example.path_b64)) for example in row.examples)


def _sentences(document: SharedReport) -> Iterator[str]:
    removed = "" if document.rm is None else removal_words(document, document.rm)
    for sentence in (registry_words(document), same_content_words(document), removed):
        if sentence:
            yield prose(sentence)
            yield ""
