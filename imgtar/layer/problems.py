"""What can be odd about a layer."""

from __future__ import annotations

from imgtar.findings import Effect, Kind, Severity

_ASK_THE_ENGINE = "Compare with what the engine that will run the image unpacks."

NOT_TAR = Kind(
    code="layer.not-tar",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="the layer is not a tar: its {size:,} bytes look like {looks}{hint}",
    meaning="The layer is not a tar after one level of decompression; no engine can unpack it.",
    remedy="Rebuild the image; a layer is a tar, compressed once at most.",
)
EMPTY_FILE = Kind(
    code="layer.empty-file",
    severity=Severity.INFO,
    sentence="the layer is a file of 0 bytes, which counts as an empty layer",
    meaning="Docker, podman and containerd accept a 0-byte layer file.",
)
ABSOLUTE_NAME = Kind(
    code="layer.absolute-name",
    severity=Severity.LOW,
    sentence="the name {name} is absolute{more}; it is taken relative to the root",
    meaning="Names in a layer should be relative; every engine strips the slash (ko and nix write such names).",
    per_image=True,
)
UNSAFE_NAME = Kind(
    code="layer.unsafe-name",
    severity=Severity.MEDIUM,
    sentence="the name {name} {why}",
    meaning="A name that is empty, leaves the root or is absurdly long: engines clamp, skip or refuse it.",
    remedy=_ASK_THE_ENGINE,
)
CONTROL_CHAR = Kind(
    code="layer.control-char",
    severity=Severity.MEDIUM,
    sentence="the name {name} holds control, direction or invisible characters",
    meaning="Such a name can rewrite a terminal or look like another name.",
    remedy="Check why the file has such a name. imgtar escapes every such character.",
)
MARKUP_NAME = Kind(
    code="layer.markup-name",
    severity=Severity.LOW,
    sentence="the name {name} looks like markup",
    meaning="A tool that shows names in a page without escaping them would run or render it.",
    remedy="Check why the file has such a name.",
)
LONG_NAME = Kind(
    code="layer.long-name",
    severity=Severity.LOW,
    sentence="a component of {name} is longer than 255 bytes, or the path longer than 4096",
    meaning="Linux file systems cannot hold such a name.",
    remedy="The image does not unpack with this file; rename it.",
)
CASE_COLLISION = Kind(
    code="layer.case-collision",
    severity=Severity.LOW,
    sentence="{name} and {other} differ only in upper and lower case",
    meaning="Two files on Linux, one on a disk that ignores case.",
    remedy="Rename one if the image is ever unpacked on macOS or Windows.",
)
DUPLICATE_ENTRY = Kind(
    code="layer.duplicate-entry",
    severity=Severity.MEDIUM,
    sentence="{name} is stored more than once in this layer; the last one counts",
    meaning="The OCI specification forbids it, docker and podman refuse to load it, containerd takes the last.",
    remedy="Rebuild the layer.",
)
TYPE_CHANGE = Kind(
    code="layer.type-change",
    severity=Severity.MEDIUM,
    sentence="{name} is stored twice in this layer, first as {was}, then as {now}",
    meaning="One path with two types in one layer; the later one counts.",
    remedy="Rebuild the layer.",
)
PARENT_NOT_DIR = Kind(
    code="layer.parent-not-dir",
    severity=Severity.MEDIUM,
    sentence="{name} is a {was} below, but this layer stores entries under it: it becomes a directory",
    meaning="Overlay engines do not follow a link of a lower layer: the whole path is hidden by a new directory.",
    remedy="Write to the directory that the link names; otherwise everything behind the link vanishes.",
)
WRITE_THROUGH_LINK = Kind(
    code="layer.write-through-link",
    severity=Severity.MEDIUM,
    sentence="{name} is written through a link of the same layer to {target}",
    meaning="A parent of the entry is a symbolic link of the same layer; it is followed inside the root.",
    remedy=_ASK_THE_ENGINE,
)
BAD_LINK = Kind(
    code="layer.bad-link",
    severity=Severity.MEDIUM,
    sentence="{name} links to {target}: {why}",
    meaning="A link that some or all engines cannot make, or that leads nowhere.",
    remedy="Rebuild the layer so that the target is stored before the link, in the same layer.",
)
BAD_WHITEOUT = Kind(
    code="layer.bad-whiteout",
    severity=Severity.MEDIUM,
    sentence="{name} is not a valid whiteout: {why}",
    meaning="A name with the whiteout prefix names no file, or a whiteout is not an empty regular file. Engines refuse "
    "the former and take the latter for a whiteout.",
    remedy="Rebuild the layer with one empty regular file for each whiteout.",
)
USELESS_WHITEOUT = Kind(
    code="layer.useless-whiteout",
    severity=Severity.INFO,
    sentence="the whiteout of {name} deletes nothing",
    meaning="No lower layer has the path; squashing and podman leave such whiteouts.",
)
WHITEOUT_SAME_LAYER = Kind(
    code="layer.whiteout-same-layer",
    severity=Severity.MEDIUM,
    sentence="{name} is stored and whited out in the same layer; the whiteout applies to lower layers only",
    meaning="Depending on the order of the entries, overlay engines cannot unpack such a layer.",
    remedy="Rebuild the layer.",
)
WHITEOUT_RECREATED_DIR = Kind(
    code="layer.whiteout-recreated-dir",
    severity=Severity.MEDIUM,
    sentence="{name} is whited out and made anew in the same layer",
    meaning="Overlay engines lose the whiteout here: old content of the directory leaks back.",
    remedy="Use an opaque marker (.wh..wh..opq) in the directory.",
)
OPAQUE_ROOT = Kind(
    code="layer.opaque-root",
    severity=Severity.MEDIUM,
    sentence="an opaque marker at the root hides everything below",
    meaning="By the OCI specification it clears all lower layers; overlay engines ignore it.",
    remedy=_ASK_THE_ENGINE,
)
OVERLAY_WHITEOUT = Kind(
    code="layer.overlay-whiteout",
    severity=Severity.MEDIUM,
    sentence="{name} is a {what} and acts as a whiteout",
    meaning="A device 0:0 or a hard link to a whiteout: overlay engines hide the path, others make a device. "
    "The layer is probably a raw copy of an overlay directory.",
    remedy="Make the layer with a tool that writes .wh. files.",
)
OVERLAY_OPAQUE = Kind(
    code="layer.overlay-opaque",
    severity=Severity.MEDIUM,
    sentence="the attribute trusted.overlay.opaque makes {name} opaque",
    meaning="docker and podman hide the lower content of the directory, containerd ignores the attribute.",
    remedy="Make the layer with a tool that writes .wh..wh..opq files.",
)
AUFS_METADATA = Kind(
    code="layer.aufs-metadata",
    severity=Severity.INFO,
    sentence="{name} is metadata of AUFS and is hidden",
    meaning="Images of docker 1.x carry such files at the root of a layer.",
)
ROOT_REPLACED = Kind(
    code="layer.root-replaced",
    severity=Severity.MEDIUM,
    sentence="the root itself is stored as a {was}; it stays a directory",
    meaning="Attackers have escaped from the root with an entry that replaces it.",
    remedy="Treat the image as hostile.",
)
ROOT_HARDLINK = Kind(
    code="layer.root-hardlink",
    severity=Severity.LOW,
    sentence="the root itself is stored as a hard link; engines ignore it",
    meaning="kaniko writes the root as a hard link to itself where a layer starts with it. It stays a directory.",
)
IMPLIED_PARENT = Kind(
    code="layer.implied-parent",
    severity=Severity.INFO,
    sentence="{name} has no entry in this layer: containerd keeps {below} of the layer below, docker sets 0755, 0:0",
    meaning="The layer stores entries under a directory that it does not list, and engines disagree about the mode, "
    "owner and attributes that the directory then has. imgtar shows those of the layer below.",
    remedy="List the directory in the layer if its mode or owner matters, as that of /tmp does.",
)
BAD_TIME = Kind(
    code="layer.bad-time",
    severity=Severity.LOW,
    sentence="{name} has the time {time}, outside the years 1 to 9999",
    meaning="Such a time cannot be shown as a date; engines clamp it.",
    remedy="Rebuild with a real time if the time matters.",
)
BODY_CUT = Kind(
    code="layer.body-cut",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="the content of {name} ends after {read:,} of {size:,} bytes",
    meaning="The archive states a longer file than it holds: it is cut or damaged inside this file, or the file of "
    "the archive changed while imgtar read it.",
    remedy="Copy or save the image again and compare the file size.",
)

KINDS = tuple(kind for kind in list(globals().values()) if isinstance(kind, Kind))
