"""Errors for inputs that have no image: what the input seems to be, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

from imgtar.archive.catalog.records import OtherRecord
from imgtar.archive.document_names import INDEX, LAYOUT, MANIFEST
from imgtar.archive.index.member_index import MemberIndex
from imgtar.archive.input.input_name import Container, Form
from imgtar.errors import InputError
from imgtar.findings import Effect
from imgtar.formats.compression import Decompressed, sniff
from imgtar.formats.magic import CUT_TAR, looks_like, recognise
from imgtar.formats.oci import media_types
from imgtar.formats.tar import BLOCK

_ROOT_DIRECTORIES = frozenset({b"bin", b"etc", b"lib", b"usr", b"var"})
_DOCUMENTS = (MANIFEST, INDEX, LAYOUT)
_SHOWN = 5
_SAVE = "make one with `docker save`, `podman save` or `skopeo copy`"


def not_a_tar(head: bytes, size: int | None) -> InputError:
    """The error where no tar header was found. `head` is the beginning of the (decompressed) input."""
    if size == 0 or not head:
        return InputError("input.not-tar", "the file is empty", _SAVE)
    if sniff(head) != "none":
        message = f"the file is compressed twice ({looks_like(head)} inside)"
        return InputError("input.not-tar", message, "decompress it once first")
    likely = recognise(head)
    message = f"not an archive that imgtar reads; it looks like {likely.what}"
    if len(head) < BLOCK:
        message = f"the file has {len(head)} bytes, less than one tar header; it looks like {likely.what}"
        if likely.what == CUT_TAR:
            message = f"the file is cut off after {len(head)} bytes, within the first tar header"
    elif not head.strip(b"\0"):
        message = "the file has only zero bytes, less than an empty tar has"
    return InputError("input.not-tar", message, likely.remedy or _SAVE)


def unreadable_stream(stream: Decompressed) -> InputError:
    """The error where a compressed input ends, or cannot be read on, before a tar header came out of it."""
    cause = next(finding for finding in stream.findings if finding.effect is Effect.INCOMPLETE)
    message = f"{cause.kind.sentence.format_map(cause.arguments)}, before its first content"
    remedy = cause.kind.remedy.rstrip(".")
    return InputError("input.not-tar", message, remedy[:1].lower() + remedy[1:])


def not_an_image(index: MemberIndex, container: Container) -> InputError:
    """The error for a tar or a directory without any document that names an image."""
    names = list(index.names())
    thing = "archive" if container != "directory" else "directory"
    if not names:
        what = f"the {thing} has no entries, so no manifest.json and no index.json"
        return InputError("input.not-image", what, _SAVE)
    what, remedy = _images_below(names, container) or _guess(names)
    if container == "directory" and remedy == _SAVE:
        remedy = _search_below(index)
    return InputError("input.not-image", f"the {thing} has no docker or OCI image; {what}", remedy)


def _search_below(index: MemberIndex) -> str:
    """What to do with a directory without an archive in it: archives may lie in its folders."""
    folders = sum(member.type == "dir" and b"/" not in name for name, member in index.members.items())
    if not folders:
        return _SAVE
    there = "its folder was" if folders == 1 else f"its {folders:,} folders were"
    return f"{there} not searched for archives; `imgtar fleet FOLDER` searches at any depth"


def not_a_root(problem: InputError) -> InputError:
    """The same error where a root filesystem is welcome, too."""
    remedy = f"{problem.remedy}; if it is a root filesystem, write rootfs: before its path"
    return InputError(problem.code, problem.message, remedy)


def root_not_read() -> InputError:
    """The error for the prefix `rootfs:` where an image is needed."""
    what = "a root filesystem has no image, so no layers and no history"
    remedy = "`imgtar diff IMAGE rootfs:PATH` compares it with its image, `imgtar packages` lists its packages"
    return InputError("input.not-image", what, remedy)


def _images_below(names: Sequence[bytes], container: Container) -> tuple[str, str] | None:
    """Folders that hold an image each: one that was archived as a folder, or a tree of `skopeo sync`."""
    folders = dict.fromkeys(folder for folder, slash, last in map(_split, names) if slash and last in _DOCUMENTS)
    if not folders:
        return None
    first = _text(next(iter(folders)))
    archived = container != "directory"
    if len(folders) == 1:
        remedy = "archive the content of that folder, not the folder" if archived else "give imgtar that folder"
        return f"its folder {first} has one", remedy
    trees = sum(folder + b"/version" in names for folder in folders)
    likely = "like a tree of skopeo sync, " if trees == len(folders) else ""
    return f"{likely}it has {len(folders)} folders with an image each", (
        f"give imgtar one of them{' unpacked' if archived else ''}, such as {first}"
    )


def _split(name: bytes) -> tuple[bytes, bytes, bytes]:
    return name.rpartition(b"/")


def _guess(names: Sequence[bytes]) -> tuple[str, str]:
    tops = {name.partition(b"/")[0] for name in names}
    for name in names:
        folder, _, last = name.rpartition(b"/")
        if last.lower() in _DOCUMENTS and last not in _DOCUMENTS and not folder:
            return f"it has {_text(name)}, but names are case-sensitive", f"rename it to {_text(last.lower())}"
    if b".dockerenv" in tops or len(tops & _ROOT_DIRECTORIES) >= 3:
        what = "it looks like the root filesystem of a container (docker export) or a single layer"
        remedy = "`imgtar diff IMAGE EXPORT` shows what the container changed; `imgtar packages EXPORT` its packages"
        return what, f"{remedy}; `docker save IMAGE` keeps the layers"
    if any(name.rpartition(b"/")[2] == b"Chart.yaml" for name in names):
        return "it looks like a Helm chart", _SAVE
    if any(b".wh." in name for name in names):
        return "it looks like a single layer", "give imgtar the archive that contains the layer"
    shown = ", ".join(_text(name) for name in names[:_SHOWN])
    return f"it begins with {shown}{' …' if len(names) > _SHOWN else ''}", _SAVE


def _text(name: bytes) -> str:
    return name[:100].decode("utf-8", "backslashreplace")


def without_images(form: Form, others: Sequence[OtherRecord]) -> InputError:
    """The error for a docker or OCI archive that names no image."""
    if any({other.media_type, other.artifact_type} & media_types.SCHEMA1 for other in others):
        message = "the archive has no image that current engines run, but a manifest of docker schema 1"
        return InputError("oci.not-an-image", message, "convert it with `skopeo copy --format v2s2` or pull it again")
    artifacts = [other for other in others if other.kind in ("artifact", "attestation", "referrer", "unknown")]
    if artifacts:
        kind = artifacts[0].artifact_type or artifacts[0].media_type or artifacts[0].kind
        message = f"the archive has no image, but {len(artifacts)} of another kind ({kind[:100]})"
        return InputError("oci.not-an-image", message, "imgtar reads container images only")
    where = (INDEX if form.startswith("oci") else MANIFEST).decode()
    return InputError("image.no-images", f"{where} lists no images", "save the image again by its name")
