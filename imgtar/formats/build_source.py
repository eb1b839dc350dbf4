"""The source of a build that BuildKit writes into its provenance with `mode=max`: the Dockerfile, line ranges, layers.

docs/attestations/slsa-definitions.md of BuildKit, «source» and «layers»: in SLSA v0.2 below the key of BuildKit in
`metadata`, in v1 in `runDetails.metadata.buildkit_metadata`. Everything in it is a claim; any shape is taken.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

import msgspec

from imgtar.formats.in_toto import Statement, buildkit_metadata, chains, inside
from imgtar.formats.json_document.document import Json

_MOST_LINES = 20_000  # of a file: each becomes a row of a report


class SourceFile(msgspec.Struct, frozen=True):
    """A file that the build was read from: its name, and its text with bytes that are not UTF-8 as surrogates."""

    name: str
    text: str


class StepRange(msgspec.Struct, frozen=True):
    """A step of the build is written in the lines `first` to `last`, from 1, of the file at index `file`.

    `chains` has the digests of the blobs of the layers of its result, base first, in each way that they are stored.
    """

    file: int
    first: int
    last: int
    chains: tuple[tuple[str, ...], ...]


class BuildSource(msgspec.Struct, frozen=True):
    """The files of the source, None without a text or with more than 20,000 lines, and where the steps are written."""

    files: tuple[SourceFile | None, ...]
    ranges: tuple[StepRange, ...]


def build_source(statement: Statement) -> BuildSource | None:
    """The source in the provenance of a build; None where it has no text. Raises nothing."""
    metadata = buildkit_metadata(statement)
    infos = inside(metadata, "source", "infos")
    files = tuple(map(_file, infos)) if isinstance(infos, list) else ()
    if not any(files):
        return None
    return BuildSource(files, tuple(_ranges(metadata)))


def _file(info: Json) -> SourceFile | None:
    name, data = inside(info, "filename"), inside(info, "data")
    try:
        raw = base64.b64decode(data, validate=True) if isinstance(data, str) else b""
    except (binascii.Error, ValueError):
        return None
    if not raw or raw.count(b"\n") > _MOST_LINES:
        return None
    return SourceFile(name if isinstance(name, str) else "", raw.decode("utf-8", "surrogateescape"))


def _ranges(metadata: Json) -> Iterator[StepRange]:
    locations, layers = inside(metadata, "source", "locations"), inside(metadata, "layers")
    for step, value in locations.items() if isinstance(locations, dict) else ():
        found = chains(inside(layers, f"{step}:0"))
        listed = inside(value, "locations")
        for location in listed if isinstance(listed, list) else ():
            file = inside(location, "sourceIndex") or 0  # protobuf leaves out a number that is 0
            for first, last in _spans(inside(location, "ranges")):
                if isinstance(file, int):
                    yield StepRange(file, first, last, found)


def _spans(ranges: Json) -> list[tuple[int, int]]:
    """The first and last lines of ranges; BuildKit has one for each line of an instruction, which become one."""
    spans: list[tuple[int, int]] = []
    for one in ranges if isinstance(ranges, list) else ():
        first, last = inside(one, "start", "line"), inside(one, "end", "line")
        if isinstance(first, int) and isinstance(last, int):
            if spans and spans[-1][1] + 1 == first:
                first = spans.pop()[0]
            spans.append((first, last))
    return spans
