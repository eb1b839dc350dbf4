"""The findings about an archive: its members, and documents that contradict each other."""

from __future__ import annotations

from imgtar.findings import Effect, Kind, Severity

DUPLICATE = Kind(
    code="image.duplicate-member",
    severity=Severity.HIGH,
    effect=Effect.INCONSISTENT,
    sentence="two different members have the name {name}, at bytes {first:,} and {second:,}{of}; the last one is used",
    meaning="docker and containerd use the last member of a name, podman and crane the first: they see two images.",
    remedy="Find out what wrote the archive before you use it.",
)
REPEATED = Kind(
    code="image.repeated-member",
    severity=Severity.INFO,
    sentence="the member {name} is stored twice with the same content, at bytes {first:,} and {second:,}{of}",
    meaning="Some tools (crane) store a document twice. Every reader sees the same image.",
)
LINK_CYCLE = Kind(
    code="image.link-cycle",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="{name} is a link that leads back to itself through {target}",
    meaning="Links between members of the archive form a circle, so they lead to no content.",
    remedy="Save the image again.",
)
LINK_DEPTH = Kind(
    code="image.link-depth",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="{name} leads through more than {limit} links",
    meaning="imgtar follows at most 16 links between members. No known tool writes more than one.",
    remedy="Save the image again.",
)
MISSING = Kind(
    code="image.missing-member",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="{what} {name}{size} {why}",
    meaning="A document names a member or blob that is not in the archive, or that is a link to such a one. imgtar "
    "looks for the target of a link inside the archive only.",
    remedy="Save the image again with all its content. If the store lacks blobs, run `docker pull` first. If the "
    "finding names a link, copy the archive with its links followed.",
)
EMPTY_NAME = Kind(
    code="image.empty-name",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="manifest.json gives {what} an empty name",
    meaning="An empty name leads to no member of the archive. docker, containerd and podman refuse the image.",
    remedy="Save the image again. Find out what wrote manifest.json.",
)
BAD_V1_ID = Kind(
    code="image.bad-v1-id",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="{document} names {name}, which is not a valid ID of an image",
    meaning="An ID of a v1 image is the name of a folder in the archive. This one is empty or leads elsewhere: so an "
    "archive tries to make a reader open other files (CVE-2014-9358). imgtar opens no such file.",
    remedy="Do not use the archive before you know what wrote it.",
)
CUT = Kind(
    code="image.cut-before-manifest",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="the file {how} at byte {at:,}{of}; {document}, which comes last, is missing",
    meaning="The archive ends before the document that says which images are in it. Its layers may be here, but "
    "nothing says to which image they belong.",
    remedy="Copy or save the image again and compare the file size.",
)
NOT_FILE = Kind(
    code="image.manifest-not-file",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="{name} is not a regular file but has the type {type}",
    meaning="A document or layer must be a regular file or a link to one. It was not read.",
    remedy="Save the image again.",
)
MANIFEST_LINK = Kind(
    code="image.manifest-is-link",
    severity=Severity.MEDIUM,
    sentence="{name} is a link to {target} inside the archive",
    meaning="No known tool writes a document as a link. Some readers refuse it.",
    remedy="Find out what wrote the archive.",
)
SPARSE = Kind(
    code="tar.sparse",
    severity=Severity.LOW,
    sentence="the member {name} is stored as a sparse file",
    meaning="docker and containerd refuse some forms of sparse members.",
    remedy="Write the archive without sparse members.",
)
NAME_MISMATCH = Kind(
    code="image.config-name-mismatch",
    severity=Severity.MEDIUM,
    sentence="the config {name} hashes to {found}, which is the image ID",
    meaning="The name of a config should contain its hash, and contains another one.",
    remedy="Find out what changed the config. Docker shows the ID that imgtar computes.",
)
FORMS_DISAGREE = Kind(
    code="image.forms-disagree",
    severity=Severity.HIGH,
    effect=Effect.INCONSISTENT,
    sentence="manifest.json and index.json disagree: {what}",
    meaning="docker reads manifest.json; containerd and podman read index.json. They would run different images.",
    remedy="Save the image again with a current tool, and verify it. Docker 25.0.0 is known to write such archives.",
)
PARENT_MISSING = Kind(
    code="image.parent-missing",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="the parent {name} of a v1 layer is not in the archive",
    meaning="The chain of v1 layers is broken. imgtar shows the layers above the gap.",
    remedy="Save the image again.",
)
CHANGED = Kind(
    code="input.changed",
    severity=Severity.HIGH,
    effect=Effect.INCONSISTENT,
    sentence="the file changed while imgtar read it",
    meaning="The input changed during the analysis, so the report may mix two versions of it.",
    remedy="Run imgtar again when no other program writes to the file.",
)
UNREADABLE_ENTRY = Kind(
    code="rootfs.unreadable",
    severity=Severity.MEDIUM,
    effect=Effect.INCOMPLETE,
    sentence="the {what} {name} cannot be read: {why}",
    meaning="Something in the directory of a root filesystem may not be read, or vanished meanwhile. What is below an "
    "unreadable directory is missing in the report; the content of an unreadable file is unknown.",
    remedy="Run imgtar as the user who owns the files, or as root, when nothing changes the directory.",
)
OTHER_FILESYSTEM = Kind(
    code="rootfs.other-filesystem",
    severity=Severity.LOW,
    sentence="another file system is mounted at {name}; what is in it is left out",
    meaning="imgtar stays on the file system of the directory that it was given. docker export leaves out volumes and "
    "other mounts in the same way.",
    remedy="Copy the files into the directory if they belong to the root filesystem.",
)
ROOT_WITH_DOCUMENTS = Kind(
    code="rootfs.image-documents",
    severity=Severity.HIGH,
    effect=Effect.INCONSISTENT,
    sentence="{name} lies at the root of a root filesystem: docker load may take the file for an archive of images",
    meaning="The archive begins as a root filesystem and was read as one, but it has a document that names images. "
    "An engine that loads the archive may run an image that this report says nothing about.",
    remedy="If the file is a root filesystem, write `rootfs:` before its path. Find out what wrote it otherwise.",
)

KINDS = (
    DUPLICATE,
    REPEATED,
    LINK_CYCLE,
    LINK_DEPTH,
    MISSING,
    EMPTY_NAME,
    BAD_V1_ID,
    CUT,
    NOT_FILE,
    MANIFEST_LINK,
    SPARSE,
    NAME_MISMATCH,
    FORMS_DISAGREE,
    PARENT_MISSING,
    CHANGED,
    UNREADABLE_ENTRY,
    OTHER_FILESYSTEM,
    ROOT_WITH_DOCUMENTS,
)
