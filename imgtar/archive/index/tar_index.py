"""Builds the member index of a tar: of a seekable file by its headers alone, of a stream in one pass."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator
from typing import Protocol

from imgtar.archive import problems
from imgtar.archive.index.member_index import Member, MemberIndex, clean
from imgtar.archive.input.blobs import Blob, OpenFile, Region, SparseRegion, expand
from imgtar.archive.input.source import FileInput, StreamInput
from imgtar.findings import Where
from imgtar.formats.digest import Digest
from imgtar.formats.tar import BLOCK, RegionCursor, StreamCursor, TarMember, TarWalk
from imgtar.limits import LimitReached, Meter

# A stream keeps what may be a document: these always, others by their first byte, tiny members whatever they are.
_DOCUMENTS = frozenset({b"manifest.json", b"index.json", b"oci-layout", b"repositories"})
_TINY = 4096
_HOLES = 1 << 30  # a sparse member with more zeros than that is listed, but not read
_BOM = b"\xef\xbb\xbf"
_TOLD_BY_THE_STREAM = frozenset({"tar.truncated", "tar.no-end-marker"})


class StreamScan(Protocol):
    """What a callback makes of a member that passes; `digest` is that of all its bytes, None where it stopped."""

    @property
    def digest(self) -> Digest | None: ...


Scan = Callable[[Iterator[bytes]], StreamScan]


def index_file(opened: FileInput, meter: Meter) -> tuple[MemberIndex, TarWalk]:
    """Walks the headers; member bodies stay where they are."""
    file = opened.file
    index = MemberIndex(meter.limits)
    index.open_blob = lambda member: _region(file, member)
    walk = TarWalk(RegionCursor(file.read_at, file.size, opened.head()), meter)
    repeated: list[tuple[Member, Member]] = []
    try:
        for found, start in _numbered(walk, meter):
            _add(index, _member(found, start), repeated)
    except LimitReached as reached:
        _stopped(index, reached, walk)
    for first, second in repeated:
        _compare(index, first, second, _equal_bodies(file, first, second))
    _finish(index, walk, told=frozenset())
    index.tar_size = file.size
    index.changed = file.changed
    return index, walk


def index_stream(opened: StreamInput, meter: Meter, scan: Scan | None) -> tuple[MemberIndex, TarWalk]:
    """Reads the stream once: documents are kept, every other member is handed to `scan` (or only hashed)."""
    index = MemberIndex(meter.limits)
    index.streamed = True
    passing = _Passing(opened.chunks())
    walk = TarWalk(StreamCursor(iter(passing)), meter)
    keeper = _Keeper(index, meter.limits.json_size, meter.limits.json_total, scan)
    repeated: list[tuple[Member, Member]] = []
    try:
        for found, start in _numbered(walk, meter):
            member = _member(found, start)
            if member.type == "file":
                body = walk.body(found)
                content = keeper.take(member, expand(body, member.segments, member.size) if member.segments else body)
                member = _member(found, start, content)
            _add(index, member, repeated)
    except LimitReached as reached:
        _stopped(index, reached, walk)
    if passing.limit is not None:
        _stopped(index, passing.limit, walk)
    for first, second in repeated:
        _compare(index, first, second, first.content == second.content)
    cut = passing.limit is not None or opened.decompressed.failed
    index.findings.extend(opened.decompressed.findings)
    _finish(index, walk, told=_TOLD_BY_THE_STREAM if cut else frozenset())
    index.whole = index.whole and not cut
    if opened.file is not None:
        index.changed = opened.file.changed
    return index, walk


class _Passing:
    """Remembers that a limit cut the archive itself, also where a layer's scan caught the exception."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self.limit: LimitReached | None = None

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._chunks
        except LimitReached as reached:
            self.limit = reached
            raise


