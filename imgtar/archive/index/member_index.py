"""The member index of an archive: members by clean name, links resolved inside the archive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import msgspec

from imgtar.archive import problems
from imgtar.archive.document_names import BLOBS
from imgtar.archive.input.blobs import Blob
from imgtar.findings import Finding, Kind, Where
from imgtar.formats.digest import BadDigest, Digest
from imgtar.formats.json_document.document import Document, parse, too_large
from imgtar.formats.tar import MemberType
from imgtar.formats.tar.path import clean
from imgtar.limits import MEMBER_LINK_HOPS, PATH_COMPONENTS, PATH_SIZE, Limits


class Member(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A member of the archive. `name` is cleaned, `raw_name` as stored; `link` is the raw target of a link.

    It takes the bytes [`start`, `end`) of the (decompressed) archive: extended headers, header, body from `offset`
    on, padding. `size` is logical, `stored_size` what the body takes. `content` is the SHA-256 of a streamed body.
    """

    name: bytes
    raw_name: bytes
    type: MemberType
    size: int
    link: bytes = b""
    start: int = 0
    offset: int = 0
    end: int = 0
    stored_size: int = 0
    segments: tuple[tuple[int, int], ...] | None = None
    content: Digest | None = None

    @property
    def layout_digest(self) -> Digest | None:
        """The digest that the name states where it is that of a blob in an OCI layout: `blobs/sha256/HEX`."""
        parts = self.name.split(b"/")
        if len(parts) != 3 or parts[0] != BLOBS:
            return None
        try:
            return Digest.parse(b":".join(parts[1:]).decode("ascii", "replace"))
        except BadDigest:
            return None


_SHOWN = 150  # bytes of the target of a link in a finding


class Unresolved(msgspec.Struct, frozen=True):
    """The reason why a name leads to no regular member: the kind of the finding and its arguments.

    `link` is the target, as written, of the link that leads nowhere; empty where the name itself is not there. `stub`:
    a file of 0 bytes is in place of the content.
    """

    kind: Kind
    name: bytes
    target: bytes = b""
    type: str = ""
    link: bytes = b""
    stub: bool = False

    def finding(self, what: str, *, named: bytes | None = None, size: int | None = None) -> Finding:
        """The finding; `what` is the role of the member in words: «the config», «the layer».

        `named` is what the document calls the member, where that is not its name, and `size` what it states.
        """
        name = self.name if named is None else named
        return self.kind.at(
            Where(member=name),
            name=name,
            target=self.target,
            type=self.type,
            what=what,
            limit=MEMBER_LINK_HOPS,
            size="" if size is None else f" ({size:,} bytes)",
            why=self._why(),
        )

    def _why(self) -> str:
        if self.link:
            link = self.link[:_SHOWN].decode("utf-8", "surrogateescape")
            return f"is a link to {link}, which leads to no file of the archive"
        return "is not in the archive; a file of 0 bytes is in its place" if self.stub else "is not in the archive"


class MemberReader(Protocol):
    """Reads the members of one archive."""

    def open(self, member: Member, /) -> Blob | None:
        """The bytes of a regular member; None where they passed in a stream and were not kept."""

    def changed(self) -> bool:
        """Was the file of the archive written to since it was opened?"""


