"""What is known of the selected row: the facts of a layer, or what every layer did to a path, as `find` says it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from imgtar.analysis.search.query import Query
from imgtar.analysis.search.search import Found
from imgtar.answers.find import MatchRows
from imgtar.contract.files import Match
from imgtar.contract.inspect import Layer
from imgtar.explore.model.explored import Explored
from imgtar.explore.model.layer_list import LayerRow
from imgtar.explore.model.lines import Line, filled, folded, labelled, painted
from imgtar.report.table.drawing import Cell, marks, shown_lines
from imgtar.report.table.find import match_lines
from imgtar.report.words.base import base_facts, base_name
from imgtar.report.words.image import counted, created_words, layer_problem, platform_words, short, step_text
from imgtar.text import human_size

_INDENT = 4  # columns in front of the rest of a long line


def biography(explored: Explored, path: bytes) -> Match:
    """What every layer did to a path."""
    layers, unchanged = explored.history.layers_of(path)
    found = Found(
        stacked=explored.stacked,
        query=Query(),
        paths=[path],
        layers={path: layers},
        unchanged={(path, layer) for layer in unchanged},
        hidden={},
        via={},
        loops={},
        below={},
        digests={},
        with_text=frozenset(),
        unmatched=(),
        findings=(),
    )
    return next(MatchRows(found, _instructions(explored)).matches())


def _instructions(explored: Explored) -> list[str | None]:
    return [explored.instruction(layer.index) for layer in explored.image.layers]


def path_lines(explored: Explored, path: bytes, below: tuple[int, int] | None, columns: int) -> list[Line]:
    """The biography of a path. `below` counts the paths and the bytes below a directory; None for anything else."""
    settings = explored.settings(columns)
    if not explored.history.layers_of(path)[0]:
        lines: list[Line] = list(filled([explored.path(path)], settings, "bold"))
    else:
        words = [instruction or "" for instruction in _instructions(explored)]
        whole = msgspec.structs.replace(settings, whole=True)
        found = map(painted, match_lines(biography(explored, path), words, whole))
        lines = [part for line in found for part in folded(line, columns, _INDENT)]
    if below is not None:
        lines.append([Cell(f"  {counted(below[0], 'path')} below, {human_size(below[1])} listed", "dim")])
    return lines


def row_lines(explored: Explored, row: LayerRow, columns: int) -> list[Line]:
    """The facts of a row of the layers."""
    if row.kind == "final":
        return list(_image_lines(explored, columns))
    if row.kind == "base":
        return list(_base_lines(explored, columns))
    assert row.step is not None
    settings = explored.settings(columns)
    lines: list[Line] = []
    if row.step.layer is not None:
        lines += _layer_lines(explored, row.step.layer, columns)
    history = row.step.history
    if history is not None and (created := created_words(history.created)):
        lines += labelled("created", explored.shown(created), settings)
    instruction, text = step_text(row.step, whole=True)
    words = shown_lines(text, settings).split(" ")
    return [*lines, *filled([instruction, *words] if instruction else words, settings)]


def _layer_lines(explored: Explored, layer: Layer, columns: int) -> Iterator[Line]:
    settings = explored.settings(columns)
    none = marks(settings).none
    problem = layer_problem(layer, ascii_only=not explored.unicode)
    if problem:
        yield from filled(problem.split(" "), settings, "alarm")
    blob = none if layer.blob_size is None else f"{human_size(layer.blob_size)} ({layer.compression or 'unknown'})"
    files = none if layer.content_size is None else f"{human_size(layer.content_size)} of files"
    yield from labelled(f"layer {layer.index}", f"{files}, blob {blob}", settings)
    changes = (("+", layer.added), ("~", layer.modified), (marks(settings).minus, layer.deleted))
    counts = [f"{sign}{tally.count:,} ({human_size(tally.bytes or 0)})" for sign, tally in changes if tally.count]
    yield from labelled("changes", ", ".join(counts) or "none", settings)
    facts: Sequence[tuple[str, str | None]] = (
        ("digest", layer.digest),
        ("diffID", layer.diff_id),
        ("chainID", layer.chain_id),
    )
    for label, value in facts:
        yield from labelled(label, explored.shown(value or none), settings)


def _image_lines(explored: Explored, columns: int) -> Iterator[Line]:
    image, settings = explored.image, explored.settings(columns)
    totals = image.totals
    names = ", ".join(explored.shown(name) for name in image.names) or "untagged"
    yield from labelled("image", names, settings)
    yield from labelled("ID", short(image.id) or marks(settings).none, settings)
    yield from labelled("platform", explored.shown(platform_words(image)), settings)
    yield from labelled(
        "files", f"{totals.files:,} in {counted(totals.directories, 'directory', 'directories')}", settings
    )
    yield from labelled("layers", f"{totals.layers:,}, {human_size(totals.content_size)} of files", settings)
    share = f" ({1 - totals.efficiency:.1%})".replace("%", " %") if totals.wasted_bytes else ""
    yield from labelled("wasted", f"{human_size(totals.wasted_bytes)}{share}", settings)
    command = " ".join([*image.config.entrypoint, *image.config.cmd])
    yield from labelled("runs", explored.shown(command) or "no command", settings)
    yield from labelled("as", explored.shown(image.config.user or "root"), settings)


def _base_lines(explored: Explored, columns: int) -> Iterator[Line]:
    base, settings = explored.image.base, explored.settings(columns)
    if base is not None:
        yield from filled(["base", *explored.shown(base_name(base)).split(" ")], settings, "bold")
        yield from filled(base_facts(explored.image, base).split(" "), settings)
    yield from filled(["b", "lists", "its", "layers"], settings, "dim")
