"""Errors for inputs that hold no image: what the input seems to be, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

from imgtar.archive.catalog.records import OtherRecord
from imgtar.archive.document_names import INDEX, LAYOUT, MANIFEST
from imgtar.archive.index.member_index import MemberIndex
from imgtar.archive.input.source import Form
from imgtar.errors import InputError
from imgtar.formats.compression import sniff
from imgtar.formats.magic import looks_like

_ROOT_DIRECTORIES = frozenset({b"bin", b"etc", b"lib", b"usr", b"var"})
_DOCUMENTS = (MANIFEST, INDEX, LAYOUT)
_SHOWN = 5
_SAVE = "make one with `docker save`, `podman save` or `skopeo copy`"


def not_a_tar(head: bytes, size: int | None) -> InputError:
    """No tar header was found. `head` is what the (decompressed) input begins with."""
    if size == 0 or not head:
        return InputError("input.not-tar", "the file is empty", _SAVE)
    if sniff(head) != "none":
        message = f"it is compressed twice ({looks_like(head)} inside)"
        return InputError("input.not-tar", message, "undo one level of compression first")
    return InputError("input.not-tar", f"not a tar archive, it looks like {looks_like(head)}", _SAVE)


def not_an_image(index: MemberIndex) -> InputError:
    """A tar or a directory without any document that points at an image."""
    names = list(index.names())
    if not names:
        return InputError("input.not-image", "an archive without entries, so no manifest.json and no index.json", _SAVE)
    what, remedy = _guess(names)
    return InputError("input.not-image", f"no docker or OCI image in it; {what}", remedy)


def _guess(names: Sequence[bytes]) -> tuple[str, str]:
    tops = {name.partition(b"/")[0] for name in names}
    for name in names:
        folder, _, last = name.rpartition(b"/")
        if last in _DOCUMENTS and folder and folder.count(b"/") < 2:
            return f"but there is one in its folder {_text(folder)}", "pack that folder's content, not the folder"
        if last.lower() in _DOCUMENTS and last not in _DOCUMENTS and not folder:
            return f"names are case-sensitive, and it has {_text(name)}", "rename it"
    if b".dockerenv" in tops or len(tops & _ROOT_DIRECTORIES) >= 3:
        what = "it looks like the root filesystem of a container (docker export) or a single layer"
        return what, "use `docker save IMAGE`, which keeps layers and history, not `docker export`"
    if any(name.rpartition(b"/")[2] == b"Chart.yaml" for name in names):
        return "it looks like a Helm chart", _SAVE
    if any(b".wh." in name for name in names):
        return "it looks like a single layer", "give the archive that holds the layer"
    shown = ", ".join(_text(name) for name in names[:_SHOWN])
    return f"it begins with {shown}{' …' if len(names) > _SHOWN else ''}", _SAVE


def _text(name: bytes) -> str:
    return name[:100].decode("utf-8", "backslashreplace")


def without_images(form: Form, others: Sequence[OtherRecord]) -> InputError:
    """An archive of images that names none."""
    artifacts = [other for other in others if other.kind in ("artifact", "attestation", "referrer", "unknown")]
    if artifacts:
        kind = artifacts[0].artifact_type or artifacts[0].media_type or artifacts[0].kind
        message = f"no image in it, but {len(artifacts)} of another kind ({kind[:100]})"
        return InputError("oci.not-an-image", message, "imgtar reads container images only")
    where = (INDEX if form.startswith("oci") else MANIFEST).decode()
    return InputError("image.no-images", f"0 images: {where} lists none", "save the image again by its name")