class MemberIndex(msgspec.Struct, frozen=True, kw_only=True):
    """What lies in an archive, and how to read it.

    `members` maps each cleaned name to the member that counts (the last of that name); `all_members` lists every one
    in archive order. `end_offset` is where the end marker begins, `trailing_offset` where bytes other than zeros
    follow it, `tar_size` the size of the decompressed archive; they are None for a directory. `whole` is False where
    the archive was not read to its end. `streamed` archives pass once: `scans` then holds what the callback made of a
    member (by name), and `dropped_documents` are the names of JSON documents that exceeded `json-total`.
    """

    limits: Limits
    bodies: MemberReader
    members: dict[bytes, Member]
    all_members: tuple[Member, ...]
    findings: tuple[Finding, ...] = ()
    end_offset: int | None = None
    trailing_offset: int | None = None
    tar_size: int | None = None
    whole: bool = True
    streamed: bool = False
    scans: dict[bytes, object] = {}
    dropped_documents: frozenset[bytes] = frozenset()

    def __contains__(self, name: bytes) -> bool:
        return name in self.members

    def names(self) -> Iterator[bytes]:
        """The cleaned names, in the order of the archive."""
        return iter(self.members)

    def changed(self) -> bool:
        """Was the file of the archive written to since it was opened?"""
        return self.bodies.changed()

    def blob(self, member: Member) -> Blob | None:
        """The bytes of a regular member; None where they passed in a stream and were not kept."""
        return self.bodies.open(member)

    def stored(self, member: Member) -> Blob | None:
        """What a member takes of a seekable tar, headers and padding included; None where the input is another kind."""
        if self.streamed or self.tar_size is None:
            return None
        size = member.end - member.start
        whole = {"type": "file", "offset": member.start, "size": size, "stored_size": size, "segments": None}
        return self.blob(msgspec.structs.replace(member, **whole))

    def document(self, member: Member) -> Document:
        """The member read as JSON. Never raises; reads `json-size` bytes and one more at most."""
        limit = self.limits.json_size
        if member.size > limit:
            return too_large(member.name, "json-size", limit)
        if member.name in self.dropped_documents:
            return too_large(member.name, "json-total", self.limits.json_total)
        blob = self.blob(member)
        # A streamed body that did not look like JSON was not kept; NUL stands for it and is not JSON either.
        raw = b"\0x" if blob is None else blob.read_at(0, limit + 1)
        return parse(raw, self.limits, member=member.name)

    def resolve(self, name: bytes) -> Member | Unresolved:
        """The regular member that a name leads to: symbolic and hard links are followed inside the archive.

        Relative targets start at the link's directory, absolute ones at the archive's root, `..` stops there
        (image-formats.md 1.2). Nothing is looked up anywhere else.
        """
        cleaned = clean(name)
        member = self.members.get(cleaned)
        if member is not None and member.type == "file":
            return member
        return _Resolver(self.members, cleaned).run()


class _Resolver:
    """Follows links one component at a time, inside the archive."""

    def __init__(self, members: dict[bytes, Member], name: bytes) -> None:
        self._members = members
        self._name = name
        self._hops = 0
        self._followed: set[tuple[bytes, tuple[bytes, ...]]] = set()
        self._link = b""  # the target, as written, of the link that was followed last

    def run(self) -> Member | Unresolved:
        reached = b""
        parts = self._name.split(b"/")
        if len(parts) > PATH_COMPONENTS or len(self._name) > PATH_SIZE:
            return Unresolved(problems.MISSING, self._name)
        rest = tuple(parts)
        while rest:
            part, rest = rest[0], rest[1:]
            if part == b"..":
                reached = reached.rpartition(b"/")[0]
                continue
            path = reached + b"/" + part if reached else part
            member = self._members.get(path)
            if member is not None and member.type in ("symlink", "hardlink"):
                stop = self._hop(path, rest)
                if stop is not None:
                    return stop
                reached, rest = self._follow(member, path, reached, rest)
                if len(rest) > PATH_COMPONENTS:
                    return Unresolved(problems.LINK_DEPTH, self._name)
            else:
                reached = path
        return self._member_at(reached)

    def _hop(self, path: bytes, rest: tuple[bytes, ...]) -> Unresolved | None:
        if (path, rest) in self._followed:
            return Unresolved(problems.LINK_CYCLE, self._name, path)
        self._followed.add((path, rest))
        self._hops += 1
        return Unresolved(problems.LINK_DEPTH, self._name) if self._hops > MEMBER_LINK_HOPS else None

    def _follow(
        self, member: Member, path: bytes, reached: bytes, rest: tuple[bytes, ...]
    ) -> tuple[bytes, tuple[bytes, ...]]:
        self._link = member.link or member.name
        if member.type == "hardlink":
            target = clean(member.link)
            if target not in self._members:
                target = clean(member.link, path.rpartition(b"/")[0])  # as some writers mean it
            return b"", (*target.split(b"/"), *rest)
        steps = tuple(part for part in member.link.split(b"/") if part not in (b"", b"."))
        return (b"" if member.link.startswith(b"/") else reached), (*steps, *rest)

    def _member_at(self, path: bytes) -> Member | Unresolved:
        member = self._members.get(path)
        if member is None:
            return Unresolved(problems.MISSING, self._name, path, link=self._link)
        if member.type != "file":
            return Unresolved(problems.NOT_FILE, self._name, path, member.type)
        return member
