"""What extended headers say of the entry that follows them, and the entry while it is put together."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from imgtar.findings import Finding, Where
from imgtar.formats.tar import pax, problems
from imgtar.formats.tar.header import text
from imgtar.formats.tar.member import BLOCK, CutXattr, ExactMember, Extra, MemberType

_FEW_RECORDS = 16
_PER_RECORD = 64


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

    def member(self, offset: int, map_size: int, typeflag: bytes) -> ExactMember:
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
        return ExactMember(
            self.name, self.type, size, self.mode, self.uid, self.gid, self.mtime, self.link, offset, None, extra
        )


def extended_cost(body: bytes) -> int:
    """What an extended header counts against `metadata-bytes`: nothing where it has a block and a few records.

    A record of five bytes takes as long to read as a header, so each of many counts for more than its bytes.
    """
    return max(0, len(body) - BLOCK) + _PER_RECORD * max(0, body.count(b"\n") - _FEW_RECORDS)


class Pending:
    """The extended headers that wait for their entry. A later one of a kind replaces the earlier."""

    __slots__ = ("count", "link", "name", "records", "size")

    def __init__(self) -> None:
        self.records: dict[bytes, bytes] | None = None
        self.name = b""
        self.link = b""
        self.count = 0
        self.size = 0

    def take(self, flag: int, body: bytes, offset: int) -> Iterator[Finding]:
        """Takes in the `x`, `L` or `K` header at `offset`; yields what it says twice. Raises BadPax."""
        where = Where(offset=offset)
        repeats = 0
        repeated = b""
        if flag == 0x78:  # x
            replaced = self.records is not None
            records = pax.parse_records(body)
            self.records, repeated, repeats = records.values, records.repeated, records.repeats
        elif flag == 0x4C:  # L
            replaced, self.name = bool(self.name), text(body)
        else:
            replaced, self.link = bool(self.link), text(body)
        if replaced:
            yield problems.DUPLICATE_EXT.at(where, at=offset)
        if repeats:
            found = problems.DUPLICATE_PAX_KEY.at(where, at=offset, key=repeated)
            yield msgspec.structs.replace(found, count=repeats)

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
