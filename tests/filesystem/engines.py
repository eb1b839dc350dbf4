"""Docker's and containerd's own unpackers over the kernel's overlayfs, as a process that is asked again and again.

They are Go modules (tests/oracles/unpack); unpacking whiteouts and mounting need root.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from imgtar.filesystem.tree import FileEntry
from tests.filesystem.stack import Stack

ENGINES = ("docker", "containerd")


def missing() -> str:
    """What this machine lacks for the engines, "" where all is here."""
    if shutil.which("go") is None:
        return "go is not installed"
    return "unpacking whiteouts needs root" if os.geteuid() else ""


class Node(msgspec.Struct, frozen=True):
    """What stands at a path. `names` are all paths of the same file, sorted; what a type does not have is None."""

    type: str
    mode: int | None
    owner: tuple[int, int]
    mtime: int | None
    content: bytes
    xattrs: dict[str, bytes]
    names: tuple[bytes, ...]


Tree = dict[bytes, Node]


class Refused(Exception):
    """The engine cannot unpack the layers."""


class Ended(Exception):
    """The Go program is not running: it has no right to mount, or it crashed."""


class Unpacker:
    """The Go program; `tree` asks it what an engine makes of a stack of layers."""

    def __init__(self, program: Path, where: Path) -> None:
        self._where = where
        self._process = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    def tree(self, engine: str, layers: Sequence[bytes]) -> Tree:
        """The tree of a container; raises Refused and Ended."""
        paths = []
        for number, layer in enumerate(layers):
            path = self._where / f"layer{number}.tar"
            path.write_bytes(layer)
            paths.append(str(path))
        job = {"engine": engine, "layers": paths, "work": str(self._where / "work")}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(job).encode() + b"\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise Ended("the unpacker ended")
        answer = json.loads(line)
        if "error" in answer:
            raise Refused(answer["error"])
        return _tree(answer["entries"] or [])

    def close(self) -> None:
        """Ends the program."""
        self._process.communicate(timeout=20)


def _tree(entries: Sequence[dict[str, Any]]) -> Tree:
    names: dict[int, list[bytes]] = {}
    for entry in entries:
        names.setdefault(entry["inode"], []).append(base64.b64decode(entry["path"]))
    tree: Tree = {}
    for entry in entries:
        kind = entry["type"]
        content = base64.b64decode(entry.get("link", ""))
        if kind == "file":
            content = bytes.fromhex(entry["sha256"])
        elif kind in ("char", "block"):
            content = b"%d:%d" % tuple(entry["device"])
        tree[base64.b64decode(entry["path"])] = Node(
            kind,
            None if kind == "symlink" else entry["mode"],
            (entry["uid"], entry["gid"]),
            None if kind == "dir" else entry["mtime"],
            content,
            {name: base64.b64decode(value) for name, value in entry["xattrs"].items()},
            () if kind == "dir" else tuple(sorted(names[entry["inode"]])),
        )
    return tree


def stacked_tree(stack: Stack) -> Tree:
    """The same of a stack that imgtar made."""
    names: dict[tuple[int, int], list[bytes]] = {}
    for path in stack.tree:
        entry = stack.tree.entry(path)
        names.setdefault((entry.scan_layer, entry.member.header_offset), []).append(path)
    tree: Tree = {}
    for path in stack.tree:
        entry = stack.tree.entry(path)
        member = entry.member
        together = names[entry.scan_layer, member.header_offset]
        xattrs = (member.extra and member.extra.xattrs) or {}
        tree[path] = Node(
            "broken" if entry.broken else member.type,
            None if member.type == "symlink" else member.mode & 0o7777,
            (member.uid, member.gid),
            None if member.type == "dir" else member.mtime,
            _content(stack, entry),
            {
                name.decode(): value
                for name, value in xattrs.items()
                if isinstance(value, bytes) and not name.startswith(b"trusted.")
            },
            () if member.type == "dir" else tuple(sorted(together)),
        )
    return tree


def _content(stack: Stack, entry: FileEntry) -> bytes:
    member = entry.member
    if member.type == "symlink":
        return member.link
    if member.type == "file":
        bodies = stack.bodies[entry.scan_layer]
        assert bodies is not None
        return hashlib.sha256(b"".join(bodies.stored(member))).digest()
    if member.extra is not None and member.extra.device is not None:
        return b"%d:%d" % member.extra.device
    return b""
