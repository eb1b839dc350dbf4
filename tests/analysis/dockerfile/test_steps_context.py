"""`dockerfile --context` without `--freeze`: which files of which layers are written, and the lines that take them."""

from __future__ import annotations

import json
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest

from imgtar.analysis.dockerfile.supplied import removals
from tests.analysis.dockerfile.building import built, context_of, is_equal, stored
from tests.builders import (
    directory,
    docker_save,
    fifo,
    file,
    hardlink,
    layer,
    opaque,
    symlink,
    whiteout,
)
from tests.filesystem.random_layers import stack, tars
from tests.paths import FIXTURES

SHA = "a" * 64
IMPORT = {"created_by": "", "comment": "Imported from -"}
COPY = {"created_by": "COPY a b /c/ # buildkit"}
LOST = {"created_by": f"/bin/sh -c #(nop) COPY file:{SHA} in /c/ "}
BASE = layer(directory("etc", mode=0o750, uid=3), file("etc/a", b"a"), directory("c"), file("old", b"o"))


def lines_of(top: bytes, folder: Path, *rows: dict[str, Any], options: tuple[str, ...] = ()) -> list[str]:
    """The Dockerfile for an image of a base and one layer more, without FROM and the lines of the base."""
    archive = stored(docker_save([BASE, top], history=[IMPORT, *(rows or [COPY])], execution={}), folder)
    context = context_of(archive, folder, *options)
    assert is_equal(archive, built(context), folder)
    lines = (context / "Dockerfile").read_text().splitlines()
    return lines[lines.index("ADD layer-00.tar /") + 1 :]


def test_the_files_of_a_copy_are_a_directory(tmp_path: Path) -> None:
    top = layer(directory("c"), file("c/x", b"x", mode=0o755), file("c/sub/y", b"y", mode=0o600), symlink("c/l", "x"))
    assert lines_of(top, tmp_path) == ["# the history has COPY a b /c/", "COPY layer-01/ /"]
    room = tmp_path / "context" / "layer-01"
    there = sorted(os.fspath(path.relative_to(room)) for path in room.rglob("*"))
    assert there == ["c", "c/l", "c/sub", "c/sub/y", "c/x"]
    assert (room / "c" / "x").stat().st_mode & 0o7777 == 0o755
    assert os.readlink(room / "c" / "l") == "x"
    report = json.loads((tmp_path / "x.json").read_bytes())
    assert [one["name"] for one in report["context"]["layers"]] == ["layer-00.tar", "layer-01"]


def test_the_name_of_a_source_that_is_lost_is_not_needed(tmp_path: Path) -> None:
    lines = lines_of(layer(file("c/x", b"x")), tmp_path, LOST)
    assert lines == [f"# source name lost: file:{SHA}; it made /c/x (1 B)", "COPY layer-01/ /"]


def test_an_owner_of_all_files_is_a_flag(tmp_path: Path) -> None:
    top = layer(directory("new", uid=7, gid=8), file("new/x", b"x", uid=7, gid=8))
    assert lines_of(top, tmp_path)[-1] == "COPY --chown=7:8 layer-01/ /"


NO_DIRECTORY = {
    "several owners": layer(file("c/x", b"x", uid=1), file("c/y", b"y", uid=2)),
    "owner of files in a directory of root": layer(file("c/x", b"x", uid=1)),
    "directory that has another owner and mode": layer(file("etc/x", b"x")),
    "setuid": layer(file("c/x", b"x", mode=0o4755)),
    "file that nobody may read": layer(file("c/x", b"x", mode=0o000)),
    "attribute": layer(file("c/x", b"x", xattrs={"user.a": b"b"})),
    "hard link": layer(file("c/x", b"x"), hardlink("c/y", "c/x")),
    "pipe": layer(fifo("c/x")),
    "link that leads out": layer(symlink("c/x", "../../etc/passwd")),
    "absolute link": layer(symlink("c/x", "/etc/passwd")),
    "directory that becomes a file": layer(file("c", b"x")),
    "long name": layer(file("c/" + "n" * 256, b"x")),
}


