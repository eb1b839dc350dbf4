"""Counts the entries that the compiled walker reads and places, in archives and in layers made of folders.

    python scripts/ordinary_share.py PATH…

A PATH is an archive with images, or a folder, of which GNU tar makes a layer in each of its formats. Prints a table in
Markdown: entries, the share of them that the compiled walker read, and the share that it also placed.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from imgtar.archive.input.blobs import InlineBlob
from imgtar.archive.input.input_name import parse_input
from imgtar.formats.tar import TarMember, TarWalk, walk
from imgtar.formats.tar.ordinary import compiled
from imgtar.image.opening import open_images
from imgtar.layer import scan, tree
from imgtar.layer.scan import scan_layer
from imgtar.limits import Meter


class Counter:
    """Stands before the compiled walker and counts what it places."""

    def __init__(self) -> None:
        assert compiled is not None, "the compiled walker is not installed"
        self.found = self.placed = 0

    def read(self, window: bytes, first: int, start: int) -> tuple[list[TarMember], int, int]:
        assert compiled is not None
        done = compiled.read(window, first, start)
        self.found += len(done[0])
        return done

    def place(self, members: list[object], first: int, *trees: object) -> tuple[int, ...]:
        done = compiled.place(members, first, *trees)  # type: ignore[union-attr,arg-type]
        self.placed += done[0] - first
        return done


class _Walk(TarWalk):
    """A walk of a layer that counts; those of the archive itself do not."""

    def __init__(self, counter: Counter, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._counter = counter

    def batches(self) -> Iterator[Sequence[TarMember]]:
        with patch.object(walk, "compiled", self._counter):
            yield from super().batches()


def _archive(path: Path, meter: Meter) -> None:
    _ = open_images(parse_input(str(path)), meter).images


def _folder(path: Path, form: str, meter: Meter) -> None:
    command = ["tar", f"--format={form}", "--sort=name", "-C", str(path), "-cf", "-", "."]
    with tempfile.TemporaryFile() as file:
        subprocess.run(command, check=True, stdout=file)
        file.seek(0)
        scan_layer(InlineBlob(file.read()), meter)


def _rows(paths: list[Path]) -> Iterator[tuple[str, int, int, int]]:
    for path in paths:
        for form in ("gnu", "ustar", "pax") if path.is_dir() and not (path / "index.json").exists() else ("",):
            counter, meter = Counter(), Meter()
            with patch.object(tree, "compiled", counter), patch.object(scan, "TarWalk", partial(_Walk, counter)):
                _folder(path, form, meter) if form else _archive(path, meter)
            yield f"{path.name} {form}".strip(), meter.entries, counter.found, counter.placed


def main() -> None:
    print("| input | entries | read | placed |\n|-|-|-|-|")
    for name, entries, found, placed in _rows([Path(argument) for argument in sys.argv[1:]]):
        print(
            f"| {name} | {entries:,} | {100 * found / max(entries, 1):.1f} % | {100 * placed / max(entries, 1):.1f} % |"
        )


if __name__ == "__main__":
    main()
