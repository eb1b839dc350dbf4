"""Another process swaps directories of the output for links while it is written: nothing outside changes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.builders import directory, docker_save, file, layer, symlink
from tests.extraction.extracting import extract, stored, tree_of

FOLDERS = 6
IMAGE = docker_save(
    [
        layer(
            *(directory(f"d{number}/in") for number in range(FOLDERS)),
            *(file(f"d{number}/in/secret", b"overwritten") for number in range(FOLDERS)),
            *(symlink(f"d{number}/in/link", "secret") for number in range(FOLDERS)),
        )
    ]
)
CALLS = ("mkdir", "open", "write", "symlink", "fchmod", "utime", "close")


class Swapper:
    """Puts a link to `outside` in the place of a directory of the output, before every n-th call of the writer."""

    def __init__(self, folder: Path, outside: Path, every: int, name: str) -> None:
        self._folder, self._outside, self._every, self._name = folder, outside, every, name
        self._calls = 0
        self._busy = False
        self.swapped = 0

    def __call__(self) -> None:
        self._calls += 1
        if self._busy or self._calls % self._every:
            return
        self._busy = True
        try:
            for temporary in self._folder.glob("*.imgtar-*"):
                self._swap(temporary)
        finally:
            self._busy = False

    def _swap(self, temporary: Path) -> None:
        for victim in sorted(temporary.glob(self._name)):
            if victim.is_dir() and not victim.is_symlink():
                victim.rename(self._folder / f"moved{self.swapped}")
                victim.symlink_to(self._outside)
                self.swapped += 1
                return


@pytest.mark.parametrize("name", ["d*", "d*/in"])
@pytest.mark.parametrize("every", [1, 2, 3, 5, 8, 13, 21, 34])
def test_swapped_directories_lead_nowhere(
    every: int, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "outside"
    (outside / "in").mkdir(parents=True)
    (outside / "secret").write_text("untouched")
    (outside / "in/secret").write_text("untouched")
    path, before = stored(IMAGE, tmp_path), tree_of(outside)
    swapper = Swapper(tmp_path, outside, every, name)

    def watched(real: Any) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            swapper()
            return real(*arguments, **options)

        return call

    with monkeypatch.context() as patched:
        for call in CALLS:
            patched.setattr(os, call, watched(getattr(os, call)))
        code = extract(path, tmp_path)
    assert swapper.swapped
    assert code in (0, 6)
    assert tree_of(outside) == before
    assert not list(tmp_path.glob("*.imgtar-*"))
