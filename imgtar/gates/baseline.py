"""What an earlier report says of an image: the growth gate compares with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec

from imgtar.errors import InputError
from imgtar.formats.oci.platform import Platform
from imgtar.image.image import Image

LARGEST = 256 << 20  # bytes of a report
_REMEDY = "give what `imgtar inspect --summary --format json` printed"


class _Totals(msgspec.Struct, frozen=True):
    content_size: Annotated[int, msgspec.Meta(ge=0)]


class _Layer(msgspec.Struct, frozen=True):
    diff_id: str | None


class Earlier(msgspec.Struct, frozen=True):
    """An image as the earlier report has it. `totals.content_size` in bytes."""

    names: list[str]
    platform: Platform
    totals: _Totals
    layers: list[_Layer]

    @property
    def size(self) -> int:
        """The bytes of all layers, each once per position."""
        return self.totals.content_size

    @property
    def diff_ids(self) -> frozenset[str | None]:
        """The layers that it had."""
        return frozenset(layer.diff_id for layer in self.layers)


class _Report(msgspec.Struct, frozen=True):
    schema_version: int
    complete: bool
    images: list[Earlier]


def read_baseline(path: str) -> list[Earlier]:
    """The images of an inspect report in a file. Raises InputError for what is none, or tells of half an image."""
    try:
        with open(path, "rb") as file:
            raw = file.read(LARGEST + 1)
    except (OSError, ValueError) as problem:
        raise _wrong(path, (getattr(problem, "strerror", None) or "cannot be opened").lower()) from None
    if len(raw) > LARGEST:
        raise _wrong(path, f"larger than {LARGEST:,} bytes")
    try:
        report = msgspec.json.decode(raw, type=_Report)
    except (msgspec.MsgspecError, RecursionError) as problem:
        raise _wrong(path, f"no report of imgtar inspect: {problem}") from None
    if report.schema_version != 1:
        raise _wrong(path, f"a report of schema_version {report.schema_version}")
    if not report.complete:
        raise _wrong(path, "it tells of an archive that was not read to its end")
    return report.images


def _wrong(path: str, reason: str) -> InputError:
    return InputError("input.baseline", f"baseline {path}: {reason}", _REMEDY)


def counterpart(image: Image, images: int, earlier: Sequence[Earlier]) -> Earlier | None:
    """The earlier build of an image, which is one of `images` in its archive; None where none is.

    That is the only image of the report for the only one of the archive; of several the one of the same platform with
    the same name, else with the same repository.
    """
    if images == 1 and len(earlier) == 1:
        return earlier[0]
    same = [one for one in earlier if one.platform == image.platform]
    for matches in (set(image.record.names), {_repository(name) for name in image.record.names}):
        found = [one for one in same if matches & {*one.names, *map(_repository, one.names)}]
        if len(found) == 1:
            return found[0]
    unnamed = not image.record.names and len(same) == 1
    return same[0] if unnamed else None


def _repository(name: str) -> str:
    """The name without its digest and tag."""
    above, slash, last = name.partition("@")[0].rpartition("/")
    return above + slash + last.partition(":")[0]
