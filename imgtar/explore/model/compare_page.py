"""The image compared with that of another archive, as `imgtar diff` prints it."""

from __future__ import annotations

from heapq import nsmallest

import msgspec

from imgtar.answers.diff import DiffSettings, diff_content
from imgtar.answers.opening import open_session
from imgtar.answers.options import FILES, InspectOptions
from imgtar.answers.session import Session
from imgtar.archive.input.input_name import parse_input
from imgtar.contract.diff import ComparedPair, DiffContent
from imgtar.errors import UsageError
from imgtar.explore.model.explored import Explored
from imgtar.explore.model.lines import FixedLines, Lines, report_lines
from imgtar.image.twins import Twins
from imgtar.report.table.diff import diff
from imgtar.report.words.diff import file_bytes

_LISTED = 1_000  # files, those with the most bytes


def compared(session: Session, image: str, other: str, reading: InspectOptions) -> DiffContent:
    """What `imgtar diff IMAGE OTHER` says; `session` has read IMAGE with the options `reading`.

    A layer that both have is read once. Only the files that the page lists are kept. Raises InputError for an archive
    that cannot be used, UsageError for standard input, which the terminal needs, and for images that do not pair.
    """
    if parse_input(other).path == "-":
        raise UsageError("usage.terminal", "standard input is the terminal", "name a file or a directory")
    first = session
    if any(layer.scan is not None and layer.scan.compression != "none" for layer in session.images[0].layers):
        # The digests that compare the files of compressed layers were not taken.
        first = open_session(image, msgspec.structs.replace(reading, spool=None, twins=Twins()))
        first.read(FILES)
    twins = Twins(layer for one in first.images for layer in one.layers)
    later = msgspec.structs.replace(reading, image=None, base=None, base_images=(), spool=None, twins=twins)
    second = open_session(other, msgspec.structs.replace(later, root_filesystem=True))
    second.read(FILES)
    content, _ = diff_content(first, second, DiffSettings(), session.limits)
    return msgspec.structs.replace(content, pairs=[_shortened(pair) for pair in content.pairs])


def _shortened(pair: ComparedPair) -> ComparedPair:
    """The pair with the files that are listed alone: drawing them again costs no look at the others."""
    largest = nsmallest(_LISTED, pair.files(), key=lambda row: (-file_bytes(row), row.path))
    return msgspec.structs.replace(pair, files=lambda: largest)


class ComparePage:
    """Layers side by side, configuration, files, and the verdict."""

    hint = "A: this image   B: the other one"

    def __init__(self, explored: Explored, content: DiffContent, other: str) -> None:
        self._explored = explored
        self._content = content
        self.title = f"Compared with {explored.shown(other)}"
        self.commands = (explored.diff_command(explored.shown(other), "--top", str(_LISTED)),)

    def lines(self, columns: int) -> Lines:
        """The text of the command."""
        settings = msgspec.structs.replace(self._explored.settings(columns), top=_LISTED)
        return FixedLines(report_lines(diff(self._content, settings)))

    def turned(self, _step: int) -> None:
        """It has one form."""
