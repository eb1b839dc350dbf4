"""Errors for inputs that have no image: what the input seems to be, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

from imgtar.archive.catalog.records import OtherRecord
from imgtar.archive.document_names import INDEX, LAYOUT, MANIFEST
from imgtar.archive.index.member_index import MemberIndex
from imgtar.archive.input.source import Form
from imgtar.errors import InputError
from imgtar.formats.compression import sniff
from imgtar.formats.magic import TAR, looks_like

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
    return InputError("input.not-tar", _not_a_tar(head), _SAVE)


def _not_a_tar(head: bytes) -> str:
    likely = looks_like(head)
    if likely == TAR:
        return "the file has tar headers, but none with a valid checksum"
    return f"not a tar archive; it looks like {likely}"


def not_an_image(index: MemberIndex) -> InputError:
    """The error for a tar or a directory without any document that names an image."""
    names = list(index.names())
    if not names:
        return InputError("input.not-image", "the archive has no entries, so no manifest.json and no index.json", _SAVE)
    what, remedy = _guess(names)
    return InputError("input.not-image", f"the archive has no docker or OCI image; {what}", remedy)


def _guess(names: Sequence[bytes]) -> tuple[str, str]:
    tops = {name.partition(b"/")[0] for name in names}
    for name in names:
        folder, _, last = name.rpartition(b"/")
        if last in _DOCUMENTS and folder and folder.count(b"/") < 2:
            return f"its folder {_text(folder)} has one", "archive the content of that folder, not the folder"
        if last.lower() in _DOCUMENTS and last not in _DOCUMENTS and not folder:
            return f"it has {_text(name)}, but names are case-sensitive", f"rename it to {_text(last.lower())}"
    if b".dockerenv" in tops or len(tops & _ROOT_DIRECTORIES) >= 3:
        what = "it looks like the root filesystem of a container (docker export) or a single layer"
        return what, "use `docker save IMAGE` instead of `docker export`: it keeps layers and history"
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
    artifacts = [other for other in others if other.kind in ("artifact", "attestation", "referrer", "unknown")]
    if artifacts:
        kind = artifacts[0].artifact_type or artifacts[0].media_type or artifacts[0].kind
        message = f"the archive has no image, but {len(artifacts)} of another kind ({kind[:100]})"
        return InputError("oci.not-an-image", message, "imgtar reads container images only")
    where = (INDEX if form.startswith("oci") else MANIFEST).decode()
    return InputError("image.no-images", f"{where} lists no images", "save the image again by its name")
