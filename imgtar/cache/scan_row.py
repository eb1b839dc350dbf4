"""A scan as the body of a row, and back: its members by columns, which are small and quick to read.

Nearly all members of a layer are ordinary: they have no extended attributes, and plain numbers. They are columns; the
others are whole. A member, an inode or a link that stands in several places of a scan is one again when it is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, chain, islice, starmap
from operator import add

import msgspec
import zstandard

from imgtar.cache.finding_rows import FindingRow, finding_rows, findings_of
from imgtar.formats.compression import Compression
from imgtar.formats.digest import Digest
from imgtar.formats.tar import BLOCK, ExactMember, TarMember
from imgtar.formats.tar.member import MemberType
from imgtar.formats.tar.ordinary import LARGEST_NUMBER, LARGEST_SIZE, compiled
from imgtar.layer.inodes import Displaced, HardLink, Inode
from imgtar.layer.probes import ProbeAnswers
from imgtar.layer.scan import LayerScan
from imgtar.limits import GIB

_TYPES: tuple[MemberType, ...] = ("file", "hardlink", "symlink", "dir")  # as the compiled walker numbers them
_NUMBERS = {kind: number for number, kind in enumerate(_TYPES)}
_HAS_CONTENT = 4  # added to the number of a type
_KIND = bytes(number & 3 for number in range(256))
_LINKS = (1, 2)
_SHA256 = 32
_LEVEL = 3
_MOST = 2 * GIB  # bytes of a row that is unpacked


class Cost(msgspec.Struct, frozen=True, array_like=True):
    """What a scan counted against the limits of its run: `metadata` and `decompressed` bytes, `headers`, `entries`."""

    metadata: int
    decompressed: int
    headers: int
    entries: int


class KeptScan(msgspec.Struct, frozen=True):
    """A scan, without the answers of probes, and its cost."""

    scan: LayerScan
    cost: Cost


class _Columns(msgspec.Struct, frozen=True, array_like=True):
    """The members of a scan. `kinds` has a byte for each ordinary one, and the others have their columns in step.

    `links` are the targets of links alone, `contents` the digests one behind the other. `gaps` are the bytes from the
    end of the member before, padding included. `odd` are all others, with their place among the members.
    """

    names: list[bytes]
    kinds: bytes
    sizes: list[int]
    modes: list[int]
    uids: list[int]
    gids: list[int]
    mtimes: list[int]
    links: list[bytes]
    gaps: list[int]
    contents: bytes
    odd: list[tuple[int, ExactMember]]


class _Row(msgspec.Struct, frozen=True, array_like=True):
    """A scan. Members are named by their place in `members`; the first `entry_count` of these are the entries.

    `paths` are those of entries that have another name, as directories do, whose names end with a slash.
    """

    cost: Cost
    blob_size: int
    tar_size: int
    compression: Compression
    diff_id: str | None
    counts: tuple[int, int, int, int, int, int]
    members: _Columns
    entries: int
    paths: dict[int, bytes]
    implied: list[bytes]
    whiteouts: dict[bytes, int]
    opaque: dict[bytes, int]
    inodes: list[tuple[bytes, int]]
    hard_links: list[tuple[bytes, bytes, int | None, bool, bool]]
    displaced: list[Displaced]
    strays: list[int]
    findings: list[FindingRow]


_DECODER = msgspec.msgpack.Decoder(_Row)


def packed(scan: LayerScan, cost: Cost) -> bytes | None:
    """The body of a row; None for a scan that no row can hold."""
    rows = finding_rows(scan.findings)
    places: dict[int, int] = {}
    members: list[TarMember] = []
    for member in (*scan.entries.values(), *scan.strays, *(one.member for one in _inodes(scan))):
        if id(member) not in places:
            places[id(member)] = len(members)
            members.append(member)
    if rows is None or [*places.values()][: len(scan.entries)] != [places[id(one)] for one in scan.entries.values()]:
        return None
    inodes = {id(inode): number for number, inode in enumerate(_inodes(scan))}
    row = _Row(
        cost=cost,
        blob_size=scan.blob_size,
        tar_size=scan.tar_size,
        compression=scan.compression,
        diff_id=None if scan.diff_id is None else scan.diff_id.encoded,
        counts=(
            scan.entry_count,
            scan.whiteout_count,
            scan.opaque_count,
            scan.stored_bytes,
            scan.content_size,
            scan.file_bytes,
        ),
        members=_columns(members),
        entries=len(scan.entries),
        paths={number: path for number, (path, one) in enumerate(scan.entries.items()) if path != one.name},
        implied=sorted(scan.implied),
        whiteouts=scan.whiteouts,
        opaque=scan.opaque,
        inodes=[(inode.path, places[id(inode.member)]) for inode in _inodes(scan)],
        hard_links=[
            (path, link.target, None if link.inode is None else inodes[id(link.inode)], link.broken, link.whiteout)
            for path, link in scan.links.items()
        ],
        displaced=[*scan.displaced],
        strays=[places[id(member)] for member in scan.strays],
        findings=rows,
    )
    try:
        return zstandard.ZstdCompressor(level=_LEVEL).compress(msgspec.msgpack.encode(row))
    except (OverflowError, UnicodeEncodeError):  # a number or a text that MessagePack has no form for
        return None


def unpacked(body: bytes, digest: Digest) -> KeptScan | None:
    """The scan of the blob with this digest, as `packed` has it; None where the body is none of this form."""
    try:
        size = zstandard.frame_content_size(body)
        if not 0 < size <= _MOST:
            return None
        row = _DECODER.decode(zstandard.ZstdDecompressor().decompress(body, max_output_size=size))
        return KeptScan(_scan(row, digest), row.cost)
    except (msgspec.MsgspecError, zstandard.ZstdError, ValueError, IndexError):
        return None


def _scan(row: _Row, digest: Digest) -> LayerScan:
    """Raises ValueError and IndexError where the columns do not fit each other."""
    members = _members(row.members)
    names = row.members.names if not row.members.odd else [member.name for member in members]
    paths = names[: row.entries]
    for number, path in row.paths.items():
        paths[number] = path
    inodes = [Inode(path, members[place]) for path, place in row.inodes]
    entries = dict(zip(paths, members[: row.entries], strict=True))
    if len(entries) != row.entries:
        raise ValueError("two entries at one path")
    entry_count, whiteout_count, opaque_count, stored_bytes, content_size, file_bytes = row.counts
    return LayerScan(
        entries=entries,
        implied=frozenset(row.implied),
        whiteouts=row.whiteouts,
        opaque=row.opaque,
        links={
            path: HardLink(target, None if inode is None else inodes[inode], broken, whiteout)
            for path, target, inode, broken, whiteout in row.hard_links
        },
        displaced=tuple(row.displaced),
        strays=tuple(members[place] for place in row.strays),
        entry_count=entry_count,
        whiteout_count=whiteout_count,
        opaque_count=opaque_count,
        stored_bytes=stored_bytes,
        content_size=content_size,
        file_bytes=file_bytes,
        blob_size=row.blob_size,
        tar_size=row.tar_size,
        compression=row.compression,
        digest=digest,
        diff_id=None if row.diff_id is None else Digest.parse(f"sha256:{row.diff_id}"),
        complete=True,
        stopped_at=None,
        is_tar=True,
        answers=ProbeAnswers({}),
        findings=findings_of(row.findings),
    )


def _inodes(scan: LayerScan) -> list[Inode]:
    """The inodes of the links, each once."""
    return [*{id(link.inode): link.inode for link in scan.links.values() if link.inode is not None}.values()]


def _is_ordinary(member: TarMember) -> bool:
    """Can the compiled walker have made such a member?"""
    kind = member.type
    return (
        member.extra is None
        and kind in _NUMBERS
        and 0 <= member.size <= LARGEST_SIZE
        and (kind == "file" or not member.size)
        and (not member.link or kind in ("symlink", "hardlink"))
        and 0 <= member.mtime <= LARGEST_SIZE
        and member.offset >= 0
        and 0 <= member.mode <= LARGEST_NUMBER
        and 0 <= member.uid <= LARGEST_NUMBER
        and 0 <= member.gid <= LARGEST_NUMBER
    )


def _columns(members: Sequence[TarMember]) -> _Columns:
    ordinary: list[TarMember] = []
    odd: list[tuple[int, ExactMember]] = []
    for place, member in enumerate(members):
        if _is_ordinary(member):
            ordinary.append(member)
        else:
            odd.append((place, member.exact()))
    ends = chain((0,), (member.offset + member.size + -member.size % BLOCK for member in ordinary))
    return _Columns(
        names=[member.name for member in ordinary],
        kinds=bytes(_NUMBERS[member.type] + (_HAS_CONTENT if member.content is not None else 0) for member in ordinary),
        sizes=[member.size for member in ordinary],
        modes=[member.mode for member in ordinary],
        uids=[member.uid for member in ordinary],
        gids=[member.gid for member in ordinary],
        mtimes=[member.mtime for member in ordinary],
        links=[member.link for member in ordinary if member.type in ("symlink", "hardlink")],
        gaps=[member.offset - end for member, end in zip(ordinary, ends, strict=False)],
        contents=b"".join(member.content for member in ordinary if member.content is not None),
        odd=odd,
    )


def _members(columns: _Columns) -> list[TarMember]:
    """The members in their places. Raises ValueError where a column is too short, and IndexError for a wrong place."""
    kinds = columns.kinds.translate(_KIND)
    sizes = columns.sizes
    links = [b""] * len(kinds)
    for at, target in zip(_places(kinds, *_LINKS), columns.links, strict=True):
        links[at] = target
    digests = columns.contents
    contents = iter([digests[at : at + _SHA256] for at in range(0, len(digests), _SHA256)])
    bodies = [size + -size % BLOCK for size in sizes]
    values = zip(
        columns.names,
        kinds,
        sizes,
        columns.modes,
        columns.uids,
        columns.gids,
        columns.mtimes,
        links,
        accumulate(map(add, columns.gaps, chain((0,), bodies))),
        [next(contents, None) if kind & _HAS_CONTENT else None for kind in columns.kinds],
        strict=True,
    )
    ordinary = starmap(_exact if compiled is None else compiled.member, values)
    members: list[TarMember] = []
    for place, member in columns.odd:
        members.extend(islice(ordinary, place - len(members)))
        members.append(member)
    members.extend(ordinary)
    return members


def _exact(
    name: bytes,
    kind: int,
    size: int,
    mode: int,
    uid: int,
    gid: int,
    mtime: int,
    link: bytes,
    offset: int,
    content: bytes | None,
) -> ExactMember:
    return ExactMember(name, _TYPES[kind], size, mode, uid, gid, mtime, link, offset, content)


def _places(kinds: bytes, *wanted: int) -> list[int]:
    """Where these kinds are; most members are files, so this is quicker than to look at each."""
    places: list[int] = []
    for kind in wanted:
        at = kinds.find(kind)
        while at >= 0:
            places.append(at)
            at = kinds.find(kind, at + 1)
    return sorted(places)
