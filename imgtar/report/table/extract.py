"""The text of `extract`: what was written where, what was not, and where links lead out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import nsmallest

from imgtar.contract.content import TextSettings
from imgtar.contract.file_content import ExtractContent
from imgtar.contract.files import ExtractedEntry
from imgtar.report.table.drawing import Cell, Column, draw, encoded, shown, unlisted, wrapped
from imgtar.report.words.image import counted
from imgtar.text import escape_stored, human_size


def extract(content: ExtractContent, settings: TextSettings) -> Iterator[bytes]:
    """What was written, for a person at a terminal."""
    return encoded(_lines(content, settings), settings)


def _lines(content: ExtractContent, settings: TextSettings) -> Iterator[str]:
    document = content.document
    if document.output is None:
        yield "nothing is written"
    else:
        yield from wrapped([f"{shown(document.output, settings)}:", *_summary(content)], settings, indent=0)
    if content.listing:
        for entry in content.entries():
            yield f"  {_file(entry, settings)}"
    elif content.steps is not None and document.output is not None:
        yield from _deleted(content, content.steps, settings)
    yield from _skipped(content, settings)
    if content.links_out:
        one = content.links_out == 1
        words = f"{counted(content.links_out, 'symbolic link')} lead{'s' if one else ''} out of the directory; "
        words += f"--links inside keeps {'it' if one else 'them'} in"
        yield from wrapped(words.split(), settings)


def _summary(content: ExtractContent) -> list[str]:
    """Pieces that stay on one line each."""
    document = content.document
    size = human_size(document.bytes)
    if content.steps is not None:
        layers = len({entry.layer for entry in content.entries() if entry.type != "dir"})
        files = document.files + document.symlinks + document.hardlinks + document.others
        return [f"{counted(files, 'file')} of {counted(layers, 'layer')}", "that the final filesystem lacks,", size]
    parts = [counted(document.files, "file"), counted(document.directories, "directory", "directories")]
    further = (
        (document.symlinks, "symbolic link", "symbolic links"),
        (document.hardlinks, "hard link", "hard links"),
        (document.others, "device or pipe", "devices and pipes"),
    )
    parts += [counted(count, one, many) for count, one, many in further if count]
    return [*(f"{part}," for part in parts), size]


def _file(entry: ExtractedEntry, settings: TextSettings) -> str:
    return escape_stored(entry.file, entry.file_b64, ascii_only=not settings.unicode)


def _deleted(content: ExtractContent, steps: Sequence[str], settings: TextSettings) -> Iterator[str]:
    files = [entry for entry in content.entries() if entry.type != "dir"]
    listed = nsmallest(settings.top or len(files), files, key=lambda entry: (-entry.size, entry.file))
    if not listed:
        return
    columns = [Column("BYTES", right=True), Column("DELETED IN"), Column("FILE", shrink="middle")]
    rows = [
        [Cell(human_size(entry.size)), Cell(_step(entry.deleted_in, steps, settings)), Cell(_file(entry, settings))]
        for entry in listed
    ]
    yield from draw(columns, rows, settings)
    if len(listed) < len(files):
        yield unlisted(len(files) - len(listed), settings)


def _step(layer: int | None, steps: Sequence[str], settings: TextSettings) -> str:
    return "" if layer is None else f"{layer} {shown(steps[layer], settings)}".strip()


def _skipped(content: ExtractContent, settings: TextSettings) -> Iterator[str]:
    skipped = content.document.skipped
    if not skipped:
        return
    yield f"{len(skipped):,} not written:"
    listed = skipped[: settings.top or len(skipped)]
    columns = [Column("TYPE"), Column("WHY", shrink="end"), Column("PATH", shrink="middle")]
    rows = [
        [
            Cell(one.type),
            Cell(shown(one.reason, settings)),
            Cell(escape_stored(one.path, one.path_b64, ascii_only=not settings.unicode)),
        ]
        for one in listed
    ]
    yield from draw(columns, rows, settings)
    if len(listed) < len(skipped):
        yield unlisted(len(skipped) - len(listed), settings)
