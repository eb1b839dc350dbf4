"""Owners, attributes, devices and modes of what is written, as root and as a plain user."""

from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path

import pytest

from tests.builders import device, directory, docker_save, fifo, file, layer, symlink
from tests.cli.command import imgtar
from tests.extraction.extracting import extract, stored

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
IMAGE = docker_save(
    [
        layer(
            directory("d", uid=7, gid=8, mode=0o500, mtime=11, xattrs={"user.dir": b"d"}),
            file("d/su", b"x", uid=5, gid=6, mode=0o6755, mtime=12),
            file("cap", b"x", xattrs={"user.a": b"1", "trusted.b": b"2"}),
            symlink("s", "d", uid=9, gid=9, mtime=13),
            fifo("pipe", mode=0o640, mtime=14),
            device("null", 1, 3),
        )
    ]
)


@as_root
def test_owner_is_kept_and_setuid_with_it_where_both_are_asked_for(tmp_path: Path) -> None:
    assert extract(IMAGE, tmp_path, "--owner", "--exact") == 0
    found = {name: os.lstat(tmp_path / "out" / name) for name in ("d", "d/su", "s")}
    assert {name: (status.st_uid, status.st_gid) for name, status in found.items()} == {
        "d": (7, 8), "d/su": (5, 6), "s": (9, 9),
    }  # fmt: skip
    assert stat.S_IMODE(found["d/su"].st_mode) == 0o6755
    assert stat.S_IMODE(found["d"].st_mode) == 0o500
    assert {name: int(status.st_mtime) for name, status in found.items()} == {"d": 11, "d/su": 12, "s": 13}


def test_without_owner_files_are_those_of_the_user(tmp_path: Path) -> None:
    assert extract(IMAGE, tmp_path) == 0
    for name in ("d", "d/su", "s"):
        assert os.lstat(tmp_path / "out" / name).st_uid == os.geteuid()
    assert stat.S_IMODE((tmp_path / "out/d").stat().st_mode) == 0o700


def test_attributes_are_kept_or_named(tmp_path: Path) -> None:
    (tmp_path / "probe").touch()
    try:
        os.setxattr(tmp_path / "probe", "user.probe", b"1")
    except OSError as problem:
        if problem.errno == errno.ENOTSUP:
            pytest.skip("the file system has no attributes")
        raise
    ran = imgtar("extract", stored(IMAGE, tmp_path), "--output", tmp_path / "out", "--xattrs", "--format", "json")
    assert ran.returncode == 0
    out = tmp_path / "out"
    assert (os.getxattr(out / "cap", "user.a"), os.getxattr(out / "d", "user.dir")) == (b"1", b"d")
    reasons = [row["reason"] for row in json.loads(ran.stdout)["skipped"] if row["path"] == "/cap"]
    if "trusted.b" not in os.listxattr(out / "cap"):
        assert [reason.partition(":")[0] for reason in reasons] == ["attribute trusted.b"]
    assert extract(IMAGE, tmp_path, output="plain") == 0
    assert os.listxattr(tmp_path / "plain/cap") == []


def test_pipes_are_made_with_their_option(tmp_path: Path) -> None:
    code = extract(IMAGE, tmp_path, "--special")
    status = os.lstat(tmp_path / "out/pipe")
    assert stat.S_ISFIFO(status.st_mode)
    assert (stat.S_IMODE(status.st_mode), int(status.st_mtime)) == (0o640, 14)
    made = (tmp_path / "out/null").exists()
    assert code == (0 if made else 6)  # a plain user, or root in a container, may make no device
    if made:
        assert os.lstat(tmp_path / "out/null").st_rdev == os.makedev(1, 3)
