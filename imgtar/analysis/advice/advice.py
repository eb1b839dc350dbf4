"""The advice on an image: only where its layers and its history leave no doubt (contract.md section 4)."""

from __future__ import annotations

import msgspec

from imgtar.analysis.advice.cases import AdviceKind, cases, steps_of
from imgtar.analysis.advice.words import sentences
from imgtar.analysis.stacked_image import MeasuredImage

_LEAST_BYTES = 4096  # one block of a disk; less is not worth a change
_MOST = 50


class Advice(msgspec.Struct, frozen=True):
    """A change of the step that makes `layer`: it saves `size` bytes, those of `files` wasted files in `directory`.

    `message` says what happened and `remedy` what to do, both in escaped text.
    """

    kind: AdviceKind
    layer: int
    added_in: int
    removed_in: int
    directory: bytes
    files: int
    size: int
    message: str
    remedy: str


def advice(stacked: MeasuredImage) -> list[Advice]:
    """What to change in the build of the image, most bytes first: at most 50, none for less than 4096 bytes.

    No file is in two of them, so what they save adds up. None where a layer was not read to its end, or where the
    history does not match the layers.
    """
    image = stacked.image
    if image.pairing.findings or any(layer.scan is None or not layer.scan.complete for layer in image.layers):
        return []
    steps = steps_of(image.pairing, len(image.layers))
    given = []
    for case, files in cases(stacked, steps).items():
        if files.size >= _LEAST_BYTES:
            message, remedy = sentences(case, files, steps[case.added_in], steps[case.removed_in])
            given.append(
                Advice(
                    kind=case.kind,
                    layer=case.removed_in if case.kind == "stored-again" and not case.why else case.added_in,
                    added_in=case.added_in,
                    removed_in=case.removed_in,
                    directory=files.directory if case.cache is None else case.cache,
                    files=files.count,
                    size=files.size,
                    message=message,
                    remedy=remedy,
                )
            )
    given.sort(key=lambda one: (-one.size, one.directory, one.kind, one.added_in, one.removed_in, one.message))
    return given[:_MOST]