class _Keeper:
    """Decides for each body that passes whether it is kept or scanned."""

    def __init__(self, index: MemberIndex, largest: int, total: int, scan: Scan | None) -> None:
        self._index = index
        self._largest = largest
        self._left = total
        self._scan = scan

    def take(self, member: Member, body: Iterator[bytes]) -> Digest | None:
        """Consumes the body; returns its digest, None where a scan stopped in it."""
        index, name = self._index, member.name
        for table in (index.kept, index.scans):
            table.pop(name, None)
        index.unkept.discard(name)
        head = next(body, b"")
        essential = name in _DOCUMENTS
        if member.size <= self._largest and (essential or member.size <= _TINY or _may_be_json(head)):
            if essential or member.size <= self._left:
                raw = head + b"".join(body)
                index.kept[name] = raw
                self._left -= 0 if essential else len(raw)
                return Digest.of(raw)
            index.unkept.add(name)
        return self._pass(name, itertools.chain((head,), body) if head else body)

    def _pass(self, name: bytes, body: Iterator[bytes]) -> Digest | None:
        if self._scan is None:
            return _digest(body)
        scan = self._scan(body)
        self._index.scans[name] = scan
        return scan.digest


def _may_be_json(head: bytes) -> bool:
    return head.removeprefix(_BOM).lstrip(b" \t\n\r")[:1] in (b"{", b"[")


def _digest(body: Iterator[bytes]) -> Digest:
    hasher = hashlib.sha256()
    for chunk in body:
        hasher.update(chunk)
    return Digest("sha256", hasher.hexdigest())


def _numbered(walk: TarWalk, meter: Meter) -> Iterator[tuple[TarMember, int]]:
    """Each member with the offset of its first (extended) header; raises LimitReached at `members`."""
    start = 0
    for count, member in enumerate(walk):
        if count >= meter.limits.members:
            raise LimitReached("members", meter.limits.members, Where(offset=start))
        yield member, start
        start = member.offset + member.stored_size + -member.stored_size % BLOCK


def _member(found: TarMember, start: int, content: Digest | None = None) -> Member:
    stored = found.stored_size
    hollow = found.size - stored > _HOLES
    return Member(
        name=clean(found.name),
        raw_name=found.name,
        type="unknown" if hollow else found.type,
        size=found.size,
        link=found.link,
        start=start,
        offset=found.offset,
        end=found.offset + stored + -stored % BLOCK,
        stored_size=stored,
        segments=None if found.extra is None else found.extra.segments,
        content=content,
    )


def _add(index: MemberIndex, member: Member, repeated: list[tuple[Member, Member]]) -> None:
    index.every.append(member)
    if member.segments is not None:
        index.findings.add(problems.SPARSE.at(Where(member=member.name, offset=member.start), name=member.name))
    if not member.name:
        return
    earlier = index.members.get(member.name)
    if earlier is not None and not earlier.type == member.type == "dir":
        repeated.append((earlier, member))
    index.members[member.name] = member


def _compare(index: MemberIndex, first: Member, second: Member, equal: bool) -> None:
    same = equal and (first.type, first.size, first.link) == (second.type, second.size, second.link)
    kind = problems.REPEATED if same else problems.DUPLICATE
    where = Where(member=second.name, offset=second.start)
    index.findings.add(kind.at(where, name=second.raw_name, first=first.start, second=second.start))


def _equal_bodies(file: OpenFile, first: Member, second: Member) -> bool:
    if first.type != "file" or first.size != second.size:
        return first.size == second.size
    pairs = zip(_region(file, first).chunks(), _region(file, second).chunks(), strict=False)
    return all(one == other for one, other in pairs)


def _region(file: OpenFile, member: Member) -> Blob:
    stored = Region(file, member.offset, member.stored_size)
    return stored if member.segments is None else SparseRegion(stored, member.segments, member.size)


def _stopped(index: MemberIndex, reached: LimitReached, walk: TarWalk) -> None:
    index.findings.add(reached.finding(Where(offset=walk.end_offset)))
    index.whole = False


def _finish(index: MemberIndex, walk: TarWalk, told: frozenset[str]) -> None:
    index.findings.extend(finding for finding in walk.findings if finding.code not in told)
    index.end_offset = walk.end_offset
    index.tar_size = walk.tar_size or walk.end_offset  # 0: a limit stopped the walk
    index.whole = index.whole and walk.complete
