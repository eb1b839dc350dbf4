"""What extract writes and says of small images: files, links, layers, limits, damage."""

from __future__ import annotations

import json
import os
import random
import shlex
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.builders import (
    device,
    directory,
    docker_save,
    file,
    gzip,
    hardlink,
    layer,
    oci_archive,
    sparse_1_0,
    symlink,
    whiteout,
)
from tests.cli.command import IMGTAR, environment, imgtar, one_line
from tests.extraction.extracting import extract, stored, tar_of, tar_tree, tree_of

BASE = layer(
    directory("etc", mode=0o750, mtime=5),
    file("etc/passwd", b"root", mode=0o640, mtime=7),
    symlink("lib", "usr/lib"),
    directory("usr/lib"),
    file("usr/lib/x.so", b"so"),
    directory("root/.ssh"),
    file("root/.ssh/id_rsa", b"key", mode=0o644),
    file("tool", b"#!", mode=0o4755),
    hardlink("tool2", "tool", mode=0o4755),
)
UPPER = layer(whiteout("root/.ssh/id_rsa"), file("etc/passwd", b"root, user"), symlink("abs", "/etc/passwd"))
IMAGE = docker_save([BASE, UPPER])


def report(archive: bytes | Path, folder: Path, *options: str, expected: int = 0) -> Any:
    """The JSON report of `extract`, and that it ends with this code."""
    path = stored(archive, folder)
    ran = imgtar("extract", path, "--output", folder / "out", "--format", "json", *options)
    assert ran.returncode == expected, ran.stderr
    return json.loads(ran.stdout)


def codes(document: Any) -> Counter[str]:
    return Counter(finding["code"] for finding in document["findings"] for _ in range(finding["count"]))


def test_the_final_filesystem_is_written(tmp_path: Path) -> None:
    document = report(IMAGE, tmp_path)
    tree = tree_of(tmp_path / "out")
    paths = b"abs etc etc/passwd lib root root/.ssh tool tool2 usr usr/lib usr/lib/x.so"
    assert sorted(tree) == paths.split()
    assert (tmp_path / "out/etc/passwd").read_bytes() == b"root, user"
    assert tree[b"abs"]["link"] == b"/etc/passwd"
    assert tree[b"tool2"]["first"] == b"tool"
    assert (document["files"], document["directories"], document["symlinks"], document["hardlinks"]) == (3, 5, 2, 1)
    assert document["bytes"] == len(b"root, user" + b"so" + b"#!")
    assert document["output"] == str(tmp_path / "out")
    assert "entries" not in document
    assert codes(document)["extract.link-leaves-tree"] == 1


def test_modes_lose_what_grants_rights_and_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        assert extract(IMAGE, tmp_path) == 0
        assert extract(IMAGE, tmp_path, "--exact", output="exact") == 0
    finally:
        os.umask(before)
    assert (tmp_path / "out").stat().st_mode & 0o7777 == 0o750
    modes = {path: facts["mode"] for path, facts in tree_of(tmp_path / "out").items()}
    assert (modes[b"tool"], modes[b"etc"], modes[b"usr/lib/x.so"]) == (0o750, 0o750, 0o640)
    exact = {path: facts["mode"] for path, facts in tree_of(tmp_path / "exact").items()}
    assert (exact[b"tool"], exact[b"etc"], exact[b"usr/lib/x.so"]) == (0o4755, 0o750, 0o644)


def test_times_are_those_of_the_image(tmp_path: Path) -> None:
    assert extract(docker_save([BASE]), tmp_path) == 0
    tree = tree_of(tmp_path / "out")
    assert tree[b"etc/passwd"]["mtime"] == 7 * 10**9
    assert tree[b"etc"]["mtime"] == 5 * 10**9


def test_a_path_is_written_with_the_directories_above(tmp_path: Path) -> None:
    document = report(IMAGE, tmp_path, "/etc", "lib/x.so")
    assert sorted(tree_of(tmp_path / "out")) == [b"etc", b"etc/passwd", b"usr", b"usr/lib", b"usr/lib/x.so"]
    assert document["files"] == 2


def test_a_path_may_be_a_pattern(tmp_path: Path) -> None:
    assert extract(IMAGE, tmp_path, "*.so", "/t*2") == 0
    assert sorted(tree_of(tmp_path / "out")) == [b"tool2", b"usr", b"usr/lib", b"usr/lib/x.so"]
    assert extract(IMAGE, tmp_path, "id_*", "--deleted", output="gone") == 0
    assert (tmp_path / "gone/layer-00/root/.ssh/id_rsa").read_bytes() == b"key"


def test_a_hard_link_whose_file_is_left_out_is_a_copy(tmp_path: Path) -> None:
    assert extract(IMAGE, tmp_path, "tool2") == 0
    assert (tmp_path / "out/tool2").read_bytes() == b"#!"


