"""Extracts images in tests, and says what is in a directory and in a tar afterwards."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from imgtar.cli.main import run
from tests.cli.command import environment

Facts = dict[str, Any]
NOBODY = 65534
# Everything is imported as root: the interpreter may lie where the other user cannot read.
_DRIVER = """
import importlib, json, os, pkgutil, sys
import imgtar
from imgtar.cli.main import run
for module in pkgutil.walk_packages(imgtar.__path__, "imgtar."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
user = int(sys.argv[1])
os.setgroups([])
os.setgid(user)
os.setuid(user)
for line in sys.stdin:
    code = run(json.loads(line))
    print(json.dumps(int(code)), file=sys.__stderr__, flush=True)
"""


def extract(archive: bytes | Path, folder: Path, *options: str, output: str = "out") -> int:
    """Extracts an archive to `folder/output`; returns the exit code."""
    return run(["extract", str(stored(archive, folder)), "--output", str(folder / output), "--quiet", *options])


def stored(archive: bytes | Path, folder: Path) -> Path:
    """The path of an archive, which is written into the folder where it is bytes."""
    if isinstance(archive, Path):
        return archive
    path = folder / "image.tar"
    path.write_bytes(archive)
    return path


def tar_of(archive: bytes | Path, folder: Path, *options: str, expected: int = 0) -> bytes:
    """The tar that `extract --tar` makes of an archive."""
    target = folder / "flat.tar"
    assert run(["extract", str(stored(archive, folder)), "--tar", str(target), "--quiet", *options]) == expected
    return target.read_bytes()


def run_as(user: int, lines: Sequence[Sequence[str]]) -> list[int]:
    """Runs these command lines in one process of a user, as root starts it; returns the exit codes."""
    done = subprocess.run(
        [sys.executable, "-c", _DRIVER, str(user)],
        input="\n".join(json.dumps(list(line)) for line in lines),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        check=True,
    )
    assert "Traceback" not in done.stderr
    return [json.loads(line) for line in done.stderr.splitlines() if line.isdigit()]


def tree_of(root: Path, *, times: bool = True) -> dict[bytes, Facts]:
    """What is below a directory, by path; no link is followed."""
    found: dict[bytes, Facts] = {}
    top = os.fsencode(root)
    inodes: dict[tuple[int, int], bytes] = {}
    for folder, directories, files in sorted(os.walk(top)):
        for name in sorted(directories + files):
            path = os.path.join(folder, name)
            found[os.path.relpath(path, top)] = _facts(path, inodes, os.path.relpath(path, top), times=times)
    return found


def _facts(path: bytes, inodes: dict[tuple[int, int], bytes], shown: bytes, *, times: bool) -> Facts:
    status = os.lstat(path)
    facts: Facts = {"mode": stat.S_IMODE(status.st_mode), "uid": status.st_uid, "gid": status.st_gid}
    if times:
        facts["mtime"] = status.st_mtime_ns
    if stat.S_ISLNK(status.st_mode):
        return {**facts, "type": "symlink", "link": os.readlink(path)}
    if stat.S_ISDIR(status.st_mode):
        return {**facts, "type": "dir"}
    if not stat.S_ISREG(status.st_mode):
        return {**facts, "type": "special", "device": status.st_rdev}
    first = inodes.setdefault((status.st_dev, status.st_ino), shown)
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {**facts, "type": "file", "size": status.st_size, "sha256": digest, "first": first}


def tar_tree(content: bytes) -> dict[bytes, Facts]:
    """What a tar holds, by path, as Python's tarfile reads it."""
    found: dict[bytes, Facts] = {}
    with tarfile.open(fileobj=io.BytesIO(content), errors="surrogateescape") as tar:
        for member in tar:
            facts: Facts = {"mode": member.mode, "uid": member.uid, "gid": member.gid, "mtime": member.mtime}
            name = os.fsencode(member.name)
            if member.isreg():
                body = tar.extractfile(member)
                assert body is not None
                facts |= {"type": "file", "sha256": hashlib.sha256(body.read()).hexdigest(), "first": name}
                facts["size"] = member.size
            elif member.islnk():
                target = found[os.fsencode(member.linkname)]
                facts |= {key: value for key, value in target.items() if key not in facts}
            else:
                facts["type"] = "symlink" if member.issym() else "dir" if member.isdir() else "special"
                if member.issym():
                    facts["link"] = os.fsencode(member.linkname)
            assert name not in found
            found[name] = facts
    return found
