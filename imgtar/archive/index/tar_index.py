"""Builds the member index of a tar: of a seekable file by its headers alone, of a stream in one pass."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator
from typing import Protocol

import msgspec

from imgtar.archive import problems
from imgtar.archive.document_names import DOCUMENTS
from imgtar.archive.index.member_index import Member, MemberIndex, MemberReader
from imgtar.archive.input.blobs import Blob, InlineBlob, Region, SparseRegion, StoredFile
from imgtar.archive.input.source import FileInput, StreamInput
from imgtar.findings import FindingLog, Where
from imgtar.formats.digest import Digest
from imgtar.formats.tar import BLOCK, RegionCursor, StreamCursor, TarMember, TarWalk
from imgtar.formats.tar import problems as tar_problems
from imgtar.formats.tar.path import clean
from imgtar.formats.tar.sparse import expand
from imgtar.limits import LimitReached, Meter

# A stream keeps what may be a document: the named ones always, others by their first byte, tiny members in any case.
_TINY = 4096
_HOLES = 1 << 30  # zeros of all sparse members that are read; one that exceeds the rest is listed, but not read
_BOM = b"\xef\xbb\xbf"


class StreamScan(Protocol):
    """What a callback makes of a member that passes; `digest` is that of all its bytes, None where it stopped."""

    @property
    def digest(self) -> Digest | None: ...


Scan = Callable[[Iterator[bytes]], StreamScan]


def index_file(opened: FileInput, meter: Meter) -> tuple[MemberIndex, TarWalk]:
    """Walks the headers; member bodies stay where they are. Raises InputError where the file cannot be read."""
    file = opened.file
    walk = TarWalk(RegionCursor(file.read_at, file.size, opened.head()), meter)
    builder = _Builder(walk)
    try:
        for _, member in _members(walk, meter):
            builder.add(member)
    except LimitReached as reached:
        builder.stop(reached)
    for first, second in builder.repeated:
        builder.compare(first, second, _equal_bodies(file, first, second))
    builder.findings.extend(walk.findings)
    return builder.index(meter, _FileBodies(file), tar_size=file.size), walk


def index_stream(opened: StreamInput, meter: Meter, scan: Scan | None) -> tuple[MemberIndex, TarWalk]:
    """Reads the stream once: documents are kept, every other member is handed to `scan` (or only hashed).

    Raises InputError where the stream cannot be read.
    """
    chunks = _LimitedChunks(opened.chunks())
    walk = TarWalk(StreamCursor(iter(chunks)), meter)
    builder = _Builder(walk)
    bodies = _StreamedBodies(meter, scan)
    unread: dict[int, Digest] = {}  # of sparse members with too long holes: what is stored, by where it starts
    try:
        for tar_member, member in _members(walk, meter):
            content = None
            if member.type == "file":
                body = walk.body(tar_member)
                content = bodies.take(member, expand(member.segments, member.size, body) if member.segments else body)
            elif member.segments is not None:
                unread[member.start] = _digest(walk.body(tar_member))
            builder.add(member if content is None else msgspec.structs.replace(member, content=content))
    except LimitReached as reached:
        builder.stop(reached)
    if chunks.limit is not None:
        builder.stop(chunks.limit)
    for first, second in builder.repeated:
        same = first.content == second.content and unread.get(first.start) == unread.get(second.start)
        builder.compare(first, second, same and _same_form(first, second))
    cut = chunks.limit is not None or opened.decompressed.failed
    builder.findings.extend(opened.decompressed.findings)
    reported = tar_problems.ENDS_EARLY if cut else frozenset()
    builder.findings.extend(finding for finding in walk.findings if finding.kind not in reported)
    builder.whole = builder.whole and not cut
    kept = _KeptBodies(bodies.kept, opened.file)
    return builder.index(meter, kept, scans=bodies.scans, dropped=bodies.dropped, streamed=True), walk


class _Builder:
    """Collects the members of one walk; `index` makes the finished value."""

    def __init__(self, walk: TarWalk) -> None:
        self._walk = walk
        self._members: dict[bytes, Member] = {}
        self._all: list[Member] = []
        self.repeated: list[tuple[Member, Member]] = []
        self.findings = FindingLog()
        self.whole = True

    def add(self, member: Member) -> None:
        """Takes the next member; two of one name are noted in `repeated`."""
        self._all.append(member)
        if member.segments is not None:
            self.findings.add(problems.SPARSE.at(Where(member=member.name, offset=member.start), name=member.name))
        if not member.name:
            return
        earlier = self._members.get(member.name)
        if earlier is not None and not earlier.type == member.type == "dir":
            self.repeated.append((earlier, member))
        self._members[member.name] = member

    def stop(self, reached: LimitReached) -> None:
        """Notes that a limit ended the walk."""
        self.findings.add(reached.finding(Where(offset=self._walk.end_offset)))
        self.whole = False

    def compare(self, first: Member, second: Member, equal: bool) -> None:
        """Notes that two members have one name; `equal` says whether their bodies are the same."""
        same = equal and (first.type, first.size, first.link) == (second.type, second.size, second.link)
        kind = problems.REPEATED if same else problems.DUPLICATE
        where = Where(member=second.name, offset=second.start)
        self.findings.add(kind.at(where, name=second.raw_name, first=first.start, second=second.start))

    def index(
        self,
        meter: Meter,
        bodies: MemberReader,
        *,
        tar_size: int | None = None,
        scans: dict[bytes, object] | None = None,
        dropped: set[bytes] | None = None,
        streamed: bool = False,
    ) -> MemberIndex:
        """The finished index. `tar_size` replaces the size that the walk found."""
        walk = self._walk
        return MemberIndex(
            limits=meter.limits,
            bodies=bodies,
            members=self._members,
            all_members=tuple(self._all),
            findings=tuple(self.findings),
            end_offset=walk.end_offset,
            trailing_offset=walk.trailing_offset,
            tar_size=tar_size if tar_size is not None else walk.tar_size or walk.end_offset,  # 0: a limit stopped it
            whole=self.whole and walk.complete,
            streamed=streamed,
            scans=scans or {},
            dropped_documents=frozenset(dropped or ()),
        )


class _FileBodies:
    """The bodies of the members of a seekable file."""

    def __init__(self, file: StoredFile) -> None:
        self._file = file

    def open(self, member: Member, /) -> Blob:
        return _region(self._file, member)

    def changed(self) -> bool:
        return self._file.changed()


class _KeptBodies:
    """The small documents that were kept of a stream; `file` is the compressed file, None for a pipe."""

    def __init__(self, kept: dict[bytes, bytes], file: StoredFile | None) -> None:
        self._kept = kept
        self._file = file

    def open(self, member: Member, /) -> Blob | None:
        raw = self._kept.get(member.name)
        return None if raw is None else InlineBlob(raw)

    def changed(self) -> bool:
        return self._file is not None and self._file.changed()


class _LimitedChunks:
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


class _StreamedBodies:
    """Decides for each body that passes whether it is kept as a document or scanned as a layer."""

    def __init__(self, meter: Meter, scan: Scan | None) -> None:
        self._largest = meter.limits.json_size
        self._left = meter.limits.json_total
        self._scan = scan
        self.kept: dict[bytes, bytes] = {}
        self.scans: dict[bytes, object] = {}
        self.dropped: set[bytes] = set()

    def take(self, member: Member, body: Iterator[bytes]) -> Digest | None:
        """Consumes the body; returns its digest, None where a scan stopped in it."""
        name = member.name
        self.kept.pop(name, None)  # the last member of a name counts
        self.scans.pop(name, None)
        self.dropped.discard(name)
        head = next(body, b"")
        essential = name in DOCUMENTS
        if member.size <= self._largest and (essential or member.size <= _TINY or _may_be_json(head)):
            if essential or member.size <= self._left:
                raw = self.kept[name] = head + b"".join(body)
                self._left -= 0 if essential else len(raw)
                return Digest.of(raw)
            self.dropped.add(name)
        chunks = itertools.chain((head,), body) if head else body
        if self._scan is None:
            return _digest(chunks)
        scan = self.scans[name] = self._scan(chunks)
        return scan.digest


def _may_be_json(head: bytes) -> bool:
    return head.removeprefix(_BOM).lstrip(b" \t\n\r")[:1] in (b"{", b"[")


def _digest(body: Iterator[bytes]) -> Digest:
    hasher = hashlib.sha256()
    for chunk in body:
        hasher.update(chunk)
    return Digest("sha256", hasher.hexdigest())


def _members(walk: TarWalk, meter: Meter) -> Iterator[tuple[TarMember, Member]]:
    """Each member as the tar and as the index has it; raises LimitReached at `members` and `metadata-bytes`."""
    start = holes = 0
    for count, tar_member in enumerate(walk):
        if count >= meter.limits.members:
            raise LimitReached("members", meter.limits.members, Where(offset=start))
        meter.keep(len(tar_member.name) + len(tar_member.link))
        hole = max(0, tar_member.size - tar_member.stored_size)
        is_read = holes + hole <= _HOLES
        holes += hole if is_read else 0
        member = _member(tar_member, start, is_read=is_read)
        yield tar_member, member
        start = member.end


def _member(tar_member: TarMember, start: int, *, is_read: bool) -> Member:
    stored = tar_member.stored_size
    return Member(
        name=clean(tar_member.name),
        raw_name=tar_member.name,
        type=tar_member.type if is_read else "unknown",
        size=tar_member.size,
        link=tar_member.link,
        start=start,
        offset=tar_member.offset,
        end=tar_member.offset + stored + -stored % BLOCK,
        stored_size=stored,
        segments=None if tar_member.extra is None else tar_member.extra.segments,
    )


def _same_form(first: Member, second: Member) -> bool:
    """Are the bodies stored in the same form, or read, so that equal bytes are equal content?"""
    return first.type == "file" or first.segments == second.segments


def _equal_bodies(file: StoredFile, first: Member, second: Member) -> bool:
    if first.type != second.type or first.size != second.size:
        return False
    if first.segments == second.segments:  # holes in the same places need no comparison
        bodies: list[Blob] = [Region(file, member.offset, member.stored_size) for member in (first, second)]
    elif first.type == "file":
        bodies = [_region(file, member) for member in (first, second)]
    else:
        return False
    pairs = zip(*(body.chunks() for body in bodies), strict=False)
    return all(one == other for one, other in pairs)


def _region(file: StoredFile, member: Member) -> Blob:
    stored = Region(file, member.offset, member.stored_size)
    return stored if member.segments is None else SparseRegion(stored, member.segments, member.size)