def test_a_symbolic_link_is_written_and_not_followed(tmp_path: Path) -> None:
    assert extract(IMAGE, tmp_path, "lib") == 0
    assert sorted(tree_of(tmp_path / "out")) == [b"lib"]


def test_a_path_that_is_not_there_is_exit_1_and_the_others_are_written(tmp_path: Path) -> None:
    ran = imgtar("extract", stored(IMAGE, tmp_path), "/root/.ssh/id_rsa", "--output", tmp_path / "none")
    assert ran.returncode == 1
    assert one_line(ran).endswith("/root/.ssh/id_rsa: not in the final filesystem; layer 0 has it, layer 1 deletes it")
    assert not (tmp_path / "none").exists()
    assert report(IMAGE, tmp_path, "/nowhere", "/tool", expected=1)["files"] == 1


def test_layer_and_upto_choose_what_is_written(tmp_path: Path) -> None:
    assert extract(IMAGE, tmp_path, "--layer", "1") == 0
    assert sorted(tree_of(tmp_path / "out")) == [b"abs", b"etc", b"etc/passwd", b"root", b"root/.ssh"]
    assert extract(IMAGE, tmp_path, "--upto", "0", output="lower") == 0
    assert (tmp_path / "lower/root/.ssh/id_rsa").read_bytes() == b"key"


def test_deleted_files_are_written_by_layer_for_the_owner_alone(tmp_path: Path) -> None:
    document = report(IMAGE, tmp_path, "--deleted", "--list")
    tree = tree_of(tmp_path / "out")
    assert (tmp_path / "out/layer-00/root/.ssh/id_rsa").read_bytes() == b"key"
    assert {facts["type"]: facts["mode"] for facts in tree.values()} == {"dir": 0o700, "file": 0o600}
    [row] = [entry for entry in document["entries"] if entry["type"] == "file"]
    assert (row["path"], row["file"]) == ("/root/.ssh/id_rsa", "layer-00/root/.ssh/id_rsa")
    assert (row["layer"], row["deleted_in"]) == (0, 1)


def test_where_nothing_is_deleted_nothing_is_written(tmp_path: Path) -> None:
    assert report(docker_save([BASE]), tmp_path, "--deleted", expected=1)["output"] is None
    assert not (tmp_path / "out").exists()


def test_all_layers_have_directories_and_whiteouts_are_lines(tmp_path: Path) -> None:
    assert extract(IMAGE, tmp_path, "--all-layers") == 0
    assert (tmp_path / "out/layer-00/etc/passwd").read_bytes() == b"root"
    assert (tmp_path / "out/layer-01/etc/passwd").read_bytes() == b"root, user"
    rows = [json.loads(line) for line in (tmp_path / "out/layers.jsonl").read_text().splitlines()]
    assert [row.get("directory") for row in rows] == ["layer-00", "layer-01", None]
    assert rows[2] == {"layer": 1, "whiteout": "/root/.ssh/id_rsa"}


def test_a_hard_link_to_a_lower_layer_has_its_content(tmp_path: Path) -> None:
    image = docker_save([layer(file("a", b"below")), layer(hardlink("b", "a"))])
    for options in ((), ("--layer", "1"), ("--all-layers",)):
        room = tmp_path / "-".join(("room", *options))
        room.mkdir()
        assert extract(image, room, *options) == 0
    assert (tmp_path / "room/out/b").read_bytes() == b"below"
    assert (tmp_path / "room---layer-1/out/b").read_bytes() == b"below"
    assert (tmp_path / "room---all-layers/out/layer-01/b").read_bytes() == b"below"


def test_links_inside_lead_inside_and_skip_writes_none(tmp_path: Path) -> None:
    image = docker_save([layer(symlink("a/b/abs", "/etc/x"), symlink("out", "../../etc"), file("etc/x", b"x"))])
    document = report(image, tmp_path, "--links", "inside")
    assert os.readlink(tmp_path / "out/a/b/abs") == "../../etc/x"
    assert (tmp_path / "out/a/b/abs").read_bytes() == b"x"
    assert document["skipped"] == [{"path": "/out", "type": "symlink", "reason": "its target is outside the image"}]
    assert codes(document)["extract.skipped"] == 1
    assert extract(image, tmp_path, "--links", "skip", output="none") == 0
    assert not any(facts["type"] == "symlink" for facts in tree_of(tmp_path / "none").values())


def test_devices_need_an_option(tmp_path: Path) -> None:
    image = docker_save([layer(device("null", 1, 3), file("f", b"x"))])
    document = report(image, tmp_path)
    assert document["skipped"] == [{"path": "/null", "type": "char", "reason": "--special writes it"}]
    assert document["others"] == 0


