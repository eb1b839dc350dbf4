"""Markdown of `diff` for a pull-request comment: the verdict in the first line, layers, configuration, files, lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from heapq import nsmallest

from imgtar.contract.content import TextSettings
from imgtar.contract.diff import (
    ComparedPair,
    ConfigRow,
    DiffContent,
    DiffFile,
    DiffLayer,
    DiffReport,
    DiffSide,
    UnifiedDiff,
)
from imgtar.report.markdown.fit import Section, encoded, table_head, table_row
from imgtar.report.markdown.sections import NAME_COLUMNS, code_span, made_by, path_span, prose
from imgtar.report.words.diff import (
    count_words,
    file_bytes,
    has_bytes,
    left_out_words,
    own_words,
    same_words,
    size_words,
    value_text,
    verdict_words,
    volume_words,
    what_words,
)
from imgtar.report.words.image import UNTAGGED, short
from imgtar.text import cut, escape, escape_stored, human_size

_VALUE, _STEP, _LINE = 80, 80, 200  # columns
_BACKTICKS = re.compile(r"`+")
_ROWS = 500  # files of a pair that are looked at; fewer fit
_HARM = 3
_PAIRS = 20


def diff(content: DiffContent, settings: TextSettings) -> Iterator[bytes]:
    """What differs, in at most 60 kB: rows that do not fit are counted."""
    documents = [pair.document for pair in content.pairs]
    sections = [Section(before=[f"**{verdict_words(documents)}**"])]
    for pair in content.pairs[:_PAIRS]:
        sections += _pair(pair, settings)
    if len(documents) > _PAIRS:
        sections.append(Section(before=[f"… {len(documents) - _PAIRS:,} more pairs of images"]))
    made = made_by(documents[0].generator, settings)
    sections.append(Section(before=["---", "", f"{made}; `imgtar diff` shows the full report."]))
    return encoded(sections)


def _pair(pair: ComparedPair, settings: TextSettings) -> Iterator[Section]:
    document = pair.document
    sides = [f"- {letter}: {_side(side)}" for letter, side in (("A", document.a), ("B", document.b))]
    harm = [f"> {prose(row.message)}" for row in document.findings if row.effect != "none"][:_HARM]
    sides += [f"- {line}" for line in own_words(document)]
    yield Section(before=[*sides, "", f"{size_words(document)}.", *(["", *harm] if harm else [])])
    if document.layers:
        head = table_head("A", "B", "Layer", "Step", ">A", ">B", ">Pull", "Why")
        rows = [_layer(row) for row in document.layers]
        yield Section(
            before=["### Layers"], head=head, rows=rows, after=[words] if (words := same_words(document)) else []
        )
    if document.config:
        rows = [_config(row) for row in document.config]
        yield Section(before=["### Configuration"], head=table_head("Key", "A", "B"), rows=rows)
    if not pair.layers_only:
        yield _files(pair, document, settings)
    yield from map(_unified, pair.texts)


def _side(side: DiffSide) -> str:
    b64 = side.source.path_b64 if isinstance(side.source.path_b64, str) else None
    path = path_span(escape_stored(side.source.path, b64))
    names = code_span(", ".join(side.names) or UNTAGGED, NAME_COLUMNS)
    return f"{path} ({side.source.form}) {names} {short(side.image) or 'no ID'}"


def _layer(row: DiffLayer) -> str:
    places = ["" if place is None else str(place) for place in (row.a, row.b)]
    sizes = ["" if size is None else human_size(size) for size in row.bytes]
    step = code_span(row.text or row.instruction or "", _STEP)
    pull = human_size(row.pull_bytes) if row.pull_bytes else ""
    return table_row([*places, row.status, step, *sizes, pull, ", ".join(reversed(row.why))])


def _config(row: ConfigRow) -> str:
    return table_row([code_span(row.key, _VALUE), *(_value(value) for value in (row.a, row.b))])


def _value(value: object) -> str:
    if value is None:
        return ""
    return code_span(value_text(value), _VALUE)


def _files(pair: ComparedPair, document: DiffReport, settings: TextSettings) -> Section:
    total = document.counts.total
    listed = min(total, _ROWS, settings.top or _ROWS)
    rows = nsmallest(listed, pair.files(), key=lambda row: (-file_bytes(row), row.path))
    notes = [] if listed == total else [f"… {total - listed:,} more files (`imgtar diff --top 0` lists them)"]
    notes += [left_out_words(document)] if document.left_out else []
    notes += map(prose, volume_words(pair))
    return Section(
        before=["### Files", "", f"{count_words(document)}."],
        head=table_head("", ">Bytes", "What", "Path"),
        rows=[_file(row) for row in rows],
        after=[line for note in notes for line in (note, "")][:-1],
    )


def _file(row: DiffFile) -> str:
    path = path_span(escape_stored(row.path, row.path_b64))
    if row.moved_from is not None:
        path = f"{path_span(escape_stored(row.moved_from, row.moved_from_b64))} → {path}"
    size = human_size(file_bytes(row)) if has_bytes(row) else ""
    return table_row([row.kind, size, what_words(row), path])


def _unified(text: UnifiedDiff) -> Section:
    """The lines of a text file that differ, as a code block whose fence none of them can close."""
    path = escape_stored(text.path, text.path_b64)
    title = f"### Lines of {path_span(path)}"
    if not text.lines:
        return Section(before=[title, "", f"{prose(text.note or 'The same in both')}."])
    lines = [cut(escape(line), _LINE) for line in text.lines]
    names = [f"--- {f'a{path}' if text.in_a else '/dev/null'}", f"+++ {f'b{path}' if text.in_b else '/dev/null'}"]
    runs = [len(run) for line in (*names, *lines) for run in _BACKTICKS.findall(line)]
    fence = "`" * max(3, 1 + max(runs, default=0))
    return Section(
        before=[title], head=[f"{fence}diff", *names], rows=lines, end=[fence], rest="… {:,} more lines".format
    )
