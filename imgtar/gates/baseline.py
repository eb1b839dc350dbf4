"""An earlier report of `imgtar inspect`: the growth gate compares each image with its counterpart in that report."""

from __future__ import annotations

from typing import Annotated

import msgspec

from imgtar import amounts
from imgtar.errors import InputError
from imgtar.files import read_whole
from imgtar.formats.oci.platform import Platform

LARGEST = 256 << 20  # bytes of a report
_REMEDY = "give what `imgtar inspect --summary --format json` printed"


class _Totals(msgspec.Struct, frozen=True):
    content_size: Annotated[int, msgspec.Meta(ge=0, le=amounts.LARGEST)]


class _Layer(msgspec.Struct, frozen=True):
    diff_id: str | None


class BaselineImage(msgspec.Struct, frozen=True):
    """An image of the earlier report, as far as the gate needs it. `totals.content_size` in bytes."""

    names: list[str]
    platform: Platform
    totals: _Totals
    layers: list[_Layer]

    @property
    def size(self) -> int:
        """Bytes of all layers; a layer that is used twice counts twice."""
        return self.totals.content_size

    @property
    def diff_ids(self) -> frozenset[str | None]:
        """The diffIDs of the layers that the image had."""
        return frozenset(layer.diff_id for layer in self.layers)


class _Report(msgspec.Struct, frozen=True):
    schema_version: Annotated[int, msgspec.Meta(ge=0, le=amounts.LARGEST)]
    complete: bool
    images: list[BaselineImage]


def read_baseline(path: str) -> list[BaselineImage]:
    """The images of a report of `imgtar inspect`.

    Raises InputError if the file is not such a report, or reports an archive that was not read to its end.
    """
    raw = read_whole(path, LARGEST, _error)
    try:
        report = msgspec.json.decode(raw, type=_Report)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as problem:
        raise _wrong(path, f"not a report of imgtar inspect: {problem}") from None
    if report.schema_version != 1:
        raise _wrong(path, f"its schema_version is {report.schema_version}, not 1")
    if not report.complete:
        raise _wrong(path, "it reports an archive that was not read to its end")
    return report.images


def _wrong(path: str, reason: str) -> InputError:
    return _error(f"{path}: {reason}")


def _error(sentence: str) -> InputError:
    return InputError("input.baseline", f"baseline {sentence}", _REMEDY)
