"""What docker and podman put into every container: each path by its rule, and nothing that only looks like one."""

from __future__ import annotations

from pathlib import Path

import pytest

from imgtar import InspectOptions, open_session
from imgtar.analysis.comparison.engine_files import left_out
from imgtar.filesystem.tree import FileTree
from tests.builders import directory, docker_save, file, symlink, tar

BASE = (directory("etc"), file("etc/passwd", b"root"), directory("run"))
DOCKER = (
    file(".dockerenv"),
    directory("dev"),
    file("dev/console"),
    directory("dev/pts"),
    directory("dev/shm"),
    directory("etc", mtime=99),
    file("etc/hostname"),
    file("etc/hosts"),
    symlink("etc/mtab", "/proc/mounts"),
    file("etc/passwd", b"root"),
    file("etc/resolv.conf"),
    directory("proc"),
    directory("run"),
    directory("sys"),
)
ALL = {"/.dockerenv", "/dev", "/dev/console", "/dev/pts", "/dev/shm", "/etc (time)", "/etc/hostname", "/etc/hosts"} | {
    "/etc/mtab",
    "/etc/resolv.conf",
    "/proc",
    "/sys",
}


def tree(raw: bytes, where: Path) -> FileTree:
    where.write_bytes(raw)
    return open_session(where, InspectOptions(root_filesystem=True)).tree(0)


def found(image: tuple[bytes, ...], export: tuple[bytes, ...], folder: Path) -> set[str]:
    rows = left_out(tree(docker_save([tar(*image)]), folder / "a"), tree(tar(*export), folder / "b"))
    return {f"/{row.path.decode()}{' (time)' if row.time else ''}" for row in rows}


def test_docker_makes_its_paths_in_an_image_that_has_none(tmp_path: Path) -> None:
    assert found(BASE, DOCKER, tmp_path) == ALL


def test_a_directory_with_another_attribute_is_no_difference_of_time(tmp_path: Path) -> None:
    labelled = tuple(
        directory("etc", mtime=99, xattrs={"user.label": b"1"}) if part == directory("etc", mtime=99) else part
        for part in DOCKER
    )
    assert found(BASE, labelled, tmp_path) == ALL - {"/etc (time)"}


@pytest.mark.parametrize(
    ("added", "counts"),
    [
        (file("etc/hosts", b"127.0.0.1 x"), "/etc/hosts"),
        (directory("etc/hosts"), "/etc/hosts"),
        (symlink("etc/mtab", "/proc/self/mounts"), "/etc/mtab"),
        (file("dev/shm/left", b"x"), "/dev/shm"),
        (file("dev/console", b"x"), "/dev/console"),
        (file("proc/x"), "/proc"),
    ],
)
def test_anything_else_at_such_a_path_is_a_difference(added: bytes, counts: str, tmp_path: Path) -> None:
    assert found(BASE, (*DOCKER, added), tmp_path) == ALL - {counts}


def test_a_directory_with_more_in_it_is_a_difference(tmp_path: Path) -> None:
    assert found(BASE, (*DOCKER, file("dev/secret")), tmp_path) == ALL - {"/dev"}


def test_a_directory_that_changed_otherwise_is_a_difference(tmp_path: Path) -> None:
    assert found(BASE, (*DOCKER, directory("etc", mode=0o777, mtime=99)), tmp_path) == ALL - {"/etc (time)"}


def test_docker_replaces_files_of_the_image_and_podman_keeps_them(tmp_path: Path) -> None:
    own = (*BASE, file("etc/hosts", b"own"), file("etc/mtab", b"own"))
    assert found(own, DOCKER, tmp_path) == ALL
    podman = (*BASE, file("run/.containerenv"), file("etc/hosts"), symlink("etc/mtab", "/proc/mounts"))
    assert found(own, podman, tmp_path) == {"/run/.containerenv"}
    assert found(BASE, podman, tmp_path) == {"/run/.containerenv", "/etc/hosts", "/etc/mtab"}


@pytest.mark.parametrize("mark", [(), (file(".dockerenv", b"not empty"),), (directory("run/.containerenv"),)])
def test_without_the_mark_of_an_engine_nothing_is_left_out(mark: tuple[bytes, ...], tmp_path: Path) -> None:
    unmarked = tuple(member for member in DOCKER if member != DOCKER[0])
    assert found(BASE, (*unmarked, *mark), tmp_path) == set()


def test_an_image_that_has_the_mark_itself_was_made_of_a_container(tmp_path: Path) -> None:
    assert found((*BASE, file(".dockerenv")), DOCKER, tmp_path) == set()
