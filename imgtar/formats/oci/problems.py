"""The findings about descriptors, manifests, configs and the layout that holds them."""

from __future__ import annotations

from imgtar.findings import Effect, Kind, Severity

BAD_DIGEST = Kind(
    code="oci.bad-digest",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="«{key}» is not a valid digest: {stored}",
    meaning="A digest must be sha256: and 64 lower-case hexadecimal digits. This one names no blob.",
    remedy="Treat the image as damaged or forged; get it again from its source.",
)
UNSUPPORTED_DIGEST = Kind(
    code="oci.unsupported-digest",
    severity=Severity.MEDIUM,
    effect=Effect.INCOMPLETE,
    sentence="«{key}» uses a digest algorithm that imgtar does not know: {stored}",
    meaning="imgtar finds the blob by its name but cannot check its content.",
    remedy="Build the image with sha256 digests.",
)
BAD_SIZE = Kind(
    code="oci.bad-size",
    severity=Severity.HIGH,
    effect=Effect.INCONSISTENT,
    sentence="the size of {digest} is not a valid size: {stored}",
    meaning="A descriptor must state the size of its blob as an integer from 0 to 2^63 - 1.",
    remedy="Get the image again from its source.",
)
SIZE_MISMATCH = Kind(
    code="oci.size-mismatch",
    severity=Severity.HIGH,
    effect=Effect.INCONSISTENT,
    sentence="{digest} should have {stated:,} bytes, but has {found:,}",
    meaning="The size of a blob differs from the size in its descriptor.",
    remedy="Treat the image as damaged or forged; get it again from its source.",
)
DIGEST_MISMATCH = Kind(
    code="oci.digest-mismatch",
    severity=Severity.HIGH,
    effect=Effect.INCONSISTENT,
    sentence="the content of {stated} hashes to {found}",
    meaning="The content of a blob does not match its digest: the blob was changed after the image was made.",
    remedy="Do not use the image; get it again from its source.",
)
DATA_MISMATCH = Kind(
    code="oci.data-mismatch",
    severity=Severity.MEDIUM,
    sentence="the data embedded in the descriptor of {digest} differs from the blob; the blob is used",
    meaning="A descriptor contains a copy of its blob that does not match its digest or size.",
    remedy="Find out what wrote the descriptor. Readers that trust the copy see other content.",
)
MEDIATYPE_MISMATCH = Kind(
    code="oci.mediatype-mismatch",
    severity=Severity.HIGH,
    effect=Effect.INCONSISTENT,
    sentence="{digest} is declared as {stated}, but is {found}",
    meaning="Descriptor and document disagree about the type of the document, so readers may see different images.",
    remedy="Find out what wrote the image before you use it.",
)
AMBIGUOUS = Kind(
    code="oci.ambiguous-document",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="{digest} can be read both as a manifest and as an index, so imgtar reads it as neither",
    meaning="A document has the fields of both types, so two readers would see two images (CVE-2021-41190).",
    remedy="Do not use the image.",
)
UNKNOWN_MEDIATYPE = Kind(
    code="oci.unknown-mediatype",
    severity=Severity.LOW,
    sentence="unknown layer type {media_type}",
    meaning="No engine knows the media type of this layer. imgtar reads it by its content.",
    remedy="If engines refuse the image, build it with a standard layer type.",
)
MEDIATYPE_LIE = Kind(
    code="oci.mediatype-lie",
    severity=Severity.LOW,
    sentence="the media type {media_type} declares {stated}, but the content is {found}",
    meaning="The media type of a layer declares a different compression from the one of its content.",
    remedy="Check that your engines load the image; strict readers may refuse it.",
)
LAYOUT_VERSION = Kind(
    code="oci.layout-version",
    severity=Severity.LOW,
    sentence="the layout version is {stored}, not 1.0.0",
    meaning="containerd refuses an OCI layout of any version other than 1.0.0.",
    remedy="Write the layout with a current tool.",
)
LAYOUT_MISSING = Kind(
    code="oci.layout-missing",
    severity=Severity.LOW,
    sentence="the archive has an index.json but no oci-layout file",
    meaning="containerd does not recognise such an archive. podman loads it.",
    remedy="If containerd must load the image, add the file oci-layout.",
)
UNREFERENCED_BLOB = Kind(
    code="oci.unreferenced-blob",
    severity=Severity.LOW,
    sentence="nothing refers to this blob of {size:,} bytes",
    meaning="The archive has content that belongs to no image in it.",
    remedy="If you do not know why the blob is there, look at it. Pruning the layout removes it.",
)
UNLISTED_REFERRER = Kind(
    code="oci.unlisted-referrer",
    severity=Severity.LOW,
    sentence="only this manifest itself says that it refers to {subject}; no index names it",
    meaning="A signature, an SBOM or another referrer is in the layout, but no index leads to it. Tools that copy or "
    "prune the layout lose it.",
    remedy="Add the manifest to index.json if you need it.",
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
    sentence="«{key}» is not a valid RFC 3339 date: {stored}",
    meaning="imgtar cannot read this creation time, and shows it as stored.",
    remedy="Build the image with a tool that writes RFC 3339 dates.",
)
BAD_TAG = Kind(
    code="image.bad-tag",
    severity=Severity.LOW,
    sentence="«{stored}» is not a valid image name",
    meaning="The name breaks the grammar of image references. Engines refuse or ignore it.",
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
    UNLISTED_REFERRER,
    ROOTFS_TYPE,
    BAD_DATE,
    BAD_TAG,
)
