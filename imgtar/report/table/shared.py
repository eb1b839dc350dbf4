"""The text of `shared`: what images have in common, and what removing some of them frees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from imgtar.contract.content import TextSettings
from imgtar.contract.envelope import Envelope, Source
from imgtar.contract.shared import ExamplePath, SharedContent, SharedImage, SharedReport, SharedSource
from imgtar.report.table.drawing import EMPTY, Cell, Column, draw, encoded, marks, paint, shown, unlisted, wrapped
from imgtar.report.table.sections import LISTED_BY_INSPECT, head
from imgtar.report.table.store_tree import folded_rows, layer_rows
from imgtar.report.words.image import platform_words, short
from imgtar.report.words.shared import (
    files_words,
    headline,
    holder_words,
    image_label,
    registry_words,
    removal_words,
    same_content_words,
    source_words,
    verdict_words,
)
from imgtar.text import escape_stored, human_size, neutralise

_MEDIUM, _WIDE = 80, 100  # columns from which the platforms of the images are shown, and their IDs

_WHAT = (
    "SIZE = SHARED + UNIQUE, as docker system df -v prints them. docker rmi of one image alone frees its UNIQUE bytes."
)
_ESTIMATE = "CONTAINERD estimates the store of docker 29: the blobs and the unpacked layers."
_AT_LEAST = "> The size of a layer is not known, so the sum is at least this."


def shared(content: SharedContent, settings: TextSettings) -> Iterator[bytes]:
    """The report for a person at a terminal; its last line is the verdict where a gate was given."""
    return encoded(_lines(content, settings), settings)


def _lines(content: SharedContent, settings: TextSettings) -> Iterator[str]:
    document = content.document
    yield from _sources(document, settings)
    yield ""
    yield from wrapped(headline(document).split(" "), settings, 0)
    if document.images:
        yield ""
        yield from _images(document, settings)
        yield from _legend(document, settings)
    if document.layers:
        yield ""
        yield from _tree(content, settings)
    yield ""
    for words in (registry_words(document), same_content_words(document)):
        yield from wrapped(words.split(" ") if words else (), settings, 0)
    yield from _files(document, settings)
    if document.rm is not None:
        words = removal_words(document, document.rm, ascii_only=not settings.unicode)
        yield ""
        yield from wrapped(neutralise(words, ascii_only=not settings.unicode).split(" "), settings, 0)
    if document.passed is not None:
        yield ""
        yield _verdict(document, settings)


def _verdict(document: SharedReport, settings: TextSettings) -> str:
    """The last line; a script reads it, so nothing of it is cut."""
    words = neutralise(verdict_words(document, ascii_only=not settings.unicode), ascii_only=not settings.unicode)
    return paint(words, "green" if document.passed else "alarm", settings)


def _sources(document: SharedReport, settings: TextSettings) -> Iterator[str]:
    """A line for each archive, those with trouble first where there are many."""
    numbers = list(range(len(document.sources)))
    if settings.top and len(numbers) > settings.top:
        numbers.sort(key=lambda number: document.sources[number].complete is True)
    listed = numbers[: settings.top] if settings.top else numbers
    for number in listed:
        yield from _source(document, number, settings)
    if len(listed) < len(numbers):
        yield unlisted(len(numbers) - len(listed), settings, 0)


def _source(document: SharedReport, number: int, settings: TextSettings) -> Iterator[str]:
    source = document.sources[number]
    if source.error is not None:
        name = source_words(source, ascii_only=not settings.unicode)
        words = neutralise(f"{name}: {source.error.message}", ascii_only=not settings.unicode)
        yield from (paint(line, "alarm", settings) for line in wrapped(words.split(" "), settings, 0))
        return
    findings = [finding for finding in document.findings if finding.where.archive == number]
    yield from head(_envelope(document, source), findings, settings, rest=LISTED_BY_INSPECT)


def _envelope(document: SharedReport, source: SharedSource) -> Envelope:
    """The archive as every report begins with it."""
    assert source.form is not None
    assert source.compression is not None
    assert source.integrity is not None
    described = Source(
        path=source.path,
        path_b64=source.path_b64,
        size=source.size,
        form=source.form,
        container=source.container,  # type: ignore[arg-type]
        compression=source.compression,
    )
    return Envelope(
        generator=document.generator, source=described, complete=bool(source.complete), integrity=source.integrity
    )


def _images(document: SharedReport, settings: TextSettings) -> Iterator[str]:
    columns = [
        Column("IMAGE", shrink="end"),
        *([Column("PLATFORM", shrink="end")] if _has_platforms(document, settings) else []),
        *([Column("ID")] if settings.width >= _WIDE else []),
        Column("SIZE", right=True),
        Column("SHARED", right=True),
        Column("UNIQUE", right=True),
        Column("CONTAINERD", right=True),
        Column("LAYERS"),
    ]
    listed = document.images[: settings.top] if settings.top else document.images
    rows = [_image(document, image, settings) for image in listed]
    if len(document.images) > 1 and len(listed) == len(document.images):
        rows.append(_together(document, settings))
    yield from draw(columns, rows, settings)
    if len(listed) < len(document.images):
        yield unlisted(len(document.images) - len(listed), settings)


def _image(document: SharedReport, image: SharedImage, settings: TextSettings) -> list[Cell]:
    several = sum(len(document.layers[number].images) > 1 for number in image.layers)
    layers = f"{len(image.layers):,}" + (f", {several:,} shared" if several else "")
    estimate = image.containerd
    return [
        Cell(image_label(image, ascii_only=not settings.unicode), "bold"),
        *([Cell(shown(platform_words(image), settings), "dim")] if _has_platforms(document, settings) else []),
        *([Cell(short(image.id) or marks(settings).none, "dim")] if settings.width >= _WIDE else []),
        Cell(_sum(image.size, image.at_least)),
        Cell(_sum(image.shared, image.at_least)),
        Cell(_sum(image.unique, image.at_least)),
        Cell(f"~{_sum(estimate.size, estimate.at_least)}", "dim"),
        Cell(layers),
    ]


def _has_platforms(document: SharedReport, settings: TextSettings) -> bool:
    """Has the table a column for them? Where there is no room, the lines below name them."""
    return document.several_platforms and settings.width >= _MEDIUM


def _together(document: SharedReport, settings: TextSettings) -> list[Cell]:
    totals = document.totals
    name = "both" if len(document.images) == 2 else f"all {len(document.images):,}"
    empty = [Cell("")] * (_has_platforms(document, settings) + (settings.width >= _WIDE))
    size = Cell(_sum(totals.together, totals.at_least), "bold")
    return [Cell(name, "dim"), *empty, size, Cell(""), Cell(""), Cell(""), Cell(f"{totals.distinct:,}")]


def _sum(size: int, at_least: bool) -> str:
    return f">{human_size(size)}" if at_least else human_size(size)


def _legend(document: SharedReport, settings: TextSettings) -> Iterator[str]:
    notes: Sequence[str] = (_WHAT, _ESTIMATE, *([_AT_LEAST] if any(row.at_least for row in document.images) else []))
    for note in notes:
        yield from (paint(line, "dim", settings) for line in wrapped(note.split(" "), settings))


def _files(document: SharedReport, settings: TextSettings) -> Iterator[str]:
    """Equal files in layers that are not shared, by these layers; nothing without `--files`."""
    if isinstance(document.files, msgspec.UnsetType):
        return
    yield ""
    yield from wrapped(files_words(document).split(" "), settings, 0)
    listed = document.files[: settings.top] if settings.top else document.files
    rows: list[list[Cell]] = []
    for row in listed:
        holders = holder_words(document, row, ascii_only=not settings.unicode)
        paths = ", ".join(_example(path, settings) for path in row.examples)
        rows.append([Cell(human_size(row.saves)), Cell(f"{row.files:,}"), Cell(holders)])
        rows.append([EMPTY, EMPTY, Cell(paths, "dim")])
    columns = [Column("SAVES", right=True), Column("FILES", right=True), Column("LAYERS, AND SOME PATHS", shrink="end")]
    if rows:
        yield from draw(columns, rows, settings)
    if len(listed) < len(document.files):
        yield unlisted(len(document.files) - len(listed), settings)


def _example(path: ExamplePath, settings: TextSettings) -> str:
    return escape_stored(path.path, path.path_b64, ascii_only=not settings.unicode)


def _tree(content: SharedContent, settings: TextSettings) -> Iterator[str]:
    """The layers as a tree from the base up; without `--tree` those that the same images have are one line."""
    document = content.document
    if content.tree:
        columns = [Column("SIZE", right=True), Column("CHAIN ID"), Column("LAYER", shrink="end")]
        yield from draw(columns, list(layer_rows(document, settings)), settings)
        return
    columns = [Column("SIZE", right=True), Column("LAYERS", right=True), Column("NEEDED BY", shrink="end")]
    rows = list(folded_rows(document, settings))
    listed = rows[: settings.top] if settings.top else rows
    yield from draw(columns, listed, settings)
    if len(listed) < len(rows):
        yield unlisted(len(rows) - len(listed), settings)
