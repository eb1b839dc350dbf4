"""What can be wrong with descriptors, manifests, configs and the layout that holds them."""

from __future__ import annotations

from imgtar.findings import Effect, Kind, Severity

BAD_DIGEST = Kind(
    code="oci.bad-digest",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="«{key}» holds no digest: {stored}",
    meaning="A digest breaks the grammar (sha256: and 64 lower-case hex digits), so it names no blob.",
    remedy="Treat the image as damaged or forged; get it again from its source.",
)
UNSUPPORTED_DIGEST = Kind(
    code="oci.unsupported-digest",
    severity=Severity.MEDIUM,
    effect=Effect.INCOMPLETE,
    sentence="«{key}» uses a digest algorithm that imgtar does not know: {stored}",
    meaning="The blob is looked up by its name, but nothing can check its content.",
    remedy="Build the image with sha256 digests.",
)
BAD_SIZE = Kind(
    code="oci.bad-size",
    severity=Severity.HIGH,
    effect=Effect.INCONSISTENT,
    sentence="the size of {digest} is no size: {stored}",
    meaning="A descriptor must state the size of its blob as an integer from 0 to 2^63 - 1.",
    remedy="Get the image again from its source.",
)
SIZE_MISMATCH = Kind(
    code="oci.size-mismatch",
    severity=Severity.HIGH,
    effect=Effect.INCONSISTENT,
    sentence="{digest} should have {stated} bytes but has {found}",
    meaning="A blob is not as long as its descriptor says.",
    remedy="Treat the image as damaged or forged; get it again from its source.",
)
DIGEST_MISMATCH = Kind(
    code="oci.digest-mismatch",
    severity=Severity.HIGH,
    effect=Effect.INCONSISTENT,
    sentence="the content of {stated} hashes to {found}",
    meaning="A blob is not what its digest promises: its bytes were changed after the image was made.",
    remedy="Do not use the image; get it again from its source.",
)
DATA_MISMATCH = Kind(
    code="oci.data-mismatch",
    severity=Severity.MEDIUM,
    sentence="the data embedded in the descriptor of {digest} is not that blob; the blob is used",
    meaning="A descriptor carries a copy of its content that disagrees with its digest or size.",
    remedy="Find out what wrote the descriptor: readers that trust the copy see something else.",
)
MEDIATYPE_MISMATCH = Kind(
    code="oci.mediatype-mismatch",
    severity=Severity.HIGH,
    effect=Effect.INCONSISTENT,
    sentence="{digest} is named as {stated} but is {found}",
    meaning="A descriptor and its document disagree on what the document is: readers may see different images.",
    remedy="Do not use the image before you know what wrote it.",
)
AMBIGUOUS = Kind(
    code="oci.ambiguous-document",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="{digest} can be read as a manifest and as an index, so it is read as neither",
    meaning="A document holds the fields of both kinds: two readers would see two images (CVE-2021-41190).",
    remedy="Do not use the image.",
)
UNKNOWN_MEDIATYPE = Kind(
    code="oci.unknown-mediatype",
    severity=Severity.LOW,
    sentence="unknown layer type {media_type}",
    meaning="The media type of a layer is none that engines know; its content decides how it is read.",
    remedy="Build the image with a standard layer type if engines refuse it.",
)
MEDIATYPE_LIE = Kind(
    code="oci.mediatype-lie",
    severity=Severity.LOW,
    sentence="the type {media_type} says {stated}, the content is {found}",
    meaning="The media type of a layer states another compression than its content has.",
    remedy="Nothing, if your engines load the image; strict readers may refuse it.",
)
LAYOUT_VERSION = Kind(
    code="oci.layout-version",
    severity=Severity.LOW,
    sentence="the layout version is {stored}, not 1.0.0",
    meaning="containerd refuses an OCI layout of another version than 1.0.0.",
    remedy="Write the layout with a current tool.",
)
LAYOUT_MISSING = Kind(
    code="oci.layout-missing",
    severity=Severity.LOW,
    sentence="there is an index.json but no oci-layout file",
    meaning="containerd does not recognise such an archive, podman loads it.",
    remedy="Add the file oci-layout if containerd must load the image.",
)
UNREFERENCED_BLOB = Kind(
    code="oci.unreferenced-blob",
    severity=Severity.LOW,
    sentence="nothing refers to this blob of {size} bytes",
    meaning="The archive carries content that belongs to no image in it.",
    remedy="Look at the blob if you do not know why it is there; pruning the layout removes it.",
)
ROOTFS_TYPE = Kind(
    code="oci.rootfs-type",
    severity=Severity.MEDIUM,
    sentence="rootfs.type is {stored}, not layers",
    meaning="Engines refuse a config whose root filesystem is not made of layers.",
    remedy="Build the image again with a current tool.",
)
BAD_DATE = Kind(
    code="image.bad-date",
    severity=Severity.LOW,
    sentence="«{key}» is no RFC 3339 date: {stored}",
    meaning="A time of creation cannot be read; it is shown as stored.",
    remedy="Build the image with a tool that writes RFC 3339 dates.",
)
BAD_TAG = Kind(
    code="image.bad-tag",
    severity=Severity.LOW,
    sentence="«{stored}» is no image name",
    meaning="A name breaks the grammar of image references; engines refuse or ignore it.",
    remedy="Tag the image again.",
)

KINDS = (
    BAD_DIGEST,
    UNSUPPORTED_DIGEST,
    BAD_SIZE,
    SIZE_MISMATCH,
    DIGEST_MISMATCH,
    DATA_MISMATCH,
    MEDIATYPE_MISMATCH,
    AMBIGUOUS,
    UNKNOWN_MEDIATYPE,
    MEDIATYPE_LIE,
    LAYOUT_VERSION,
    LAYOUT_MISSING,
    UNREFERENCED_BLOB,
    ROOTFS_TYPE,
    BAD_DATE,
    BAD_TAG,
)
