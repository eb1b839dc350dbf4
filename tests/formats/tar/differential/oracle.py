"""Go's archive/tar as a process that is asked again and again, and the comparison with imgtar's walk."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from imgtar.findings import Effect
from imgtar.formats.tar.content import digest_of
from imgtar.formats.tar.cursor import RegionCursor, StreamCursor
from imgtar.formats.tar.member import CutXattr, TarMember
from imgtar.formats.tar.sparse import expand
from imgtar.formats.tar.walk import TarWalk
from imgtar.limits import Meter

# Where imgtar is stricter than Go on purpose (image-formats.md 4.1): the code, and what must then be in the tar.
# imgtar's members are a prefix of Go's.
STRICTER = {
    "tar.ext-header-chain": re.compile(rb""),  # Go has no limit on extended headers in a row
    # A pax size is 1 to 19 digits and nothing else; a key is UTF-8.
    "tar.bad-pax": re.compile(rb"[0-9] (size=([+-]|[0-9]{20})|[^=\n]*[\x80-\xff][^=\n]*=)"),
}


class Gotar:
    """The running Go program; `list` asks it about one tar."""

    def __init__(self, program: Path) -> None:
        self.program = program
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def list(self, content: bytes) -> tuple[list[dict[str, Any]], str]:
        """The members that Go yields, and the error that ended its reading ("" at a proper end)."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(struct.pack(">Q", len(content)) + content)
        process.stdin.flush()
        members: list[dict[str, Any]] = []
        while True:
            line = json.loads(process.stdout.readline())
            if "end" in line:
                return members, line["error"]
            members.append(line)

    def write(self, form: str) -> bytes:
        """A tar that Go's writer made in the form ustar, pax or gnu."""
        return subprocess.run([self.program, f"write-{form}"], check=True, stdout=subprocess.PIPE).stdout

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=20)
        if self._process.stdout is not None:
            self._process.stdout.close()


def go_is_here() -> bool:
    return shutil.which("go") is not None


GLOBAL = ord("g")  # Go yields global headers as members of their own
_TYPES = {0: "file", 0x30: "file", 0x31: "hardlink", 0x32: "symlink", 0x33: "char", 0x34: "block", 0x35: "dir"}
_TYPES |= {0x36: "fifo", 0x37: "file", 0x53: "file"}


def of_go(one: dict[str, Any]) -> dict[str, Any]:
    """A member of Go in the words of the comparison."""
    kind = _TYPES.get(one["type"], "unknown")
    body = kind in ("file", "unknown")
    xattrs = {bytes.fromhex(key): _kept(base64.b64decode(value)) for key, value in one["xattrs"].items()}
    return {
        "name": base64.b64decode(one["name"] or ""),
        "type": kind,
        "size": one["size"] if body else 0,
        "mode": one["mode"],
        "uid": one["uid"],
        "gid": one["gid"],
        "mtime": (one["sec"], one["nsec"]),
        "link": base64.b64decode(one["link"] or ""),
        "device": (one["major"], one["minor"]) if kind in ("char", "block") else None,
        "xattrs": xattrs,
        "sha256": one["sha256"] if kind == "file" and one["size"] and one["sha256"] and not one["cut"] else None,
    }


def _kept(value: bytes) -> bytes | CutXattr:
    return CutXattr(len(value), hashlib.sha256(value).digest()) if len(value) > 64 << 10 else value


def of_imgtar(member: TarMember, content: bytes) -> dict[str, Any]:
    """A member of the tar `content` in the words of the comparison."""
    extra = member.extra
    sha256 = member.content
    if sha256 is None and member.digest.comparable is not None and extra is not None and extra.segments is not None:
        # Long holes are not hashed: expanded, the body must have the same digest and give the hash that Go has.
        stored = iter((content[member.offset : member.offset + member.stored_size],))
        body = b"".join(expand(extra.segments, member.size, stored))
        assert digest_of(body).comparable == member.digest.comparable
        sha256 = hashlib.sha256(body).digest()
    return {
        "name": member.name,
        "type": member.type,
        "size": member.size,
        "mode": member.mode,
        "uid": member.uid,
        "gid": member.gid,
        "mtime": (member.mtime, extra.mtime_ns if extra else 0),
        "link": member.link,
        "device": extra.device if extra and member.type in ("char", "block") else None,
        "xattrs": (extra.xattrs if extra else None) or {},
        "sha256": sha256.hex() if sha256 and member.size else None,
    }


