"""One member of a tar, as a value."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from imgtar.formats.tar.content import ContentDigest

BLOCK = 512

MemberType = Literal["file", "dir", "symlink", "hardlink", "char", "block", "fifo", "unknown"]
# By the byte of the typeflag; any other is unknown.
TYPES: dict[int, MemberType] = {
    0x00: "file",
    0x30: "file",
    0x31: "hardlink",
    0x32: "symlink",
    0x33: "char",
    0x34: "block",
    0x35: "dir",
    0x36: "fifo",
    0x37: "file",
    0x53: "file",
}


class CutXattr(msgspec.Struct, frozen=True):
    """Stands for the value of an extended attribute that is too long to be kept."""

    size: int
    sha256: bytes


class Extra(msgspec.Struct, frozen=True, kw_only=True):
    """What few members have.

    `xattrs` are raw names without `SCHILY.xattr.` and raw values. `segments` are the (offset, length) data runs of a
    sparse file in logical order; its data lies without gaps from the member's `offset` on, `stored_size` bytes, behind
    the `map_size` bytes that the map of the segments takes after the header. `condensed` is that of `ContentDigest`.
    """

    mtime_ns: int = 0
    xattrs: dict[bytes, bytes | CutXattr] | None = None
    device: tuple[int, int] | None = None
    segments: tuple[tuple[int, int], ...] | None = None
    stored_size: int | None = None
    map_size: int = 0
    typeflag: bytes = b""
    condensed: bytes | None = None


class TarMember(Protocol):
    """A member: the field values that Go's archive/tar gives, all dialects and extended headers applied.

    `name` and `link` are raw bytes. `size` is the logical size in bytes, 0 for what has no body. `mode` is the whole
    stored number. `mtime` is floored to whole seconds. `offset` is where the body lies in the tar. `content` is the
    SHA-256 of the logical body where the walk was asked to take it, None for a sparse file with holes of some size.

    There are two: the `ExactMember`, which holds whatever a tar can say, and the smaller one that the compiled walker
    makes of an ordinary header.
    """

    @property
    def name(self) -> bytes: ...
    @property
    def type(self) -> MemberType: ...
    @property
    def size(self) -> int: ...
    @property
    def mode(self) -> int: ...
    @property
    def uid(self) -> int: ...
    @property
    def gid(self) -> int: ...
    @property
    def mtime(self) -> int: ...
    @property
    def link(self) -> bytes: ...
    @property
    def offset(self) -> int: ...
    @property
    def content(self) -> bytes | None: ...
    @property
    def extra(self) -> Extra | None: ...

    @property
    def header_offset(self) -> int:
        """Where the header block lies in the tar; extended headers lie before it."""

    @property
    def stored_size(self) -> int:
        """Bytes that the body takes in the tar, padding not counted."""

    @property
    def digest(self) -> ContentDigest:
        """The digest of the content as far as the walk took it."""

    def with_digest(self, digest: ContentDigest, /) -> TarMember:
        """The same member with the digest of its content."""

    def exact(self) -> ExactMember:
        """The same member as an ExactMember."""


class ExactMember(msgspec.Struct, frozen=True, gc=False):
    """A member with the attributes and the meaning of `TarMember`."""

    name: bytes
    type: MemberType
    size: int
    mode: int
    uid: int
    gid: int
    mtime: int
    link: bytes
    offset: int
    content: bytes | None = None
    extra: Extra | None = None

    @property
    def header_offset(self) -> int:
        return self.offset - BLOCK - (0 if self.extra is None else self.extra.map_size)

    @property
    def stored_size(self) -> int:
        if self.extra is not None and self.extra.stored_size is not None:
            return self.extra.stored_size
        return self.size

    @property
    def digest(self) -> ContentDigest:
        return ContentDigest(self.content, None if self.extra is None else self.extra.condensed)

    def with_digest(self, digest: ContentDigest, /) -> ExactMember:
        member = self
        if digest.condensed is not None:
            extra = msgspec.structs.replace(self.extra or Extra(), condensed=digest.condensed)
            member = msgspec.structs.replace(self, extra=extra)
        return msgspec.structs.replace(member, content=digest.sha256)

    def exact(self) -> ExactMember:
        return self
