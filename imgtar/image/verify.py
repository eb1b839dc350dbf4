"""Recomputed digests against what the archive states of its blobs."""

from __future__ import annotations

from imgtar.archive.archive import Archive
from imgtar.archive.catalog.records import LayerRef
from imgtar.archive.index.member_index import Member
from imgtar.findings import Effect, Finding, Where
from imgtar.formats.compression import Compression
from imgtar.formats.digest import Digest
from imgtar.formats.oci import media_types
from imgtar.formats.oci import problems as oci_problems
from imgtar.image import problems
from imgtar.image.image import LayerOutline
from imgtar.image.layer_scans import Scans
from imgtar.layer.scan import LayerScan


def verify_layer(scans: Scans, ref: LayerRef, scan: LayerScan | None, diff_id: Digest | None) -> list[Finding]:
    """What contradicts the descriptor and the config; the findings lack the layer."""
    if ref.member is None:
        return []
    stated = stated_digest(ref)
    found = [] if stated is None else scans.check(ref.member, stated)
    if scan is not None and diff_id is not None and scan.diff_id is not None and scan.diff_id != diff_id:
        where = Where(member=ref.member.name)
        found.append(problems.DIFFID_MISMATCH.at(where, stated=str(diff_id), found=str(scan.diff_id)))
    return found


def verify_media_type(ref: LayerRef, found: Compression, blob_size: int) -> list[Finding]:
    """A finding where a layer's media type states another compression than its bytes have; they lack the layer."""
    kind = media_type(ref)
    stated = media_types.declared_compression(kind)
    if not blob_size or stated in (None, found):
        return []
    where = Where(member=None if ref.member is None else ref.member.name)
    return [oci_problems.MEDIATYPE_LIE.at(where, media_type=kind, stated=stated, found=found)]


def media_type(ref: LayerRef) -> str:
    """The media type that a descriptor states of the layer; empty without one."""
    return "" if ref.descriptor is None else ref.descriptor.media_type


def verify_again(scans: Scans, layer: LayerOutline) -> list[Finding]:
    """What contradicts the digests of a layer, which is read once more for that, and what is damaged in it."""
    scan = scans.of(layer.ref, digests=True)
    damage = () if scan is None else (finding for finding in scan.findings if finding.effect is not Effect.NONE)
    found = [*damage, *verify_layer(scans, layer.ref, scan, layer.diff_id)]
    return [finding.within(layer=layer.index) for finding in found]


def stated_digest(ref: LayerRef) -> Digest | None:
    """What the archive states of a layer's blob: in the descriptor, or by its name in a layout."""
    if ref.descriptor is not None:
        return ref.descriptor.digest
    return None if ref.member is None else ref.member.layout_digest


def verify_blobs(archive: Archive, scans: Scans) -> list[Finding]:
    """What lies under a digest as its name, whatever refers to it, and what the other content's descriptors say."""
    found: list[Finding] = []
    index = archive.index
    for record in archive.catalog.other:
        for descriptor in record.blobs:
            member = None if descriptor.path is None else index.resolve(descriptor.path)
            if not isinstance(member, Member) or descriptor.digest is None:
                continue
            found += scans.check(member, descriptor.digest)
            if descriptor.size is not None and descriptor.size != member.size:
                where, kind = Where(member=member.name), oci_problems.SIZE_MISMATCH
                found.append(kind.at(where, digest=descriptor.stated, stated=descriptor.size, found=member.size))
    for member in index.members.values():
        if member.type == "file" and (digest := member.layout_digest) is not None:
            found += scans.check(member, digest)
    return found
