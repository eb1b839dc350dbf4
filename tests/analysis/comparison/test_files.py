"""The rows about files, applied to one filesystem, give the other one: over random stacks of layers."""

from __future__ import annotations

from pathlib import Path

import pytest

from imgtar.answers.opening import open_session
from imgtar.contract.diff import DiffFile, FileState
from imgtar.contract.files import Entry
from tests.answers.comparing import compared
from tests.builders import docker_save
from tests.filesystem.random_layers import stack, tars

Facts = tuple[object, ...]
Tree = dict[str, Facts]


def facts(state: Entry | FileState) -> Facts:
    return (state.type, state.size, state.mode, state.uid, state.gid, state.mtime, state.mtime_ns, state.device)


def tree(path: Path) -> Tree:
    return {entry.path: facts(entry) for entry in open_session(path).files(0)}


def applied(before: Tree, rows: list[DiffFile]) -> Tree:
    after = dict(before)
    for row in rows:
        gone = row.moved_from if row.kind == "moved" else row.path
        if row.a is not None and gone is not None:
            assert after.pop(gone) == facts(row.a)
    for row in rows:
        if row.b is not None:
            after[row.path] = facts(row.b)
    return after


@pytest.mark.parametrize("seed", range(120))
def test_the_rows_make_the_other_tree(seed: int, tmp_path: Path) -> None:
    first, second = (docker_save(tars(stack(number))) for number in (seed, seed + 1))
    pair = compared(first, second, tmp_path, level="strict")
    rows = list(pair.files())
    assert [row.path for row in rows] == sorted({row.path for row in rows}, key=lambda path: path.encode())
    before, after = tree(tmp_path / "a.tar"), tree(tmp_path / "b.tar")
    # A further name of a file is told by its link, which depends on the names that come first.
    assert {path for path in before | after if before.get(path) != after.get(path)} <= {
        path for row in rows for path in (row.path, row.moved_from)
    }
    assert applied(before, rows) == after


@pytest.mark.parametrize("seed", range(60))
def test_an_image_equals_itself(seed: int, tmp_path: Path) -> None:
    archive = docker_save(tars(stack(seed)))
    pair = compared(archive, archive, tmp_path, level="strict")
    assert (list(pair.files()), pair.document.equal, pair.document.config) == ([], True, [])
    assert {row.status for row in pair.document.layers} == {"same"}