def _pieces(content: bytes, size: int) -> Iterator[bytes]:
    return (content[at : at + size] for at in range(0, len(content), size))


def walks(content: bytes) -> dict[str, tuple[TarWalk, list[TarMember]]]:
    """imgtar's walk of the tar through every cursor: by offset, as one stream, in odd pieces."""

    def everything(name: bytes, size: int) -> bool:
        return size <= 64 << 20

    cursors = {
        "region": RegionCursor(lambda at, size: content[at : at + size], len(content)),
        "stream": StreamCursor(_pieces(content, 1 << 16)),
        "short reads": StreamCursor(_pieces(content, 509)),
        "headers across borders": StreamCursor(_pieces(content, 3 * 512 + 100)),
    }
    found = {}
    for name, cursor in cursors.items():
        walk = TarWalk(cursor, Meter(), everything)
        found[name] = (walk, list(walk))
    return found


def codes(walk: TarWalk) -> set[str]:
    """The codes of what stopped the walk."""
    return {finding.code for finding in walk.findings if finding.effect is not Effect.NONE}


def disagreement(go: Gotar, content: bytes) -> str:
    """Why imgtar's reading of this tar is wrong, "" where it is right."""
    expected, error = go.list(content)
    theirs = [of_go(one) for one in expected if one["type"] != GLOBAL]
    cut = bool(expected) and expected[-1]["cut"]
    for cursor, (walk, members) in walks(content).items():
        ours = [of_imgtar(member, content) for member in members]
        why = _judge(walk, ours, theirs, error, cut)
        if why and not _stricter(walk, content, len(ours), len(theirs)):
            return f"{cursor}: {why}"
    return ""


def _judge(walk: TarWalk, ours: list[Any], theirs: list[Any], error: str, cut: bool) -> str:
    stopped = codes(walk)
    if walk.complete == bool(stopped):
        return f"complete is {walk.complete} with the findings {stopped}"
    for n, (our, their) in enumerate(zip(ours, theirs, strict=False)):
        last_is_cut = n == len(theirs) - 1 and (cut or walk.truncated)
        wrong = [
            key for key in our if our[key] != their[key] and not (key == "sha256" and _no_hash(our, their, last_is_cut))
        ]
        if wrong:
            return f"member {n}: " + ", ".join(f"{key} {our[key]!r}, Go {their[key]!r}" for key in wrong)
    if error:
        if walk.complete:
            return f"Go refuses ({error}), imgtar reads all {len(ours)} members"
        # An entry with a bad map is listed, where Go may refuse it before it yields it.
        listed = {len(ours), len(ours) - 1} if stopped == {"tar.bad-sparse"} else {len(ours)}
        if len(theirs) not in listed:
            return f"Go refuses ({error}) after {len(theirs)} members, imgtar after {len(ours)} ({stopped})"
        return ""
    if not walk.complete:
        return f"Go reads all {len(theirs)} members, imgtar stops: {stopped}"
    return "" if len(ours) == len(theirs) else f"Go reads {len(theirs)} members, imgtar {len(ours)}"


def _stricter(walk: TarWalk, content: bytes, ours: int, theirs: int) -> bool:
    """Did imgtar stop where Go reads on, for a reason that it has on purpose?"""
    return ours <= theirs and any(code in STRICTER and STRICTER[code].search(content) for code in codes(walk))


def _no_hash(our: dict[str, Any], their: dict[str, Any], cut: bool) -> bool:
    """May the hashes differ: one side took none because the body is cut, too large, or of no regular file?"""
    return cut or our["size"] > 64 << 20 or (our["sha256"] is None and our["type"] != "file")
