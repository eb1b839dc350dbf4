"""Directories by descriptors: deep ones, few descriptors, links in the way, and removal."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from imgtar.archive.input.open_folders import FOLDER, OpenFolders
from imgtar.extraction.folders import remove_tree

DEEP = b"/".join([b"d"] * 2000)


@contextmanager
def opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, FOLDER)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def few_descriptors(count: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def make_deep(folders: OpenFolders) -> None:
    path = b""
    for name in DEEP.split(b"/"):
        os.mkdir(name, dir_fd=folders.descriptor(path))
        path = path + b"/" + name if path else name


def test_deep_directories_need_few_descriptors_and_are_removed(tmp_path: Path) -> None:
    (tmp_path / "top").mkdir()
    with opened(tmp_path / "top") as top, few_descriptors(len(os.listdir("/proc/self/fd")) + 16):
        with OpenFolders(top) as folders:
            make_deep(folders)
            path = DEEP
            while path:
                folders.descriptor(path)
                path = path.rpartition(b"/")[0]
        with opened(tmp_path) as above:
            remove_tree(b"top", folder=above)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_became_a_link_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "top/a/b").mkdir(parents=True)
    (tmp_path / "outside/b").mkdir(parents=True)
    (tmp_path / "top/a").rename(tmp_path / "top/moved")
    (tmp_path / "top/a").symlink_to(tmp_path / "outside")
    with opened(tmp_path / "top") as top, OpenFolders(top) as folders, pytest.raises(OSError, match=r"director|link"):
        folders.descriptor(b"a/b")


def test_one_directory_stays_open_while_another_is_opened(tmp_path: Path) -> None:
    with opened(tmp_path) as top, few_descriptors(len(os.listdir("/proc/self/fd")) + 16), OpenFolders(top) as folders:
        make_deep(folders)
        held = folders.descriptor(b"d/d/d")
        folders.descriptor(DEEP, held=b"d/d/d")
        os.fstat(held)
        assert os.listdir(held) == ["d"]
    with opened(tmp_path) as above:
        remove_tree(b"d", folder=above)


def test_removing_follows_no_link_and_opens_what_is_closed(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret").write_text("x")
    (tmp_path / "top/1/closed/in").mkdir(parents=True)
    (tmp_path / "top/2").mkdir()
    (tmp_path / "top/1/link").symlink_to(tmp_path / "outside")
    os.mkfifo(tmp_path / "top/1/closed/fifo")
    for name in ("top/1/closed/in", "top/1/closed", "top/2"):
        (tmp_path / name).chmod(0)
    with opened(tmp_path) as above:
        remove_tree(b"top", folder=above)
    assert [path.name for path in tmp_path.iterdir()] == ["outside"]
    assert (tmp_path / "outside/secret").read_text() == "x"