def test_holes_are_not_written(tmp_path: Path) -> None:
    image = docker_save([layer(sparse_1_0("s", 1 << 30, [(4096, b"data"), ((1 << 30) - 5, b"tail")]))])
    assert extract(image, tmp_path) == 0
    status = (tmp_path / "out/s").stat()
    assert status.st_size == 1 << 30
    assert status.st_blocks * 512 < 1 << 20
    with open(tmp_path / "out/s", "rb") as written:
        assert written.read(4101)[4095:] == b"\0data\0"
        written.seek(-6, os.SEEK_END)
        assert written.read() == b"\0tail\0"


@pytest.mark.parametrize(
    ("limit", "code"), [("extract-bytes=11", "limit.extract-bytes"), ("extract-entries=9", "limit.extract-entries")]
)
def test_a_limit_leaves_nothing(limit: str, code: str, tmp_path: Path) -> None:
    document = report(IMAGE, tmp_path, "--limit", limit, expected=5)
    assert code in codes(document)
    assert document["output"] is None
    assert [path.name for path in tmp_path.iterdir()] == ["image.tar"]


def test_names_that_the_file_system_refuses_are_exit_6_at_the_end(tmp_path: Path) -> None:
    long = "n" * 256
    image = docker_save([layer(file(long, b"x"), file(f"{long}/below", b"x"), file("good", b"y"))])
    document = report(image, tmp_path, expected=6)
    assert (tmp_path / "out/good").read_bytes() == b"y"
    assert codes(document)["extract.not-written"] == 2
    assert {row["reason"] for row in document["skipped"]} == {
        "its name is too long for this file system",
        "its directory is not written",
    }


def cut_image(compress: Any = bytes) -> bytes:
    """An image whose only layer ends inside its last file."""
    blob = compress(layer(file("good", b"g" * 3000), file("cut", random.Random(1).randbytes(200_000)), end=b""))
    return docker_save([blob[: len(blob) // 2]])


@pytest.mark.parametrize("compress", [bytes, gzip], ids=["plain", "gzip"])
def test_a_damaged_file_is_not_written_and_the_others_are(compress: Any, tmp_path: Path) -> None:
    image = cut_image(compress)
    document = report(image, tmp_path, expected=4)
    assert (tmp_path / "out/good").read_bytes() == b"g" * 3000
    assert not (tmp_path / "out/cut").exists()
    assert [row["path"] for row in document["skipped"]] == ["/cut"]
    assert document["complete"] is False
    assert list(tar_tree(tar_of(image, tmp_path, expected=4))) == [b"good"]


def test_the_tar_is_sorted_and_whole(tmp_path: Path) -> None:
    tree = tar_tree(tar_of(IMAGE, tmp_path))
    assert list(tree) == sorted(tree)
    assert tree[b"etc/passwd"]["mode"] == 0o644
    assert tree[b"tool"]["mode"] == 0o4755
    assert tree[b"abs"]["link"] == b"/etc/passwd"
    assert tree[b"tool2"]["first"] == b"tool"


def test_the_tar_is_the_same_for_plain_and_compressed_layers(tmp_path: Path) -> None:
    assert tar_of(oci_archive([BASE, UPPER], compression="gzip"), tmp_path) == tar_of(IMAGE, tmp_path)


def test_a_pipe_is_extracted_like_a_file(tmp_path: Path) -> None:
    ran = imgtar("extract", "-", "--output", tmp_path / "piped", stdin=IMAGE)
    assert ran.returncode == 0
    assert b"temporary file" in ran.stderr
    assert extract(IMAGE, tmp_path) == 0
    assert (tmp_path / "piped/etc/passwd").read_bytes() == (tmp_path / "out/etc/passwd").read_bytes()


def test_standard_output_gets_the_tar_and_nothing_else(tmp_path: Path) -> None:
    path = stored(IMAGE, tmp_path)
    ran = imgtar("extract", path, "--tar", "-")
    assert ran.stdout == tar_of(path, tmp_path)
    refused = imgtar("extract", path, "--tar", "-", "--format", "json")
    assert refused.returncode == 2
    written = imgtar("extract", path, "--tar", "-", "-o", f"json={tmp_path / 'report.json'}")
    assert (written.stdout, json.loads((tmp_path / "report.json").read_text())["files"]) == (ran.stdout, 3)


def test_a_closed_pipe_ends_quietly(tmp_path: Path) -> None:
    image = docker_save([layer(file("big", b"x" * (4 << 20)))])
    line = shlex.join([*IMGTAR, "extract", str(stored(image, tmp_path)), "--tar", "-"])
    ran = subprocess.run(
        ["bash", "-c", f"{line} | head -c 1; exit ${{PIPESTATUS[0]}}"],
        capture_output=True,
        env=environment(),
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (141, b"")
