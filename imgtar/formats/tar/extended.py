"""What extended headers say of the entry that follows them, and the entry while it is put together."""

from __future__ import annotations

from imgtar.formats.tar import pax
from imgtar.formats.tar.header import text
from imgtar.formats.tar.member import CutXattr, Extra, MemberType, TarMember


class Draft:
    """An entry that is not finished: header fields first, then what extended headers and maps change in them."""

    __slots__ = ("device", "gid", "link", "mode", "mtime", "mtime_ns", "name", "segments", "size", "sparse_size",
                 "type", "uid", "xattrs")  # fmt: skip

    def __init__(
        self, name: bytes, kind: MemberType, size: int, owner: tuple[int, int, int], mtime: int, link: bytes
    ) -> None:
        self.name = name
        self.type = kind
        self.size = size
        self.mode, self.uid, self.gid = owner
        self.mtime = mtime
        self.mtime_ns = 0
        self.link = link
        self.xattrs: dict[bytes, bytes | CutXattr] | None = None
        self.device: tuple[int, int] | None = None
        self.segments: tuple[tuple[int, int], ...] | None = None
        self.sparse_size: int | None = None  # the logical size of a sparse file; `size` is then what is stored

    def member(self, offset: int, map_size: int, typeflag: bytes) -> TarMember:
        """The finished entry, its body at `offset`, behind a sparse map of `map_size` bytes."""
        extra = None
        if self.mtime_ns or self.xattrs or self.device or self.sparse_size is not None or self.type == "unknown":
            extra = Extra(
                mtime_ns=self.mtime_ns,
                xattrs=self.xattrs,
                device=self.device,
                segments=self.segments,
                stored_size=None if self.sparse_size is None else self.size,
                map_size=map_size,
                typeflag=typeflag,
            )
        size = self.size if self.sparse_size is None else self.sparse_size
        return TarMember(
            self.name, self.type, size, self.mode, self.uid, self.gid, self.mtime, self.link, offset, None, extra
        )


class Pending:
    """The extended headers that wait for their entry. A later one of a kind replaces the earlier."""

    __slots__ = ("count", "link", "name", "records", "size")

    def __init__(self) -> None:
        self.records: dict[bytes, bytes] | None = None
        self.name = b""
        self.link = b""
        self.count = 0
        self.size = 0

    def take(self, flag: int, body: bytes) -> tuple[bool, tuple[bytes, ...]]:
        """Takes in an `x`, `L` or `K` header: did it replace one, and which pax keys came twice. Raises BadPax."""
        if flag == 0x78:  # x
            replaced = self.records is not None
            records = pax.parse_records(body)
            self.records = records.values
            return replaced, records.repeated
        if flag == 0x4C:  # L
            replaced, self.name = bool(self.name), text(body)
        else:
            replaced, self.link = bool(self.link), text(body)
        return replaced, ()

    def apply(self, draft: Draft) -> None:
        """Overrides the header's fields: pax over header, GNU long names over pax. Raises BadPax."""
        for key, value in (self.records or {}).items():
            if value:
                _override(draft, key, value)
        if self.records:
            draft.xattrs = pax.xattrs(self.records)
        draft.name = self.name or draft.name
        draft.link = self.link or draft.link


def _override(draft: Draft, key: bytes, value: bytes) -> None:
    match key:
        case b"path":
            draft.name = value
        case b"linkpath":
            draft.link = value
        case b"size":
            draft.size = pax.parse_size(value)
        case b"uid":
            draft.uid = pax.parse_integer(value)
        case b"gid":
            draft.gid = pax.parse_integer(value)
        case b"mtime":
            draft.mtime, draft.mtime_ns = pax.parse_time(value)
        case b"atime" | b"ctime":
            pax.parse_time(value)
