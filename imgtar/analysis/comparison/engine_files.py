"""What an engine puts into the filesystem of every container, whatever runs there.

docker: `daemon/initlayer/setup_unix.go` makes a layer of mount points above the image. It first removes a file of the
image that is in the place of one, so a container never shows the image's own `/etc/hosts`. podman:
`libpod/container_internal_common.go` makes `/etc/mtab`, and the runtime the mount points that the image lacks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from imgtar.analysis.comparison.effects import Wanted
from imgtar.filesystem.differences import Contents, differences
from imgtar.filesystem.tree import FileEntry, FileTree

LeftOutReason = Literal["docker-export", "podman-export"]
_Made = Literal["file", "dir", "/proc/mounts"]

_MADE: Mapping[bytes, _Made] = {
    b"etc/hostname": "file",
    b"etc/hosts": "file",
    b"etc/resolv.conf": "file",
    b"etc/mtab": "/proc/mounts",
    b"proc": "dir",
    b"sys": "dir",
}
_BY_DOCKER: Mapping[bytes, _Made] = {
    **_MADE,
    b".dockerenv": "file",
    b"dev/console": "file",
    b"dev/pts": "dir",
    b"dev/shm": "dir",
}
_BY_PODMAN: Mapping[bytes, _Made] = {**_MADE, b"run/.containerenv": "file", b"dev": "dir"}
_DOCKER, _PODMAN = b".dockerenv", b"run/.containerenv"  # what tells the engines apart


class LeftOut(msgspec.Struct, frozen=True):
    """A path that an engine made. `time`: the image has the directory, and nothing but its time changed."""

    path: bytes
    reason: LeftOutReason
    time: bool = False


def left_out(image: FileTree, container: FileTree) -> tuple[LeftOut, ...]:
    """The paths of a container's filesystem that its engine made, sorted; none where no engine left its mark.

    Each has its rule: it must be the empty file, the empty directory or the link that the engine makes, and what the
    image has there must be what the engine replaces. Anything else at such a path is a difference like any other.
    """
    for mark, made in ((_DOCKER, _BY_DOCKER), (_PODMAN, _BY_PODMAN)):
        if mark in container and mark not in image and _is_made(container, mark, made[mark], set()):
            reason: LeftOutReason = "docker-export" if mark == _DOCKER else "podman-export"
            return tuple(sorted(_rows(image, container, made, reason), key=lambda row: row.path))
    return ()


def without(left: Sequence[LeftOut], wanted: Wanted) -> Wanted:
    """What is wanted but for these paths."""
    if not left:
        return wanted
    paths = {row.path for row in left}
    return lambda path: path not in paths and wanted(path)


def _rows(
    image: FileTree, container: FileTree, made: Mapping[bytes, _Made], reason: LeftOutReason
) -> Iterator[LeftOut]:
    occupied = _parents(container, set(made))
    found = {
        path
        for path, kind in made.items()
        if path in container
        and _is_made(container, path, kind, occupied)
        and (path not in image or _is_replaced(image.entry(path), kind, reason))
    }
    yield from (LeftOut(path, reason) for path in found)
    for parent in {path.rpartition(b"/")[0] for path in found} - found - {b""}:
        if parent not in image and parent not in occupied:
            yield LeftOut(parent, reason)
        elif parent in image and _differs_in_time(image.entry(parent), container.entry(parent)):
            yield LeftOut(parent, reason, time=True)


def _parents(container: FileTree, made: set[bytes]) -> set[bytes]:
    """The directories in which there is something that no engine made."""
    inner = {path.rpartition(b"/")[0] for path in made}
    return {path.rpartition(b"/")[0] for path in container if path not in made and path not in inner}


def _is_made(container: FileTree, path: bytes, kind: _Made, occupied: set[bytes]) -> bool:
    entry = container.entry(path)
    if kind == "dir":
        return entry.type == "dir" and path not in occupied
    if kind == "file":
        return entry.type == "file" and not entry.size
    return entry.type == "symlink" and entry.member.link == kind.encode()


def _is_replaced(entry: FileEntry, kind: _Made, reason: LeftOutReason) -> bool:
    """Does docker remove this from the view of the container, to make its own? podman keeps what is there."""
    return reason == "docker-export" and kind != "dir" and entry.type in ("file", "hardlink", "symlink")


def _differs_in_time(old: FileEntry, new: FileEntry) -> bool:
    """Are both directories that differ in nothing but their time?"""
    is_directory = old.member.type == new.member.type == "dir"
    return is_directory and differences(old, new, Contents(())) == ("mtime",)
