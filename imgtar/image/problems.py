"""What can be wrong with an image as a whole: its layers against its config and its manifest."""

from __future__ import annotations

from imgtar.findings import Effect, Kind, Severity

DIFFID_MISMATCH = Kind(
    code="image.diffid-mismatch",
    severity=Severity.HIGH,
    effect=Effect.INCONSISTENT,
    sentence="the layer hashes to {found}, the config says {stated}",
    meaning="The uncompressed content of a layer is not what the image's config promises.",
    remedy="Do not use the image; get it again from its source.",
)
LAYER_COUNT = Kind(
    code="image.layer-count-mismatch",
    severity=Severity.HIGH,
    effect=Effect.INCONSISTENT,
    sentence="{layers} layers are named but the config has {diff_ids} diffIDs",
    meaning="Engines refuse an image whose layers and diffIDs differ in number.",
    remedy="Save or build the image again.",
)
LAYER_DIFFERS = Kind(
    code="image.layer-differs",
    severity=Severity.HIGH,
    effect=Effect.INCONSISTENT,
    sentence="the layer has {found:,} bytes here and {other:,} in an archive before, under one diffID",
    meaning="Two archives of one run have a layer with the same diffID, the hash of its tar, and different contents. "
    "One of them does not have what its config states.",
    remedy="Run imgtar verify on both archives, and get the wrong one again from its source.",
)
PLATFORM_MISMATCH = Kind(
    code="image.platform-mismatch",
    severity=Severity.MEDIUM,
    sentence="the index says {stated}, the config {config}",
    meaning="The index and the image's config state different platforms. Engines choose an image of several platforms "
    "by the index, and check the config when they run it. --platform accepts either.",
    remedy="Build the image again for the right platform, or correct the index.",
)
UNREADABLE = Kind(
    code="layer.unreadable",
    severity=Severity.MEDIUM,
    effect=Effect.INCOMPLETE,
    sentence="a layer of type {media_type} cannot be read: it holds no tar by design",
    meaning="Encrypted layers and layers that are an erofs, nydus or squashfs image, a wasm module or a document "
    "hold no tar that imgtar could read.",
    remedy="Decrypt or convert the image first, or accept the gap with --allow-missing.",
)
UNCHECKED = Kind(
    code="oci.unchecked-digest",
    severity=Severity.MEDIUM,
    sentence="{digest} was not recomputed: only sha256 is hashed while a stream passes",
    meaning="A blob's digest is of another algorithm than sha256, and its bytes passed in a pipe.",
    remedy="Verify the uncompressed archive as a file.",
)

KINDS = (DIFFID_MISMATCH, LAYER_COUNT, LAYER_DIFFERS, PLATFORM_MISMATCH, UNREADABLE, UNCHECKED)