@pytest.mark.parametrize("top", NO_DIRECTORY.values(), ids=NO_DIRECTORY)
def test_what_a_directory_does_not_keep_is_a_tar(top: bytes, tmp_path: Path) -> None:
    assert lines_of(top, tmp_path)[-1] == "ADD layer-01.tar /"
    with tarfile.open(tmp_path / "context" / "layer-01.tar") as tar:
        assert not {"c", "etc"} & {one.name for one in tar if one.isdir()}  # directories that the layer does not list


def test_what_a_copied_layer_removes_goes_first(tmp_path: Path) -> None:
    top = layer(whiteout("old"), opaque("etc"), file("etc/b", b"b"))
    lines = lines_of(top, tmp_path)
    assert lines == [
        "# layer 1 removes this; the image needs rm",
        'RUN ["rm", "-rf", "--", "/etc/a", "/old"]',
        "# the history has COPY a b /c/",
        "ADD layer-01.tar /",
    ]


def test_a_layer_that_only_removes_copies_nothing(tmp_path: Path) -> None:
    lines = lines_of(layer(whiteout("etc")), tmp_path)
    assert lines[1] == 'RUN ["rm", "-rf", "--", "/etc"]'
    assert lines[-1] == "# no file of layer 1 is left to copy"


def test_paths_to_remove_are_parted_and_named_where_a_dockerfile_can() -> None:
    drafts = list(removals([b"n" * 4000 + b"%d" % number for number in range(20)] + [b"a\xff"], 1))
    assert all(len(draft.text) < 1 << 16 for draft in drafts)
    named = [path for draft in drafts if draft.text.startswith("RUN ") for path in json.loads(draft.text[4:])[3:]]
    assert len(named) == 20
    assert [draft.text for draft in drafts if draft.text.startswith("#")] == [r"# rm /a\xff"]


def test_commands_stay_commands(tmp_path: Path) -> None:
    top = layer(file("c/x", b"x"))
    archive = stored(docker_save([BASE, top], history=[IMPORT, {"created_by": "/bin/sh -c make x"}]), tmp_path)
    context = context_of(archive, tmp_path)
    assert "RUN make x" in (context / "Dockerfile").read_text().splitlines()
    assert sorted(path.name for path in context.iterdir()) == ["Dockerfile", "layer-00.tar"]


def test_the_layers_of_a_base_that_is_counted_are_tars_of_what_it_leaves(tmp_path: Path) -> None:
    top = layer(whiteout("old"), file("c/x", b"x"))
    lines = lines_of(top, tmp_path, {"created_by": "/bin/sh -c make x"}, options=("--base", "2"))
    assert lines == ["# layer 1: a layer of the base image: /bin/sh -c make x", "ADD layer-01.tar /"]
    with tarfile.open(tmp_path / "context" / "layer-00.tar") as tar:
        assert "old" not in tar.getnames()


def test_the_layers_of_a_named_base_are_not_written(tmp_path: Path) -> None:
    context = context_of(FIXTURES / "p5-nolayers-oci.tar", tmp_path)
    assert "FROM tinybase:1@sha256:" in (context / "Dockerfile").read_text()
    assert "layer-00.tar" not in {path.name for path in context.iterdir()}


def test_the_same_archive_gives_the_same_context(tmp_path: Path) -> None:
    made = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        context = context_of(FIXTURES / "mysql.tar", tmp_path / name)
        made.append({path.name: path.read_bytes() for path in context.iterdir() if path.is_file()})
    assert made[0] == made[1]


@pytest.mark.parametrize("first", range(0, 300, 20))
def test_generated_layers_of_copies_are_rebuilt(first: int, tmp_path: Path) -> None:
    """Each layer is a COPY; equal but for broken hard links and the attribute that makes a directory opaque."""
    for seed in range(first, first + 20):
        folder = tmp_path / str(seed)
        folder.mkdir()
        layers = stack(seed)
        archive = stored(docker_save(tars(layers), history=[COPY] * len(layers), execution={}), folder)
        context = context_of(archive, folder, "--base", "none")
        skipped = json.loads((folder / "x.json").read_bytes())["context"]["skipped"]
        excluded = [f"--exclude={one['path']}" for one in skipped]
        marked = any(entry.kind == "overlay opaque" for entries in layers for entry in entries)
        assert is_equal(archive, built(context), folder, *excluded, *(["--content"] if marked else [])), seed
