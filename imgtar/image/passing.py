"""Layers of several archives, read one after another: of each only its measures are kept, never its scan.

A layer that several archives have is decompressed once. The key is the digest of its stored bytes, computed in this
run: what an archive states of a layer would let one wrong archive decide about the layers of all others. A plain tar is
not hashed, because a walk over its headers reads less than a hash.
"""

from __future__ import annotations

import msgspec

from imgtar.archive.catalog.records import LayerRef
from imgtar.archive.index.member_index import Member
from imgtar.findings import Finding
from imgtar.formats.compression import Compression, sniff
from imgtar.formats.digest import Digest
from imgtar.image.layer_scans import Scans
from imgtar.image.verify import verify_media_type
from imgtar.layer.scan import LayerScan
from imgtar.layer.sources import HEAD
from imgtar.limits import LimitReached, Limits

_BLOCK = 4096  # bytes in which the usual filesystems give out space
_LONG_LINK = 60  # bytes of a target that ext4 no longer keeps in the inode


class FileContent(msgspec.Struct, frozen=True, gc=False):
    """A regular file of a layer by the SHA-256 of its content; `path` is raw, without a leading slash."""

    digest: bytes
    size: int
    path: bytes


class LayerMeasure(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a layer that was read. Sizes in bytes, None where it was not read to its end.

    `content_size` is that of `LayerScan`. `unpacked_size` estimates what the unpacked layer takes on a disk with ext4:
    files in whole blocks, and a block for each directory and each long symbolic link. `contents` has the
    files that are not empty, where that was asked for. The findings lack layer and member.
    """

    content_size: int | None
    unpacked_size: int | None
    compression: Compression
    blob_size: int
    findings: tuple[Finding, ...]
    contents: tuple[FileContent, ...] = ()


def measured(scan: LayerScan, contents: tuple[FileContent, ...] = ()) -> LayerMeasure:
    """The measures of a scan, with the `contents` that are kept of it."""
    whole = scan.complete and scan.is_tar
    return LayerMeasure(
        content_size=scan.content_size if whole else None,
        unpacked_size=_unpacked_size(scan) if whole else None,
        compression=scan.compression,
        blob_size=scan.blob_size,
        findings=scan.findings,
        contents=contents,
    )


class ContentKeeper:
    """Keeps the contents of layers, at most as many files in a run as the limit `shared-files` allows."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._kept = 0

    def measured(self, scan: LayerScan) -> LayerMeasure:
        """The measures with the contents; where the limit is reached, without them and with a finding."""
        found = tuple(
            FileContent(member.content, member.size, path)
            for path, member in scan.entries.items()
            if member.type == "file" and member.size and member.content is not None
        )
        self._kept += len(found)
        if self._kept <= self._limits.shared_files:
            return measured(scan, found)
        reached = LimitReached("shared-files", self._limits.shared_files).finding()
        measure = measured(scan)
        return msgspec.structs.replace(measure, findings=(*measure.findings, reached))


def _unpacked_size(scan: LayerScan) -> int:
    blocks = 1 + len(scan.implied)  # the root
    for member in scan.entries.values():
        if member.type == "file":
            blocks += -(-member.size // _BLOCK)
        elif member.type == "dir" or (member.type == "symlink" and len(member.link) >= _LONG_LINK):
            blocks += 1
    return blocks * _BLOCK


class PassingLayers:
    """The layers of one archive. `known` has what was measured before in this run, by the digest of the stored bytes.

    `several`: the run reads other archives too. With a `keeper` the contents are kept.
    """

    def __init__(
        self, scans: Scans, known: dict[Digest, LayerMeasure], *, several: bool, keeper: ContentKeeper | None = None
    ) -> None:
        self._scans = scans
        self._known = known
        self._several = several
        self._keeper = keeper
        self._measures: dict[bytes, LayerMeasure | None] = {}

    def of(self, ref: LayerRef) -> LayerMeasure | None:
        """The measures of a layer; None where it is absent or unreadable by design. Raises InputError."""
        member = ref.member
        if member is None or not ref.readable:
            return None
        if member.name not in self._measures:
            self._measures[member.name] = self._read(ref, member)
        return self._measures[member.name]

    def findings(self, ref: LayerRef) -> list[Finding]:
        """What reading the layer found; the findings lack the layer."""
        measure = self.of(ref)
        if measure is None or ref.member is None:
            return []
        own = [finding.within(member=ref.member.name) for finding in measure.findings]
        return [*own, *verify_media_type(ref, measure.compression, measure.blob_size)]

    def _read(self, ref: LayerRef, member: Member) -> LayerMeasure | None:
        digest = self._digest(ref, member)
        if digest is not None and digest in self._known:
            return self._known[digest]
        scan = self._scans.passing(ref)
        if scan is None:
            return None
        measure = self._measured(scan)
        key = digest or scan.digest
        if key is not None:
            self._known[key] = measure
        return measure

    def verified(self, scan: LayerScan) -> LayerMeasure:
        """The measures of a layer that was scanned to verify it, whose diffID is computed."""
        key = scan.diff_id
        if key is None:
            return self._measured(scan)
        if key not in self._known:
            self._known[key] = self._measured(scan)
        return self._known[key]

    def _measured(self, scan: LayerScan) -> LayerMeasure:
        return measured(scan) if self._keeper is None else self._keeper.measured(scan)

    def _digest(self, ref: LayerRef, member: Member) -> Digest | None:
        """The digest of the stored bytes where it saves work to know it."""
        if not self._several or ref.blob is None:
            return None
        if self._keeper is None and sniff(ref.blob.read_at(0, HEAD)) == "none":
            return None
        try:
            return self._scans.digest(member)
        except LimitReached:  # the scan says so
            return None
