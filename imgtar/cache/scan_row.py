"""A scan as the body of a row, and back.

A member, an inode or a link that stands in several places of a scan is one again when it is read.
"""

from __future__ import annotations

import msgspec
import zstandard

from imgtar.cache.columns import Columns, columns_of, members_of
from imgtar.cache.finding_rows import FindingRow, finding_rows, findings_of
from imgtar.formats.compression import Compression
from imgtar.formats.digest import Digest
from imgtar.formats.tar import TarMember
from imgtar.layer.inodes import Displaced, HardLink, Inode
from imgtar.layer.probes import ProbeAnswers
from imgtar.layer.scan import LayerScan
from imgtar.limits import GIB

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
    members: Columns
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
        members=columns_of(members),
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
    members = members_of(row.members)
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
