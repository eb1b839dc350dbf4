"""A root filesystem in place of an image: what `docker export` and `podman export` write, a bare tar, a directory.

It becomes an archive with one image of one layer, which has no config. Only a caller that asks for it gets one: for
every other question the layers and the history are missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from imgtar.archive.catalog.catalog import Catalog
from imgtar.archive.catalog.records import ImageRecord, LayerRef
from imgtar.archive.document_names import DOCUMENTS
from imgtar.archive.index.member_index import Member, MemberIndex
from imgtar.archive.index.spooled_index import Announce, spool
from imgtar.archive.index.tar_index import Scan
from imgtar.archive.input.blobs import Blob, InlineBlob, StoredFile
from imgtar.archive.input.root_folder import RootFolder
from imgtar.archive.input.source import DirectoryInput, FileInput, StreamInput
from imgtar.findings import Finding
from imgtar.formats.compression import Decompressed
from imgtar.formats.tar import RegionCursor, TarWalk
from imgtar.formats.tar.path import clean
from imgtar.limits import LimitReached, Limits, Meter

# Filesystem Hierarchy Standard 3.0, section 3, and what engines put into every container.
_ROOT_NAMES = frozenset(
    b"bin boot dev etc home lib lib32 lib64 libx32 media mnt opt proc root run sbin srv sys tmp usr var".split()
) | {b".dockerenv"}
_NAME = b"rootfs"  # of the one layer, which no document names


def looks_like_root(names: Iterable[bytes]) -> bool:
    """Is one of the names, or the first part of it, that of a directory at the root of a Linux system?"""
    return any(name.partition(b"/")[0] in _ROOT_NAMES for name in names)


def begins_as_root(opened: FileInput | StreamInput | DirectoryInput, limits: Limits) -> bool:
    """Does the input begin as a root filesystem? No known writer of images puts such a name first.

    A directory is one by all its names, of which none may be that of a document that names images.
    """
    if isinstance(opened, DirectoryInput):
        names = opened.names()
        return looks_like_root(names) and DOCUMENTS.isdisjoint(names)
    return looks_like_root(_first_name(opened, limits))


def _first_name(opened: FileInput | StreamInput, limits: Limits) -> Iterator[bytes]:
    """The first name in a tar that is not that of its root; read apart from the run, which counts none of it."""
    meter = Meter(limits)
    try:
        head = opened.head() if isinstance(opened, FileInput) else next(iter(Decompressed([opened.peek()], meter)), b"")
        for member in TarWalk(RegionCursor(InlineBlob(head).read_at, len(head)), meter):
            if name := clean(member.name):
                yield name
                return
    except LimitReached:
        return


def index_root(
    opened: FileInput | StreamInput | DirectoryInput, meter: Meter, scan: Scan, announce: Announce | None
) -> tuple[MemberIndex, Catalog]:
    """The index and the catalog of a root filesystem; a pipe passes through `scan`, or is spooled with `announce`.

    Raises InputError where a pipe cannot be read, OutputError where the temporary file cannot be written.
    """
    findings: list[Finding] = []
    blob: StoredFile | RootFolder | None
    if isinstance(opened, DirectoryInput):
        blob = RootFolder(opened.path, opened.folder, meter)
    elif announce is not None and opened.file is None:
        blob, reached = spool(opened, meter, announce)
        findings += [] if reached is None else [reached.finding()]
    else:
        blob = opened.file
    scans: dict[bytes, object] = {}
    if blob is None:
        assert isinstance(opened, StreamInput)
        scans[_NAME] = scan(opened.chunks())
        findings += opened.decompressed.findings
    layer = Member(name=_NAME, raw_name=_NAME, type="file", size=0 if blob is None else blob.size)
    index = MemberIndex(
        limits=meter.limits,
        bodies=_RootReader(blob),
        members={},
        all_members=(),
        findings=tuple(findings),
        streamed=blob is None,
        scans=scans,
    )
    ref = LayerRef(named=_NAME, member=layer, blob=blob, markers=False)
    return index, Catalog("rootfs", (ImageRecord(names=(), image_id=None, layers=(ref,)),), (), ())


class _RootReader:
    """The one member of a root filesystem; None where its bytes passed."""

    def __init__(self, blob: StoredFile | RootFolder | None) -> None:
        self._blob = blob

    def open(self, _member: Member, /) -> Blob | None:
        return self._blob

    def changed(self) -> bool:
        return self._blob is not None and self._blob.changed()
