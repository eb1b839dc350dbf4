"""An opened archive: source, member index and catalog in one value."""

from __future__ import annotations

import msgspec

from imgtar.archive.catalog.catalog import Catalog, read_catalog
from imgtar.archive.catalog.not_an_image import not_a_root, not_a_tar, root_not_read, unreadable_stream
from imgtar.archive.index.directory_index import index_directory
from imgtar.archive.index.member_index import MemberIndex
from imgtar.archive.index.spooled_index import Announce, index_spooled
from imgtar.archive.index.tar_index import Scan, index_file, index_stream
from imgtar.archive.input.folder import OpenFolder
from imgtar.archive.input.input_name import InputName
from imgtar.archive.input.source import DirectoryInput, FileInput, Source, StreamInput, open_input
from imgtar.archive.root_filesystem import begins_as_root, index_root, looks_like_root
from imgtar.errors import InputError
from imgtar.findings import Effect, Finding
from imgtar.formats.tar import BLOCK
from imgtar.limits import Meter
from imgtar.progress import Progress

_OF_MEMBERS = ("tar.", "image.")  # what the codes about members of the archive begin with


class Archive(msgspec.Struct, frozen=True):
    """An opened archive. `findings` are those of the archive itself; each image has its own.

    `folder` is the directory that was read, None for a file or a stream. `asserted`: a prefix said which form it has.
    """

    source: Source
    index: MemberIndex
    catalog: Catalog
    folder: OpenFolder | None = None
    asserted: bool = False

    @property
    def findings(self) -> tuple[Finding, ...]:
        found = (*self.index.findings, *self.catalog.findings)
        return found if self.source.compression == "none" else tuple(map(_of_decompressed, found))


def _of_decompressed(finding: Finding) -> Finding:
    """The same about an archive that is compressed as a whole: what its members are found by counts their bytes."""
    if finding.where.offset is None or not finding.code.startswith(_OF_MEMBERS):
        return finding
    return msgspec.structs.replace(finding, where=msgspec.structs.replace(finding.where, decompressed=True))


def open_archive(
    name: InputName,
    meter: Meter,
    *,
    scan: Scan | None = None,
    scan_root: Scan | None = None,
    spool: Announce | None = None,
    progress: Progress | None = None,
    allow_missing: bool = False,
) -> Archive:
    """Opens and catalogues the input; of a seekable file or directory no layer is read.

    A stream (a pipe, a compressed file) is read once, to its end: `scan` gets the bytes of each member that is not a
    document, and its results are in `index.scans` by member name. With `spool` it goes to a temporary file instead, so
    that its members can be read later; `spool` is told the directory of that file. `scan_root` says that a root
    filesystem is welcome, too, and scans one that passes in a pipe. Raises InputError (exit 3) where the input is
    missing, unreadable, not an archive, or a complete archive without an image; UsageError for a terminal; OutputError
    where the temporary file cannot be written.
    """
    if name.asserts_root and scan_root is None:
        raise root_not_read()
    opened = open_input(name, meter, progress)
    as_root = name.asserts_root
    try:
        if scan_root is not None and (as_root or (name.prefix is None and begins_as_root(opened, meter.limits))):
            index, catalog = index_root(opened, meter, scan_root, spool)
        else:
            index, catalog = _images(opened, meter, scan, scan_root, spool, allow_missing=allow_missing)
    finally:
        if isinstance(opened, StreamInput):
            opened.close()
    container = opened.source.container
    if not name.accepts(catalog.form, container):
        packed = "" if container == "directory" else " in a tar"
        what = f"the archive has the form {catalog.form}{packed}, which {name.prefix}: does not accept"
        raise InputError("input.other-form", what, f"leave out the prefix {name.prefix}:")
    folder = opened.folder if isinstance(opened, DirectoryInput) else None
    return Archive(opened.source, index, catalog, folder, asserted=name.prefix is not None)


def _images(
    opened: FileInput | StreamInput | DirectoryInput,
    meter: Meter,
    scan: Scan | None,
    scan_root: Scan | None,
    spool: Announce | None,
    *,
    allow_missing: bool,
) -> tuple[MemberIndex, Catalog]:
    """The index and the catalog of an archive of images, or of what turns out to be a root filesystem after all."""
    index = _index(opened, meter, scan, spool)
    try:
        return index, read_catalog(index, meter.limits, opened.source.container, allow_missing=allow_missing)
    except InputError as problem:
        if index.changed():  # so not all of it was read, and a report says that
            index = msgspec.structs.replace(index, whole=False)
            return index, read_catalog(index, meter.limits, opened.source.container, allow_missing=allow_missing)
        if scan_root is None or problem.code != "input.not-image":
            raise
        is_here = isinstance(opened, DirectoryInput) or opened.file is not None
        if is_here and looks_like_root(index.names()):
            return index_root(opened, meter, scan_root, spool)
        raise not_a_root(problem) from None


def _index(
    opened: FileInput | StreamInput | DirectoryInput, meter: Meter, scan: Scan | None, spool: Announce | None
) -> MemberIndex:
    """The member index of the input. Raises InputError where the input is not an archive or cannot be read."""
    if isinstance(opened, DirectoryInput):
        return index_directory(opened, meter)
    if isinstance(opened, FileInput):
        index, walk = index_file(opened, meter)
    elif spool is not None:
        index, walk = index_spooled(opened, meter, spool)
    else:
        index, walk = index_stream(opened, meter, scan)
    is_blank = not index.all_members and (walk.tar_size or 0) < 2 * BLOCK and not opened.head().strip(b"\0")
    if (is_blank or not walk.recognised) and not any(finding.effect is Effect.LIMIT for finding in index.findings):
        if isinstance(opened, StreamInput) and opened.decompressed.failed and not walk.tar_size:
            raise unreadable_stream(opened.decompressed)
        raise not_a_tar(opened.head(), walk.tar_size)
    return index
