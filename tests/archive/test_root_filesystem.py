"""A root filesystem in place of an image: when an input is one, in every packing, and what its names mean there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from imgtar.archive.input.input_name import parse_input
from imgtar.errors import InputError
from imgtar.filesystem.tree import FileTree
from imgtar.image.opening import open_images
from imgtar.image.read_options import ReadOptions
from imgtar.image.reader import ImageReader
from imgtar.limits import DEFAULT, Meter
from tests.archive.opening import images, outcome
from tests.builders import (
    bzip2,
    device,
    directory,
    docker_members,
    docker_save,
    file,
    gzip,
    hardlink,
    members_tar,
    opaque,
    symlink,
    tar,
    whiteout,
    xz,
    zstd,
)

EXPORT = tar(file(".dockerenv"), directory("etc"), file("etc/hosts", b"x"), symlink("lib", "usr/lib"))
PATHS = {b".dockerenv", b"etc", b"etc/hosts", b"lib"}
PACK: list[Callable[[bytes], bytes]] = [bytes, gzip, zstd, xz, bzip2]


def opened(raw: bytes, folder: Path, prefix: str = "", **options: Any) -> ImageReader:
    path = folder / "root.tar"
    path.write_bytes(raw)
    return open_images(parse_input(f"{prefix}{path}"), Meter(DEFAULT), ReadOptions(root_filesystem=True, **options))


def paths(reader: ImageReader) -> set[bytes]:
    (layer,) = reader.images[0].layers
    assert layer.scan is not None
    return set(layer.scan.entries)


@pytest.mark.parametrize("pack", PACK)
def test_an_export_is_one_image_of_one_layer_without_a_config(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    reader = opened(pack(EXPORT), tmp_path)
    assert reader.form == "rootfs"
    (image,) = reader.images
    assert (image.record.config, image.record.image_id, image.record.names) == (None, None, ())
    assert paths(reader) == PATHS
    assert reader.findings == image.findings == ()


@pytest.mark.parametrize("pack", PACK)
def test_a_pipe_is_read_once(pack: Callable[[bytes], bytes], fixtures: Path) -> None:
    script = (
        "from imgtar import open_session, InspectOptions\n"
        "session = open_session('-', InspectOptions(root_filesystem=True))\n"
        "print(session.envelope.source.form, sorted(session.tree(0)), session.findings)"
    )
    run = subprocess.run([sys.executable, "-c", script], input=pack(EXPORT), capture_output=True, check=True)
    assert run.stdout.decode().strip() == f"rootfs {sorted(PATHS)} ()"


def test_the_first_name_decides_and_not_the_name_of_the_root(tmp_path: Path) -> None:
    assert opened(tar(directory("./"), directory("./usr"), file("./usr/x", b"1")), tmp_path).form == "rootfs"
    late = tar(file("app", b"1" * 3000), directory("dev"), directory("proc"))
    assert opened(late, tmp_path).form == "rootfs"
    assert opened(gzip(late), tmp_path).form == "rootfs"


@pytest.mark.parametrize("pack", PACK)
def test_an_archive_of_images_stays_one(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    assert opened(pack(docker_save([EXPORT])), tmp_path).form == "docker-archive"


def test_other_tars_need_the_prefix(tmp_path: Path) -> None:
    strange = tar(file("README", b"x"))
    with pytest.raises(InputError) as error:
        opened(strange, tmp_path)
    assert error.value.code == "input.not-image"
    assert "rootfs:" in error.value.remedy
    assert paths(opened(strange, tmp_path, "rootfs:")) == {b"README"}


def test_the_prefix_refuses_an_archive_nowhere_and_a_root_where_an_image_is_needed(tmp_path: Path) -> None:
    path = tmp_path / "root.tar"
    path.write_bytes(EXPORT)
    with pytest.raises(InputError, match="no layers and no history"):
        open_images(parse_input(f"rootfs:{path}"), Meter(DEFAULT))
    with pytest.raises(InputError, match="docker export") as error:
        open_images(parse_input(str(path)), Meter(DEFAULT))
    assert "imgtar diff IMAGE EXPORT" in error.value.remedy


def test_a_choice_of_images_does_not_concern_it(tmp_path: Path) -> None:
    assert len(opened(EXPORT, tmp_path, image="app:1", platform="linux/arm64").outlines) == 1


def test_markers_are_names_like_any_other(tmp_path: Path) -> None:
    """An engine mounts the filesystem before it exports it: what a layer deletes is gone, what is left is a file."""
    raw = tar(
        directory("etc"),
        file("etc/gone", b"x"),
        whiteout("etc/gone"),
        opaque("etc"),
        file(".wh..wh.plnk/1.2", b"y"),
        device("dev/null", 0, 0),
        hardlink("etc/again", "dev/null"),
    )
    reader = opened(raw, tmp_path)
    assert paths(reader) >= {b"etc/gone", b"etc/.wh.gone", b"etc/.wh..wh..opq", b".wh..wh.plnk/1.2", b"dev/null"}
    scan = reader.images[0].layers[0].scan
    assert scan is not None
    assert (scan.whiteout_count, scan.opaque_count, scan.whiteouts, scan.opaque) == (0, 0, {}, {})
    assert b"etc/again" in scan.entries


@pytest.mark.parametrize("document", ["manifest.json", "index.json", "oci-layout", "repositories"])
def test_one_that_an_engine_could_load_as_an_image_is_a_finding(document: str, tmp_path: Path) -> None:
    """Both readings of a file that is a root filesystem and an archive of images are told."""
    both = members_tar([directory("etc"), *docker_members([EXPORT]), (f"./{document}", b"[]")])
    for pack in PACK:
        code, codes = outcome(pack(both), tmp_path, root_filesystem=True)
        assert (code, "rootfs.image-documents" in codes) == (4, True)
    asserted = opened(both, tmp_path, "rootfs:")
    assert not any(finding.code == "rootfs.image-documents" for finding in asserted.images[0].findings)


@pytest.mark.parametrize("pack", [bytes, gzip, zstd])  # of the others nothing comes out of so few bytes
def test_a_cut_one_is_incomplete(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    raw = pack(tar(directory("etc"), *(file(f"etc/f{number}", bytes([number]) * 5000) for number in range(50))))
    code, codes = outcome(raw[: len(raw) * 2 // 3], tmp_path, root_filesystem=True)
    assert code == 4
    assert {name.rpartition(".")[2] for name in codes} <= {"truncated"}


def test_a_cut_archive_of_images_is_no_root(tmp_path: Path) -> None:
    cut = docker_save([EXPORT])[:2000]
    reader = opened(cut, tmp_path)
    assert reader.form == "docker-archive"


@pytest.mark.parametrize("raw", [b"", bytes(1024), b"etc", b"\x1f\x8b" + bytes(50), gzip(gzip(EXPORT))])
def test_what_is_no_tar_is_refused(raw: bytes, tmp_path: Path) -> None:
    assert outcome(raw, tmp_path, root_filesystem=True)[0] == 3


def test_no_limit_on_members_of_archives_concerns_it(tmp_path: Path) -> None:
    many = tar(*(file(f"etc/{number}") for number in range(60)))
    limits = DEFAULT.__class__(members=10)
    assert outcome(many, tmp_path, limits, root_filesystem=True) == (0, set())
    assert outcome(many, tmp_path, DEFAULT.__class__(layer_entries=10), root_filesystem=True)[0] == 5


def test_the_exported_fixture(fixtures: Path, tmp_path: Path) -> None:
    reader = images(fixtures / "d20-export.tar", tmp_path, root_filesystem=True)
    tree = tree_of(reader)
    assert len(list(tree)) == 201
    assert tree.entry(b"etc/mtab").member.link == b"/proc/mounts"


def tree_of(reader: ImageReader) -> FileTree:
    from imgtar.analysis.stacked_image import stack_layers

    return stack_layers(reader.images[0], reader.meter).tree
