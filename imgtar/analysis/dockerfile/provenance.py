"""The Dockerfile that the provenance of a build has: its text, in rows of whole instructions where these are known.

Nothing here is proved: the provenance is what the builder, or whoever wrote the archive, says.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from imgtar.analysis.dockerfile.line import Line, checked
from imgtar.formats.build_source import BuildSource, SourceFile, StepRange

# A parser directive: only `escape` changes how the lines below are read (BuildKit, parser/directives.go). The backslash
# is the usual one.
_ESCAPE = re.compile(r"#[ \t]*escape[ \t]*=[ \t]*`[ \t]*", re.IGNORECASE)
_DIRECTIVE = re.compile(r"#[ \t]*[A-Za-z][A-Za-z0-9]*[ \t]*=")
_FROM = re.compile(r"\s*FROM\s", re.IGNORECASE)


class StatedDockerfile(msgspec.Struct, frozen=True):
    """The Dockerfile with its name; `directive` is the line that must stand above all else, if there is one.

    `others` are the names of the other files of the source.
    """

    name: str
    lines: tuple[Line, ...]
    directive: str | None
    others: tuple[str, ...]

    @property
    def text(self) -> str:
        """The whole text."""
        return "\n".join(line.text for line in self.lines)


def stated_dockerfile(source: BuildSource, blobs: Sequence[str]) -> StatedDockerfile:
    """The Dockerfile of a source, which has the text of a file; `blobs` are the digests of the image's layers.

    Of several files it is the one in which most steps are written.
    """
    number = _main_file(source)
    file = source.files[number]
    assert file is not None
    physical = [line.removesuffix("\r") for line in file.text.removeprefix("\ufeff").split("\n")]
    if not physical[-1]:
        physical.pop()
    ranges = [one for one in source.ranges if one.file == number]
    rows = tuple(_rows(physical, ranges, tuple(blobs)))
    others = tuple(other.name for place, other in enumerate(source.files) if other is not None and place != number)
    return StatedDockerfile(file.name, rows, _directive(physical), others)


def _main_file(source: BuildSource) -> int:
    steps = Counter(one.file for one in source.ranges)
    there = [number for number, file in enumerate(source.files) if isinstance(file, SourceFile)]
    return max(there, key=lambda number: (steps[number], -number))


def _directive(physical: Sequence[str]) -> str | None:
    """``# escape=` `` among the directives at the top."""
    for line in physical:
        if _ESCAPE.fullmatch(line):
            return line
        if not _DIRECTIVE.match(line):
            break
    return None


def _rows(physical: Sequence[str], ranges: Sequence[StepRange], blobs: tuple[str, ...]) -> Iterator[Line]:
    """The lines of each step as one row, every other line as its own."""
    layers: dict[tuple[int, int], int | None] = {}
    for one in ranges:
        if 1 <= one.first <= one.last <= len(physical):
            place = one.first, one.last
            layers[place] = _layer(one, blobs) if layers.get(place) is None else layers[place]
    written = 0
    for (first, last), layer in sorted(layers.items(), key=lambda item: item[0]):
        if first > written:
            yield from (_row(physical, number, number, None) for number in range(written + 1, first))
            yield _row(physical, first, last, layer)
            written = last
    yield from (_row(physical, number, number, None) for number in range(written + 1, len(physical) + 1))


def _layer(one: StepRange, blobs: tuple[str, ...]) -> int | None:
    """The layer of the image that a step makes: the top one of its result, where all below it are the image's, too."""
    tops = (len(chain) - 1 for chain in one.chains if chain and blobs[: len(chain)] == chain)
    return next(tops, None)


def _row(physical: Sequence[str], first: int, last: int, layer: int | None) -> Line:
    text = "\n".join(physical[first - 1 : last])
    shown = checked(Line(text, None, None if _FROM.match(text) else layer, True, number=first))
    return msgspec.structs.replace(shown, notes=())  # a note could stand within a heredoc
