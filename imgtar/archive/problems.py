"""What can be wrong with an archive: its members, and what its documents say of each other."""

from __future__ import annotations

from imgtar.findings import Effect, Kind, Severity

DUPLICATE = Kind(
    code="image.duplicate-member",
    severity=Severity.HIGH,
    effect=Effect.INCONSISTENT,
    sentence="two members are named {name}, at bytes {first} and {second}, and differ; the last one is used",
    meaning="docker and containerd take the last member of a name, podman and crane the first: they see two images.",
    remedy="Do not use the archive before you know what wrote it.",
)
REPEATED = Kind(
    code="image.repeated-member",
    severity=Severity.INFO,
    sentence="the member {name} is stored twice with the same bytes, at {first} and {second}",
    meaning="Some producers (crane) store a document twice.",
    remedy="Nothing.",
)
LINK_CYCLE = Kind(
    code="image.link-cycle",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="{name} is a link that leads back to itself, by {target}",
    meaning="Links between the members of the archive form a circle, so there is no content.",
    remedy="Save the image again.",
)
LINK_DEPTH = Kind(
    code="image.link-depth",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="{name} is a link over more than {limit} others",
    meaning="Links between members are followed 16 times at most; no producer makes more than one hop.",
    remedy="Save the image again.",
)
MISSING = Kind(
    code="image.missing-member",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="{what} {name} is not in the archive",
    meaning="A document names a member or blob that the archive does not hold.",
    remedy="Save the image again with all its content; `docker pull` it first where the store lacks blobs.",
)
NOT_FILE = Kind(
    code="image.manifest-not-file",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="{name} is no regular file but {type}",
    meaning="A document or layer must be a regular member, or a link to one; it was not read.",
    remedy="Save the image again.",
)
MANIFEST_LINK = Kind(
    code="image.manifest-is-link",
    severity=Severity.MEDIUM,
    sentence="{name} is a link to {target} inside the archive",
    meaning="No known tool writes a document as a link; some readers refuse it.",
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
    sentence="the config {name} hashes to {found}; the image ID is that",
    meaning="A config is named by digits that are not its hash.",
    remedy="Find out what changed the config; docker shows the ID computed here.",
)
FORMS_DISAGREE = Kind(
    code="image.forms-disagree",
    severity=Severity.HIGH,
    effect=Effect.INCONSISTENT,
    sentence="manifest.json and index.json disagree: {what}",
    meaning="docker reads manifest.json, containerd and podman index.json: they would run different images.",
    remedy="Save the image again with a current tool (Docker 25.0.0 is known for it), and verify it.",
)
PARENT_MISSING = Kind(
    code="image.parent-missing",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="the parent {name} of a v1 layer is not in the archive",
    meaning="The chain of v1 layers is broken; the layers above the gap are shown.",
    remedy="Save the image again.",
)
CHANGED = Kind(
    code="input.changed",
    severity=Severity.HIGH,
    effect=Effect.INCONSISTENT,
    sentence="the file was written to while it was read",
    meaning="The input changed during the analysis, so the report may mix two states.",
    remedy="Run again when nothing writes to the file.",
)

KINDS = (
    DUPLICATE,
    REPEATED,
    LINK_CYCLE,
    LINK_DEPTH,
    MISSING,
    NOT_FILE,
    MANIFEST_LINK,
    SPARSE,
    NAME_MISMATCH,
    FORMS_DISAGREE,
    PARENT_MISSING,
    CHANGED,
)
