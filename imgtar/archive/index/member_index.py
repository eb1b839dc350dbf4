"""The member index of an archive: names cleaned, links resolved inside it, every byte range attributed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from imgtar.archive import problems
from imgtar.archive.input.blobs import Blob, InlineBlob
from imgtar.findings import Finding, FindingLog, Kind, Where
from imgtar.formats.digest import BadDigest, Digest
from imgtar.formats.json_document.document import Document, parse, too_large
from imgtar.formats.tar import MemberType
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
        if len(parts) != 3 or parts[0] != b"blobs":
            return None
        try:
            return Digest.parse(b":".join(parts[1:]).decode("ascii", "replace"))
        except BadDigest:
            return None


def clean(name: bytes, base: bytes = b"") -> bytes:
    """One form per member: relative to the archive's root, without empty parts and dots, `..` clamped at the root.

    `base` is the directory that a relative name starts from.
    """
    parts: list[bytes] = [] if name.startswith(b"/") or not base else base.split(b"/")
    for part in name.split(b"/"):
        if part == b"..":
            if parts:
                parts.pop()
        elif part not in (b"", b"."):
            parts.append(part)
    return b"/".join(parts)


class Unresolved(msgspec.Struct, frozen=True):
    """Why a name leads to no regular member: the kind of finding and its arguments (`name`, …)."""

    kind: Kind
    name: bytes
    target: bytes = b""
    type: str = ""

    def finding(self, what: str, where: Where | None = None) -> Finding:
        """`what` is the role of the thing in words: «the config», «the layer»."""
        place = where or Where(member=self.name)
        return self.kind.at(
            place, name=self.name, target=self.target, type=self.type, what=what, limit=MEMBER_LINK_HOPS
        )


class MemberIndex:
    """What lies in an archive, and how to read it.

    `members` maps cleaned names to the member that counts (the last); `every` lists all of them in archive order.
    `end_offset` is where the end marker begins, `tar_size` the size of the decompressed archive; both are None for a
    directory. `whole` is False where the archive was not read to its end. `scans` holds what the callback of a
    stream made of a member (by name), `kept` the small documents of a stream. `changed` tells whether the file was
    written to since it was opened.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.members: dict[bytes, Member] = {}
        self.every: list[Member] = []
        self.findings = FindingLog()
        self.end_offset: int | None = None
        self.tar_size: int | None = None
        self.whole = True
        self.streamed = False
        self.scans: dict[bytes, object] = {}
        self.kept: dict[bytes, bytes] = {}
        self.unkept: set[bytes] = set()
        self.open_blob: Callable[[Member], Blob] | None = None
        self.changed: Callable[[], bool] = lambda: False

    def __contains__(self, name: bytes) -> bool:
        return name in self.members

    def names(self) -> Iterator[bytes]:
        """The cleaned names, in the order of the archive."""
        return iter(self.members)

    def blob(self, member: Member) -> Blob | None:
        """The bytes of a regular member; None where they passed in a stream and are gone."""
        if self.open_blob is not None:
            return self.open_blob(member)
        raw = self.kept.get(member.name)
        return None if raw is None else InlineBlob(raw)

    def document(self, member: Member) -> Document:
        """The member read as JSON. Never raises; reads `json-size` bytes and one more at most."""
        limit = self._limits.json_size
        if member.size > limit:
            return too_large(member.name, "json-size", limit)
        if member.name in self.unkept:
            return too_large(member.name, "json-total", self._limits.json_total)
        blob = self.blob(member)
        # A streamed body that did not look like JSON was not kept; NUL stands for it and is no JSON either.
        raw = b"\0x" if blob is None else blob.read_at(0, limit + 1)
        return parse(raw, self._limits, member=member.name)

    def resolve(self, name: bytes) -> Member | Unresolved:
        """The regular member that a name leads to: symbolic and hard links are followed inside the archive.

        Relative targets start at the link's directory, absolute ones at the archive's root, `..` stops there
        (formats.md 1.2). Nothing is looked up anywhere else.
        """
        wanted = clean(name)
        member = self.members.get(wanted)
        if member is not None and member.type == "file":
            return member
        return _Resolver(self.members, wanted).run()


class _Resolver:
    """Follows links by components: a queue of parts still to walk, below the directory that is reached."""

    def __init__(self, members: dict[bytes, Member], wanted: bytes) -> None:
        self._members = members
        self._wanted = wanted
        self._hops = 0
        self._seen: set[tuple[bytes, tuple[bytes, ...]]] = set()

    def run(self) -> Member | Unresolved:
        reached = b""
        parts = self._wanted.split(b"/")
        if len(parts) > PATH_COMPONENTS or len(self._wanted) > PATH_SIZE:
            return Unresolved(problems.MISSING, self._wanted)
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
                    return Unresolved(problems.LINK_DEPTH, self._wanted)
            else:
                reached = path
        return self._found(reached)

    def _hop(self, path: bytes, rest: tuple[bytes, ...]) -> Unresolved | None:
        if (path, rest) in self._seen:
            return Unresolved(problems.LINK_CYCLE, self._wanted, path)
        self._seen.add((path, rest))
        self._hops += 1
        return Unresolved(problems.LINK_DEPTH, self._wanted) if self._hops > MEMBER_LINK_HOPS else None

    def _follow(
        self, member: Member, path: bytes, reached: bytes, rest: tuple[bytes, ...]
    ) -> tuple[bytes, tuple[bytes, ...]]:
        if member.type == "hardlink":
            target = clean(member.link)
            if target not in self._members:
                target = clean(member.link, path.rpartition(b"/")[0])  # as some writers mean it
            return b"", (*target.split(b"/"), *rest)
        steps = tuple(part for part in member.link.split(b"/") if part not in (b"", b"."))
        return (b"" if member.link.startswith(b"/") else reached), (*steps, *rest)

    def _found(self, path: bytes) -> Member | Unresolved:
        member = self._members.get(path)
        if member is None:
            return Unresolved(problems.MISSING, self._wanted, path)
        if member.type != "file":
            return Unresolved(problems.NOT_FILE, self._wanted, path, member.type)
        return member
