"""The duplicates as `imgtar duplicates` prints them, all of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from imgtar.analysis.duplicates import DuplicatesQuery
from imgtar.answers.duplicates import duplicates_content, duplicates_of
from imgtar.answers.filters import Filter
from imgtar.answers.session import Session
from imgtar.contract.duplicates import DuplicateGroup, DuplicatesContent
from imgtar.explore.model.explored import Explored
from imgtar.explore.model.lines import FixedLines, Lines, painted
from imgtar.explore.model.page import JoinedLines, Target, stored_path, table
from imgtar.report.table.drawing import Cell
from imgtar.report.table.duplicates import COLUMNS, copy_cells, duplicates_summary, min_size_note

_LEAST = 4_000  # bytes of a file that is compared, as for the command


def duplicates_asked(session: Session) -> DuplicatesContent:
    """What the command says of the archive of a session. Reads contents; raises InputError."""
    query = DuplicatesQuery(min_size=_LEAST)
    again = session.again(digests=True)
    found = duplicates_of(again, query)
    return duplicates_content(again, Filter().apply(again.findings), found, query, None)


class DuplicatesPage:
    """Every group of files with equal contents, a row for each file."""

    title = "Duplicates"
    hint = "Enter: go to the file"

    def __init__(self, explored: Explored, content: DuplicatesContent) -> None:
        self._explored = explored
        self._content = content
        self._groups: Sequence[DuplicateGroup] = list(content.groups())
        self._ends = list(accumulate(len(group.paths) for group in self._groups))
        self.commands = (explored.command("duplicates", "--top", "0"),)

    def lines(self, columns: int) -> Lines:
        """The same as the command prints with `--top 0`."""
        content, settings = self._content, self._explored.settings(columns)
        parts: list[Lines] = [FixedLines(map(painted, duplicates_summary(content, settings)))]
        if self._groups:

            def cells(number: int) -> list[Cell]:
                group, copy = self._copy(number)
                return copy_cells(group, copy, content.instructions, settings)

            parts.append(FixedLines([()]))
            parts += table(COLUMNS, self._ends[-1], cells, self._target, settings)
            parts.append(FixedLines(map(painted, min_size_note(content, settings))))
        return JoinedLines(parts)

    def turned(self, _step: int) -> None:
        """It has one form."""

    def _copy(self, number: int) -> tuple[DuplicateGroup, int]:
        """The group of a row, and which of its files the row is about."""
        group = bisect_right(self._ends, number)
        return self._groups[group], number - (self._ends[group - 1] if group else 0)

    def _target(self, number: int) -> Target:
        group, place = self._copy(number)
        copy = group.paths[place]
        return Target(stored_path(copy.path, copy.path_b64), copy.layer if copy.gone else None)
