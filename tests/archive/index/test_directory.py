"""A directory is read from the descriptor that was opened: a link that appears later leads nowhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from imgtar.archive.index.directory_index import index_directory
from imgtar.archive.index.member_index import MemberIndex
from imgtar.archive.input.folder import OpenFolder
from imgtar.archive.input.input_name import parse_input
from imgtar.archive.input.source import DirectoryInput, open_input
from imgtar.errors import InputError
from imgtar.limits import Meter

FILES = ("index.json", "blobs/sha256/aa")


@pytest.fixture
def layout(tmp_path: Path) -> Path:
    """A layout, and beside it a directory with the same names and other content."""
    for place in ("layout", "other"):
        (tmp_path / place / "blobs/sha256").mkdir(parents=True)
        for name in FILES:
            (tmp_path / place / name).write_text(place)
    return tmp_path / "layout"


def opened(layout: Path) -> DirectoryInput:
    found = open_input(parse_input(str(layout)), Meter())
    assert isinstance(found, DirectoryInput)
    return found


def content(index: MemberIndex, name: str) -> bytes:
    blob = index.blob(index.members[name.encode()])
    assert blob is not None
    return b"".join(blob.chunks())


def becomes_link(path: Path, target: Path) -> None:
    path.rename(path.with_name("moved"))
    path.symlink_to(target)


@pytest.mark.parametrize("part", ["blobs", "blobs/sha256", "blobs/sha256/aa", "index.json"])
def test_a_part_that_becomes_a_link_after_the_listing(part: str, layout: Path) -> None:
    index = index_directory(opened(layout), Meter())
    becomes_link(layout / part, layout.parent / "other" / part)
    for name in FILES:
        if name.startswith(part):
            with pytest.raises(InputError):
                content(index, name)
        else:
            assert content(index, name) == b"layout"


@pytest.mark.parametrize("part", ["blobs", "blobs/sha256"])
def test_a_directory_that_becomes_a_link_during_the_listing(
    part: str, layout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = OpenFolder.folder

    def other_process(self: OpenFolder, name: bytes) -> OpenFolder:
        if name == part.encode():
            becomes_link(layout / part, layout.parent / "other" / part)
        return folder(self, name)

    monkeypatch.setattr(OpenFolder, "folder", other_process)
    with pytest.raises(InputError):
        index_directory(opened(layout), Meter())


def test_the_directory_stays_the_one_that_was_opened(layout: Path) -> None:
    found = opened(layout)
    becomes_link(layout, layout.parent / "other")
    assert content(index_directory(found, Meter()), "blobs/sha256/aa") == b"layout"


def test_links_are_listed_with_their_targets(layout: Path) -> None:
    (layout / "link").symlink_to(b"caf\xe9".decode("utf-8", "surrogateescape"))
    (layout / os.fsdecode(b"\xff")).write_text("x")
    index = index_directory(opened(layout), Meter())
    assert [member.name for member in index.all_members] == [
        *(b"blobs", b"index.json", b"link", b"\xff", b"blobs/sha256", b"blobs/sha256/aa")
    ]
    assert (index.members[b"link"].type, index.members[b"link"].link) == ("symlink", b"caf\xe9")


def test_descriptors_are_closed(layout: Path) -> None:
    before = len(os.listdir("/dev/fd"))
    for _ in range(20):
        content(index_directory(opened(layout), Meter()), "blobs/sha256/aa")
    assert len(os.listdir("/dev/fd")) == before


def test_a_file_stays_open_while_it_is_read(layout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads read several layers: what one of them opens does not close what another one reads."""
    names = [f"blobs/sha256/{number}" for number in range(20)]
    for name in names:
        (layout / name).write_text(f"content of {name}")
    index = index_directory(opened(layout), Meter())
    read = os.pread

    def interrupted(descriptor: int, size: int, offset: int) -> bytes:
        monkeypatch.setattr(os, "pread", read)
        for name in names[1:]:
            assert content(index, name) == f"content of {name}".encode()
        return read(descriptor, size, offset)

    monkeypatch.setattr(os, "pread", interrupted)
    assert content(index, names[0]) == f"content of {names[0]}".encode()
