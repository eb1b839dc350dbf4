"""Which of an archive's two views is right about the layers of an image (image-formats.md 1.3)."""

from __future__ import annotations

from imgtar.archive.catalog.merge import described
from imgtar.archive.catalog.records import ImageRecord, LayerRef
from imgtar.archive.document_names import INDEX
from imgtar.archive.problems import FORMS_DISAGREE
from imgtar.findings import FindingLog, Where
from imgtar.formats.digest import Digest
from imgtar.image.layer_scans import Scans


def right_view(record: ImageRecord, scans: Scans, log: FindingLog) -> tuple[LayerRef, ...]:
    """Where docker's and OCI's lists differ, the one whose diffIDs are the config's; else manifest.json's."""
    docker, oci = record.layers, record.other_view
    if oci is None:
        return docker
    fits = [_fits(view, record.diff_ids, scans) for view in (docker, oci)]
    if fits == [True, True]:
        return docker
    if fits == [False, True]:
        what = "on the layers; index.json has those of the config, and they are used"
    elif fits == [True, False]:
        what = "on the layers; manifest.json has those of the config, and they are used"
    else:
        what = "on the layers, and neither has those of the config; manifest.json is used"
    log.add(FORMS_DISAGREE.at(Where(member=INDEX), what=what))
    if fits == [False, True]:
        return oci
    return described(docker, oci)


def _fits(view: tuple[LayerRef, ...], diff_ids: tuple[Digest | None, ...], scans: Scans) -> bool:
    if len(view) != len(diff_ids) or any(ref.member is None for ref in view):
        return False
    found = [scans.of(ref, digests=True) for ref in view]
    return all(
        scan is not None and scan.diff_id is not None and scan.diff_id == diff_id
        for scan, diff_id in zip(found, diff_ids, strict=True)
    )
