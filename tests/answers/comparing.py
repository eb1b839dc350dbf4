"""Compares two archives in tests, as the command does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from imgtar.answers.diff import DiffSettings, diff_content
from imgtar.answers.opening import open_session
from imgtar.answers.options import FILES, InspectOptions
from imgtar.contract.diff import ComparedPair, DiffContent
from imgtar.image.twins import Twins
from imgtar.limits import DEFAULT, Limits

LayerRow = tuple[str, int | None, int | None, tuple[str, ...]]
FileRow = tuple[str, str, tuple[str, ...]]
USUAL = DiffSettings()


def content_of_two(
    a: Path, b: Path, *, settings: DiffSettings = USUAL, limits: Limits = DEFAULT, **options: Any
) -> DiffContent:
    """What `diff a b` says; `options` are those of both sessions, `limits` those of the comparison behind them."""
    first = open_session(a, InspectOptions(twins=Twins(), **options))
    first.read(FILES)
    twins = Twins(layer for image in first.images for layer in image.layers)
    second = open_session(b, InspectOptions(twins=twins, **options))
    second.read(FILES)
    return diff_content(first, second, settings, limits)[0]


def compared(a: bytes | Path, b: bytes | Path, folder: Path, **settings: Any) -> ComparedPair:
    """The one pair of images of two archives; `settings` are those of `DiffSettings`."""
    paths = []
    for name, archive in (("a.tar", a), ("b.tar", b)):
        if isinstance(archive, bytes):
            (folder / name).write_bytes(archive)
        paths.append(folder / name if isinstance(archive, bytes) else archive)
    [pair] = content_of_two(*paths, settings=DiffSettings(**settings)).pairs
    return pair


def layer_rows(pair: ComparedPair) -> list[LayerRow]:
    """Status, the two indexes, and the reasons of each layer."""
    return [(row.status, row.a, row.b, tuple(row.why)) for row in pair.document.layers]


def file_rows(pair: ComparedPair) -> list[FileRow]:
    """Kind, path (`old → new` of a moved one) and reasons of each path that differs."""
    return [
        (row.kind, row.path if row.moved_from is None else f"{row.moved_from} → {row.path}", tuple(row.why or ()))
        for row in pair.files()
    ]
